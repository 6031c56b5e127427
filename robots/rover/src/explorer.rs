//! Where to go next: look around, choose the way that shows the most new ground, drive it, look again.
//!
//! Pure: it is told what the sensors say and answers with a twist. It remembers which half-metre cells it has
//! been in, in the frame `odom`.

use sinew::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::{FRAC_PI_2, TAU};

/// The side of a remembered cell.
const CELL: Meters = Meters(0.5);
/// The steps in which a way is weighed.
const STEP: Meters = Meters(0.25);
/// Half of the sonar's cone (15 degrees), less what the body turns during a ping.
const HALF_BEAM: Radians = Radians(0.20);
/// How fast the pull of an unvisited cell fades with its distance from the end of a way.
const NEAR: Meters = Meters(0.7);
/// What an unvisited cell at the end of a way is worth, beside a step on new ground.
const PULL: f64 = 0.3;
/// What it costs to look around before each way.
const LOOK_SECONDS: f64 = 2.5;
/// Where the cone ends.
const CONE_EDGE: Radians = Radians(0.262);
/// An echo that grows by more than this between two pings is another thing's.
const JUMP: Meters = Meters(0.15);
/// A turn is done when the heading is this close.
const AIM: Radians = Radians(0.04);
/// The part of the heading's error that is turned per second while driving.
const STEERING_PER_SECOND: f64 = 2.0;

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
    visits: BTreeMap<(i32, i32), u32>,
    /// Cells that were seen from afar and never entered.
    unvisited: BTreeSet<(i32, i32)>,
    cell: Option<(i32, i32)>,
    plan: Plan,
    /// Steps since this plan was made.
    steps: u32,
}

/// What it is doing.
#[derive(Clone, Debug)]
enum Plan {
    /// Turns on the spot and listens.
    Look {
        turned: Radians,
        last: Option<Radians>,
        heard: Vec<Echo>,
    },
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

/// One distance that was heard, at the heading at which it was.
#[derive(Clone, Copy, Debug)]
struct Echo {
    heading: Radians,
    distance: Meters,
}

impl Explorer {
    /// An explorer that has been nowhere.
    #[must_use]
    pub fn new(habits: Habits) -> Self {
        Self {
            habits,
            visits: BTreeMap::new(),
            unvisited: BTreeSet::new(),
            cell: None,
            plan: Plan::look(),
            steps: 0,
        }
    }

    /// Hears a distance at this pose; no echo is unknown, and unknown ways are not chosen.
    pub fn hear(&mut self, pose: Pose, range: &Range) {
        let clearance = self.habits.clearance;
        match &mut self.plan {
            Plan::Look { heard, .. } => {
                let echo = |distance| Echo {
                    heading: pose.heading,
                    distance,
                };
                heard.extend(range.distance.map(echo));
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
        self.remember(pose);
        self.steps += 1;
        if self.steps > self.plan.patience() {
            let next = self.plan.given_up();
            self.begin(next);
        }
        let blocked = ahead.is_some_and(|ahead| ahead + self.habits.mounted <= self.habits.margin);
        match &mut self.plan {
            Plan::Look { turned, last, .. } => {
                let since = last.map_or(0.0, |last| (pose.heading - last).wrapped().0);
                *turned += Radians(since.max(0.0));
                *last = Some(pose.heading);
                if turned.0 >= TAU {
                    self.choose(pose);
                }
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
                let yaw = RadiansPerSecond(error.0 * 2.0 * STEERING_PER_SECOND).within(fastest);
                Twist::new(MetersPerSecond::ZERO, yaw)
            }
            Plan::Drive {
                heading, from, way, ..
            } => {
                if blocked || distance(*from, pose) >= *way {
                    self.begin(Plan::look());
                    return Twist::ZERO;
                }
                let error = (*heading - pose.heading).wrapped();
                let yaw = RadiansPerSecond(error.0 * STEERING_PER_SECOND).within(self.habits.look);
                Twist::new(self.habits.cruise, yaw)
            }
            Plan::Back { from } => {
                if distance(*from, pose) >= CELL / 4.0 {
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

    /// Counts the cell it is in, once per entry.
    fn remember(&mut self, pose: Pose) {
        let cell = cell_of(pose.x, pose.y);
        if self.cell != Some(cell) {
            self.cell = Some(cell);
            *self.visits.entry(cell).or_default() += 1;
            self.unvisited.remove(&cell);
        }
    }

    /// Chooses among all that was heard; the freest heading if no way is wide enough.
    fn choose(&mut self, pose: Pose) {
        self.steps = 0;
        let plan = std::mem::replace(&mut self.plan, Plan::look());
        let Plan::Look { heard, .. } = plan else {
            return;
        };
        let free = self.free_rays(&heard);
        self.see(pose, &free);
        let ways = free
            .iter()
            .map(|ray| (ray.heading, self.free_way(ray.heading, &free)));
        let usable = ways.filter(|(_, way)| *way >= STEP);
        let weighed = usable.map(|(heading, way)| (self.worth(pose, heading, way), heading, way));
        let best = weighed.max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, heading, way)) = best {
            self.begin(Plan::Face { heading, way });
        }
    }

    /// What the echoes of a whole turn say together. An echo says that nothing in its whole cone is nearer; so in
    /// each direction as much is free, from the body's middle, as the best echo whose cone holds it says.
    fn free_rays(&self, heard: &[Echo]) -> Vec<Echo> {
        let free = |at: &Echo| {
            let holds = |echo: &&Echo| (echo.heading - at.heading).wrapped().abs() < HALF_BEAM;
            let best = heard.iter().filter(holds).map(|echo| echo.distance);
            let distance = best.fold(Meters::ZERO, Meters::max) + self.habits.mounted;
            Echo {
                heading: at.heading,
                distance,
            }
        };
        heard.iter().map(free).collect()
    }

    /// How far one can drive on `heading` with room to both sides and before the end.
    fn free_way(&self, heading: Radians, free: &[Echo]) -> Meters {
        let habits = &self.habits;
        let mut way = habits.longest_way;
        for ray in free {
            let aside = (ray.heading - heading).wrapped().abs();
            let beside = ray.distance * aside.0.sin();
            if aside.0 < FRAC_PI_2 && beside < habits.clearance {
                way = way.min(ray.distance * aside.0.cos() - habits.margin);
            }
        }
        way
    }

    /// Remembers which cells can be seen to be free and were never entered.
    fn see(&mut self, pose: Pose, free: &[Echo]) {
        for ray in free {
            let reach = (ray.distance - self.habits.margin) / STEP;
            for step in 1..=reach.max(0.0) as u32 {
                let cell = cell_along(pose, ray.heading, step);
                if !self.visits.contains_key(&cell) {
                    self.unvisited.insert(cell);
                }
            }
        }
    }

    /// How much a way is worth: new ground on it, and new ground near its end.
    fn worth(&self, pose: Pose, heading: Radians, way: Meters) -> f64 {
        let steps = (way / STEP).floor() as u32;
        let visits = |step| {
            self.visits
                .get(&cell_along(pose, heading, step))
                .copied()
                .unwrap_or(0)
        };
        let on_it = (1..=steps).map(|step| 1.0 / f64::from(1 + u32::pow(visits(step), 2)));
        let (x, y) = point_along(pose, heading, way);
        let near_its_end = self.unvisited.iter().map(|cell| {
            let (dx, dy) = (middle(cell.0) - x, middle(cell.1) - y);
            (-(dx.0.hypot(dy.0) / NEAR.0)).exp()
        });
        let gain = on_it.sum::<f64>() + PULL * near_its_end.sum::<f64>();
        let turn = (heading - pose.heading).wrapped().abs().0 / self.habits.look.0;
        gain / (LOOK_SECONDS + turn + way.0 / self.habits.cruise.0)
    }
}

impl Plan {
    /// Begins to look around.
    fn look() -> Self {
        Self::Look {
            turned: Radians::ZERO,
            last: None,
            heard: Vec::with_capacity(128),
        }
    }

    /// After how many steps of 10 ms a plan is given up. A turn takes 2.2 s, a way of 2.5 m less than 15 s; backing
    /// is blind. What takes longer is not seen by the wheels' encoders: one is torn off, or a wheel is held.
    const fn patience(&self) -> u32 {
        match self {
            Self::Look { .. } => 500,
            Self::Face { .. } => 300,
            Self::Drive { .. } => 1_500,
            Self::Back { .. } => 100,
            Self::Lost => 300,
        }
    }

    /// What follows a plan that was given up.
    fn given_up(&self) -> Self {
        match self {
            Self::Look { .. } | Self::Face { .. } => Self::Lost,
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

/// The cell of a point.
fn cell_of(x: Meters, y: Meters) -> (i32, i32) {
    ((x / CELL).floor() as i32, (y / CELL).floor() as i32)
}

/// The middle of a cell on one axis.
fn middle(cell: i32) -> Meters {
    CELL * (f64::from(cell) + 0.5)
}

/// The point so far away on a heading.
fn point_along(pose: Pose, heading: Radians, way: Meters) -> (Meters, Meters) {
    let (sin, cos) = heading.0.sin_cos();
    (pose.x + way * cos, pose.y + way * sin)
}

/// The cell so many steps away on a heading.
fn cell_along(pose: Pose, heading: Radians, step: u32) -> (i32, i32) {
    let (x, y) = point_along(pose, heading, STEP * f64::from(step));
    cell_of(x, y)
}

/// The way between two poses as the crow flies.
fn distance(a: Pose, b: Pose) -> Meters {
    Meters((a.x - b.x).0.hypot((a.y - b.y).0))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            matches!(explorer.plan, Plan::Look { .. }),
            "{:?}",
            explorer.plan
        );
    }

    #[test]
    fn it_prefers_ground_that_it_has_not_seen() {
        let mut explorer = Explorer::new(HABITS);
        for step in 0..8 {
            explorer.remember(Pose {
                x: Meters(f64::from(step) * 0.5),
                ..Pose::default()
            });
        }
        let pose = Pose::default();
        let ahead = explorer.worth(pose, Radians::ZERO, Meters(2.0));
        let aside = explorer.worth(pose, Radians(FRAC_PI_2), Meters(2.0));
        assert!(aside > ahead);
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
        assert!(matches!(explorer.plan, Plan::Look { .. }));
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
            matches!(near.plan, Plan::Look { .. }),
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
