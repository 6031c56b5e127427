use super::*;
use crate::plant::{Chassis, Frame as Measures, Journey, place};
use sinew_messages::RadiansPerSecond;
use std::time::Duration;

/// A minute in the room, turning away from what is near.
fn drawn(caption: &str) -> String {
    let world = World::room();
    let hull = Meters(0.11);
    let measures = Measures {
        hull,
        wheel_radius: Meters(0.03),
        track: Meters(0.16),
    };
    let mut chassis = Chassis::new(measures, &world);
    let mut coverage = Coverage::new(&world, hull);
    let mut journey = Journey::default();
    let step = Duration::from_millis(10);
    let mut turning = 0_u32;
    for tick in 0..=6000_u64 {
        let at = Timestamp::from_nanos(tick * 10_000_000);
        let pose = chassis.pose();
        let range = [-0.35, -0.2, 0.0, 0.2, 0.35]
            .into_iter()
            .filter_map(|angle| {
                world.cast(place(pose), Radians(pose.heading.0 + angle), Meters(4.0))
            })
            .fold(Meters(4.0), Meters::min);
        if range.0 < 0.5 {
            turning = 30;
        }
        turning = turning.saturating_sub(1);
        let (left, right) = if turning > 0 {
            (-4.0, 4.0)
        } else {
            (14.0, 13.6)
        };
        chassis.step(
            &world,
            RadiansPerSecond(left),
            RadiansPerSecond(right),
            step,
        );
        coverage.visit(place(chassis.pose()), at);
        journey.offer(at, chassis.pose(), Some(range));
    }
    let picture = Picture {
        world: &world,
        hull,
        sonar: Some((
            Pose {
                x: Meters(0.1),
                ..Pose::default()
            },
            Radians(0.26),
        )),
        samples: journey.samples(),
        coverage: &coverage,
        marks: vec![(
            Timestamp::from_nanos(41_000_000_000),
            "sonar unplugged".to_owned(),
        )],
        caption: [
            caption.to_owned(),
            "simulated hardware, seed 7, trace 0123456789abcdef".to_owned(),
        ],
    };
    picture.svg()
}

#[test]
fn a_picture_of_a_minute_has_less_than_60_kb_and_is_the_same_each_time() {
    let one = drawn("60 s, 20.1 m driven");
    if let Some(path) = std::env::var_os("SINEW_PICTURE") {
        std::fs::write(path, &one).unwrap();
    }
    assert!(one.len() < 60_000, "{}", one.len());
    assert!(one == drawn("60 s, 20.1 m driven"));
}

#[test]
fn a_picture_shows_room_way_rover_beam_cells_fault_and_figures() {
    let svg = drawn("60 s & 20.1 m < driven");
    for part in [
        "60 s &amp; 20.1 m &lt; driven",
        "class=\"wall\"",
        ">sofa</text>",
        "class=\"way\"",
        "class=\"hull\"",
        "class=\"beam\"",
        "sonar unplugged",
        "prefers-color-scheme:dark",
    ] {
        assert!(svg.contains(part), "{part}");
    }
    assert!(
        svg.matches("attributeName=\"opacity\"").count() > 10,
        "cells light up"
    );
    for foreign in ["<script", "href=", "NaN", "inf", "-0 ", "-0,"] {
        assert!(!svg.contains(foreign), "{foreign}");
    }
}

#[test]
fn every_element_of_a_picture_is_closed() {
    let svg = drawn("60 s");
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let inside = tag.split('>').next().unwrap();
        let name = inside.split([' ', '/']).next().unwrap();
        if let Some(closed) = inside.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed));
        } else if !inside.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn a_run_without_a_sample_is_an_empty_room() {
    let world = World::room();
    let picture = Picture {
        world: &world,
        hull: Meters(0.1),
        sonar: None,
        samples: &[],
        coverage: &Coverage::new(&world, Meters(0.1)),
        marks: Vec::new(),
        caption: [String::new(), String::new()],
    };
    let svg = picture.svg();
    assert!(svg.contains("class=\"wall\"") && !svg.contains("NaN"));
}
