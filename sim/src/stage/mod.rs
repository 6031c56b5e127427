//! A simulation that goes on step by step.

mod error;
mod lease_watch;
mod self_arming;
mod stops;

pub use error::StageError;

use crate::body::Body;
use crate::fault::{Fault, Script, Target};
use crate::property::{Breach, Property};
use crate::rig::Rig;
use crate::run::Run;
use crate::snapshot::Snapshot;
use crate::surroundings::Surroundings;
use crate::world::{Point, World};
use lease_watch::LeaseWatch;
use self_arming::SelfArming;
use sinew_board::{Board, Resource, Timestamp};
use sinew_messages::{Meters, MetersPerSecond};
use sinew_mock::Mock;
use sinew_runtime::{Graph, Progress, Report, System, SystemHandle, Time, WiringError};
use sinew_safety::{Arming, Refusal};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use stops::Stops;

/// A stage looks after its properties this often: a broken one ends the run within this time.
const SLICE: Duration = Duration::from_millis(100);

/// A robot on a simulated board in a world, run as far as one asks.
pub struct Stage {
    system: System,
    rig: Rc<RefCell<Rig>>,
    mock: Mock,
    /// Ends leases while a driver blocks.
    _watch: LeaseWatch,
    board: Board,
    arming: Arming,
    seed: u64,
    name: String,
    is_real_time: bool,
    nodes: Vec<String>,
    parts: Vec<String>,
    buttons: Vec<String>,
    stops: Stops,
    ended: Option<String>,
    self_arming: SelfArming,
    now: Time,
}

impl Stage {
    /// Wires a robot and puts its body at the start of a world, armed, or armed as soon as it hears what it needs and no actor
    /// objects. `mix` may put something real on the simulated board ([`Board::with_port`], [`Board::with_pin`], [`Board::with_i2c`],
    /// [`Board::with_pwm`]); it then runs on the monotonic clock, else in virtual time, as fast as the machine runs. Where an
    /// output is real, a person arms.
    ///
    /// # Errors
    ///
    /// [`StageError`] naming what keeps it from beginning.
    pub fn new<C>(
        robot: impl FnOnce(&Board, &C) -> Result<Graph, WiringError>,
        body: impl FnOnce(&C) -> Body,
        config: &C,
        world: World,
        seed: u64,
        mix: impl FnOnce(Board) -> Board,
    ) -> Result<Self, StageError> {
        let body = body(config);
        let world = world.put_down(seed);
        check_room(&world, &body)?;
        let mock = Mock::new(seed);
        let board = mix(Board::new(mock.backends()));
        let is_real_time = board.has_real_parts();
        let surroundings = Surroundings::new(world, &body, &mock, &board);
        let rig = surroundings.rig();
        let graph = robot(&board, config).map_err(StageError::Wiring)?;
        check_fits(&board, &body)?;
        let name = graph.name().to_owned();
        let nodes = graph.nodes().iter().map(|node| node.name.clone()).collect();
        let environment = Box::new(surroundings);
        let system = if is_real_time {
            System::real(graph, Some(environment))
        } else {
            System::simulated(graph, seed, environment)
        };
        let system = system.map_err(StageError::Wiring)?;
        rig.borrow_mut().begin(system.handle());
        let arming = Arming::new(&board);
        let dead = rig.borrow().guardian_dead();
        arming.check(move || {
            let why = "a fault of this simulation ended it".to_owned();
            let is_dead = dead.load(Ordering::SeqCst);
            is_dead.then_some(Refusal::GuardianLost { why })
        });
        let self_arming = SelfArming::begin(&arming, &board, system.handle())?;
        Ok(Self {
            now: system.now(),
            system,
            rig,
            _watch: LeaseWatch::over(&mock, &board),
            mock,
            board,
            arming,
            seed,
            name,
            is_real_time,
            nodes,
            parts: body.fits().into_iter().map(|fit| fit.name).collect(),
            buttons: body.buttons(),
            stops: Stops::default(),
            ended: None,
            self_arming,
        })
    }

    /// The simulated board, with the twins of the body's parts on it.
    #[must_use]
    pub fn mock(&self) -> &Mock {
        &self.mock
    }

    /// Adds a property that must hold from now on.
    pub fn always(&mut self, property: impl Property + 'static) {
        self.always_boxed(Box::new(property));
    }

    pub(crate) fn always_boxed(&mut self, property: Box<dyn Property>) {
        self.rig.borrow_mut().watch_for(property);
    }

    /// Plans a fault; one whose moment is past happens at once.
    ///
    /// # Errors
    ///
    /// [`StageError::Unknown`] if there is no such part or node.
    pub fn fault(&mut self, fault: Fault) -> Result<(), StageError> {
        for target in fault.kind.targets() {
            let (name, kind, known) = match target {
                Target::Part(part) => (part, "part", &self.parts),
                Target::Node(node) => (node, "node", &self.nodes),
                Target::Nothing => continue,
            };
            check_known(
                &format!("the fault {:?} of", fault.kind.to_string()),
                name,
                kind,
                known,
            )?;
        }
        self.rig.borrow_mut().plan_fault(fault);
        Ok(())
    }

    /// Plans all faults of a script.
    ///
    /// # Errors
    ///
    /// [`StageError::Unknown`] if one names no part or node that there is.
    pub fn script(&mut self, script: &Script) -> Result<(), StageError> {
        let faults = script.faults.iter().cloned();
        faults.into_iter().try_for_each(|fault| self.fault(fault))
    }

    /// When faults struck so far, and how fast the body was.
    #[must_use]
    pub fn strikes(&self) -> Vec<(Timestamp, MetersPerSecond)> {
        self.rig.borrow().strikes().to_vec()
    }

    /// Plans that a button is pressed, and held for a time.
    ///
    /// # Errors
    ///
    /// [`StageError::Unknown`] if there is no such button.
    pub fn press(
        &mut self,
        button: &str,
        after: Duration,
        held: Duration,
    ) -> Result<(), StageError> {
        check_known("a press of", button, "button", &self.buttons)?;
        let at = Timestamp::ZERO + after;
        self.rig.borrow_mut().plan_press(button, at, held);
        Ok(())
    }

    /// Runs until a moment, or until a property is broken. When the system ends by itself the world goes on without
    /// it: wheels run out, leases end, properties watch.
    pub fn run_until(&mut self, until: Time) -> Progress {
        while self.now() < until && self.breach().is_none() {
            // At the same moments however far each caller runs it.
            let look = next_look(self.now());
            let slice = until.min(look);
            match &self.ended {
                None => self.run_system(slice),
                Some(_) => self.run_world(slice),
            }
            if self.now() >= look {
                self.self_arming.try_again();
            }
            let rest = self.rig.borrow().rest();
            if self.stops.is_news(rest.departures, rest.rests) {
                let silences = stops::silences(&self.system.report());
                let safe = stops::made_safe(&self.board);
                self.stops.note(rest.departures, rest.rests, silences, safe);
            }
        }
        match &self.ended {
            Some(why) => Progress::Ended(why.clone()),
            None => Progress::Reached,
        }
    }

    fn run_system(&mut self, until: Time) {
        if let Progress::Ended(why) = self.system.run_until(until) {
            self.ended = Some(why);
        }
        self.now = self.system.now();
    }

    fn run_world(&mut self, until: Time) {
        let to = Timestamp::from_nanos(until.nanos());
        self.rig.borrow_mut().advance(to);
        self.now = until;
    }

    /// The body and the world now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let now = Timestamp::from_nanos(self.now.nanos());
        self.rig.borrow().snapshot(now)
    }

    /// The property that was broken first, if any was.
    #[must_use]
    pub fn breach(&self) -> Option<Breach> {
        self.rig.borrow().breach().cloned()
    }

    /// Now, on the system's clock.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// The robot's board.
    #[must_use]
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// Arms and disarms the robot.
    #[must_use]
    pub fn arming(&self) -> &Arming {
        &self.arming
    }

    /// Disarms it, and does not arm it by itself any more.
    pub fn disarm(&mut self) {
        self.self_arming.give_up();
        self.arming.disarm();
    }

    /// What the robot waits for to arm itself; nothing where it was armed, where somebody disarmed it, and where only a person
    /// arms.
    #[must_use]
    pub fn waits_for(&self) -> &[Refusal] {
        self.self_arming.waits_for()
    }

    /// A handle to the running system.
    #[must_use]
    pub fn handle(&self) -> SystemHandle {
        self.system.handle()
    }

    /// What the system did so far.
    #[must_use]
    pub fn report(&self) -> Report {
        self.system.report()
    }

    /// Whether it runs on the monotonic clock, beside real devices.
    #[must_use]
    pub fn is_real_time(&self) -> bool {
        self.is_real_time
    }

    /// Stops the robot in order and sums up.
    #[must_use]
    pub fn finish(mut self) -> Run {
        let snapshot = self.snapshot();
        let report = self.system.shut_down();
        let rig = self.rig.borrow();
        Run {
            robot: self.name,
            seed: self.seed,
            end: snapshot,
            report,
            ended: self.ended,
            stopped_by: self.stops.by().clone(),
            vacuous: rig.vacuous(),
            complaints: self.mock.complaints(),
            lights: rig.lights(),
            samples: rig.samples().to_vec(),
            coverage: rig.coverage().clone(),
            marks: rig.marks().to_vec(),
            sonar: rig.sonar(),
            is_real_time: self.is_real_time,
        }
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage")
            .field("robot", &self.name)
            .field("seed", &self.seed)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

fn check_room(world: &World, body: &Body) -> Result<(), StageError> {
    let start = Point {
        x: world.start().x,
        y: world.start().y,
    };
    let radius = body.hull().radius;
    let gap = world.clearance(start, radius);
    if gap >= Meters::ZERO || body.frame().is_none() {
        return Ok(());
    }
    Err(StageError::NoRoom {
        world: world.name().to_owned(),
        radius,
        depth: -gap,
    })
}

/// Everything simulated that was claimed must have a part at its other end.
fn check_fits(board: &Board, body: &Body) -> Result<(), StageError> {
    let fitted: Vec<Resource> = body
        .fits()
        .into_iter()
        .flat_map(|fit| fit.resources)
        .collect();
    let lonely = board
        .claims()
        .into_iter()
        .find(|claim| claim.simulated && !fitted.contains(&claim.what));
    match lonely {
        Some(claim) => Err(StageError::NotFitted(Box::new(claim))),
        None => Ok(()),
    }
}

fn check_known(
    what: &str,
    name: &str,
    kind: &'static str,
    known: &[String],
) -> Result<(), StageError> {
    if known.iter().any(|known| known == name) {
        return Ok(());
    }
    let known = if known.is_empty() {
        "none".to_owned()
    } else {
        known.join(", ")
    };
    Err(StageError::Unknown {
        what: what.to_owned(),
        name: name.to_owned(),
        kind,
        known,
    })
}

/// When the stage looks after its robot next.
fn next_look(now: Time) -> Time {
    let slice = SLICE.as_nanos() as u64;
    Time::from_nanos((now.nanos() / slice + 1) * slice)
}
