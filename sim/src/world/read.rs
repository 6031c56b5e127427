//! A world's file, read.

use crate::world::obstacle::crosses_itself;
use crate::world::section::{COORDINATES, Findings, Section};
use crate::world::{Bounds, Obstacle, Origin, Outline, Point, Spread, World, WorldFinding};
use sinew_messages::{Degrees, Meters, Pose, Radians};
use std::ops::Range;
use toml::de::DeTable;

/// A world of more things than this is no room but a map, which wants another geometry.
const MOST_OBSTACLES: usize = 500;
/// The shortest and the longest side of the outer walls, in meters.
const SIDE: std::ops::RangeInclusive<f64> = 0.5..=200.0;
/// An obstacle that stands this far outside of the outer walls still reaches into them: furniture at a wall.
const SLACK: f64 = 1e-6;

const KINDS: [(&str, &str); 4] = [
    ("wall", "[[wall]]"),
    ("rectangle", "[[rectangle]]"),
    ("circle", "[[circle]]"),
    ("polygon", "[[polygon]]"),
];

pub(crate) fn world(text: &str, file: &str) -> Result<World, Vec<WorldFinding>> {
    let mut findings = Findings::new(text, file);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        findings.add(
            error.span().unwrap_or(0..0),
            error.message().to_owned(),
            "this is no TOML: see https://toml.io".to_owned(),
        );
    }
    let known = [
        "name",
        "bounds",
        "start",
        "origin",
        "wall",
        "rectangle",
        "circle",
        "polygon",
    ];
    let file_section = Section::of_table("the file", 0..0, table.get_ref(), &known, &mut findings);
    let parts = parts(&file_section, &mut findings);
    let found = findings.into_sorted();
    match parts {
        Some(world) if found.is_empty() => Ok(world),
        _ => Err(found),
    }
}

fn parts(file: &Section<'_>, findings: &mut Findings<'_>) -> Option<World> {
    let name = match file.value("name") {
        Some(_) => file.text("name", findings),
        None => Some("world".to_owned()),
    };
    let bounds = bounds(file, findings);
    let start = start(file, findings);
    let origin = origin(file, findings);
    let obstacles = obstacles(file, findings);
    if let Some(bounds) = &bounds {
        for (obstacle, span) in &obstacles {
            check_place(obstacle, bounds, span.clone(), findings);
        }
    }
    let (start, spread, start_span) = start?;
    let obstacles: Vec<Obstacle> = obstacles
        .into_iter()
        .map(|(obstacle, _)| obstacle)
        .collect();
    check_start(start, bounds.as_ref(), &obstacles, start_span, findings);
    Some(World::new(
        name?,
        bounds?,
        (start, spread),
        origin?,
        obstacles,
    ))
}

/// A table that must be there.
fn section<'t>(
    file: &Section<'t>,
    key: &str,
    head: &'static str,
    known: &[&str],
    findings: &mut Findings<'_>,
) -> Option<Section<'t>> {
    match file.value(key) {
        Some(value) => Section::new(head, value, known, findings),
        None => {
            findings.add(
                0..0,
                format!("there is no {head}"),
                format!("add {head} with {}", known.join(", ")),
            );
            None
        }
    }
}

fn bounds(file: &Section<'_>, findings: &mut Findings<'_>) -> Option<Bounds> {
    let section = section(file, "bounds", "[bounds]", &["x", "y"], findings)?;
    let mut side = |key: &str| {
        let (low, high) = section.pair(key, COORDINATES, findings)?;
        if !SIDE.contains(&(high - low)) {
            let span = section
                .value(key)
                .map_or(section.span(), |value| value.span());
            findings.add(
                span,
                format!("'{key}' runs from {low} to {high}"),
                format!(
                    "name the smaller one first, {} to {} m apart",
                    SIDE.start(),
                    SIDE.end()
                ),
            );
            return None;
        }
        Some((low, high))
    };
    let (x, y) = (side("x"), side("y"));
    let (x, y) = (x?, y?);
    Some(Bounds {
        low: Point::new(x.0, y.0),
        high: Point::new(x.1, y.1),
    })
}

fn start(file: &Section<'_>, findings: &mut Findings<'_>) -> Option<(Pose, Spread, Range<usize>)> {
    let section = section(
        file,
        "start",
        "[start]",
        &["x", "y", "heading_deg", "spread_m", "spread_deg"],
        findings,
    )?;
    let x = section.number("x", COORDINATES, findings);
    let y = section.number("y", COORDINATES, findings);
    let heading = section.number_or("heading_deg", 0.0, -360.0..=360.0, findings);
    let place = section.number_or("spread_m", 0.0, 0.0..=10.0, findings);
    let turn = section.number_or("spread_deg", 0.0, 0.0..=180.0, findings);
    let spread = Spread {
        place: Meters(place?),
        heading: Radians(turn?.to_radians()),
    };
    let pose = Pose {
        x: Meters(x?),
        y: Meters(y?),
        heading: Radians(heading?.to_radians()).wrapped(),
    };
    Some((pose, spread, section.span()))
}

fn origin(file: &Section<'_>, findings: &mut Findings<'_>) -> Option<Origin> {
    let Some(value) = file.value("origin") else {
        return Some(Origin::default());
    };
    let known = ["latitude_deg", "longitude_deg", "altitude_m"];
    let section = Section::new("[origin]", value, &known, findings)?;
    // Near the poles a degree of longitude has no length to speak of.
    let latitude = section.number("latitude_deg", -85.0..=85.0, findings);
    let longitude = section.number("longitude_deg", -180.0..=180.0, findings);
    let altitude = section.number_or("altitude_m", 0.0, -500.0..=9000.0, findings);
    Some(Origin {
        latitude: Degrees(latitude?),
        longitude: Degrees(longitude?),
        altitude: Meters(altitude?),
    })
}

fn obstacles(file: &Section<'_>, findings: &mut Findings<'_>) -> Vec<(Obstacle, Range<usize>)> {
    let mut obstacles = Vec::new();
    for (key, head) in KINDS {
        let Some(value) = file.value(key) else {
            continue;
        };
        let Some(list) = value.get_ref().as_array() else {
            let kind = value.get_ref().type_str();
            findings.add(
                value.span(),
                format!("'{key}' is a list of tables, found {kind}"),
                format!("write each one under a {head} of its own"),
            );
            continue;
        };
        for value in list.iter() {
            let outline = match key {
                "wall" => Section::new(head, value, &["name", "from", "to", "thickness"], findings)
                    .and_then(|section| named(&section, findings, wall)),
                "rectangle" => Section::new(
                    head,
                    value,
                    &["name", "center", "size", "turned_deg"],
                    findings,
                )
                .and_then(|section| named(&section, findings, rectangle)),
                "circle" => Section::new(head, value, &["name", "center", "radius"], findings)
                    .and_then(|section| named(&section, findings, circle)),
                _ => Section::new(head, value, &["name", "corners"], findings)
                    .and_then(|section| named(&section, findings, polygon)),
            };
            obstacles.extend(outline.map(|obstacle| (obstacle, value.span())));
        }
    }
    if obstacles.len() > MOST_OBSTACLES {
        findings.add(
            0..0,
            format!("{} obstacles stand in it", obstacles.len()),
            format!("keep to {MOST_OBSTACLES}"),
        );
    }
    obstacles
}

fn named(
    section: &Section<'_>,
    findings: &mut Findings<'_>,
    outline: fn(&Section<'_>, &mut Findings<'_>) -> Option<Outline>,
) -> Option<Obstacle> {
    let name = section.text("name", findings);
    outline(section, findings).map(|outline| Obstacle { name, outline })
}

fn wall(section: &Section<'_>, findings: &mut Findings<'_>) -> Option<Outline> {
    let from = section.point("from", findings);
    let to = section.point("to", findings);
    let thickness = section.number_or("thickness", 0.05, 0.001..=10.0, findings);
    let wall = Outline::wall(from?, to?, Meters(thickness?));
    if wall.is_none() {
        findings.add(
            section.span(),
            "this wall ends where it begins".to_owned(),
            "choose another 'to'".to_owned(),
        );
    }
    wall
}

fn rectangle(section: &Section<'_>, findings: &mut Findings<'_>) -> Option<Outline> {
    let center = section.point("center", findings);
    let size = section.pair("size", 0.001..=1000.0, findings);
    let turned = section.number_or("turned_deg", 0.0, -360.0..=360.0, findings);
    let (center, (width, height)) = center.zip(size)?;
    let turned = Radians(turned?.to_radians());
    Some(Outline::rectangle(
        center,
        Meters(width),
        Meters(height),
        turned,
    ))
}

fn circle(section: &Section<'_>, findings: &mut Findings<'_>) -> Option<Outline> {
    let center = section.point("center", findings);
    let radius = section.length("radius", findings);
    let (center, radius) = center.zip(radius)?;
    Some(Outline::Circle { center, radius })
}

fn polygon(section: &Section<'_>, findings: &mut Findings<'_>) -> Option<Outline> {
    let corners = section.points("corners", findings)?;
    let span = section
        .value("corners")
        .map_or(section.span(), |value| value.span());
    if corners.len() < 3 {
        let message = format!("a polygon of {} corners has no inside", corners.len());
        findings.add(span, message, "name at least three".to_owned());
        return None;
    }
    if crosses_itself(&corners) {
        findings.add(
            span,
            "the sides of this polygon cross".to_owned(),
            "name the corners in the order in which one walks around it".to_owned(),
        );
        return None;
    }
    Some(Outline::Polygon(corners))
}

/// An obstacle must reach into the room, or it is a slip of a digit.
fn check_place(
    obstacle: &Obstacle,
    bounds: &Bounds,
    span: Range<usize>,
    findings: &mut Findings<'_>,
) {
    let (low, high) = match &obstacle.outline {
        Outline::Circle { center, radius } => (
            Point {
                x: center.x - *radius,
                y: center.y - *radius,
            },
            Point {
                x: center.x + *radius,
                y: center.y + *radius,
            },
        ),
        Outline::Polygon(corners) => {
            corners
                .iter()
                .fold((corners[0], corners[0]), |(low, high), corner| {
                    (
                        Point {
                            x: low.x.min(corner.x),
                            y: low.y.min(corner.y),
                        },
                        Point {
                            x: high.x.max(corner.x),
                            y: high.y.max(corner.y),
                        },
                    )
                })
        }
    };
    let outside = high.x.0 < bounds.low.x.0 + SLACK
        || high.y.0 < bounds.low.y.0 + SLACK
        || low.x.0 > bounds.high.x.0 - SLACK
        || low.y.0 > bounds.high.y.0 - SLACK;
    if outside {
        findings.add(
            span,
            "this obstacle stands outside of the bounds".to_owned(),
            "move it in, or widen [bounds]".to_owned(),
        );
    }
}

fn check_start(
    start: Pose,
    bounds: Option<&Bounds>,
    obstacles: &[Obstacle],
    span: Range<usize>,
    findings: &mut Findings<'_>,
) {
    let point = Point {
        x: start.x,
        y: start.y,
    };
    if bounds.is_some_and(|bounds| !bounds.contains(point)) {
        findings.add(
            span.clone(),
            "the start lies outside of the bounds".to_owned(),
            "move it in, or widen [bounds]".to_owned(),
        );
    }
    for obstacle in obstacles
        .iter()
        .filter(|obstacle| obstacle.outline.encloses(point))
    {
        let name = obstacle.name.as_deref().unwrap_or("an obstacle");
        findings.add(
            span.clone(),
            format!("the start lies inside of {name}"),
            "move one of them".to_owned(),
        );
    }
}
