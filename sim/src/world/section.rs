//! One table of a world's file while it is read.

use crate::world::{Point, WorldFinding};
use sinew_messages::Meters;
use std::ops::{Range, RangeInclusive};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Coordinates lie within a kilometer of the origin: beyond it single-precision geometry is coarser than 0.1 mm.
pub(crate) const COORDINATES: RangeInclusive<f64> = -1000.0..=1000.0;

/// Collects what is wrong.
#[derive(Debug)]
pub(crate) struct Findings<'t> {
    text: &'t str,
    file: &'t str,
    found: Vec<WorldFinding>,
}

impl<'t> Findings<'t> {
    pub(crate) fn new(text: &'t str, file: &'t str) -> Self {
        Self {
            text,
            file,
            found: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, span: Range<usize>, message: String, help: String) {
        let start = span.start.min(self.text.len());
        let line = 1 + self.text.as_bytes()[..start]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        self.found.push(WorldFinding {
            file: self.file.to_owned(),
            line,
            span,
            message,
            help,
        });
    }

    /// Everything found so far, in the order of the text.
    pub(crate) fn into_sorted(mut self) -> Vec<WorldFinding> {
        self.found.sort_by_key(|finding| finding.span.start);
        self.found
    }
}

/// A table whose keys are known.
#[derive(Debug)]
pub(crate) struct Section<'t> {
    /// As the file writes its head: `[start]`.
    head: &'static str,
    span: Range<usize>,
    table: &'t DeTable<'t>,
}

impl<'t> Section<'t> {
    /// A table; keys that are not in `known` are found.
    pub(crate) fn new(
        head: &'static str,
        value: &'t Spanned<DeValue<'t>>,
        known: &[&str],
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        let Some(table) = value.get_ref().as_table() else {
            let kind = value.get_ref().type_str();
            findings.add(
                value.span(),
                format!("expected a table, found {kind}"),
                format!("write it as {head}"),
            );
            return None;
        };
        Some(Self::of_table(head, value.span(), table, known, findings))
    }

    pub(crate) fn of_table(
        head: &'static str,
        span: Range<usize>,
        table: &'t DeTable<'t>,
        known: &[&str],
        findings: &mut Findings<'_>,
    ) -> Self {
        for key in table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                findings.add(
                    key.span(),
                    format!("unknown key '{name}' in {head}"),
                    nearest_key(name, known),
                );
            }
        }
        Self { head, span, table }
    }

    /// Where the table stands.
    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    pub(crate) fn value(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table.get(key)
    }

    /// A value that must be there.
    fn needed(
        &self,
        key: &str,
        form: &str,
        findings: &mut Findings<'_>,
    ) -> Option<&'t Spanned<DeValue<'t>>> {
        let value = self.value(key);
        if value.is_none() {
            findings.add(
                self.span(),
                format!("{} has no '{key}'", self.head),
                format!("add '{key} = {form}'"),
            );
        }
        value
    }

    pub(crate) fn text(&self, key: &str, findings: &mut Findings<'_>) -> Option<String> {
        let value = self.value(key)?;
        match value.get_ref().as_str() {
            Some(text) => Some(text.to_owned()),
            None => {
                wrong_type(value, "a text", "put it in quotes", findings);
                None
            }
        }
    }

    /// A number within `allowed`, which must be there.
    pub(crate) fn number(
        &self,
        key: &str,
        allowed: RangeInclusive<f64>,
        findings: &mut Findings<'_>,
    ) -> Option<f64> {
        let value = self.needed(key, "a number", findings)?;
        number(value, key, allowed, findings)
    }

    /// A number within `allowed`; `default` if it is not there.
    pub(crate) fn number_or(
        &self,
        key: &str,
        default: f64,
        allowed: RangeInclusive<f64>,
        findings: &mut Findings<'_>,
    ) -> Option<f64> {
        match self.value(key) {
            Some(value) => number(value, key, allowed, findings),
            None => Some(default),
        }
    }

    /// Two numbers, `[x, y]`, which must be there.
    pub(crate) fn pair(
        &self,
        key: &str,
        allowed: RangeInclusive<f64>,
        findings: &mut Findings<'_>,
    ) -> Option<(f64, f64)> {
        let value = self.needed(key, "[number, number]", findings)?;
        pair(value, key, allowed, findings)
    }

    pub(crate) fn point(&self, key: &str, findings: &mut Findings<'_>) -> Option<Point> {
        let (x, y) = self.pair(key, COORDINATES, findings)?;
        Some(Point::new(x, y))
    }

    /// A length that is larger than nothing.
    pub(crate) fn length(&self, key: &str, findings: &mut Findings<'_>) -> Option<Meters> {
        self.number(key, 0.001..=1000.0, findings).map(Meters)
    }

    /// A list of points; `None` if any of them is none.
    pub(crate) fn points(&self, key: &str, findings: &mut Findings<'_>) -> Option<Vec<Point>> {
        let value = self.needed(key, "[[x, y], [x, y], [x, y]]", findings)?;
        let Some(array) = value.get_ref().as_array() else {
            wrong_type(
                value,
                "a list of points",
                "write [[x, y], [x, y], [x, y]]",
                findings,
            );
            return None;
        };
        let points: Vec<_> = array
            .iter()
            .map(|point| pair(point, key, COORDINATES, findings))
            .collect();
        points
            .into_iter()
            .map(|point| point.map(|(x, y)| Point::new(x, y)))
            .collect()
    }
}

fn pair(
    value: &Spanned<DeValue<'_>>,
    key: &str,
    allowed: RangeInclusive<f64>,
    findings: &mut Findings<'_>,
) -> Option<(f64, f64)> {
    let two = value.get_ref().as_array().filter(|array| array.len() == 2);
    let Some(two) = two else {
        findings.add(
            value.span(),
            format!("'{key}' wants two numbers"),
            "write [number, number]".to_owned(),
        );
        return None;
    };
    let first = number(&two[0], key, allowed.clone(), findings);
    let second = number(&two[1], key, allowed, findings);
    first.zip(second)
}

fn number(
    value: &Spanned<DeValue<'_>>,
    key: &str,
    allowed: RangeInclusive<f64>,
    findings: &mut Findings<'_>,
) -> Option<f64> {
    let number = match value.get_ref() {
        DeValue::Integer(integer) => integer.as_str().parse::<f64>().ok(),
        DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
        _ => None,
    };
    let Some(number) = number else {
        wrong_type(value, "a number", "write it plainly: 1.5", findings);
        return None;
    };
    if allowed.contains(&number) {
        return Some(number);
    }
    findings.add(
        value.span(),
        format!("'{key}' is out of range: {number}"),
        format!("choose between {} and {}", allowed.start(), allowed.end()),
    );
    None
}

fn wrong_type(value: &Spanned<DeValue<'_>>, wanted: &str, help: &str, findings: &mut Findings<'_>) {
    let kind = value.get_ref().type_str();
    findings.add(
        value.span(),
        format!("expected {wanted}, found {kind}"),
        help.to_owned(),
    );
}

/// The known key that was most likely meant, or all of them.
fn nearest_key(name: &str, known: &[&str]) -> String {
    let likeness = |key: &&str| strsim::jaro_winkler(name, key);
    let nearest = known
        .iter()
        .copied()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match nearest.filter(|key| likeness(key) > 0.7) {
        Some(key) => format!("did you mean '{key}'?"),
        None => format!("known here: {}", known.join(", ")),
    }
}
