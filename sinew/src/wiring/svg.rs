//! The header as a picture.

use super::{Kind, Place, Wiring, boot};
use crate::diagram::escape;
use std::fmt::Write as _;

/// Between two rows of pins.
const ROW: u32 = 26;
/// Above the first row.
const TOP: u32 = 72;
/// From the first column of pins to the second.
const COLUMN: u32 = 40;
/// From a pin to what it carries, and on to what is wired to it.
const GAP: u32 = 20;
const LINE: u32 = 58;
/// A little more than the widest letters take.
const LETTER: u32 = 8;

/// Its own card behind it, light or dark as the reader's system is, so that no page makes it unreadable.
const STYLE: &str = "\
text{font:13px ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2328}
.card{fill:#ffffff;stroke:#d0d7de}.title{font-weight:600;font-size:15px}.strip{fill:#1f2328}
.number{font-size:9px;text-anchor:middle;fill:#ffffff}.line{fill:#59636e}.part{font-weight:600}.left{text-anchor:end}
.used circle{fill:#1a7f37}.free circle{fill:#818b98}.supply circle{fill:#cf222e}.ground circle{fill:#000000}
.reserved circle{fill:#9a6700}circle{stroke:#d0d7de;stroke-width:1.5}.boot{font-family:ui-monospace,Menlo,monospace;font-size:12px}
@media(prefers-color-scheme:dark){
text{fill:#f0f6fc}.card{fill:#0d1117;stroke:#3d444d}.strip{fill:#30363d}.line{fill:#9198a1}
}
";

pub(super) fn draw(wiring: &Wiring) -> String {
    let lines = boot::lines(&wiring.claims);
    let places: Vec<Place> = wiring.places().collect();
    let parts = places.iter().filter_map(|place| place.fitted.as_ref());
    let longest = parts.map(|part| part.chars().count()).max().unwrap_or(0);
    let side =
        24 + LETTER * u32::try_from(longest.max(32)).unwrap_or(u32::MAX / 1_024) + LINE + GAP;
    let width = 2 * side + COLUMN;
    let under = TOP + 20 * ROW;
    let height = under + 36 + 20 * u32::try_from(lines.len()).unwrap_or(0);
    let name = escape(&wiring.robot);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"The wiring of {name}\">\n<style>\n{STYLE}</style>\n\
         <rect class=\"card\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"10\"/>\n\
         <text class=\"title\" x=\"24\" y=\"32\">{name}: what is wired to the header</text>\n\
         <rect class=\"strip\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n",
        width - 1,
        height - 1,
        side - 14,
        TOP - 18,
        COLUMN + 28,
        20 * ROW + 10,
    );
    for place in &places {
        pin(&mut svg, place, side);
    }
    for (row, line) in (0..).zip(&lines) {
        let (y, setting, why) = (
            under + 24 + 20 * row,
            escape(&line.setting),
            escape(&line.why),
        );
        let _ = writeln!(
            svg,
            "<text class=\"boot\" x=\"24\" y=\"{y}\">{setting} <tspan class=\"line\"># {why}</tspan></text>"
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// A pin, what it carries beside it, and what is wired to it beyond.
fn pin(svg: &mut String, place: &Place, side: u32) {
    let number = u32::from(place.number);
    let is_left = number % 2 == 1;
    let y = TOP + (number - 1) / 2 * ROW;
    let (x, anchor) = if is_left {
        (side, " left")
    } else {
        (side + COLUMN, "")
    };
    let beyond = |distance: u32| {
        if is_left { x - distance } else { x + distance }
    };
    let class = match place.kind {
        Kind::Used => "used",
        Kind::Free => "free",
        Kind::Supply => "supply",
        Kind::Ground => "ground",
        Kind::Reserved => "reserved",
    };
    let text_y = y + 5;
    let _ = write!(
        svg,
        "<g class=\"{class}\"><circle cx=\"{x}\" cy=\"{y}\" r=\"10\"/>\
         <text class=\"number\" x=\"{x}\" y=\"{}\">{number}</text>\
         <text class=\"line{anchor}\" x=\"{}\" y=\"{text_y}\">{}</text>",
        y + 3,
        beyond(GAP),
        escape(&place.carries),
    );
    if let Some(part) = &place.fitted {
        let _ = write!(
            svg,
            "<text class=\"part{anchor}\" x=\"{}\" y=\"{text_y}\">{}</text>",
            beyond(GAP + LINE),
            escape(part),
        );
    }
    svg.push_str("</g>\n");
}
