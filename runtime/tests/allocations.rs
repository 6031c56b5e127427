//! In the steady state a message costs no heap allocation, whatever way it takes.
//!
//! A counting allocator counts what this thread allocates; a system runs on the thread that made it.
#![allow(
    unsafe_code,
    reason = "a global allocator can only be implemented with unsafe code"
)]

mod common;

use common::{Void, at_ms, ms};
use serde::{Deserialize, Serialize};
use sinew_runtime::{
    Actor, Address, Context, Emits, Failure, Graph, Handler, Leased, Realtime, System, Tap, Time,
};
use std::alloc::{GlobalAlloc, Layout, System as Heap};
use std::cell::Cell;
use std::sync::Arc;
use tokio::sync::Notify;

thread_local! {
    static ALLOCATED: Cell<u64> = const { Cell::new(0) };
    /// What was allocated when the driver came to its first and to its second mark.
    static MARKED: Cell<[Option<u64>; 2]> = const { Cell::new([None; 2]) };
}

/// The system's allocator, counting.
struct Counting;

// SAFETY: every call is handed on to the system's allocator with the arguments that came, and its result is
// handed back as it is; counting touches a `Cell` without a destructor and allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises about `layout` are handed on.
        unsafe { Heap.alloc(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promises about `old`, `layout` and `size` are handed on.
        unsafe { Heap.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises about `old` and `layout` are handed on.
        unsafe { Heap.dealloc(old, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn count() {
    // A thread that ends has no counter any more; nobody asks for it then.
    let _ = ALLOCATED.try_with(|count| count.set(count.get() + 1));
}

fn allocated() -> u64 {
    ALLOCATED.with(Cell::get)
}

/// 8 bytes times `N`.
#[derive(Clone, Debug)]
struct Load<const N: usize>([u64; N]);

/// What is published: an array that serde knows.
macro_rules! payloads {
    ($($name:ident $count:literal),+) => {
        $(#[derive(Clone, Debug, Serialize, Deserialize)]
        struct $name([u64; $count]);

        impl Fill for $name {
            fn filled() -> Self {
                Self([7; $count])
            }
        })+
    };
}

/// What can be made out of nothing.
trait Fill {
    fn filled() -> Self;
}

payloads!(Small 2, Large 16);

impl<const N: usize> Fill for Load<N> {
    fn filled() -> Self {
        Self([7; N])
    }
}

/// The way that a message takes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Tell,
    TryTell,
    Urgent,
    Ask,
    Publish,
    /// An input of the driver's own is woken.
    Input,
    /// Nothing but the tick itself.
    Tick,
}

const WAYS: [Way; 7] = [
    Way::Tell,
    Way::TryTell,
    Way::Urgent,
    Way::Ask,
    Way::Publish,
    Way::Input,
    Way::Tick,
];

/// Takes all, keeps nothing.
#[derive(Clone)]
struct Sink;

impl Actor for Sink {}

macro_rules! sinks {
    ($($type:ty),+) => {
        $(impl Handler<$type> for Sink {
            type Reply = u64;
            async fn handle(&mut self, it: $type, _: &mut Context<Self>) -> Result<u64, Failure> {
                std::hint::black_box(&it);
                Ok(1)
            }
        })+
    };
}

sinks!(
    Load<2>,
    Load<16>,
    Small,
    Large,
    Leased<Small>,
    Leased<Large>
);

/// Sends ten messages at each tick.
#[derive(Clone)]
struct Driver {
    way: Way,
    to: Address<Sink>,
    /// Wakes its input.
    notify: Arc<Notify>,
    ticks: u64,
    /// The ticks at which what was allocated is noted: after warming up, and at the end.
    marks: [u64; 2],
}

impl Driver {
    /// Ten, and at first three times as many, so that every queue is as long once as it will ever be.
    fn burst(&self) -> u64 {
        if self.ticks < 10 { 30 } else { 10 }
    }

    fn tick(&mut self) {
        self.ticks += 1;
        if let Some(mark) = self.marks.iter().position(|mark| *mark == self.ticks) {
            let mut marked = MARKED.get();
            marked[mark] = Some(allocated());
            MARKED.set(marked);
        }
    }
}

/// A tick; its payload is as large as what is sent.
#[derive(Clone)]
struct Tick<L>(L);

impl Emits<Small> for Driver {}
impl Emits<Large> for Driver {}

impl Actor for Driver {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(1), Tick((Load::<2>::filled(), Small::filled())));
        ctx.every(ms(1), Tick((Load::<16>::filled(), Large::filled())));
        if self.way == Way::Input {
            let notify = Arc::clone(&self.notify);
            ctx.repeat("notified", async move || {
                notify.notified().await;
                Large::filled()
            });
        }
        Ok(())
    }
}

impl Handler<Large> for Driver {
    type Reply = ();
    async fn handle(&mut self, load: Large, _: &mut Context<Self>) -> Result<(), Failure> {
        std::hint::black_box(&load);
        Ok(())
    }
}

macro_rules! drives {
    ($($load:ty, $published:ty);+) => {
        $(impl Handler<Tick<($load, $published)>> for Driver {
            type Reply = ();
            async fn handle(
                &mut self,
                Tick((load, published)): Tick<($load, $published)>,
                ctx: &mut Context<Self>,
            ) -> Result<(), Failure> {
                self.tick();
                for _ in 0..self.burst() {
                    match self.way {
                        Way::Tell => self.to.tell(load.clone()).await?,
                        Way::TryTell => self.to.try_tell(load.clone())?,
                        Way::Urgent => {
                            let _ = self.to.try_tell_urgent(load.clone());
                        }
                        Way::Ask => assert_eq!(self.to.ask(load.clone()).await?, 1),
                        Way::Publish => ctx.publish(published.clone()),
                        Way::Input => self.notify.notify_one(),
                        Way::Tick => {}
                    }
                }
                Ok(())
            }
        })+
    };
}

drives!(Load<2>, Small; Load<16>, Large);

/// A driver and a sink, with all kinds of edges between them.
fn graph(way: Way, marks: [u64; 2]) -> Graph {
    let mut graph = Graph::new("allocations");
    let sink = graph.add("sink", Sink);
    let driver = Driver {
        way,
        to: sink.address(),
        notify: Arc::default(),
        ticks: 0,
        marks,
    };
    let driver = graph.add("driver", driver);
    graph.connect(driver.out::<Small>(), &sink).latest();
    graph.connect(driver.out::<Large>(), &sink).latest();
    graph.connect(driver.out::<Small>(), &sink).keep_newest(4);
    graph.connect(driver.out::<Large>(), &sink).keep_oldest(4);
    graph.command(driver.out::<Small>(), &sink);
    graph.command(driver.out::<Large>(), &sink);
    graph
}

/// Runs until a moment; returns the allocations between the driver's marks. (To begin a run costs some, once.)
fn steady(system: &mut System, until: Time) -> u64 {
    MARKED.set([None; 2]);
    system.run_until(until);
    let [Some(first), Some(second)] = MARKED.get() else {
        panic!("the driver did not come to its marks: {:?}", MARKED.get());
    };
    second - first
}

/// Counts the bytes that pass.
struct Bytes(u64);

impl Tap for Bytes {
    fn edge(&mut self, _: Time, _: u32, _: u64, bytes: &[u8]) {
        self.0 += bytes.len() as u64;
    }
    fn turn(&mut self, _: Time, _: u64) {}
}

#[test]
fn no_way_of_a_message_allocates_in_virtual_time_where_the_trace_is_always_on() {
    for way in WAYS {
        let graph = graph(way, [1_000, 5_000]);
        let mut system = System::simulated(graph, 1, Box::new(Void)).unwrap();
        let found = steady(&mut system, at_ms(2_501));
        let messages = system.report().messages;
        let least = match way {
            Way::Tick => 5_000,
            // All wakes of one tick are one.
            Way::Input => 9_900,
            _ => 20_000,
        };
        assert!(messages >= least, "{way:?}: {messages} messages");
        assert_eq!(found, 0, "{way:?}: allocations of 4,000 ticks");
    }
}

#[test]
fn no_way_of_a_message_allocates_on_the_real_clock_with_a_tap_and_without() {
    let ways = WAYS.into_iter();
    for (way, tapped) in ways.flat_map(|way| [(way, false), (way, true)]) {
        let graph = graph(way, [20, 60]);
        let mut system = System::real(graph, None).unwrap();
        if tapped {
            system.tap(Box::new(Bytes(0)));
        }
        let until = system.now() + ms(400);
        assert_eq!(
            steady(&mut system, until),
            0,
            "{way:?}: allocations of 40 ticks"
        );
    }
}

#[test]
fn no_way_of_a_message_allocates_on_a_real_time_thread() {
    for way in WAYS {
        let graph = graph(way, [20, 60]);
        let mut system = System::real(graph, None).unwrap();
        // Its timers are precise also where the thread may not be first.
        let _ = system.enter_realtime(&Realtime {
            priority: 1,
            cpu: None,
        });
        let until = system.now() + ms(400);
        assert_eq!(
            steady(&mut system, until),
            0,
            "{way:?}: allocations of 40 ticks"
        );
    }
}

#[test]
fn the_counter_counts() {
    let before = allocated();
    let boxed = std::hint::black_box(Box::new(5));
    assert_eq!(allocated() - before, 1);
    drop(boxed);
    assert_eq!(allocated() - before, 1);
}
