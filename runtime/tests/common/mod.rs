//! What the tests of the runtime share: surroundings, notes, gates, feeds, and an actor that does what it is told.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file is a program of its own and uses its part"
)]
#![allow(clippy::unwrap_used, reason = "this is part of the tests")]

pub mod elsewhere;

use futures_core::Stream;
use sinew_runtime::{
    Actor, Context, Environment, Factory, Failure, Graph, Handler, Report, System, Time,
};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

/// Polls a future once; it is not ready.
pub async fn poll_once(future: &mut (impl Future + Unpin)) {
    let polled = poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx).is_pending())).await;
    assert!(polled, "it waits");
}

/// Nothing surrounds the system.
pub struct Void;

impl Environment for Void {
    fn next_event(&mut self) -> Option<Time> {
        None
    }
    fn advance(&mut self, _: Time) {}
}

/// The graph in virtual time, with seed 1 and nothing around it.
pub fn simulated(graph: Graph) -> System {
    System::simulated(graph, 1, Box::new(Void)).expect("the graph is sound")
}

/// The moment after so many milliseconds.
pub fn at_ms(milliseconds: u64) -> Time {
    Time::from_nanos(milliseconds * 1_000_000)
}

/// So many milliseconds.
pub fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A factory that builds actors by this closure, which cannot fail.
pub fn made<A: Actor>(mut make: impl FnMut() -> A + Send + 'static) -> Factory<A> {
    Factory::new(move || Ok(make()))
}

/// The number of a node's edge, by the order of the graph.
pub fn edge(report: &Report, place: usize) -> [u64; 4] {
    let edge = &report.edges[place];
    [edge.published, edge.delivered, edge.dropped, edge.expired]
}

/// What happened, in its order.
pub struct Log<T>(Arc<Mutex<Vec<T>>>);

impl<T> Log<T> {
    pub fn new() -> Self {
        Self(Arc::default())
    }

    pub fn add(&self, entry: T) {
        self.0.lock().unwrap().push(entry);
    }

    pub fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// All that was noted so far; it stays.
    pub fn copy(&self) -> Vec<T>
    where
        T: Clone,
    {
        self.0.lock().unwrap().clone()
    }

    /// All that was noted so far; the log is empty then.
    pub fn take(&self) -> Vec<T> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Who waits at a gate, and whether it is open.
#[derive(Default)]
struct GateState {
    open: bool,
    waiting: Vec<Waker>,
}

/// What a handler waits at until the test lets it pass.
#[derive(Clone, Default)]
pub struct Gate(Arc<Mutex<GateState>>);

impl Gate {
    pub fn open(&self) {
        let waiting = {
            let mut state = self.0.lock().unwrap();
            state.open = true;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    pub async fn passed(&self) {
        poll_fn(|cx| {
            let mut state = self.0.lock().unwrap();
            if state.open {
                return Poll::Ready(());
            }
            state.waiting.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// What a feed holds.
struct FeedState<T> {
    items: VecDeque<T>,
    ended: bool,
    waker: Option<Waker>,
    polls: u64,
    streams: u64,
}

/// Where a test puts what an input shall bring.
pub struct Feed<T>(Arc<Mutex<FeedState<T>>>);

impl<T> Clone for Feed<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Feed<T> {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(FeedState {
            items: VecDeque::new(),
            ended: false,
            waker: None,
            polls: 0,
            streams: 0,
        })))
    }

    fn change(&self, change: impl FnOnce(&mut FeedState<T>)) {
        let waker = {
            let mut state = self.0.lock().unwrap();
            change(&mut state);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub fn push(&self, item: T) {
        self.change(|state| state.items.push_back(item));
    }

    pub fn end(&self) {
        self.change(|state| state.ended = true);
    }

    /// How many items wait to be taken.
    pub fn len(&self) -> usize {
        self.0.lock().unwrap().items.len()
    }

    /// How often the input was polled.
    pub fn polls(&self) -> u64 {
        self.0.lock().unwrap().polls
    }

    /// How many streams of this feed live.
    pub fn streams(&self) -> u64 {
        self.0.lock().unwrap().streams
    }

    /// The stream that brings what is pushed.
    pub fn stream(&self) -> FeedStream<T> {
        self.0.lock().unwrap().streams += 1;
        FeedStream(self.clone())
    }
}

/// The end of a feed that an actor owns.
pub struct FeedStream<T>(Feed<T>);

impl<T> Stream for FeedStream<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Option<T>> {
        let mut state = self.0.0.lock().unwrap();
        state.polls += 1;
        match state.items.pop_front() {
            Some(item) => Poll::Ready(Some(item)),
            None if state.ended => Poll::Ready(None),
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for FeedStream<T> {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().streams -= 1;
    }
}

/// An actor that runs one piece of the test after the other.
#[derive(Clone)]
pub struct Doer;

/// A piece of the test that runs inside of the system.
pub struct Do(Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()>>> + Send>);

/// A piece of the test, to be told to a [`Doer`].
pub fn job<F: Future<Output = ()> + 'static>(make: impl FnOnce() -> F + Send + 'static) -> Do {
    Do(Box::new(move || Box::pin(make())))
}

impl Actor for Doer {}

impl Handler<Do> for Doer {
    type Reply = ();
    async fn handle(&mut self, Do(job): Do, _: &mut Context<Self>) -> Result<(), Failure> {
        job().await;
        Ok(())
    }
}
