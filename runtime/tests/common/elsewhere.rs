//! A system that runs on a thread of its own while the test stands outside of it.
#![allow(unreachable_pub, reason = "this is part of the tests")]

use sinew_runtime::{Graph, Progress, Report, System, SystemHandle};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Longer than any machine needs for anything here.
pub const LONG: Duration = Duration::from_secs(60);

/// A real system that runs elsewhere.
pub struct Elsewhere {
    pub handle: SystemHandle,
    thread: JoinHandle<(Progress, Report)>,
}

impl Elsewhere {
    /// Runs the graph that `build` fills, and brings what it returns besides.
    pub fn run<T: Send + 'static>(
        build: impl FnOnce(&mut Graph) -> T + Send + 'static,
    ) -> (Self, T) {
        let (sender, receiver) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut graph = Graph::new("elsewhere");
            let brought = build(&mut graph);
            let mut system = System::real(graph, None).expect("the graph is sound");
            let sent = sender.send((system.handle(), brought));
            assert!(sent.is_ok(), "the test waits for it");
            let until = system.now() + LONG;
            let progress = system.run_until(until);
            (progress, system.shut_down())
        });
        let (handle, brought) = receiver.recv().expect("the system was made");
        (Self { handle, thread }, brought)
    }

    /// Waits until the system has ended by itself and was shut down.
    pub fn ended(self) -> (Progress, Report) {
        self.thread.join().expect("it ran without a panic")
    }

    /// Asks it to stop, and waits until it was shut down.
    pub fn stop(self) -> (Progress, Report) {
        self.handle.stop();
        self.ended()
    }
}
