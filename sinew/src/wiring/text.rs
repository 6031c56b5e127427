//! The wiring as text.

use super::{Kind, Place, Wiring, boot, name};
use std::fmt::Write as _;

pub(super) fn write(wiring: &Wiring) -> String {
    let mut text = format!("{}: what is wired where\n\n", wiring.robot);
    parts(wiring, &mut text);
    header(wiring, &mut text);
    boot_lines(wiring, &mut text);
    text.trim_end().to_owned()
}

/// A row for each pin of each part.
fn parts(wiring: &Wiring, text: &mut String) {
    let mut rows = vec![["line".to_owned(), "pin".to_owned(), "part".to_owned()]];
    for claim in &wiring.claims {
        let pins = claim.what.pins();
        if pins.is_empty() {
            rows.push([claim.what.to_string(), "-".to_owned(), name(claim)]);
        }
        for pin in pins {
            let number = pin.header_pin().to_string();
            rows.push([pin.to_string(), number, super::on_pin(claim, pin)]);
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    for [line, pin, part] in &rows {
        let _ = writeln!(text, "  {line:first$}  {pin:second$}  {part}");
    }
}

/// The header as one sees it with the board's chips on the left.
fn header(wiring: &Wiring, text: &mut String) {
    text.push_str("\nThe header, seen from above, its first pin at the corner of the board:\n\n");
    let places: Vec<Place> = wiring.places().collect();
    let left = |place: &Place| format!("{}{}", fitted(place, "  "), place.carries);
    let width = places.iter().step_by(2).map(|place| left(place).len());
    let width = width.max().unwrap_or(0);
    for pair in places.chunks_exact(2) {
        let [odd, even] = pair else { continue };
        let right = match &even.fitted {
            Some(part) => format!("{}  {part}", even.carries),
            None => even.carries.clone(),
        };
        let _ = writeln!(
            text,
            "  {:>width$} ({:2}) ({:2}) {right}",
            left(odd),
            odd.number,
            even.number
        );
    }
}

fn fitted(place: &Place, gap: &str) -> String {
    match (&place.fitted, place.kind) {
        (Some(part), Kind::Used) => format!("{part}{gap}"),
        _ => String::new(),
    }
}

fn boot_lines(wiring: &Wiring, text: &mut String) {
    let lines = boot::lines(&wiring.claims);
    if lines.is_empty() {
        return;
    }
    text.push_str("\nOn a Raspberry Pi, lines for /boot/firmware/config.txt:\n\n");
    for line in lines {
        let _ = writeln!(text, "  # {}\n  {}", line.why, line.setting);
    }
}
