//! The threads of a system besides the one that made it: each runs a scheduler of its own.

use super::{Alarm, Holder, Realtime};
use crate::clock::RealClock;
use crate::directory::Directory;
use crate::graph::AnyNode;
use crate::hub::Hub;
use crate::mailbox::Shared;
use crate::sched::{ReadyQueue, Running, Scheduler};
use crate::tap::SharedTap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

/// A thread that is yet to start, with the nodes that will live on it.
pub(crate) struct Recruit {
    pub(crate) name: String,
    pub(crate) realtime: Option<Realtime>,
    pub(crate) nodes: Vec<Box<dyn AnyNode>>,
    pub(crate) queue: Arc<ReadyQueue>,
    pub(crate) holder: Arc<Holder>,
}

/// What all threads of a system have in common.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) clock: RealClock,
    pub(crate) seed: u64,
    pub(crate) shared: Arc<Shared>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) tap: Option<SharedTap>,
}

/// The threads of a system.
#[derive(Default)]
pub(crate) struct Crew {
    threads: Vec<JoinHandle<()>>,
}

impl Crew {
    /// Starts a thread.
    ///
    /// # Errors
    ///
    /// If the operating system denies a thread; its nodes come to nothing then.
    pub(crate) fn start(&mut self, recruit: Recruit, common: Common) -> io::Result<()> {
        let builder = Builder::new().name(recruit.name.clone());
        self.threads.push(builder.spawn(|| work(recruit, common))?);
        Ok(())
    }

    /// Waits for the threads that have gone or go now; one that a handler holds is left to itself. `false`: some are.
    pub(crate) fn dismiss(&mut self, mut pause: impl FnMut() -> bool) -> bool {
        while self.threads.iter().any(|thread| !thread.is_finished()) {
            if !pause() {
                break;
            }
        }
        let (gone, held): (Vec<_>, Vec<_>) =
            self.threads.drain(..).partition(JoinHandle::is_finished);
        for thread in gone {
            if thread.join().is_err() {
                tracing::error!("a thread of the system panicked");
            }
        }
        held.is_empty()
    }
}

/// What one thread does until the system lets it go.
fn work(recruit: Recruit, common: Common) {
    let _running = Running::begin();
    let name = recruit.name;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let fate = &common.shared.fate;
            fate.end(&format!("thread `{name}` has no runtime: {error}"));
            common.shared.nudge();
            return;
        }
    };
    let clock = common.clock.clone();
    let hub = Hub::new(
        Some(common.clock),
        common.seed,
        common.shared,
        common.directory,
    );
    let hub = Rc::new(hub);
    hub.set_now(hub.now());
    if let Some(tap) = common.tap {
        hub.set_tap(Box::new(tap));
    }
    let nodes = recruit.nodes.into_iter();
    let cells = nodes.map(|node| node.into_cell(&hub)).collect();
    let mut scheduler = Scheduler::new(cells, hub, None, None, recruit.queue);
    scheduler.close_door();
    scheduler.set_holder(recruit.holder);
    if let Some(wanted) = recruit.realtime {
        let inside = runtime.enter();
        let alarm = Alarm::precise(clock).map(|alarm| scheduler.set_alarm(alarm));
        drop(inside);
        if let Err(denied) = wanted.enter_besides(alarm) {
            tracing::warn!(thread = name, %denied, "runs without some of what makes it punctual");
        }
    }
    runtime.block_on(tokio::task::unconstrained(scheduler.run_in_crew()));
    scheduler.abort_all("its system was dropped");
}
