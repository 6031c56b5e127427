//! One thing that `check` found wrong: where, what, and what to do about it.

use crate::source::Place;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;
use std::fmt;

/// What sort of thing is wrong; `check --json` prints it in kebab case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FindingKind {
    /// A file that cannot be read at all.
    File,
    /// Text that is not TOML.
    Syntax,
    /// A key that nothing reads.
    UnknownKey,
    /// A text where a number belongs, and the like.
    WrongType,
    /// The right type, but a value outside its range.
    OutOfRange,
    /// A value that was refused for another reason, or values that contradict each other.
    InvalidValue,
    /// Something wrong in a world file.
    World,
    /// Two owners of one pin, bus address, port or channel.
    Clash,
    /// A device of the graph to which nothing is fitted on the body.
    NotFitted,
    /// A part fitted on the body that no device of the graph drives.
    NoDevice,
    /// A serial port of `[board.ports]` that no device claims.
    UnusedPort,
    /// The graph cannot be built at all.
    Wiring,
    /// Something wrong in the graph: a reading nobody emits, two sources of commands, and the like.
    Graph,
}

/// One thing that is wrong, with its place and its remedy.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    kind: FindingKind,
    message: String,
    place: Option<Place>,
    others: Vec<(Place, String)>,
    help: String,
}

impl Finding {
    /// A finding: what is wrong, and what to do about it.
    pub fn new(kind: FindingKind, message: impl Into<String>, help: impl Into<String>) -> Finding {
        Finding {
            kind,
            message: message.into(),
            place: None,
            others: Vec::new(),
            help: help.into(),
        }
    }

    /// Says where it is.
    #[must_use]
    pub fn at(mut self, place: Place) -> Finding {
        self.place = Some(place);
        self
    }

    /// Points to a second place that has to do with it.
    #[must_use]
    pub fn see_also(mut self, place: Place, label: impl Into<String>) -> Finding {
        self.others.push((place, label.into()));
        self
    }

    /// What sort of thing is wrong.
    pub fn kind(&self) -> FindingKind {
        self.kind
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it is, if it stands in a file.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// What to do about it.
    pub fn help(&self) -> &str {
        &self.help
    }

    /// The finding as a terminal shows it, with the offending line and a mark under the text.
    pub fn render(&self, colours: bool) -> String {
        let mut group = Group::with_title(Level::ERROR.primary_title(&self.message));
        if let Some(place) = &self.place {
            let mut snippet = Snippet::source(place.source().text())
                .path(place.source().name())
                .annotation(AnnotationKind::Primary.span(place.visible_span()));
            let (here, elsewhere): (Vec<_>, Vec<_>) = (self.others.iter())
                .partition(|(other, _)| other.source().name() == place.source().name());
            for (other, label) in here {
                let mark = AnnotationKind::Context.span(other.visible_span());
                snippet = snippet.annotation(mark.label(label));
            }
            group = group.element(snippet);
            for (other, label) in elsewhere {
                let mark = AnnotationKind::Context.span(other.visible_span());
                group = group.element(
                    Snippet::source(other.source().text())
                        .path(other.source().name())
                        .annotation(mark.label(label)),
                );
            }
        }
        group = group.element(Level::HELP.message(&self.help));
        let renderer = if colours {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.render(&[group])
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl Serialize for Finding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Flat<'a> {
            kind: FindingKind,
            file: Option<&'a str>,
            line: Option<usize>,
            column: Option<usize>,
            text: Option<&'a str>,
            message: &'a str,
            help: &'a str,
        }
        Flat {
            kind: self.kind,
            file: self.place.as_ref().map(|place| place.source().name()),
            line: self.place.as_ref().map(Place::line),
            column: self.place.as_ref().map(Place::column),
            text: self.place.as_ref().map(Place::text),
            message: &self.message,
            help: &self.help,
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceText;

    fn place(text: &str, span: std::ops::Range<usize>) -> Place {
        SourceText::new("robot.toml", text).place(span)
    }

    #[test]
    fn a_finding_shows_file_line_offending_text_and_remedy() {
        let finding = Finding::new(
            FindingKind::UnknownKey,
            "unknown key `triger`",
            "did you mean `trigger`?",
        )
        .at(place("[sonar]\ntriger = 1\n", 8..14));
        let text = finding.render(false);
        for part in [
            "robot.toml:2:1",
            "triger = 1",
            "^^^^^^",
            "did you mean `trigger`?",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }

    #[test]
    fn json_has_the_same_facts() {
        let finding = Finding::new(FindingKind::WrongType, "m", "h").at(place("a = 'x'", 4..7));
        let json = serde_json::to_value(&finding).unwrap();
        assert_eq!(json["kind"], "wrong-type");
        assert_eq!((&json["line"], &json["column"]), (&1.into(), &5.into()));
        assert_eq!(json["text"], "'x'");
    }

    #[test]
    fn a_finding_at_the_very_end_of_a_file_is_rendered() {
        let finding = Finding::new(FindingKind::Syntax, "m", "h").at(place("a = [1", 6..6));
        assert!(finding.render(true).contains("robot.toml"));
    }
}
