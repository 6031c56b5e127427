//! The stage of peers whose actors are tasks of tokio: one thread, or two, each with a runtime of its own.

use std::future::pending;
use std::sync::mpsc;
use std::thread;

use tokio::runtime::{Builder, Runtime};

use crate::actors::Script;
use crate::case::Threads;

/// A runtime for this thread, with timers and sockets, as a robot's has.
pub fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the machine has room for a runtime")
}

/// Starts the cast where the actors live, then runs the scripts as tasks of this thread.
///
/// Plain tasks: in a `LocalSet` they would be slower.
pub fn play<T, F>(
    threads: Threads,
    cast: impl AsyncFnOnce() -> T + Send + 'static,
    scripts: impl FnOnce(T) -> Vec<F>,
) -> Vec<F::Output>
where
    T: Send + 'static,
    F: Script,
{
    let here = runtime();
    let cast = match threads {
        Threads::One => here.block_on(cast()),
        Threads::Two => on_another_thread(cast),
    };
    here.block_on(async {
        let running: Vec<_> = scripts(cast).into_iter().map(tokio::spawn).collect();
        let mut outputs = Vec::with_capacity(running.len());
        for script in running {
            outputs.push(script.await.expect("a script does not panic"));
        }
        outputs
    })
}

/// As [`play`], with one script on one thread.
pub fn play_one<T, F>(
    cast: impl AsyncFnOnce() -> T + Send + 'static,
    script: impl FnOnce(T) -> F,
) -> F::Output
where
    T: Send + 'static,
    F: Script,
{
    let mut outputs = play(Threads::One, cast, |cast| vec![script(cast)]);
    outputs.swap_remove(0)
}

/// Starts the cast on a thread that keeps it running until the process ends.
fn on_another_thread<T: Send + 'static>(cast: impl AsyncFnOnce() -> T + Send + 'static) -> T {
    let (started, cast_of) = mpsc::channel();
    thread::Builder::new()
        .name("there".to_owned())
        .spawn(move || {
            runtime().block_on(async move {
                let cast = cast().await;
                started.send(cast).expect("the first thread waits for it");
                pending::<()>().await;
            });
        })
        .expect("the machine has room for a thread");
    cast_of.recv().expect("the cast does not panic")
}
