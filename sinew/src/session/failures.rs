//! Tells failures of nodes while a run lasts.

use sinew_runtime::{Status, SystemHandle, Time};

/// So many are told; a robot that fails more often says how often in its summary.
const MOST_TOLD: usize = 20;

/// What was told already.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// When the run began, on the system's clock: a board's counts from the machine's start.
    start: Time,
    seen: Vec<u64>,
    told: usize,
}

impl Failures {
    /// For a run that began at this moment.
    pub(super) fn since(start: Time) -> Self {
        Self {
            start,
            ..Self::default()
        }
    }

    /// A line for each node that has failed since the last call.
    pub(super) fn news(&mut self, handle: &SystemHandle) -> Vec<String> {
        self.compare(&handle.status())
    }

    fn compare(&mut self, status: &Status) -> Vec<String> {
        self.seen.resize(status.nodes.len(), 0);
        let seconds = status.now.since(self.start).as_secs_f64();
        let mut lines = Vec::new();
        for (node, seen) in status.nodes.iter().zip(&mut self.seen) {
            if node.failures <= *seen {
                continue;
            }
            *seen = node.failures;
            self.told += 1;
            let why = node
                .last_failure
                .as_deref()
                .unwrap_or("for an unknown reason");
            if self.told < MOST_TOLD {
                lines.push(format!(
                    "{seconds:.1} s: node {:?} failed: {why} ({} so far)",
                    node.name, node.failures
                ));
            } else if self.told == MOST_TOLD {
                lines.push("further failures are only counted".to_owned());
            }
        }
        lines
    }
}
