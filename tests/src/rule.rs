//! A rule about Rust files: its check, where it does not hold, and what it finds.

use crate::source::Source;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// What it asks, as a sentence.
    pub name: &'static str,
    /// What a file has against it: line and text.
    pub check: fn(&Source) -> Vec<(usize, String)>,
    /// Files, or folders with a `/` at the end, where it does not hold, each with the reason.
    pub except: &'static [(&'static str, &'static str)],
    /// A path and a text that the rule refuses.
    pub bad: fn() -> (&'static str, String),
    /// A path and a text that it accepts.
    pub good: fn() -> (&'static str, String),
}

impl Rule {
    /// What the files have against the rule, its exceptions taken into account; an exception that nothing needs is
    /// a finding too.
    #[must_use]
    pub fn findings(&self, sources: &[Source]) -> Vec<String> {
        let mut findings = Vec::new();
        let mut needed = vec![false; self.except.len()];
        for source in sources {
            for (line, text) in (self.check)(source) {
                match self
                    .except
                    .iter()
                    .position(|(place, _)| stands_in(&source.path, place))
                {
                    Some(exception) => needed[exception] = true,
                    None => findings.push(format!("{}:{line}: {text}", source.path)),
                }
            }
        }
        let unneeded = self.except.iter().zip(needed).filter(|(_, needed)| !needed);
        findings
            .extend(unneeded.map(|((place, _), _)| {
                format!("{place}: this exception is not needed, remove it")
            }));
        findings
    }
}

fn stands_in(path: &str, place: &str) -> bool {
    if place.ends_with('/') {
        path.starts_with(place)
    } else {
        path == place
    }
}
