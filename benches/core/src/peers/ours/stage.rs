//! Runs a graph with scripts in it, on this thread and the real clock, until the last script has ended.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use sinew_runtime::{
    Actor, Address, Context, Factory, Failure, Graph, Handler, System, SystemHandle,
};

use super::once;
use crate::actors::Script;

/// No measurement takes longer: its process ends itself before.
const LIMIT: Duration = Duration::from_secs(3_600);

thread_local! {
    /// The system that runs on this thread.
    static HERE: RefCell<Option<SystemHandle>> = const { RefCell::new(None) };
    /// How many actors it was given while it ran.
    static SPAWNED: Cell<u64> = const { Cell::new(0) };
}

/// Starts an actor in the system that runs on this thread.
///
/// # Panics
/// When none runs here.
pub fn spawn<A: Actor>(factory: Factory<A>) -> Address<A> {
    let number = SPAWNED.get();
    SPAWNED.set(number + 1);
    let handle = HERE.with_borrow(Clone::clone);
    let handle = handle.expect("a system runs on this thread");
    let spawned = handle.spawn(&number.to_string(), factory);
    spawned.expect("no two have one number")
}

/// An actor that runs a script in its handler. The script is boxed, or the compiler would build a whole actor for each.
struct Driver {
    script: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    close: Arc<Close>,
}

/// Ends the other actors when the last driver has ended, and so the system.
struct Close {
    drivers: AtomicUsize,
    stop: Box<dyn Fn() + Send + Sync>,
}

/// The word to begin.
struct Begin;

impl Actor for Driver {}

impl Handler<Begin> for Driver {
    type Reply = ();

    async fn handle(&mut self, _: Begin, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.script.take().expect("it begins once").await;
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
/// When the graph is not sound, or an actor fails: nothing was measured then.
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
        let outputs = outputs.clone();
        let script = async move {
            let sent = outputs.send((number, script.await));
            assert!(sent.is_ok(), "`play` listens to the end");
        };
        let driver = Driver {
            script: Some(Box::pin(script)),
            close: Arc::clone(&close),
        };
        let driver = graph.add(&format!("driver-{number}"), once(driver));
        let begun = driver.address().try_tell(Begin);
        assert!(begun.is_ok(), "a new mailbox has room");
    }
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
    HERE.set(Some(system.handle()));
    let limit = system.now() + LIMIT;
    let progress = system.run_until(limit);
    let report = system.report();
    assert_eq!(report.failures, 0, "{progress:?}: {report:?}");
}
