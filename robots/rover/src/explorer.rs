//! Where to go next: look around, choose the way that shows the most new ground, drive it, look again.
//!
//! Pure: it is told what the sensors say and answers with a twist.

use crate::ground::{Ground, STEP};
use crate::view::{Echo, Space, View};
use sinew::prelude::*;
use std::f64::consts::PI;

/// What it costs to look around before each way.
const LOOK_SECONDS: f64 = 2.5;
/// New ground per second that is good enough to stop looking: in a furnished room about half of the ways
/// that are chosen after a whole turn show less.
const GOOD: f64 = 1.0;
/// Where the cone ends.
const CONE_EDGE: Radians = Radians(0.262);
/// An echo that grows by more than this between two pings is another thing's.
const JUMP: Meters = Meters(0.15);
/// A turn is done when the heading is this close.
const AIM: Radians = Radians(0.06);
/// The part of the heading's error that is turned per second on the spot.
const TURNING_PER_SECOND: f64 = 6.0;
/// The part of the heading's error that is turned per second while driving.
const STEERING_PER_SECOND: f64 = 2.0;
/// How far it backs away from what it touched.
const BACK: Meters = Meters(0.125);

/// How it drives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Habits {
    /// While driving a way.
    pub cruise: MetersPerSecond,
    /// While looking around.
    pub look: RadiansPerSecond,
    /// From the body's middle forward to the sonar.
    pub mounted: Meters,
    /// What stays free between the body's middle and what ends a way.
    pub margin: Meters,
    /// What stays free to both sides of the middle of a way.
    pub clearance: Meters,
    /// The longest way before it looks around again.
    pub longest_way: Meters,
}

/// What an explorer knows and is about.
#[derive(Clone, Debug)]
pub struct Explorer {
    habits: Habits,
    ground: Ground,
    plan: Plan,
    /// Steps since this plan was made.
    steps: u32,
}

/// What it is doing.
#[derive(Clone, Debug)]
enum Plan {
    /// Turns on the spot and listens.
    Look(View),
    /// Turns towards a heading.
    Face { heading: Radians, way: Meters },
    /// Drives on a heading until the way is done.
    Drive {
        heading: Radians,
        from: Pose,
        way: Meters,
        heard: Option<Meters>,
    },
    /// Backs away from what it touched.
    Back { from: Pose },
    /// Stands still: it turned and turned, and the odometry did not.
    Lost,
}

impl Explorer {
    /// An explorer that has been nowhere.
    #[must_use]
    pub fn new(habits: Habits) -> Self {
        Self {
            habits,
            ground: Ground::default(),
            plan: Plan::look(),
            steps: 0,
        }
    }

    /// Hears a distance at this pose; no echo is unknown, and unknown ways are not chosen.
    pub fn hear(&mut self, pose: Pose, range: &Range) {
        let clearance = self.habits.clearance;
        match &mut self.plan {
            Plan::Look(view) => {
                if let Some(distance) = range.distance {
                    let heading = pose.heading;
                    view.hear(Echo { heading, distance });
                }
            }
            Plan::Drive { heard, .. } => {
                let before = std::mem::replace(heard, range.distance);
                if before
                    .is_some_and(|before| left_the_cone_near(before, range.distance, clearance))
                {
                    self.begin(Plan::look());
                }
            }
            Plan::Face { .. } | Plan::Back { .. } | Plan::Lost => {}
        }
    }

    /// Has touched something.
    pub fn touch(&mut self, pose: Pose) {
        self.begin(Plan::Back { from: pose });
    }

    /// What to do at this pose, with the way ahead that is known to be free.
    pub fn step(&mut self, pose: Pose, ahead: Option<Meters>) -> Twist {
        self.ground.visit(pose);
        self.steps += 1;
        if self.steps > self.plan.patience() {
            let next = self.plan.given_up();
            self.begin(next);
        }
        let blocked = ahead.is_some_and(|ahead| ahead + self.habits.mounted <= self.habits.margin);
        match &mut self.plan {
            Plan::Look(view) => {
                view.turn_to(pose.heading);
                self.choose(pose);
                Twist::new(MetersPerSecond::ZERO, self.habits.look)
            }
            Plan::Face { heading, way } => {
                let error = (*heading - pose.heading).wrapped();
                if error.abs() < AIM {
                    let drive = Plan::Drive {
                        heading: *heading,
                        from: pose,
                        way: *way,
                        heard: None,
                    };
                    self.begin(drive);
                    return Twist::ZERO;
                }
                let fastest = self.habits.look;
                let yaw = RadiansPerSecond(error.0 * TURNING_PER_SECOND).within(fastest);
                Twist::new(MetersPerSecond::ZERO, yaw)
            }
            Plan::Drive {
                heading, from, way, ..
            } => {
                if blocked || distance(*from, pose) >= *way {
                    self.ground.arrive(pose);
                    self.begin(Plan::look());
                    return Twist::ZERO;
                }
                let error = (*heading - pose.heading).wrapped();
                let yaw = RadiansPerSecond(error.0 * STEERING_PER_SECOND).within(self.habits.look);
                Twist::new(self.habits.cruise, yaw)
            }
            Plan::Back { from } => {
                if distance(*from, pose) >= BACK {
                    self.begin(Plan::look());
                }
                Twist::new(-self.habits.cruise / 3.0, RadiansPerSecond::ZERO)
            }
            Plan::Lost => Twist::ZERO,
        }
    }

    fn begin(&mut self, plan: Plan) {
        self.plan = plan;
        self.steps = 0;
    }

    /// Chooses among the ways that were heard on both of their sides: the best of a whole turn, and before that one
    /// that is good enough. If no way is wide enough, it looks again.
    fn choose(&mut self, pose: Pose) {
        let Plan::Look(view) = &self.plan else {
            return;
        };
        let space = self.habits.space();
        if view.turned() < Radians(PI) {
            return;
        }
        let free = view.free_rays(space.mounted);
        let known = free.iter().filter(|ray| view.holds_way(ray.heading));
        let ways = known.map(|ray| (ray.heading, space.free_way(ray.heading, &free)));
        let usable = ways.filter(|(_, way)| *way >= STEP);
        let weighed = usable.map(|(heading, way)| (self.worth(pose, heading, way), heading, way));
        let best = weighed.max_by(|a, b| a.0.total_cmp(&b.0));
        let is_whole = view.is_whole();
        if is_whole {
            for ray in &free {
                let reach = ray.distance - space.margin;
                self.ground.see(pose, ray.heading, reach);
            }
        }
        match best {
            Some((worth, heading, way)) if is_whole || worth >= GOOD => {
                self.begin(Plan::Face { heading, way });
            }
            None if is_whole => self.begin(Plan::look()),
            _ => {}
        }
    }

    /// How much new ground a way shows per second.
    fn worth(&self, pose: Pose, heading: Radians, way: Meters) -> f64 {
        let turn = (heading - pose.heading).wrapped().abs().0 / self.habits.look.0;
        let seconds = LOOK_SECONDS + turn + way.0 / self.habits.cruise.0;
        self.ground.gain(pose, heading, way) / seconds
    }
}

impl Habits {
    fn space(&self) -> Space {
        Space {
            mounted: self.mounted,
            margin: self.margin,
            clearance: self.clearance,
            longest: self.longest_way,
        }
    }
}

impl Plan {
    /// Begins to look around.
    fn look() -> Self {
        Self::Look(View::new())
    }

    /// After how many steps of 10 ms a plan is given up. A turn takes 2.2 s, a way of 3.5 m less than 15 s; backing
    /// is blind. What takes longer is not seen by the wheels' encoders: one is torn off, or a wheel is held.
    const fn patience(&self) -> u32 {
        match self {
            Self::Look(_) => 500,
            Self::Face { .. } => 300,
            Self::Drive { .. } => 1_500,
            Self::Back { .. } => 100,
            Self::Lost => 300,
        }
    }

    /// What follows a plan that was given up.
    fn given_up(&self) -> Self {
        match self {
            Self::Look(_) | Self::Face { .. } => Self::Lost,
            Self::Drive { .. } | Self::Back { .. } | Self::Lost => Self::look(),
        }
    }
}

/// Whether what was heard before left the cone at its side, so near that it stands in the way of a wheel: the
/// sonar hears it no more, and it is still there.
fn left_the_cone_near(before: Meters, now: Option<Meters>, clearance: Meters) -> bool {
    let gone = now.is_none_or(|now| now > before + JUMP);
    gone && before * CONE_EDGE.0.sin() < clearance
}

/// The way between two poses as the crow flies.
fn distance(a: Pose, b: Pose) -> Meters {
    Meters((a.x - b.x).0.hypot((a.y - b.y).0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    const HABITS: Habits = Habits {
        cruise: MetersPerSecond(0.4),
        look: RadiansPerSecond(2.0),
        mounted: Meters(0.1),
        margin: Meters(0.4),
        clearance: Meters(0.25),
        longest_way: Meters(2.0),
    };

    fn at(heading: f64) -> Pose {
        Pose {
            heading: Radians(heading),
            ..Pose::default()
        }
    }

    fn heard(distance: f64) -> Range {
        Range {
            measured_at: Timestamp::ZERO,
            distance: Some(Meters(distance)),
        }
    }

    /// Turns once around in a place where `room` says how far it is to the wall.
    fn look_around(explorer: &mut Explorer, room: impl Fn(f64) -> f64) {
        for step in 0..=64 {
            let pose = at(f64::from(step) * TAU / 63.0);
            explorer.hear(pose, &heard(room(pose.heading.0)));
            explorer.step(pose, None);
        }
    }

    #[test]
    fn it_drives_where_most_ground_is_new() {
        let mut explorer = Explorer::new(HABITS);
        look_around(
            &mut explorer,
            |heading| if heading.cos() < -0.8 { 3.0 } else { 0.6 },
        );
        let Plan::Face { heading, way } = explorer.plan else {
            panic!("{:?}", explorer.plan)
        };
        assert!(heading.wrapped().abs().0 > 2.4, "{heading}");
        assert!(way > Meters(1.0), "{way}");
    }

    #[test]
    fn it_does_not_drive_into_a_gap_narrower_than_itself() {
        let mut explorer = Explorer::new(HABITS);
        look_around(
            &mut explorer,
            |heading| if heading.abs() < 0.15 { 3.0 } else { 0.5 },
        );
        assert!(
            matches!(explorer.plan, Plan::Look(_)),
            "{:?}",
            explorer.plan
        );
    }

    #[test]
    fn it_looks_no_further_than_a_way_that_is_good_enough() {
        let mut explorer = Explorer::new(Habits {
            longest_way: Meters(4.0),
            ..HABITS
        });
        let mut steps = 0;
        while matches!(explorer.plan, Plan::Look(_)) {
            let pose = at(f64::from(steps) * 0.1);
            explorer.hear(pose, &heard(5.0));
            explorer.step(pose, None);
            steps += 1;
        }
        // Half a turn is the least: a quarter to both sides of the way.
        assert_eq!(steps, 33);
    }

    #[test]
    fn it_looks_again_at_once_when_its_way_is_blocked() {
        let mut explorer = Explorer::new(HABITS);
        explorer.plan = Plan::Drive {
            heading: Radians::ZERO,
            from: at(0.0),
            way: Meters(2.0),
            heard: None,
        };
        assert!(explorer.step(at(0.0), Some(Meters(1.0))).x > MetersPerSecond::ZERO);
        assert_eq!(explorer.step(at(0.0), Some(Meters(0.3))), Twist::ZERO);
        assert!(matches!(explorer.plan, Plan::Look(_)));
    }

    #[test]
    fn it_stops_for_what_vanished_at_its_side() {
        let driving = || {
            let mut explorer = Explorer::new(HABITS);
            let (heading, from, way) = (Radians::ZERO, at(0.0), Meters(2.0));
            explorer.plan = Plan::Drive {
                heading,
                from,
                way,
                heard: None,
            };
            explorer
        };
        let mut near = driving();
        near.hear(at(0.0), &heard(0.6));
        near.hear(at(0.0), &heard(2.0));
        assert!(
            matches!(near.plan, Plan::Look(_)),
            "it stands 16 cm beside the way"
        );
        let mut far = driving();
        far.hear(at(0.0), &heard(1.5));
        far.hear(at(0.0), &heard(3.0));
        assert!(
            matches!(far.plan, Plan::Drive { .. }),
            "it stands 39 cm beside the way"
        );
    }

    #[test]
    fn it_stands_still_when_its_turning_is_not_seen() {
        let mut explorer = Explorer::new(HABITS);
        let twists: Vec<Twist> = (0..799).map(|_| explorer.step(at(0.0), None)).collect();
        assert!(
            twists[..500]
                .iter()
                .all(|twist| twist.yaw > RadiansPerSecond::ZERO)
        );
        assert!(twists[500..].iter().all(|twist| *twist == Twist::ZERO));
    }

    #[test]
    fn it_backs_no_longer_than_a_second_when_its_backing_is_not_seen() {
        let mut explorer = Explorer::new(HABITS);
        explorer.touch(at(0.0));
        let twists: Vec<Twist> = (0..400).map(|_| explorer.step(at(0.0), None)).collect();
        let backing = twists
            .iter()
            .filter(|twist| twist.x < MetersPerSecond::ZERO);
        assert_eq!(backing.count(), 100);
    }

    #[test]
    fn it_backs_away_from_what_it_touched() {
        let mut explorer = Explorer::new(HABITS);
        explorer.touch(at(0.0));
        assert!(explorer.step(at(0.0), None).x < MetersPerSecond::ZERO);
    }
}
