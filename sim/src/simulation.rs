//! A simulation, described and run.

use crate::body::Body;
use crate::fault::Fault;
use crate::property::{Breach, Property};
use crate::run::Run;
use crate::stage::{Stage, StageError};
use crate::world::World;
use sinew_board::Board;
use sinew_runtime::{Graph, Time, WiringError};
use std::fmt;
use std::time::Duration;

/// Runs one seed of a test that tries several: the one that a broken property named.
const SEED_VARIABLE: &str = "SINEW_SEED";

type RobotFn<C> = Box<dyn FnOnce(&Board, &C) -> Result<Graph, WiringError>>;
type BodyFn<C> = Box<dyn FnOnce(&C) -> Body>;

/// A robot, its body and a world, and what is to happen to them: for a robot's own tests.
///
/// Everything is decided by the seed. A simulation arms itself after its checks.
#[must_use = "nothing happens before `run`"]
pub struct Simulation<C> {
    robot: RobotFn<C>,
    body: BodyFn<C>,
    config: C,
    world: World,
    seed: u64,
    faults: Vec<Fault>,
    presses: Vec<(String, Duration, Duration)>,
    properties: Vec<Box<dyn Property>>,
    is_disarmed: bool,
}

impl<C: Default> Simulation<C> {
    /// A robot with its default configuration in the built-in room, seed 1.
    pub fn of(
        robot: impl FnOnce(&Board, &C) -> Result<Graph, WiringError> + 'static,
        body: impl FnOnce(&C) -> Body + 'static,
    ) -> Self {
        Self {
            robot: Box::new(robot),
            body: Box::new(body),
            config: C::default(),
            world: World::room(),
            seed: 1,
            faults: Vec::new(),
            presses: Vec::new(),
            properties: Vec::new(),
            is_disarmed: false,
        }
    }
}

impl<C> Simulation<C> {
    /// With this configuration.
    pub fn config(mut self, config: C) -> Self {
        self.config = config;
        self
    }

    /// In this world.
    pub fn world(mut self, world: World) -> Self {
        self.world = world;
        self
    }

    /// With this seed. `SINEW_SEED` in the environment overrides it, so that one seed of many can be tried again.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// With this fault.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// With this button pressed so long `after` the start, and `held`.
    pub fn press(mut self, button: &str, after: Duration, held: Duration) -> Self {
        self.presses.push((button.to_owned(), after, held));
        self
    }

    /// With a property that must hold at every step.
    pub fn always(mut self, property: impl Property + 'static) -> Self {
        self.properties.push(Box::new(property));
        self
    }

    /// Without arming: motion outputs follow no command.
    pub fn disarmed(mut self) -> Self {
        self.is_disarmed = true;
        self
    }

    /// Runs it for a time. A robot that ends by itself before leaves its body to the world: see [`Run::ended`].
    ///
    /// # Panics
    ///
    /// If it cannot begin, or if a property is broken: then with the property, the moment, what was seen, and how
    /// to see it again.
    #[must_use]
    pub fn run(self, time: Duration) -> Run {
        match self.try_run(time) {
            Ok(run) => run,
            Err(error) => panic!("{error}"),
        }
    }

    /// Runs it for a time, and hands back what went wrong instead of panicking.
    ///
    /// # Errors
    ///
    /// [`SimulationError`], as [`Simulation::run`] panics.
    pub fn try_run(self, time: Duration) -> Result<Run, SimulationError> {
        let seed = seed_of_environment().unwrap_or(self.seed);
        let (robot, body) = (self.robot, self.body);
        let mut stage = Stage::new(robot, body, &self.config, self.world, seed, |board| board)?;
        if self.is_disarmed {
            stage.disarm();
        }
        for fault in self.faults {
            stage.fault(fault)?;
        }
        for (button, after, held) in self.presses {
            stage.press(&button, after, held)?;
        }
        for property in self.properties {
            stage.always_boxed(property);
        }
        stage.run_until(Time::ZERO + time);
        match stage.breach() {
            Some(breach) => Err(SimulationError::Broken(Broken { seed, breach })),
            None => Ok(stage.finish()),
        }
    }
}

impl<C: fmt::Debug> fmt::Debug for Simulation<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation")
            .field("config", &self.config)
            .field("world", &self.world.name())
            .field("seed", &self.seed)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

/// Why a simulation gave no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulationError {
    /// It could not begin.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// A property was broken.
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// A broken property, and how to see it again.
#[derive(Debug)]
pub struct Broken {
    /// What decided everything.
    pub seed: u64,
    /// What happened.
    pub breach: Breach,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let breach = &self.breach;
        let nanos = breach.at.nanos();
        write!(
            f,
            "broken at {}.{:09} s with seed {}: {}\n  {}\n  again: {}",
            nanos / 1_000_000_000,
            nanos % 1_000_000_000,
            self.seed,
            breach.property,
            breach.seen,
            again(self.seed),
        )
    }
}

impl std::error::Error for Broken {}

/// The command that runs this test with this seed: `cargo test` names the package in the environment, and the
/// thread after the test.
fn again(seed: u64) -> String {
    let package = match std::env::var("CARGO_PKG_NAME") {
        Ok(package) => format!(" -p {package}"),
        Err(_) => String::new(),
    };
    let thread = std::thread::current();
    let test = match thread.name() {
        None | Some("main") => String::new(),
        Some(test) => format!(" -- --exact {test}"),
    };
    format!("{SEED_VARIABLE}={seed} cargo test{package}{test}")
}

fn seed_of_environment() -> Option<u64> {
    std::env::var(SEED_VARIABLE).ok()?.trim().parse().ok()
}
