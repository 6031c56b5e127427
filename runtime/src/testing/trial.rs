//! A system under test: what fails in it fails its test.

use super::{Failures, NodeFailure, seed_of_environment};
use crate::environment::Environment;
use crate::{Graph, Progress, Report, System, Time};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

/// A system under test. An actor that fails or panics fails the test, unless the test [said](Self::may_fail) that it may:
/// at the next expectation of a [`Probe`](super::Probe), at the end of [`run_for`](Self::run_for), at the latest when
/// the trial is finished or dropped.
///
/// It is a [`System`] in all else. A system alone fails no test: on a robot a failure is restarted and counted, and the
/// robot goes on.
pub struct Trial {
    system: System,
    failures: Arc<Failures>,
}

/// Nothing surrounds the system.
struct Nothing;

impl Environment for Nothing {
    fn next_event(&mut self) -> Option<Time> {
        None
    }

    fn advance(&mut self, _: Time) {}
}

impl Trial {
    /// A trial of this graph in virtual time, with seed 1 and nothing around it. `SINEW_SEED` in the environment
    /// overrides the seed.
    ///
    /// # Panics
    ///
    /// With all that is wrong with the graph.
    #[must_use]
    #[track_caller]
    pub fn of(graph: Graph) -> Self {
        Self::seeded(graph, seed_of_environment().unwrap_or(1))
    }

    /// A trial of this graph in virtual time, with this seed and nothing around it.
    ///
    /// # Panics
    ///
    /// With all that is wrong with the graph.
    #[must_use]
    #[track_caller]
    pub fn seeded(graph: Graph, seed: u64) -> Self {
        match System::simulated(graph, seed, Box::new(Nothing)) {
            Ok(system) => Self::over(system),
            Err(error) => panic!("{error}"),
        }
    }

    /// A trial of this system: one with surroundings, or on a real clock.
    #[must_use]
    pub fn over(system: System) -> Self {
        let failures = system.observe_failures();
        Self { system, failures }
    }

    /// From here on the test means to see this actor fail, or the children below it.
    #[must_use]
    pub fn may_fail(self, node: &str) -> Self {
        self.failures.may_come_from(node);
        self
    }

    /// All that failed so far, the first ones first, whether the test meant it or not.
    #[must_use]
    pub fn failures(&self) -> Vec<NodeFailure> {
        self.failures.all()
    }

    /// Runs for so long, or until the system ends by itself.
    ///
    /// # Panics
    ///
    /// If an actor failed that may not.
    #[track_caller]
    pub fn run_for(&mut self, time: Duration) -> Progress {
        let progress = self.system.run_until(self.system.now() + time);
        self.check();
        progress
    }

    /// Ends all actors in order.
    ///
    /// # Panics
    ///
    /// If an actor failed that may not, now or before.
    #[track_caller]
    pub fn finish(mut self) -> Report {
        let report = self.system.shut_down();
        self.check();
        report
    }

    /// Fails the test if an actor failed that may not; once for each failure.
    #[track_caller]
    pub(super) fn check(&self) {
        if let Some(trouble) = self.take_trouble()
            && !std::thread::panicking()
        {
            panic!("{trouble}");
        }
    }

    /// What failed against the will of the test since the last look, in words.
    pub(super) fn take_trouble(&self) -> Option<String> {
        let unmeant = self.failures.take_unmeant();
        (!unmeant.is_empty()).then(|| self.complaint(&unmeant))
    }

    fn complaint(&self, unmeant: &[NodeFailure]) -> String {
        let lines = unmeant.iter().take(SHOWN);
        let lines: Vec<_> = lines.map(NodeFailure::to_string).collect();
        let more = match unmeant.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!("\n  and {more} more"),
        };
        format!(
            "{}{more}\n  with seed {}; a test that means to see this says `.may_fail({:?})`",
            lines.join("\n  "),
            self.system.seed(),
            unmeant[0].node,
        )
    }
}

/// How many failures a complaint shows: the first is the cause more often than not.
const SHOWN: usize = 8;

impl Deref for Trial {
    type Target = System;

    fn deref(&self) -> &System {
        &self.system
    }
}

impl DerefMut for Trial {
    fn deref_mut(&mut self) -> &mut System {
        &mut self.system
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        self.check();
    }
}

impl fmt::Debug for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trial")
            .field("system", &self.system)
            .field("failures", &self.failures())
            .finish()
    }
}
