//! Models of what several threads share: loom tries the orders of their steps, and what a weak memory can show them.
//!
//! `cargo xtask models` runs them. Schedulers, cells and mailboxes are the real ones; only time and tokio are left out. A
//! wake that is lost leaves somebody asleep for ever, which loom reports as a deadlock. Each test names the mutations of
//! the code with which it was seen to fail.

mod asks;
mod edges;
mod mailbox;
mod ready;
mod room;

use crate::cell::AnyCell;
use crate::directory::Directory;
use crate::hub::Hub;
use crate::mailbox::Shared;
use crate::sched::{ReadyQueue, Scheduler};
use crate::{Actor, Context, Factory, Failure, Graph, Handler};
use loom::thread;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Wake, Waker};

/// Tries a model in all its orders, up to the bound of preemptions that `LOOM_MAX_PREEMPTIONS` sets.
fn model(run: impl Fn() + Sync + Send + 'static) {
    let orders = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&orders);
    loom::model(move || {
        count.fetch_add(1, Ordering::Relaxed);
        run();
    });
    let orders = orders.load(Ordering::Relaxed);
    println!("{orders} orders");
    assert!(orders > 1, "nothing could differ");
}

/// Waits for the ends of these threads.
fn join_all<T, const N: usize>(threads: [thread::JoinHandle<T>; N]) {
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Rings for the one thread that waits for it.
#[derive(Default)]
pub(crate) struct Bell(loom::sync::Notify);

impl Bell {
    /// Waits until it rings, or has rung since the last wait; at times it rings for nothing.
    pub(crate) fn wait(&self) {
        self.0.wait();
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// Waits for a future on this thread.
fn wait_for<F: Future>(future: F) -> F::Output {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut TaskContext::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => bell.wait(),
        }
    }
}

/// Polls a future once.
fn poll_once<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    pin!(future).poll(&mut TaskContext::from_waker(waker))
}

/// What happened on the thread of the actors; no step of the model.
struct Log<T>(Arc<Mutex<Vec<T>>>);

impl<T: Clone> Log<T> {
    fn new() -> Self {
        Self(Arc::default())
    }

    fn add(&self, entry: T) {
        self.0.lock().unwrap().push(entry);
    }

    fn all(&self) -> Vec<T> {
        self.0.lock().unwrap().clone()
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Notes the numbers that it is told, and answers with them.
struct Reader(Log<u8>);

impl Actor for Reader {}

impl Handler<u8> for Reader {
    type Reply = u8;
    async fn handle(&mut self, number: u8, _: &mut Context<Self>) -> Result<u8, Failure> {
        self.0.add(number);
        Ok(number)
    }
}

/// What builds a reader.
fn reader(log: &Log<u8>) -> Factory<Reader> {
    let log = log.clone();
    Factory::new(move || Ok(Reader(log.clone())))
}

/// A thread that runs actors.
struct Stage {
    scheduler: Scheduler,
    queue: Arc<ReadyQueue>,
    bell: Arc<Bell>,
}

impl Stage {
    /// The thread that runs this graph.
    fn of(graph: Graph) -> Self {
        for edge in graph.edges {
            (edge.wire)(edge.info.kind, &edge.meta);
        }
        let nodes = graph.nodes;
        let cells = |hub: &Rc<Hub>| nodes.into_iter().map(|node| node.into_cell(hub)).collect();
        Self::new(graph.shared, cells)
    }

    /// The thread that runs these cells.
    fn new(shared: Arc<Shared>, cells: impl FnOnce(&Rc<Hub>) -> Vec<Box<dyn AnyCell>>) -> Self {
        let queue = Arc::new(ReadyQueue::default());
        let hub = Rc::new(hub(shared, &queue));
        let cells = cells(&hub);
        Self {
            scheduler: Scheduler::new(cells, hub, None, None, Arc::clone(&queue)),
            queue,
            bell: Arc::default(),
        }
    }

    /// Runs the actors until this is so, which only they can bring about.
    fn run_until(&mut self, is_done: impl Fn() -> bool) {
        self.scheduler.run_until(&self.bell, is_done);
    }
}

/// What the actors of one thread share.
fn hub(shared: Arc<Shared>, queue: &Arc<ReadyQueue>) -> Hub {
    let directory = Arc::new(Directory::of(Vec::new(), Arc::clone(queue)));
    Hub::new(None, 1, shared, directory)
}
