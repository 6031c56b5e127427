//! The single values of a TOML document, each with its path and place.

use crate::source::Place;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// One step from a table or an array to what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into a table.
    Key(String),
    /// Into an array of tables.
    Index(usize),
}

/// Where a leaf stands in the document.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) steps: Vec<Step>,
    /// The byte ranges of the keys along the way, the leaf's own last.
    pub(crate) keys: Vec<std::ops::Range<usize>>,
    /// The byte range of the value.
    pub(crate) value: std::ops::Range<usize>,
}

impl Route {
    /// `drive.left.pwm`, or `wall[2].x` inside an array.
    pub(crate) fn name(&self) -> String {
        let mut name = String::new();
        for step in &self.steps {
            match step {
                Step::Key(key) if name.is_empty() => name.push_str(key),
                Step::Key(key) => name = format!("{name}.{key}"),
                Step::Index(index) => name = format!("{name}[{index}]"),
            }
        }
        name
    }

    /// From the first byte of the leaf's own key to the last of its value.
    pub(crate) fn whole(&self) -> std::ops::Range<usize> {
        let start = self.keys.last().map_or(self.value.start, |key| key.start);
        start.min(self.value.start)..self.value.end
    }
}

/// A value of a configuration file.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// Its keys, joined by dots: `sonar.trigger`.
    pub name: String,
    /// The text, where the value is one.
    pub text: Option<String>,
    /// The value's place.
    pub place: Place,
}

/// All leaves: values that are no tables, and tables without any.
pub(crate) fn routes(root: &DeTable<'_>) -> Vec<Route> {
    let mut found = Vec::new();
    let start = Route {
        steps: Vec::new(),
        keys: Vec::new(),
        value: 0..0,
    };
    in_table(root, &start, &mut found);
    found
}

fn in_table(table: &DeTable<'_>, above: &Route, found: &mut Vec<Route>) {
    for (key, value) in table.iter() {
        let mut route = above.clone();
        route.steps.push(Step::Key(key.get_ref().to_string()));
        route.keys.push(key.span());
        in_value(value, route, found);
    }
}

fn in_value(value: &Spanned<DeValue<'_>>, mut route: Route, found: &mut Vec<Route>) {
    route.value = value.span();
    match value.get_ref() {
        DeValue::Table(table) if !table.is_empty() => in_table(table, &route, found),
        DeValue::Array(items) if holds_tables(items) => {
            for (index, item) in items.iter().enumerate() {
                let mut route = route.clone();
                route.steps.push(Step::Index(index));
                in_value(item, route, found);
            }
        }
        _ => found.push(route),
    }
}

fn holds_tables(items: &DeArray<'_>) -> bool {
    !items.is_empty() && items.iter().all(|item| item.get_ref().is_table())
}

/// The document that holds only the leaf at `steps`, with all places as they were.
pub(crate) fn only<'i>(table: &DeTable<'i>, steps: &[Step]) -> DeTable<'i> {
    let mut alone = DeTable::new();
    let Some((Step::Key(wanted), rest)) = steps.split_first() else {
        return alone;
    };
    if let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == wanted) {
        alone.insert(key.clone(), only_value(value, rest));
    }
    alone
}

fn only_value<'i>(value: &Spanned<DeValue<'i>>, steps: &[Step]) -> Spanned<DeValue<'i>> {
    let inner = match (value.get_ref(), steps.split_first()) {
        (DeValue::Table(table), Some(_)) => DeValue::Table(only(table, steps)),
        (DeValue::Array(items), Some((Step::Index(index), rest))) => {
            let kept = items.get(*index).map(|item| only_value(item, rest));
            DeValue::Array(kept.into_iter().collect())
        }
        _ => return value.clone(),
    };
    Spanned::new(value.span(), inner)
}

/// Takes what stands at `steps` away. Inside an array of tables the whole element goes, because an element
/// without one of its values may be wrong for that reason only.
pub(crate) fn remove(table: &mut DeTable<'_>, steps: &[Step]) {
    let Some((Step::Key(wanted), rest)) = steps.split_first() else {
        return;
    };
    if rest.is_empty() {
        table.remove(wanted.as_str());
        return;
    }
    match table.get_mut(wanted.as_str()).map(Spanned::get_mut) {
        Some(DeValue::Table(inner)) => remove(inner, rest),
        Some(DeValue::Array(items)) => {
            if let Some(Step::Index(index)) = rest.first() {
                let kept = items.iter().enumerate().filter(|(at, _)| at != index);
                *items = kept.map(|(_, item)| item.clone()).collect();
            }
        }
        _ => {}
    }
}
