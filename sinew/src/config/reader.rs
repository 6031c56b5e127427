//! Reads a document into a struct and collects everything that is wrong on the way.

use super::BoardSection;
use super::complaint::{self, Known};
use super::layers;
use super::leaves::{self, Leaf, Route, Step};
use crate::finding::Finding;
use crate::source::{SourceText, line_of};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

/// More findings than this in one section help nobody; it also bounds the work on a hostile file.
const MOST_FINDINGS: usize = 100;

/// A parsed file, whatever could be saved of it, and what was wrong.
pub(super) struct Document<'s> {
    source: &'s SourceText,
    root: Spanned<DeTable<'s>>,
    /// Byte ranges in which the parser had to guess: nothing that stands there is judged any further.
    guessed: Vec<Range<usize>>,
    findings: Vec<Finding>,
}

impl<'s> Document<'s> {
    /// Parses the text; each line with a syntax error is one finding.
    pub(super) fn parse(source: &'s SourceText) -> Document<'s> {
        let text = source.text();
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut document = Document {
            source,
            root,
            guessed: Vec::new(),
            findings: Vec::new(),
        };
        let mut lines = Vec::new();
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            let line = line_of(text, span.start);
            document.guessed.push(unreliable(text, span.start));
            if !lines.contains(&line) && document.findings.len() < MOST_FINDINGS {
                lines.push(line);
                let finding = complaint::syntax(error.message()).at(source.place(span));
                document.findings.push(finding);
            }
        }
        document.drop_guesses();
        document
    }

    /// The values that stand in the file, in its order.
    pub(super) fn leaves(&self) -> Vec<Leaf> {
        let leaf = |route: Route| Leaf {
            name: route.name(),
            text: text_at(self.root.get_ref(), &route.steps),
            place: self.source.place(route.value.clone()),
        };
        let routes = leaves::routes(self.root.get_ref());
        let mut leaves: Vec<Leaf> = routes.into_iter().map(leaf).collect();
        leaves.sort_by_key(|leaf| leaf.place.span().start);
        leaves
    }

    /// Takes the section `[board]` out and reads it.
    pub(super) fn take_board(&mut self) -> BoardSection {
        #[derive(Default, serde::Deserialize, Serialize)]
        #[serde(default, deny_unknown_fields)]
        struct Wrapper {
            board: BoardSection,
        }
        let mut rest = self.root.get_ref().clone();
        let board = rest.remove_entry("board");
        let mut alone = DeTable::new();
        if let Some((key, value)) = board {
            alone.insert(key, value);
        }
        *self.root.get_mut() = alone;
        let section = self.read::<Wrapper>(&[]).board;
        *self.root.get_mut() = rest;
        section
    }

    /// Reads what is left into `C`; `elsewhere` are top-level names that exist besides `C`'s.
    pub(super) fn read<C: Default + DeserializeOwned + Serialize>(
        &mut self,
        elsewhere: &[&str],
    ) -> C {
        let known = Known::of(&C::default(), elsewhere);
        let mut bad = Vec::new();
        for route in leaves::routes(self.root.get_ref()) {
            let alone = leaves::only(self.root.get_ref(), &route.steps);
            let Err(error) = read_table::<C>(Spanned::new(self.root.span(), alone)) else {
                continue;
            };
            if blames(&route, &error) {
                self.report(&error, &route, &known);
                bad.push(route);
            }
        }
        self.remove_all(&bad);
        self.read_whole(&known)
    }

    /// Reads the whole without the leaves that are known to be wrong; what fails now is how values meet.
    fn read_whole<C: Default + DeserializeOwned + Serialize>(&mut self, known: &Known) -> C {
        let said = read_table::<toml::Table>(self.root.clone());
        if let Some(config) = said.ok().and_then(layers::over_defaults) {
            return config;
        }
        for _ in 0..MOST_FINDINGS {
            let error = match read_table::<C>(self.root.clone()) {
                Ok(config) => return config,
                Err(error) => error,
            };
            let Some(route) = culprit(self.root.get_ref(), &error) else {
                let span = error.span().unwrap_or(0..0);
                let finding = complaint::contradiction("", error.message());
                self.findings.push(finding.at(self.source.place(span)));
                return C::default();
            };
            self.report(&error, &route, known);
            self.remove_all(&[route]);
        }
        C::default()
    }

    fn report(&mut self, error: &toml::de::Error, route: &Route, known: &Known) {
        let span = error.span().unwrap_or(route.whole());
        let finding = complaint::about(error.message(), route, known).at(self.source.place(span));
        if !self.findings.contains(&finding) && self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        }
    }

    fn remove_all(&mut self, routes: &[Route]) {
        let mut paths: Vec<Vec<Step>> = routes.iter().map(up_to_element).collect();
        // Later elements first: taking one away moves those after it.
        paths.sort_by_key(|steps| std::cmp::Reverse(last_index(steps)));
        paths.dedup();
        for steps in paths {
            leaves::remove(self.root.get_mut(), &steps);
        }
    }

    fn drop_guesses(&mut self) {
        let touched = |route: &Route| {
            let whole = route.whole();
            (self.guessed.iter()).any(|guess| {
                whole.start < guess.end && guess.start < whole.end.max(whole.start + 1)
            })
        };
        let routes = leaves::routes(self.root.get_ref());
        let bad: Vec<Route> = routes.into_iter().filter(touched).collect();
        self.remove_all(&bad);
    }

    /// All findings, in the order in which they stand in the file.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        self.findings.sort_by_key(|finding| {
            let place = finding.place().map(|place| place.span().start);
            (place, finding.kind())
        });
        self.findings
    }
}

fn read_table<C: DeserializeOwned>(table: Spanned<DeTable<'_>>) -> Result<C, toml::de::Error> {
    C::deserialize(Deserializer::from(table))
}

/// The part of the text that a syntax error makes doubtful: its line; after a broken table header, all keys
/// up to the next header, because nobody knows whose they are.
fn unreliable(text: &str, at: usize) -> Range<usize> {
    let at = at.min(text.len());
    let start = text.as_bytes()[..at]
        .iter()
        .rposition(|&byte| byte == b'\n');
    let start = start.map_or(0, |newline| newline + 1);
    let line_end = text[start..]
        .find('\n')
        .map_or(text.len(), |length| start + length);
    if !text[start..line_end].trim_start().starts_with('[') {
        return start..line_end;
    }
    let next = text[line_end..]
        .find("\n[")
        .map_or(text.len(), |length| line_end + length);
    start..next
}

/// Whether an error that came while this leaf stood alone is this leaf's own. An error about a whole table is
/// not, for the other values of the table were away; only a table where none belongs is.
fn blames(route: &Route, error: &toml::de::Error) -> bool {
    let Some(span) = error.span() else {
        return false;
    };
    let inside = |outer: &Range<usize>| outer.start <= span.start && span.end <= outer.end;
    let own = inside(&route.value) || route.keys.iter().any(inside);
    let about_all = error.message().starts_with("missing field");
    (own || error.message().starts_with("invalid type: map")) && !about_all
}

/// The leaf or table that an error about the whole document points to.
fn culprit(root: &DeTable<'_>, error: &toml::de::Error) -> Option<Route> {
    let span = error.span()?;
    let routes = leaves::routes(root);
    let inside = |outer: &Range<usize>| outer.start <= span.start && span.end <= outer.end;
    let own = (routes.iter())
        .find(|route| inside(&route.whole()) || route.keys.last().is_some_and(inside));
    own.cloned().or_else(|| table_at(root, &span))
}

fn table_at(root: &DeTable<'_>, span: &Range<usize>) -> Option<Route> {
    fn search(table: &DeTable<'_>, above: &Route, span: &Range<usize>) -> Option<Route> {
        table.iter().find_map(|(key, value)| {
            let mut route = above.clone();
            route.steps.push(Step::Key(key.get_ref().to_string()));
            route.keys.push(key.span());
            search_value(value, route, span)
        })
    }
    fn search_value(
        value: &Spanned<DeValue<'_>>,
        mut route: Route,
        span: &Range<usize>,
    ) -> Option<Route> {
        route.value = value.span();
        if value.span() == *span {
            return Some(route);
        }
        match value.get_ref() {
            DeValue::Table(table) => search(table, &route, span),
            DeValue::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
                let mut route = route.clone();
                route.steps.push(Step::Index(index));
                search_value(item, route, span)
            }),
            _ => None,
        }
    }
    let start = Route {
        steps: Vec::new(),
        keys: Vec::new(),
        value: 0..0,
    };
    search(root, &start, span)
}

fn up_to_element(route: &Route) -> Vec<Step> {
    let first_index = (route.steps.iter()).position(|step| matches!(step, Step::Index(_)));
    let length = first_index.map_or(route.steps.len(), |at| at + 1);
    route.steps[..length].to_vec()
}

fn last_index(steps: &[Step]) -> Option<usize> {
    match steps.last() {
        Some(Step::Index(index)) => Some(*index),
        _ => None,
    }
}

fn text_at(table: &DeTable<'_>, steps: &[Step]) -> Option<String> {
    let (Step::Key(first), rest) = steps.split_first()? else {
        return None;
    };
    let mut value = table.get(first.as_str())?.get_ref();
    for step in rest {
        value = match (step, value) {
            (Step::Key(key), DeValue::Table(table)) => table.get(key.as_str())?.get_ref(),
            (Step::Index(index), DeValue::Array(items)) => items.get(*index)?.get_ref(),
            _ => return None,
        };
    }
    value.as_str().map(str::to_owned)
}
