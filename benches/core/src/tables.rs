//! The tables, as Markdown: a row for each peer, a column for each case.

use std::fmt::Write;

use crate::case::{Case, Group, Unit};
use crate::cases::CASES;
use crate::peers::{self, Peer};
use crate::results::{Figures, Results};

/// All tables that have something in them.
pub fn all(results: &Results) -> String {
    let mut text = String::new();
    let mut add = |title: &str, group: Group, cell: Cell| {
        let table = table(results, group, cell);
        if let Some(table) = table {
            let _ = write!(text, "## {title}\n\n{table}\n");
        }
    };
    add("Ratios to raw tokio", Group::Speed, ratio);
    add("The same in absolute figures", Group::Speed, value);
    add("Ratios in other conditions", Group::MoreSpeed, ratio);
    add("The same in absolute figures", Group::MoreSpeed, value);
    add("Memory, allocations, what is urgent", Group::Cost, value);
    text
}

/// What a cell says.
type Cell = fn(&Case, &Figures) -> String;

fn table(results: &Results, group: Group, cell: Cell) -> Option<String> {
    let cases: Vec<&Case> = CASES
        .iter()
        .filter(|case| case.group == group && results.has(case.name))
        .collect();
    if cases.is_empty() {
        return None;
    }
    let titles = cases.iter().map(|case| case.title);
    let mut text = row(["peer"].into_iter().chain(titles).map(str::to_owned));
    text +=
        &row((0..=cases.len()).map(|column| if column == 0 { "---" } else { "---:" }.to_owned()));
    for peer in peers::ALL {
        let cells = cases.iter().map(|case| {
            let figures = results.figures(case.name, peer.name);
            figures.map_or("-".to_owned(), |figures| cell(case, figures))
        });
        text += &row([title(peer)].into_iter().chain(cells));
    }
    Some(text)
}

fn title(peer: &Peer) -> String {
    if peer.ahead.is_some() {
        format!("*{}*", peer.title)
    } else {
        peer.title.to_owned()
    }
}

fn row(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<_> = cells.collect();
    format!("| {} |\n", cells.join(" | "))
}

/// How often the base's rate, or how many times its time.
pub fn ratio(case: &Case, figures: &Figures) -> String {
    match (case.unit, figures.to_base) {
        (_, None) => "-".to_owned(),
        (Unit::Rate(_), Some(time)) => format!("{:.2}x", 1.0 / time),
        (_, Some(time)) => format!("{time:.2}x"),
    }
}

/// The value in its unit.
pub fn value(case: &Case, figures: &Figures) -> String {
    shown(case.unit, figures.median)
}

/// A value in this unit.
pub fn shown(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Rate(_) => short(1e9 / value),
        Unit::Nanos if value < 9_999.5 => format!("{value:.0} ns"),
        Unit::Nanos => format!("{:.1} us", value / 1e3),
        Unit::Bytes => format!("{value:.0} B"),
        Unit::Count if value.fract() == 0.0 => format!("{value}"),
        Unit::Count => format!("{value:.2}"),
    }
}

/// A large number with three digits.
fn short(value: f64) -> String {
    let (scaled, letter) = if value >= 1e6 {
        (value / 1e6, "M")
    } else {
        (value / 1e3, "k")
    };
    let digits = if scaled < 9.995 {
        2
    } else if scaled < 99.95 {
        1
    } else {
        0
    };
    format!("{scaled:.digits$}{letter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_number_is_shown_with_three_digits() {
        let shown = [
            11_330_000.0,
            120_680_000.0,
            9_390_000.0,
            76_540.0,
            234_000.0,
        ]
        .map(short);
        assert_eq!(shown, ["11.3M", "121M", "9.39M", "76.5k", "234k"]);
    }
}
