//! The ratios as a picture: a panel for each case, a bar for each peer, which begins at raw tokio.

use std::fmt::Write;

use crate::case::{Case, Group};
use crate::cases::CASES;
use crate::peers::{self, Peer};
use crate::results::Results;

/// Panels beside each other.
const COLUMNS: usize = 2;
/// Sizes, in pixels.
const PANEL_WIDTH: f64 = 450.0;
const NAME_WIDTH: f64 = 130.0;
const BARS_WIDTH: f64 = 240.0;
const BAR_HEIGHT: f64 = 15.0;
const TITLE_HEIGHT: f64 = 30.0;
const MARGIN: f64 = 20.0;
const HEAD_HEIGHT: f64 = 50.0;
/// The axis ends so many powers of ten on both sides of raw tokio.
const POWERS: f64 = 2.0;

/// Draws the ratios of all that is asked for of speed.
pub fn draw(results: &Results) -> String {
    let cases: Vec<&Case> = CASES
        .iter()
        .filter(|case| case.group == Group::Speed && results.has(case.name))
        .collect();
    let panel_height = TITLE_HEIGHT + BAR_HEIGHT * peers::ALL.len() as f64 + MARGIN;
    let width = PANEL_WIDTH * COLUMNS as f64 + MARGIN;
    let height = HEAD_HEIGHT + panel_height * cases.len().div_ceil(COLUMNS) as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n\
         <text x=\"{MARGIN}\" y=\"30\" font-size=\"16\" font-weight=\"bold\">Times as fast as raw tokio (one line each power of ten)</text>\n"
    );
    for (place, case) in cases.into_iter().enumerate() {
        let x = MARGIN + PANEL_WIDTH * (place % COLUMNS) as f64;
        let y = HEAD_HEIGHT + panel_height * (place / COLUMNS) as f64;
        panel(&mut svg, results, case, x, y);
    }
    svg += "</svg>\n";
    svg
}

fn panel(svg: &mut String, results: &Results, case: &Case, x: f64, y: f64) {
    line(
        svg,
        &format!(
            "<text x=\"{x}\" y=\"{:.0}\" font-weight=\"bold\">{}</text>",
            y + TITLE_HEIGHT - 10.0,
            case.title,
        ),
    );
    let (top, bottom) = (
        y + TITLE_HEIGHT,
        y + TITLE_HEIGHT + BAR_HEIGHT * peers::ALL.len() as f64,
    );
    for power in -(POWERS as i32)..=POWERS as i32 {
        let at = x_of(x, 10f64.powi(power));
        let colour = if power == 0 { "#555" } else { "#ddd" };
        line(
            svg,
            &format!(
                "<line x1=\"{at:.1}\" y1=\"{top:.1}\" x2=\"{at:.1}\" y2=\"{bottom:.1}\" stroke=\"{colour}\"/>"
            ),
        );
    }
    for (row, peer) in peers::ALL.iter().enumerate() {
        let y = top + BAR_HEIGHT * row as f64;
        let ratio = results.figures(case.name, peer.name).ok();
        let ratio = ratio.and_then(|figures| figures.to_base).map(f64::recip);
        bar(svg, peer, ratio, x, y);
    }
}

fn bar(svg: &mut String, peer: &Peer, ratio: Option<f64>, x: f64, y: f64) {
    let name = peer.plain_title();
    let text_y = y + BAR_HEIGHT - 4.0;
    let weight = if peer.name == peers::OURS.name {
        "bold"
    } else {
        "normal"
    };
    line(
        svg,
        &format!(
            "<text x=\"{:.1}\" y=\"{text_y:.1}\" text-anchor=\"end\" font-weight=\"{weight}\">{name}</text>",
            x + NAME_WIDTH - 8.0
        ),
    );
    let value = ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}x"));
    line(
        svg,
        &format!(
            "<text x=\"{:.1}\" y=\"{text_y:.1}\" text-anchor=\"end\" font-weight=\"{weight}\">{value}</text>",
            x + NAME_WIDTH + BARS_WIDTH + 55.0
        ),
    );
    let Some(ratio) = ratio else { return };
    let (base, end) = (x_of(x, 1.0), x_of(x, ratio));
    line(
        svg,
        &format!(
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{}\"/>",
            base.min(end),
            y + 2.0,
            (end - base).abs().max(1.0),
            BAR_HEIGHT - 4.0,
            colour(peer),
        ),
    );
}

/// Ours stands out; who gave something up to be ahead is pale.
fn colour(peer: &Peer) -> &'static str {
    match peer.ahead {
        _ if peer.name == peers::OURS.name => "#1f6feb",
        Some(_) => "#f0b37e",
        None => "#8c959f",
    }
}

fn x_of(x: f64, ratio: f64) -> f64 {
    let power = ratio.log10().clamp(-POWERS, POWERS);
    x + NAME_WIDTH + BARS_WIDTH * (power + POWERS) / (2.0 * POWERS)
}

fn line(svg: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(svg, "{text}");
}
