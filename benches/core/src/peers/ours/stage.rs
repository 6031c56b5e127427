//! Runs a graph with scripts in it, on this thread and the real clock, until the last script has ended.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use sinew_runtime::{Actor, Context, Failure, Graph, Handler, System};

use super::once;
use crate::actors::Script;

/// No measurement takes longer; one that does hangs.
const LIMIT: Duration = Duration::from_secs(120);

/// An actor that runs a script in its handler.
struct Driver<F: Script> {
    script: Option<Pin<Box<F>>>,
    number: usize,
    outputs: mpsc::Sender<(usize, F::Output)>,
    close: Arc<Close>,
}

/// Ends the other actors when the last driver has ended, and so the system.
struct Close {
    drivers: AtomicUsize,
    stop: Box<dyn Fn() + Send + Sync>,
}

/// The word to begin.
struct Begin;

impl<F: Script> Actor for Driver<F> {}

impl<F: Script> Handler<Begin> for Driver<F> {
    type Reply = ();

    async fn handle(&mut self, _: Begin, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let script = self.script.take().expect("it begins once");
        let output = script.await;
        self.outputs
            .send((self.number, output))
            .expect("`play` listens");
        if self.close.drivers.fetch_sub(1, Relaxed) == 1 {
            (self.close.stop)();
        }
        ctx.stop();
        Ok(())
    }
}

/// Adds a driver for each script, runs the graph, and hands back what the scripts came to.
///
/// # Panics
/// When the graph is not sound, or does not end in time: nothing was measured then.
pub fn play<F: Script>(
    mut graph: Graph,
    scripts: Vec<F>,
    stop: impl Fn() + Send + Sync + 'static,
) -> Vec<F::Output> {
    let (outputs, received) = mpsc::channel();
    let close = Arc::new(Close {
        drivers: AtomicUsize::new(scripts.len()),
        stop: Box::new(stop),
    });
    for (number, script) in scripts.into_iter().enumerate() {
        let driver = graph.add(
            &format!("driver-{number}"),
            once(Driver {
                script: Some(Box::pin(script)),
                number,
                outputs: outputs.clone(),
                close: Arc::clone(&close),
            }),
        );
        let begun = driver.address().try_tell(Begin);
        assert!(begun.is_ok(), "a new mailbox has room");
    }
    drop(outputs);
    run(graph);
    let mut outputs: Vec<_> = received.try_iter().collect();
    outputs.sort_by_key(|(number, _)| *number);
    outputs.into_iter().map(|(_, output)| output).collect()
}

/// As [`play`], with one script.
pub fn play_one<F: Script>(
    graph: Graph,
    script: F,
    stop: impl Fn() + Send + Sync + 'static,
) -> F::Output {
    let mut outputs = play(graph, vec![script], stop);
    outputs.pop().expect("the script has ended")
}

fn run(graph: Graph) {
    let mut system = System::real(graph, None).expect("the graph is sound");
    let limit = system.now() + LIMIT;
    let progress = system.run_until(limit);
    let report = system.shut_down();
    assert_eq!(report.failures, 0, "{progress:?}: {report:?}");
}
