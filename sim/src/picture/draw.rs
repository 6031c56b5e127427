//! The parts of a picture.

use crate::picture::frame::{Frame, MARGIN, Px, WIDTH};
use crate::picture::track::Track;
use crate::picture::{Stage, escaped};
use crate::plant::CELL;
use crate::world::{Bounds, Obstacle, Outline, Point};
use sinew_messages::{Meters, Pose, Radians};
use std::fmt::Write;

/// Colours for a light page and for a dark one. The card has its own ground, so that it reads on any page.
const STYLE: &str = "<style>\
.card{fill:#fbfaf7;stroke:#d9d5cb}.floor{fill:#f0ede5}.grid{stroke:#e3dfd4;stroke-width:1}\
.cell{fill:#8fd3c8;fill-opacity:.38}.shade{fill:#1d2530;fill-opacity:.10}\
.thing{fill:#cdbfa8;stroke:#a8977c;stroke-width:1.5;stroke-linejoin:round}\
.wall{fill:none;stroke:#3d4652;stroke-width:7;stroke-linejoin:round}\
.swath{stroke:#f08a5d;stroke-opacity:.20}.way{stroke:#d9480f;stroke-width:2.6}\
.swath,.way{fill:none;stroke-linecap:round;stroke-linejoin:round}\
.beam{fill:#1c7ed6;fill-opacity:.20}.wave{fill:none;stroke:#1c7ed6;stroke-opacity:.5;vector-effect:non-scaling-stroke}\
.hull{fill:#243b53;stroke:#fbfaf7;stroke-width:2}.deck{fill:#3e5c7a}.tire{fill:#11161c}.eye{fill:#e9f2fb}\
.start{fill:none;stroke:#3d4652;stroke-width:2}.mark{fill:#c92a2a}\
.mark text{paint-order:stroke;stroke:#f0ede5;stroke-width:4;stroke-linejoin:round}\
.big{fill:#1d2530;font-size:19px;font-weight:600}.small{fill:#5b6672;font-size:14px}\
.name{fill:#7d6f58;font-size:12px}.bar{fill:#e3dfd4}.done{fill:#d9480f}\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\
@media(prefers-color-scheme:dark){.card{fill:#151a21;stroke:#2c343f}.floor{fill:#1b222b}.grid{stroke:#242d38}\
.cell{fill:#2b8a7e;fill-opacity:.34}.shade{fill:#000;fill-opacity:.3}.thing{fill:#5a5140;stroke:#7d7158}\
.wall{stroke:#aeb8c4}.way{stroke:#ff8552}.hull{fill:#9fc3e6;stroke:#151a21}.deck{fill:#6f9cc7}.tire{fill:#dfe6ee}\
.eye{fill:#17324d}.beam{fill:#4dabf7}.wave{stroke:#74c0fc}.start{stroke:#aeb8c4}.mark{fill:#ff8787}.mark text{stroke:#1b222b}\
.big{fill:#eef2f6}.small{fill:#9aa5b1}.name{fill:#b5a88e}.bar{fill:#2c343f}.done{fill:#ff8552}}\
</style>\n";

/// The radius of the beam before it is scaled: percent of its length in pixels.
const BEAM: f64 = 100.0;

pub(super) fn head(svg: &mut String, height: f64, caption: &[String; 2]) {
    let (width, height) = (Px(WIDTH), Px(height));
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n<desc>{}</desc>",
        escaped(&caption[0]),
        escaped(&caption[1]),
    );
    svg.push_str(STYLE);
    let _ = writeln!(
        svg,
        "<rect class=\"card\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"14\"/>",
        Px(WIDTH - 1.0),
        Px(height.0 - 1.0),
    );
}

pub(super) fn floor(svg: &mut String, frame: &Frame, bounds: &Bounds) {
    let (x, y) = (frame.x(bounds.low.x), frame.y(bounds.high.y));
    let (width, height) = (frame.length(bounds.width()), frame.length(bounds.height()));
    let area = format!(
        "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
        Px(x),
        Px(y),
        Px(width),
        Px(height)
    );
    let _ = writeln!(
        svg,
        "<clipPath id=\"room\"><rect {area}/></clipPath>\n<rect class=\"floor\" {area}/>"
    );
    let mut lines = String::new();
    let mut at = CELL;
    while at < bounds.width().0 {
        let _ = write!(
            lines,
            "M{},{}v{}",
            Px(x + at * frame.scale),
            Px(y),
            Px(height)
        );
        at += CELL;
    }
    at = CELL;
    while at < bounds.height().0 {
        let _ = write!(
            lines,
            "M{},{}h{}",
            Px(x),
            Px(y + height - at * frame.scale),
            Px(width)
        );
        at += CELL;
    }
    let _ = writeln!(svg, "<path class=\"grid\" d=\"{lines}\"/>");
}

/// A cell, lit from the part `from` of the animation on.
pub(super) fn cell(svg: &mut String, stage: &Stage, bounds: &Bounds, corner: Point, from: f64) {
    let frame = &stage.frame;
    let right = (corner.x + Meters(CELL)).min(bounds.high.x);
    let top = (corner.y + Meters(CELL)).min(bounds.high.y);
    let _ = write!(
        svg,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\">",
        Px(frame.x(corner.x) + 1.0),
        Px(frame.y(top) + 1.0),
        Px(frame.length(right - corner.x) - 2.0),
        Px(frame.length(top - corner.y) - 2.0),
    );
    appear(svg, stage, from);
    svg.push_str("</rect>");
}

/// Makes the element that is open invisible until `from`, then fades it in.
fn appear(svg: &mut String, stage: &Stage, from: f64) {
    let thousandths = (from * 1000.0).round().clamp(1.0, 985.0) as u32;
    let _ = write!(
        svg,
        "<animate attributeName=\"opacity\" values=\"0;0;1;1\" keyTimes=\"0;.{:03};.{:03};1\" {}/>",
        thousandths,
        thousandths + 12,
        stage.timing(),
    );
}

pub(super) fn obstacle(svg: &mut String, frame: &Frame, outline: &Outline) {
    let shape = match outline {
        Outline::Circle { center, radius } => format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"",
            Px(frame.x(center.x)),
            Px(frame.y(center.y)),
            Px(frame.length(*radius)),
        ),
        Outline::Polygon(corners) => {
            let corners: Vec<String> = corners.iter().map(|corner| frame.at(*corner)).collect();
            format!("<polygon points=\"{}\"", corners.join(" "))
        }
    };
    let _ = write!(
        svg,
        "{shape} class=\"shade\" transform=\"translate(4 5)\"/>{shape} class=\"thing\"/>"
    );
}

/// What an obstacle is called, if there is room for it inside.
pub(super) fn label(svg: &mut String, frame: &Frame, obstacle: &Obstacle) {
    let Some(name) = &obstacle.name else {
        return;
    };
    let (center, width, height) = match &obstacle.outline {
        Outline::Circle { center, radius } => (*center, radius.0 * 2.0, radius.0),
        Outline::Polygon(corners) => middle(corners),
    };
    let needed = name.chars().count() as f64 * 7.5;
    let _ = match (width * frame.scale, height * frame.scale) {
        (width, height) if width > needed && height > 20.0 => writeln!(
            svg,
            "<text class=\"name\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">{}</text>",
            Px(frame.x(center.x)),
            Px(frame.y(center.y) + 4.0),
            escaped(name),
        ),
        _ => Ok(()),
    };
}

/// The middle of a polygon's corners, its width and its height.
fn middle(corners: &[Point]) -> (Point, f64, f64) {
    let count = corners.len() as f64;
    let x: f64 = corners.iter().map(|corner| corner.x.0).sum();
    let y: f64 = corners.iter().map(|corner| corner.y.0).sum();
    let span = |of: fn(&Point) -> f64| {
        let values = corners.iter().map(of);
        values.clone().fold(f64::MIN, f64::max) - values.fold(f64::MAX, f64::min)
    };
    let upright = if corners.len() == 4 { 1.0 } else { 0.5 };
    (
        Point::new(x / count, y / count),
        span(|corner| corner.x.0) * upright,
        span(|corner| corner.y.0) * upright,
    )
}

pub(super) fn walls(svg: &mut String, frame: &Frame, bounds: &Bounds) {
    let _ = writeln!(
        svg,
        "<rect class=\"wall\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\"/>",
        Px(frame.x(bounds.low.x) - 3.5),
        Px(frame.y(bounds.high.y) - 3.5),
        Px(frame.length(bounds.width()) + 7.0),
        Px(frame.length(bounds.height()) + 7.0),
    );
}

/// The way, drawn while it is driven: a wide swath where the hull was, and the line of its middle.
pub(super) fn path(svg: &mut String, track: &Track, stage: &Stage, hull: f64) {
    let (timing, line) = (stage.timing(), track.line());
    let length = Px(track.length().max(0.1));
    let _ = writeln!(
        svg,
        "<g stroke-dasharray=\"{length} {length}\"><path class=\"swath\" stroke-width=\"{}\" d=\"{line}\"/>\
         <path class=\"way\" d=\"{line}\"/>\
         <animate attributeName=\"stroke-dashoffset\" values=\"{}\" {timing}/></g>",
        Px(hull * 2.0),
        track.ahead(),
    );
    let (x, y) = track.first();
    let _ = writeln!(
        svg,
        "<circle class=\"start\" cx=\"{x}\" cy=\"{y}\" r=\"5\"/>\
         <text class=\"name\" text-anchor=\"middle\" x=\"{x}\" y=\"{}\">start</text>",
        Px(y + 20.0),
        x = Px(x),
        y = Px(y),
    );
}

/// Something that happened while the body was at `pose`.
pub(super) fn mark(svg: &mut String, stage: &Stage, pose: Pose, from: f64, text: &str) {
    let (x, y) = (stage.frame.x(pose.x), stage.frame.y(pose.y));
    let side = if x > WIDTH / 2.0 {
        ("end", -14.0)
    } else {
        ("start", 14.0)
    };
    let _ = write!(
        svg,
        "<g class=\"mark\"><path d=\"M{},{}l-6,11h5l-3,9l9,-12h-5l4,-8z\"/>\
         <text font-size=\"13\" font-weight=\"600\" text-anchor=\"{}\" x=\"{}\" y=\"{}\">{}</text>",
        Px(x + 2.0),
        Px(y - 30.0),
        side.0,
        Px(x + side.1),
        Px(y - 18.0),
        escaped(text),
    );
    appear(svg, stage, from);
    svg.push_str("</g>\n");
}

/// The body with its wheels and its beam, moving.
pub(super) fn rover(
    svg: &mut String,
    track: &Track,
    stage: &Stage,
    hull: f64,
    sonar: Option<(Pose, Radians)>,
) {
    let timing = stage.timing();
    let ((x, y), heading) = (track.last(), Px(track.last_heading()));
    let _ = write!(
        svg,
        "<g clip-path=\"url(#room)\"><g transform=\"translate({},{})\"><g transform=\"rotate({heading})\">",
        Px(x),
        Px(y),
    );
    if let Some((mounted, half)) = sonar {
        beam(svg, track, stage, mounted, half);
    }
    body(svg, hull);
    let _ = writeln!(
        svg,
        "<animateTransform attributeName=\"transform\" type=\"rotate\" values=\"{}\" {timing}/></g>\
         <animateTransform attributeName=\"transform\" type=\"translate\" values=\"{}\" {timing}/></g></g>",
        track.turns(),
        track.places(),
    );
}

/// The sonar's beam, as long as what it saw.
fn beam(svg: &mut String, track: &Track, stage: &Stage, mounted: Pose, half: Radians) {
    let (sin, cos) = libm::sincos(half.0);
    let arc = |radius: f64| {
        let (x, y) = (Px(radius * cos), Px(radius * sin));
        format!("{x},-{y}A{r},{r} 0 0 1 {x},{y}", r = Px(radius))
    };
    let _ = write!(
        svg,
        "<g transform=\"translate({},{}) rotate({}) scale(.01)\"><g transform=\"scale({})\">\
         <path class=\"beam\" d=\"M0,0L{}Z\"/><path class=\"wave\" d=\"M{}M{}M{}\"/>\
         <animateTransform attributeName=\"transform\" type=\"scale\" values=\"{}\" {}/></g></g>",
        Px(mounted.x.0 * stage.frame.scale),
        Px(-mounted.y.0 * stage.frame.scale),
        Px(-mounted.heading.0.to_degrees()),
        track.last_reach(stage.frame.scale),
        arc(BEAM),
        arc(BEAM * 0.4),
        arc(BEAM * 0.7),
        arc(BEAM),
        track.reaches(stage.frame.scale),
        stage.timing(),
    );
}

/// A hull of this many pixels, looking to the right.
fn body(svg: &mut String, hull: f64) {
    let tire = |side: f64| {
        format!(
            "<rect class=\"tire\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\"/>",
            Px(-hull * 0.34),
            Px(side * hull * 0.86 - hull * 0.15),
            Px(hull * 0.68),
            Px(hull * 0.3),
        )
    };
    let eye = |side: f64| {
        let (x, y) = (Px(hull * 0.62), Px(side * hull * 0.3));
        format!(
            "<circle class=\"eye\" cx=\"{x}\" cy=\"{y}\" r=\"{}\"/>",
            Px(hull * 0.2)
        )
    };
    let _ = write!(
        svg,
        "<circle class=\"hull\" r=\"{}\"/>{}{}<path class=\"deck\" d=\"M{},0L-{},{}V-{}Z\"/>{}{}",
        Px(hull),
        tire(-1.0),
        tire(1.0),
        Px(hull * 0.28),
        Px(hull * 0.42),
        Px(hull * 0.36),
        Px(hull * 0.36),
        eye(-1.0),
        eye(1.0),
    );
}

pub(super) fn caption(svg: &mut String, stage: &Stage, height: f64, caption: &[String; 2]) {
    let width = WIDTH - 2.0 * MARGIN;
    let top = height - 70.0;
    let _ = writeln!(
        svg,
        "<rect class=\"bar\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"4\" rx=\"2\"/>\
         <rect class=\"done\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"4\" rx=\"2\">\
         <animate attributeName=\"width\" values=\"0;{w};{w}\" keyTimes=\"0;{:.3};1\" {}/></rect>",
        stage.share.clamp(0.001, 0.999),
        stage.timing(),
        x = Px(MARGIN),
        y = Px(top),
        w = Px(width),
    );
    for (line, class, y) in [(0, "big", 32.0), (1, "small", 54.0)] {
        let _ = writeln!(
            svg,
            "<text class=\"{class}\" x=\"{}\" y=\"{}\">{}</text>",
            Px(MARGIN),
            Px(top + y),
            escaped(&caption[line]),
        );
    }
}
