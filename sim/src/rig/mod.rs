//! A body on a simulated board in a world.

mod fitted;
mod ills;
mod rest;
mod step;
mod strike;
mod truth;
mod watch;

pub(crate) use rest::Rest;

use crate::body::{Body, Kind};
use crate::fault::{Fault, FaultKind};
use crate::plant::{Battery, BatteryModel, Chassis, Coverage, Journey, Lean, Sample, place};
use crate::property::{Breach, Property};
use crate::snapshot::{Seen, Snapshot};
use crate::world::World;
use fitted::Fitted;
use ills::Lies;
use sinew_board::{Board, Duty, Timestamp};
use sinew_messages::{Meters, MetersPerSecond, Pose, Radians, RadiansPerSecond, Twist, Vector3};
use sinew_mock::Mock;
use sinew_runtime::SystemHandle;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use truth::{Echo, Now, Truth, looking_from};
use watch::Watch;

/// The world moves in steps of this length: 2.5 mm at 0.5 m/s, a twentieth of a motor's time constant.
const STEP: Duration = Duration::from_millis(5);
/// At most this many happenings are kept for the picture; all are counted.
const MOST_MARKS: usize = 32;

/// Something that is to happen to the body.
#[derive(Clone, Debug)]
enum Event {
    Fault(Fault),
    Mend(FaultKind),
    /// A button goes down or up.
    Press(String, bool),
}

/// A body on a simulated board in a world: everything that surrounds a robot's graph.
pub(crate) struct Rig {
    world: Arc<World>,
    hull: Meters,
    sonar: Option<(Pose, Radians)>,
    mock: Mock,
    board: Board,
    fitted: Fitted,
    truth: Truth,
    /// Absent for a body without two wheels.
    chassis: Option<Chassis>,
    /// Of a body that stands on its axle.
    lean: Option<Lean>,
    battery: Battery,
    coverage: Coverage,
    journey: Journey,
    rest: Rest,
    watch: Watch,
    drives: Vec<(Duty, RadiansPerSecond)>,
    next_step: Timestamp,
    /// Leases that end by now were ended; one that still stands is the board's fault, for a property to see.
    enforced: Timestamp,
    /// Soonest last.
    events: Vec<(Timestamp, Event)>,
    /// Faults whose moment has come, and that wait for the body to be fast enough.
    lurking: Vec<Fault>,
    lies: Lies,
    guardian_dead: Arc<AtomicBool>,
    marks: Vec<(Timestamp, String)>,
    /// When faults struck, and how fast the body was.
    strikes: Vec<(Timestamp, MetersPerSecond)>,
    injected: u64,
    system: Option<SystemHandle>,
}

impl Rig {
    pub(crate) fn new(world: World, body: &Body, mock: &Mock, board: &Board) -> Self {
        let world = Arc::new(world);
        let hull = body.hull().radius;
        let battery = Battery::new(battery_model(body));
        let sonars = body
            .parts()
            .iter()
            .filter(|part| matches!(part.kind, Kind::Sonar(..)))
            .count();
        let now = Now {
            pose: world.start(),
            twist: Twist::ZERO,
            acceleration: Vector3 {
                x: 0.0,
                y: 0.0,
                z: crate::plant::GRAVITY,
            },
            turns: Vector3::default(),
            voltage: battery.voltage(),
            current: battery.current(),
            echoes: vec![Echo::default(); sonars],
        };
        let truth = Truth::new(Arc::clone(&world), now);
        let lies = Lies::default();
        let mut rig = Self {
            hull,
            sonar: body.first_sonar(),
            fitted: Fitted::new(body, mock, (&truth, &lies), board),
            truth,
            chassis: body.frame().map(|frame| Chassis::new(frame, &world)),
            lean: body.pendulum().map(Lean::new),
            battery,
            coverage: Coverage::new(&world, hull),
            journey: Journey::default(),
            rest: Rest::default(),
            watch: Watch::default(),
            drives: Vec::new(),
            next_step: Timestamp::ZERO + STEP,
            enforced: Timestamp::ZERO,
            events: Vec::new(),
            lurking: Vec::new(),
            lies,
            guardian_dead: Arc::default(),
            marks: Vec::new(),
            strikes: Vec::new(),
            injected: 0,
            system: None,
            mock: mock.clone(),
            board: board.clone(),
            world,
        };
        rig.record(Timestamp::ZERO);
        rig
    }

    /// The graph has claimed its parts and runs as this system.
    pub(crate) fn begin(&mut self, system: SystemHandle) {
        self.watch.prepare(&self.fitted, &self.board);
        self.system = Some(system);
    }

    pub(crate) fn watch_for(&mut self, property: Box<dyn Property>) {
        self.watch.add(property);
    }

    pub(crate) fn plan_fault(&mut self, fault: Fault) {
        self.plan(fault.at, Event::Fault(fault));
    }

    /// Plans that a button goes down, and up again.
    pub(crate) fn plan_press(&mut self, button: &str, at: Timestamp, held: Duration) {
        self.plan(at, Event::Press(button.to_owned(), true));
        self.plan(at + held, Event::Press(button.to_owned(), false));
    }

    fn plan(&mut self, at: Timestamp, event: Event) {
        // Behind everything that is later; of one moment, what was planned first happens first.
        let place = self.events.partition_point(|(planned, _)| *planned > at);
        self.events.insert(place, (at, event));
    }

    /// When something happens by itself next.
    pub(crate) fn next_event(&self) -> Timestamp {
        let mut next = self.next_step;
        next = next.min(self.mock.next_event().unwrap_or(Timestamp::NEVER));
        let deadline = self.board.next_deadline();
        let deadline = deadline.filter(|deadline| *deadline > self.enforced);
        next = next.min(deadline.unwrap_or(Timestamp::NEVER));
        next.min(self.events.last().map_or(Timestamp::NEVER, |(at, _)| *at))
    }

    /// How far the board is: later than the system if a driver blocked there.
    pub(crate) fn board_now(&self) -> Timestamp {
        self.mock.now()
    }

    /// Carries out everything due by `to`, in the order of time. Of one moment: first the chips, then leases, then
    /// the body, then what a test does to it.
    pub(crate) fn advance(&mut self, to: Timestamp) {
        loop {
            let next = self.next_event();
            if next > to {
                break;
            }
            self.mock.advance(next);
            self.board.enforce(next);
            self.enforced = self.enforced.max(next);
            if self.next_step <= next {
                self.step(self.next_step);
                self.next_step = self.next_step + STEP;
            }
            while let Some((_, event)) = self.events.pop_if(|(at, _)| *at <= next) {
                self.happen(event, next);
            }
        }
        self.mock.advance(to);
    }

    fn happen(&mut self, event: Event, at: Timestamp) {
        match event {
            Event::Press(button, pressed) => {
                let named = |switch: &&sinew_mock::SwitchTwin| switch.name() == button;
                if let Some(switch) = self.fitted.buttons.iter().find(named) {
                    switch.set(pressed, at);
                }
            }
            Event::Fault(fault) => self.fault(fault, at),
            Event::Mend(kind) => self.mend(&kind),
        }
    }

    pub(crate) fn snapshot(&self, at: Timestamp) -> Snapshot {
        let now = self.truth.now();
        let chassis = self.chassis.as_ref();
        let sonars = self.fitted.sonars.iter().zip(&now.echoes);
        Snapshot {
            at,
            world: Arc::clone(&self.world),
            hull: self.hull,
            pose: now.pose,
            twist: now.twist,
            path: self
                .journey
                .samples()
                .iter()
                .map(|sample| place(sample.pose))
                .collect(),
            seen: sonars
                .map(|(sonar, echo)| Seen {
                    sonar: sonar.name.clone(),
                    from: looking_from(now.pose, sonar.mounted),
                    distance: echo.distance,
                })
                .collect(),
            is_armed: self.board.safety().is_armed(),
            is_touching: chassis.is_some_and(Chassis::touches),
            distance: chassis.map_or(Meters::ZERO, Chassis::distance),
            coverage: self.coverage.ratio(),
            closest_approach: chassis.map_or(Meters(f64::INFINITY), Chassis::closest),
            collisions: collisions(chassis),
            faults_injected: self.injected,
        }
    }

    pub(crate) fn breach(&self) -> Option<&Breach> {
        self.watch.breach()
    }

    pub(crate) fn vacuous(&self) -> Vec<String> {
        self.watch.vacuous()
    }

    pub(crate) fn rest(&self) -> Rest {
        self.rest
    }

    pub(crate) fn samples(&self) -> &[Sample] {
        self.journey.samples()
    }

    pub(crate) fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    pub(crate) fn marks(&self) -> &[(Timestamp, String)] {
        &self.marks
    }

    /// Where the first sonar sits, and half the opening of its beam.
    pub(crate) fn sonar(&self) -> Option<(Pose, Radians)> {
        self.sonar
    }

    /// When faults struck, and how fast the body was then.
    pub(crate) fn strikes(&self) -> &[(Timestamp, MetersPerSecond)] {
        &self.strikes
    }

    /// Whether a fault has taken the guardian away.
    pub(crate) fn guardian_dead(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.guardian_dead)
    }

    /// When each light changed, by its name.
    pub(crate) fn lights(&self) -> Vec<(String, Vec<(Timestamp, bool)>)> {
        let leds = self.fitted.leds.iter();
        leds.map(|led| (led.name(), led.changes())).collect()
    }
}

fn collisions(chassis: Option<&Chassis>) -> u64 {
    chassis.map_or(0, Chassis::collisions)
}

fn battery_model(body: &Body) -> BatteryModel {
    body.parts()
        .iter()
        .find_map(|part| match &part.kind {
            Kind::Battery { model, .. } => Some(*model),
            _ => None,
        })
        .unwrap_or_default()
}
