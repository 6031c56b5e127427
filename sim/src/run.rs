//! What came of a simulation.

use crate::picture::Picture;
use crate::plant::{Coverage, Sample};
use crate::snapshot::Snapshot;
use sinew_board::Timestamp;
use sinew_messages::{Meters, Pose, Radians};
use sinew_mock::Complaint;
use sinew_runtime::Report;
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

/// What came of a simulation.
pub struct Run {
    pub(crate) robot: String,
    pub(crate) seed: u64,
    pub(crate) end: Snapshot,
    pub(crate) report: Report,
    pub(crate) ended: Option<String>,
    pub(crate) stopped_by: BTreeSet<String>,
    pub(crate) vacuous: Vec<String>,
    pub(crate) complaints: Vec<Complaint>,
    pub(crate) lights: Vec<(String, Vec<(Timestamp, bool)>)>,
    pub(crate) samples: Vec<Sample>,
    pub(crate) coverage: Coverage,
    pub(crate) marks: Vec<(Timestamp, String)>,
    pub(crate) sonar: Option<(Pose, Radians)>,
    pub(crate) is_real_time: bool,
}

impl Run {
    /// How long the robot ran, on its own clock.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.end.at.since(Timestamp::ZERO)
    }

    /// Driven by the body's middle, forward and backward both counted.
    #[must_use]
    pub fn distance(&self) -> Meters {
        self.end.distance
    }

    /// The part of the free half-meter cells (those whose middle the hull can reach) that the body's middle
    /// visited, 0 to 1.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.end.coverage
    }

    /// The smallest gap between the hull and a thing; infinite for a body that does not move.
    #[must_use]
    pub fn closest_approach(&self) -> Meters {
        self.end.closest_approach
    }

    /// How often the hull touched a thing anew.
    #[must_use]
    pub fn collisions(&self) -> u64 {
        self.end.collisions
    }

    /// Over everything that travelled an edge, and when: the same seed gives the same. Zero for a run beside real
    /// devices.
    #[must_use]
    pub fn trace_hash(&self) -> u64 {
        self.report.trace_hash
    }

    /// Why the robot ended by itself, if it did: every actor ended, or one exceeded its restart limit.
    #[must_use]
    pub fn ended(&self) -> Option<&str> {
        self.ended.as_deref()
    }

    /// What the system counted.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Messages that actors handled.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.report.messages
    }

    /// Actors that failed or panicked.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.report.failures
    }

    /// Faults that were injected.
    #[must_use]
    pub fn faults_injected(&self) -> u64 {
        self.end.faults_injected
    }

    /// What decided everything that was left open.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Whether the robot once came to rest for a reason of this node: since it set out the node was told of a
    /// silence, or the board made one of the node's outputs safe (its lease ended, a disarm, an e-stop).
    #[must_use]
    pub fn stopped_by(&self, node: &str) -> bool {
        self.stopped_by.contains(node)
    }

    /// The properties that held because nothing put them to the test.
    #[must_use]
    pub fn vacuous(&self) -> &[String] {
        &self.vacuous
    }

    /// What the simulated chips and their board objected to: accesses that a real chip would answer with nonsense.
    #[must_use]
    pub fn complaints(&self) -> &[Complaint] {
        &self.complaints
    }

    /// When a light changed, and to what: the newest changes, as many as its twin remembers. Empty for a name that
    /// is no light's.
    #[must_use]
    pub fn light(&self, name: &str) -> &[(Timestamp, bool)] {
        let light = self.lights.iter().find(|(light, _)| light == name);
        light.map_or(&[], |(_, changes)| changes)
    }

    /// The body and the world at the end.
    #[must_use]
    pub fn end(&self) -> &Snapshot {
        &self.end
    }

    /// Room, path and robot as one animated SVG: a file without scripts, fonts or links, the same bytes for the
    /// same run. Where animation is not shown it is the end of the run.
    #[must_use]
    pub fn picture(&self) -> String {
        Picture {
            world: &self.end.world,
            hull: self.end.hull,
            sonar: self.sonar,
            samples: &self.samples,
            coverage: &self.coverage,
            marks: self.marks.clone(),
            caption: [self.figures(), self.origin()],
        }
        .svg()
    }

    fn figures(&self) -> String {
        let collisions = match self.collisions() {
            0 => "no collision".to_owned(),
            1 => "1 collision".to_owned(),
            several => format!("{several} collisions"),
        };
        format!(
            "{:.0} s · {:.1} m driven · {:.0} % of the floor visited · {collisions}",
            self.duration().as_secs_f64(),
            self.distance().0,
            self.coverage() * 100.0,
        )
    }

    fn origin(&self) -> String {
        let hardware = if self.is_real_time {
            "partly simulated"
        } else {
            "all of it simulated"
        };
        let closest = self.closest_approach();
        // What does not move comes near nothing.
        let nearest = if closest.0.is_finite() {
            format!(" · nearest to a thing {closest:.2}")
        } else {
            String::new()
        };
        format!(
            "{}, {hardware}{nearest} · seed {} · trace {:016x}",
            self.robot,
            self.seed,
            self.trace_hash(),
        )
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("robot", &self.robot)
            .field("seed", &self.seed)
            .field("duration", &self.duration())
            .field("distance", &self.distance())
            .field("coverage", &self.coverage())
            .field("closest_approach", &self.closest_approach())
            .field("collisions", &self.collisions())
            .field("ended", &self.ended())
            .field("stopped_by", &self.stopped_by)
            .field("vacuous", &self.vacuous)
            .field("complaints", &self.complaints)
            .finish_non_exhaustive()
    }
}
