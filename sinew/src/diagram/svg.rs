//! The graph as a picture.

use super::layout::{Bundle, Layout};
use super::place::{self, Area, BOX, LABEL, Placed};
use super::{Diagram, Stroke};
use std::fmt::Write as _;

/// Its own card behind it, light or dark as the reader's system is, so that no page makes it unreadable.
const STYLE: &str = "\
text{font:12px ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2328}
.card{fill:#ffffff;stroke:#d0d7de}.node rect{fill:#f6f8fa;stroke:#1f2328;stroke-width:1.2}
.node text,.label text{text-anchor:middle}.name{font-weight:600;font-size:14px}.title{font-weight:600;font-size:15px}
.actor,.policy{fill:#59636e;font-size:11px}.label rect{fill:#ffffff;opacity:.86}.message{font-weight:600}
.line{fill:none;stroke-width:1.6}.event .line{stroke-dasharray:2 4;stroke-linecap:round}.command .line{stroke-width:3}
.reading .line{stroke:#0969da}.reading .message,#to-reading{fill:#0969da}
.event .line{stroke:#1a7f37}.event .message,#to-event{fill:#1a7f37}
.command .line{stroke:#cf222e}.command .message,#to-command{fill:#cf222e}
@media(prefers-color-scheme:dark){
text{fill:#f0f6fc}.card{fill:#0d1117;stroke:#3d444d}.node rect{fill:#151b23;stroke:#f0f6fc}
.actor,.policy{fill:#9198a1}.label rect{fill:#0d1117}
.reading .line{stroke:#4493f8}.reading .message,#to-reading{fill:#4493f8}
.event .line{stroke:#3fb950}.event .message,#to-event{fill:#3fb950}
.command .line{stroke:#f85149}.command .message,#to-command{fill:#f85149}
}
";

pub(super) fn draw(diagram: &Diagram) -> String {
    let layout = Layout::of(diagram);
    let placed = place::place(diagram, &layout);
    let (width, height) = (placed.width.max(360.0).ceil(), placed.height.ceil());
    let name = escape(&diagram.name);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"The graph of {name}\">\n<style>\n{STYLE}</style>\n<defs>\n"
    );
    for (class, size) in [("reading", 8), ("event", 8), ("command", 5)] {
        let _ = writeln!(
            svg,
            "<marker id=\"to-{class}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"{size}\" markerHeight=\"{size}\" orient=\"auto-start-reverse\"><path d=\"M0 0L10 5L0 10z\"/></marker>"
        );
    }
    let _ = writeln!(
        svg,
        "</defs>\n<rect class=\"card\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"10\"/>\n<text class=\"title\" x=\"24\" y=\"32\">{name}</text>",
        width - 1.0,
        height - 1.0
    );
    for (bundle, route) in layout.bundles.iter().zip(&placed.routes) {
        line(&mut svg, bundle, route, &placed);
    }
    for (node, area) in diagram.nodes.iter().zip(&placed.nodes) {
        draw_node(&mut svg, &node.name, &node.actor, area);
    }
    for (bundle, area) in layout.bundles.iter().zip(&placed.labels) {
        label(&mut svg, bundle, area);
    }
    legend(&mut svg, height);
    svg.push_str("</svg>\n");
    svg
}

fn class(stroke: Stroke) -> &'static str {
    match stroke {
        Stroke::Reading => "reading",
        Stroke::Event => "event",
        Stroke::Command => "command",
    }
}

fn line(svg: &mut String, bundle: &Bundle, route: &[(f64, f64)], placed: &Placed) {
    let class = class(bundle.stroke);
    let path = if bundle.from == bundle.to {
        loop_path(&placed.nodes[bundle.from])
    } else {
        curve(route)
    };
    let end = if bundle.backward && bundle.from != bundle.to {
        "start"
    } else {
        "end"
    };
    let _ = writeln!(
        svg,
        "<g class=\"{class}\"><path class=\"line\" d=\"{path}\" marker-{end}=\"url(#to-{class})\"/></g>"
    );
}

/// From gap to gap in an S that leaves and arrives level, straight through the layers between.
fn curve(route: &[(f64, f64)]) -> String {
    let mut path = format!("M{:.1} {:.1}", route[0].0, route[0].1);
    for (index, pair) in route.windows(2).enumerate() {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        if index % 2 == 0 {
            let half = (x0 + x1) / 2.0;
            let _ = write!(path, "C{half:.1} {y0:.1} {half:.1} {y1:.1} {x1:.1} {y1:.1}");
        } else {
            let _ = write!(path, "L{x1:.1} {y1:.1}");
        }
    }
    path
}

fn loop_path(node: &Area) -> String {
    let (x, top) = (node.x, node.y - node.height / 2.0);
    let high = top - 26.0;
    format!(
        "M{:.1} {top:.1}C{:.1} {high:.1} {:.1} {high:.1} {:.1} {top:.1}",
        x + 14.0,
        x + 30.0,
        x - 30.0,
        x - 14.0
    )
}

fn draw_node(svg: &mut String, name: &str, actor: &str, area: &Area) {
    let (left, top) = (area.x - area.width / 2.0, area.y - area.height / 2.0);
    let _ = writeln!(
        svg,
        "<g class=\"node\"><rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"7\"/><text class=\"name\" x=\"{x:.1}\" y=\"{:.1}\">{}</text><text class=\"actor\" x=\"{x:.1}\" y=\"{:.1}\">{}</text></g>",
        area.width,
        area.height.max(BOX),
        area.y - 4.0,
        escape(name),
        area.y + 13.0,
        escape(actor),
        x = area.x,
    );
}

fn label(svg: &mut String, bundle: &Bundle, area: &Area) {
    let (left, top) = (area.x - area.width / 2.0, area.y - area.height / 2.0);
    let class = class(bundle.stroke);
    let _ = write!(
        svg,
        "<g class=\"label {class}\"><rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"4\"/>",
        area.width, area.height
    );
    for (index, (message, policy)) in bundle.labels.iter().enumerate() {
        let y = top + index as f64 * LABEL;
        let _ = write!(
            svg,
            "<text class=\"message\" x=\"{x:.1}\" y=\"{:.1}\">{}</text><text class=\"policy\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
            y + 12.0,
            escape(message),
            y + 25.0,
            escape(policy),
            x = area.x,
        );
    }
    svg.push_str("</g>\n");
}

fn legend(svg: &mut String, height: f64) {
    let y = height - 18.0;
    let mut x = 24.0;
    for (class, words) in [
        ("reading", "reading: newest counts"),
        ("event", "event: each counts"),
        ("command", "command: expires"),
    ] {
        let text = x + 34.0;
        let _ = writeln!(
            svg,
            "<g class=\"{class}\"><path class=\"line\" d=\"M{x} {y}H{:.0}\" marker-end=\"url(#to-{class})\"/><text class=\"policy\" x=\"{text}\" y=\"{:.0}\">{words}</text></g>",
            x + 28.0,
            y + 4.0
        );
        x = text + place::text_width(words) * 0.9 + 18.0;
    }
}

/// A text inside of XML.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML 1.0 has no place for the other control characters.
            control if control.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::{Diagram, example};

    #[test]
    fn the_picture_names_every_node_message_and_policy_and_draws_commands_as_such() {
        let svg = example().to_svg();
        for part in [
            "sonar",
            "HcSr04",
            "WheelMotion",
            "latest, silence after 200 ms",
            "lease 250 ms",
        ] {
            assert!(svg.contains(part), "{part}");
        }
        assert_eq!(svg.matches("class=\"label command\"").count(), 2);
        assert!(svg.contains("prefers-color-scheme:dark"));
    }

    #[test]
    fn every_element_that_opens_closes() {
        let mut diagram = example();
        diagram.nodes[0].name = "<a & \"b\">".to_owned();
        let svg = diagram.to_svg();
        for tag in ["svg", "g", "text", "marker", "defs", "style"] {
            let opened =
                svg.matches(&format!("<{tag} ")).count() + svg.matches(&format!("<{tag}>")).count();
            assert_eq!(opened, svg.matches(&format!("</{tag}>")).count(), "{tag}");
        }
        assert!(svg.contains("&lt;a &amp; &quot;b&quot;&gt;"));
    }

    #[test]
    fn an_empty_graph_is_a_picture_too() {
        let empty = Diagram {
            name: "none".into(),
            nodes: Vec::new(),
            edges: Vec::new(),
        };
        assert!(empty.to_svg().contains("none"));
    }
}
