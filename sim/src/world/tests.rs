use super::*;
use crate::world::obstacle::edges;

const EMPTY: &str = "[bounds]\nx = [0, 4]\ny = [0, 3]\n[start]\nx = 1\ny = 1\n";

fn with(obstacles: &str) -> World {
    World::from_toml(&format!("{EMPTY}{obstacles}"), "w.toml").unwrap()
}

fn near(one: Meters, other: f64) -> bool {
    (one.0 - other).abs() < 1e-4
}

#[test]
fn a_ray_ends_at_the_first_wall_in_its_way() {
    let world = with("");
    let from = Point::new(1.0, 1.0);
    let pi = std::f64::consts::PI;
    for (direction, length) in [
        (0.0, 3.0),
        (pi / 2.0, 2.0),
        (pi, 1.0),
        (-pi / 2.0, 1.0),
        (pi / 4.0, 8.0_f64.sqrt()),
    ] {
        let met = world.cast(from, Radians(direction), Meters(9.0)).unwrap();
        assert!(near(met, length), "{direction}: {met}");
    }
    assert_eq!(world.cast(from, Radians(0.0), Meters(2.9)), None);
}

#[test]
fn a_ray_ends_at_circles_rectangles_polygons_and_walls() {
    let world = with(
        "[[circle]]\ncenter = [3, 1]\nradius = 0.5\n\
         [[rectangle]]\ncenter = [1, 2]\nsize = [0.4, 0.6]\n\
         [[polygon]]\ncorners = [[0, 0.5], [0.5, 1], [0, 1.5]]\n\
         [[wall]]\nfrom = [0.5, 0.5]\nto = [1.5, 0.5]\nthickness = 0.1\n",
    );
    let pi = std::f64::consts::PI;
    for (direction, length) in [(0.0, 1.5), (pi / 2.0, 0.7), (pi, 0.5), (-pi / 2.0, 0.45)] {
        let met = world
            .cast(Point::new(1.0, 1.0), Radians(direction), Meters(9.0))
            .unwrap();
        assert!(near(met, length), "{direction}: {met}");
    }
}

#[test]
fn the_clearance_of_a_hull_is_its_gap_to_the_nearest_thing() {
    let world = with(
        "[[circle]]\ncenter = [3, 1]\nradius = 0.5\n[[rectangle]]\ncenter = [1, 2.5]\nsize = [1, 1]\n",
    );
    let hull = Meters(0.1);
    assert!(near(world.clearance(Point::new(2.0, 1.0), hull), 0.4));
    assert!(near(world.clearance(Point::new(0.3, 1.0), hull), 0.2));
    assert!(
        near(world.clearance(Point::new(3.0, 1.3), hull), -0.3),
        "inside of the circle"
    );
    assert!(
        near(world.clearance(Point::new(1.0, 2.2), hull), -0.3),
        "inside of the rectangle"
    );
    assert!(
        world.clearance(Point::new(-1.0, 2.2), hull).0 < 0.0,
        "outside of the walls"
    );
}

#[test]
fn everything_that_is_wrong_with_a_file_is_found_at_once_and_in_its_line() {
    let text = "name = 3\n\
        [bounds]\n\
        x = [0, 5]\n\
        y = [4, 0]\n\
        [start]\n\
        x = \"1\"\n\
        heding_deg = 5\n\
        [[circle]]\n\
        center = [1, 2, 3]\n\
        radios = 0.5\n\
        [[polygon]]\n\
        corners = [[0, 0], [1, 1], [1, 0], [0, 1]]\n\
        [[rectangel]]\n\
        size = [1, 1]\n";
    let findings = World::from_toml(text, "broken.toml").unwrap_err();
    let seen: Vec<_> = findings
        .iter()
        .map(|finding| {
            (
                finding.line,
                &text[finding.span.clone()],
                finding.message.as_str(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (1, "3", "expected a text, found integer"),
            (4, "[4, 0]", "'y' runs from 4 to 0"),
            (5, "[start]", "[start] has no 'y'"),
            (6, "\"1\"", "expected a number, found string"),
            (7, "heding_deg", "unknown key 'heding_deg' in [start]"),
            (8, "[[circle]]", "[[circle]] has no 'radius'"),
            (9, "[1, 2, 3]", "'center' wants two numbers"),
            (10, "radios", "unknown key 'radios' in [[circle]]"),
            (
                12,
                "[[0, 0], [1, 1], [1, 0], [0, 1]]",
                "the sides of this polygon cross"
            ),
            (13, "rectangel", "unknown key 'rectangel' in the file"),
        ]
    );
    let help = |line: usize| {
        &findings
            .iter()
            .find(|finding| finding.line == line)
            .unwrap()
            .help
    };
    assert_eq!(help(7), "did you mean 'heading_deg'?");
    assert_eq!(help(10), "did you mean 'radius'?");
    assert_eq!(help(13), "did you mean 'rectangle'?");
    assert_eq!(
        findings[4].to_string(),
        "broken.toml:7: unknown key 'heding_deg' in [start] (did you mean 'heading_deg'?)"
    );
}

#[test]
fn broken_syntax_is_found_together_with_what_can_still_be_read() {
    let text =
        format!("{EMPTY}[[circle]]\ncenter = [1, 1\nradius = 0.1\n[[circle]]\nradius = -2\n");
    let findings = World::from_toml(&text, "w.toml").unwrap_err();
    assert!(
        findings
            .iter()
            .any(|finding| finding.help.contains("no TOML")),
        "{findings:?}"
    );
    assert!(findings.len() > 1, "{findings:?}");
}

#[test]
fn numbers_that_are_none_and_things_out_of_place_are_found() {
    for (more, message) in [
        (
            "[[circle]]\ncenter = [1, nan]\nradius = 1\n",
            "'center' is out of range: NaN",
        ),
        (
            "[[circle]]\ncenter = [1, inf]\nradius = 1\n",
            "'center' is out of range: inf",
        ),
        (
            "[[circle]]\ncenter = [9, 9]\nradius = 1\n",
            "this obstacle stands outside of the bounds",
        ),
        (
            "[[circle]]\ncenter = [1, 1]\nradius = 0.1\n",
            "the start lies inside of an obstacle",
        ),
        (
            "[[wall]]\nfrom = [1, 2]\nto = [1, 2]\n",
            "this wall ends where it begins",
        ),
        (
            "[[polygon]]\ncorners = [[1, 2], [2, 2]]\n",
            "a polygon of 2 corners has no inside",
        ),
        (
            "[circle]\nradius = 1\n",
            "'circle' is a list of tables, found table",
        ),
        (
            "[origin]\nlatitude_deg = 90\nlongitude_deg = 0\n",
            "'latitude_deg' is out of range: 90",
        ),
    ] {
        let findings = World::from_toml(&format!("{EMPTY}{more}"), "w.toml").unwrap_err();
        let messages: Vec<_> = findings
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        assert_eq!(messages, [message]);
    }
}

#[test]
fn an_empty_file_says_what_it_lacks() {
    let findings = World::from_toml("", "w.toml").unwrap_err();
    let messages: Vec<_> = findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(messages, ["there is no [bounds]", "there is no [start]"]);
}

#[test]
fn arbitrary_bytes_are_findings_and_no_panic() {
    let mut state = 7_u64;
    let alphabet = b"[]{}=\"'\\\n.,x0-# 1e\xc3\xa9bounds";
    for _ in 0..2000 {
        let bytes: Vec<u8> = (0..40)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                alphabet[(state >> 33) as usize % alphabet.len()]
            })
            .collect();
        let text = String::from_utf8_lossy(&bytes);
        assert!(World::from_toml(&text, "w.toml").is_err());
    }
}

#[test]
fn every_passage_of_the_room_is_at_least_70_cm_wide() {
    let room = World::room();
    assert!((5..=7).contains(&room.obstacles().len()));
    let mut outlines: Vec<Vec<Point>> = edges(&room.bounds().corners())
        .map(|(a, b)| along(&[a, b], false))
        .collect();
    outlines.extend(room.obstacles().iter().map(|obstacle| {
        match &obstacle.outline {
            Outline::Circle { center, radius } => (0..360)
                .map(|degree| center.ahead(Radians(f64::from(degree).to_radians()), radius.0, 0.0))
                .collect(),
            Outline::Polygon(corners) => along(corners, true),
        }
    }));
    for one in 0..outlines.len() {
        for other in one.max(3) + 1..outlines.len() {
            let gap = outlines[one]
                .iter()
                .flat_map(|a| outlines[other].iter().map(|b| a.distance(*b).0))
                .fold(f64::INFINITY, f64::min);
            assert!(
                !(0.011..=0.7).contains(&gap),
                "{one} and {other} leave {gap} m"
            );
        }
    }
}

/// A point each centimeter along a line.
fn along(corners: &[Point], closed: bool) -> Vec<Point> {
    let sides = if closed {
        corners.len()
    } else {
        corners.len() - 1
    };
    edges(corners)
        .take(sides)
        .flat_map(|(a, b)| {
            let steps = (a.distance(b).0 * 100.0).ceil().max(1.0) as usize;
            (0..=steps).map(move |step| {
                let part = step as f64 / steps as f64;
                Point::new(a.x.0 + (b.x - a.x).0 * part, a.y.0 + (b.y - a.y).0 * part)
            })
        })
        .collect()
}

#[test]
fn the_seed_decides_where_within_its_spread_a_body_is_put_down() {
    let room = World::room();
    let put_down = |seed| room.clone().put_down(seed).start();
    assert_eq!(put_down(3), put_down(3));
    assert_ne!(put_down(3), put_down(4));
    for seed in 0..200 {
        let (there, here) = (put_down(seed), room.start());
        assert!((there.x - here.x).abs() <= Meters(0.1), "{there:?}");
        assert!((there.y - here.y).abs() <= Meters(0.1), "{there:?}");
    }
    let far = (0..200).filter(|seed| put_down(*seed).heading.abs() > Radians(2.0));
    assert!(far.count() > 20, "it looks anywhere");
}

#[test]
fn without_a_spread_every_seed_puts_a_body_down_at_the_start() {
    let text =
        "name = \"hall\"\n[bounds]\nx = [0.0, 9.0]\ny = [0.0, 9.0]\n[start]\nx = 2.0\ny = 3.0\n";
    let hall = World::from_toml(text, "hall.toml").unwrap();
    for seed in 0..20 {
        assert_eq!(hall.clone().put_down(seed).start(), hall.start());
    }
}

#[test]
fn the_room_at_the_start_is_that_of_the_worst_place_a_seed_may_choose() {
    let hall = |start: &str| {
        let text = format!("[bounds]\nx = [0, 9]\ny = [0, 9]\n[start]\n{start}\n");
        World::from_toml(&text, "hall.toml").unwrap()
    };
    let gap = |start| hall(start).start_clearance(Meters(0.1)).0;
    assert!((gap("x = 1.0\ny = 3.0") - 0.9).abs() < 1e-6);
    assert!((gap("x = 1.0\ny = 3.0\nspread_m = 0.5") - 0.4).abs() < 1e-6);
    assert!((gap("x = 1.0\ny = 3.0\nspread_m = 1.5") + 0.6).abs() < 1e-6);
}
