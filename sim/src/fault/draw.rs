//! Faults drawn from a seed, out of what a robot has.

use super::{Fault, FaultKind, Script};
use crate::body::{Body, Kind};
use sinew_board::Board;
use sinew_messages::{MetersPerSecond, Timestamp};
use sinew_mock::Mock;
use sinew_runtime::{Graph, Random, WiringError};
use std::time::Duration;

/// So late comes what is published: later than silence is borne and a lease lasts, in all robots of ours.
const LATE_MS: u64 = 600;

/// What can go wrong with a robot: its parts and its nodes.
#[derive(Clone, Debug, Default)]
pub struct Menu {
    kinds: Vec<FaultKind>,
}

impl Menu {
    /// All that can go wrong with the parts of this body and the nodes and edges of this graph.
    #[must_use]
    pub fn of(body: &Body, graph: &Graph) -> Self {
        let mut menu = Self::default();
        for part in body.parts() {
            menu.part(&part.name, &part.kind);
        }
        for node in graph.nodes() {
            menu.node(&node.name);
        }
        for edge in graph.edges() {
            menu.add(FaultKind::LateEdge {
                from: edge.from.clone(),
                to: edge.to.clone(),
                by_ms: LATE_MS,
            });
            menu.add(FaultKind::LostEdge {
                from: edge.from,
                to: edge.to,
                often: 1_000,
            });
        }
        menu.add(FaultKind::BrownOut { part: None });
        menu.add(FaultKind::GuardianDead);
        menu
    }

    /// All that can go wrong with a robot, wired on a simulated board for this alone.
    ///
    /// # Errors
    ///
    /// If it cannot be wired.
    pub fn of_robot<C>(
        robot: impl FnOnce(&Board, &C) -> Result<Graph, WiringError>,
        body: impl FnOnce(&C) -> Body,
        config: &C,
    ) -> Result<Self, WiringError> {
        let board = Board::new(Mock::new(0).backends());
        let graph = robot(&board, config)?;
        Ok(Self::of(&body(config), &graph))
    }

    /// Without what `keeps` refuses.
    #[must_use]
    pub fn only(mut self, keeps: impl Fn(&FaultKind) -> bool) -> Self {
        self.kinds.retain(keeps);
        self
    }

    /// All of it.
    #[must_use]
    pub fn kinds(&self) -> &[FaultKind] {
        &self.kinds
    }

    /// A script of one to three faults between `from` and `to`, each of which strikes once the body is as fast as `speed` and is
    /// mended after half a second to four seconds. The same seed gives the same.
    #[must_use]
    pub fn draw(
        &self,
        seed: u64,
        (from, to): (Duration, Duration),
        speed: MetersPerSecond,
    ) -> Script {
        let mut random = Random::named(seed, "faults");
        let count = 1 + random.below(3);
        let mut faults = Vec::with_capacity(count);
        for _ in 0..count {
            let Some(kind) = self.kinds.get(random.below(self.kinds.len())) else {
                break;
            };
            let span = to.saturating_sub(from).as_secs_f64();
            let at = Timestamp::ZERO + from + millis(span * random.ratio());
            faults.push(Fault {
                at,
                when_faster: Some(speed),
                lasts: Some(millis(0.5 + 3.5 * random.ratio())),
                kind: kind.clone(),
            });
        }
        Script { faults }
    }

    fn add(&mut self, kind: FaultKind) {
        self.kinds.push(kind);
    }

    fn node(&mut self, name: &str) {
        let node = || name.to_owned();
        self.add(FaultKind::Panic { node: node() });
        self.add(FaultKind::Hang { node: node() });
        self.add(FaultKind::Slow {
            node: node(),
            each_ms: 20,
        });
    }

    fn part(&mut self, name: &str, kind: &Kind) {
        let part = || name.to_owned();
        self.add(FaultKind::Unplug { part: part() });
        // A bridge or controller that heeds nothing any more keeps turning whatever is written to it: only its supply can be cut.
        if !matches!(
            kind,
            Kind::Wheel(..) | Kind::Roboclaw { .. } | Kind::Pca9685 { .. }
        ) {
            self.add(FaultKind::Freeze { part: part() });
        }
        self.add(FaultKind::BrownOut { part: Some(part()) });
        match kind {
            Kind::Wheel(..) => {
                self.add(FaultKind::Stalled { part: part() });
                self.add(FaultKind::Dead { part: part() });
                self.add(FaultKind::Reversed { part: part() });
            }
            Kind::Encoder(..) => {
                self.add(FaultKind::Reversed { part: part() });
                self.add(FaultKind::Slip {
                    part: part(),
                    share: 0.4,
                });
            }
            Kind::Bumper(..) | Kind::Button(_) => self.add(FaultKind::Bouncing { part: part() }),
            Kind::Sonar(..) => self.lies(name, 0.05, 1.0, 3.9),
            Kind::Imu { bus, .. } => {
                self.chip(name, *bus);
                self.lies(name, 0.1, 5.0, 40.0);
                self.add(FaultKind::Reversed { part: part() });
            }
            Kind::Battery { bus, .. } => {
                self.chip(name, *bus);
                self.lies(name, -0.05, 3.0, 25.0);
            }
            Kind::Roboclaw { .. } => self.bad_line(name),
            // It is read once while it is driven, and then by one byte: no read of it falls short.
            Kind::Pca9685 { .. } => self.add(FaultKind::Nak { part: part() }),
            Kind::Gnss { .. } => {
                self.bad_line(name);
                self.lies(name, 0.5, 30.0, 300.0);
            }
            Kind::Led(_) | Kind::Own(..) => {}
        }
    }

    fn bad_line(&mut self, name: &str) {
        self.add(FaultKind::BadLine {
            part: name.to_owned(),
            lost: 20,
            damaged: 20,
        });
    }

    fn chip(&mut self, name: &str, bus: u8) {
        let part = || name.to_owned();
        self.add(FaultKind::Nak { part: part() });
        self.add(FaultKind::ShortRead { part: part() });
        if !self.kinds.contains(&FaultKind::StuckBus { bus }) {
            self.add(FaultKind::StuckBus { bus });
        }
    }

    fn lies(&mut self, name: &str, per_second: f64, by: f64, reads: f64) {
        let part = || name.to_owned();
        self.add(FaultKind::Drift {
            part: part(),
            per_second,
        });
        self.add(FaultKind::Spike {
            part: part(),
            by,
            often: 50,
        });
        self.add(FaultKind::OutOfRange {
            part: part(),
            reads,
        });
    }
}

/// Whole milliseconds: a script in a file says the same.
fn millis(seconds: f64) -> Duration {
    Duration::from_millis((seconds * 1e3).round() as u64)
}
