//! Runs a graph on this thread, on the real clock, until its actors have ended.

use std::error::Error;
use std::sync::mpsc;
use std::time::Duration;

use sinew_runtime::{Graph, Progress, System};

/// No bench takes longer; one that does hangs.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs the graph and hands back what its last actor sent through the channel.
///
/// # Errors
/// When the graph is not sound, does not end in time, or ends without a result.
pub fn to_the_end<T>(graph: Graph, results: &mpsc::Receiver<T>) -> Result<T, Box<dyn Error>> {
    let mut system = System::real(graph, None).map_err(|e| e.to_string())?;
    let limit = system.now() + LIMIT;
    let progress = system.run_until(limit);
    let result = results.try_recv();
    let report = system.shut_down();
    match (progress, result) {
        (Progress::Ended(_), Ok(result)) => Ok(result),
        (progress, _) => Err(format!("{progress:?} without a result: {report:?}").into()),
    }
}
