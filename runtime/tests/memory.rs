//! What has ended gives its memory back, and an actor that waits needs little of it.
//!
//! A counting allocator counts what this thread holds; a system runs on the thread that made it.
#![allow(
    unsafe_code,
    reason = "a global allocator can only be implemented with unsafe code"
)]

mod common;

use common::{made, ms, simulated};
use sinew_runtime::{
    Actor, ChildStopped, Context, EndActor, Failure, Graph, Handler, Lifetime, System,
};
use std::alloc::{GlobalAlloc, Layout, System as Heap};
use std::cell::Cell;

thread_local! {
    /// How many bytes this thread holds, and in how many pieces.
    static HELD: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

/// The system's allocator, counting.
struct Counting;

// SAFETY: every call is handed on to the system's allocator with the arguments that came, and its result is
// handed back as it is; counting touches a `Cell` without a destructor and allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize, 1);
        // SAFETY: the caller's promises about `layout` are handed on.
        unsafe { Heap.alloc(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize, 0);
        // SAFETY: the caller's promises about `old`, `layout` and `size` are handed on.
        unsafe { Heap.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        count(-(layout.size() as isize), -1);
        // SAFETY: the caller's promises about `old` and `layout` are handed on.
        unsafe { Heap.dealloc(old, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn count(bytes: isize, pieces: isize) {
    // A thread that ends has no counter any more; nobody asks for it then.
    let _ = HELD.try_with(|held| {
        let (before, number) = held.get();
        held.set((before + bytes, number + pieces));
    });
}

fn held() -> (isize, isize) {
    HELD.with(Cell::get)
}

/// A child that ends as it is told to.
#[derive(Clone)]
struct Brief;

impl Actor for Brief {}

/// How a child ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Wish,
    Stop,
    Failure,
    Panic,
}

impl Handler<End> for Brief {
    type Reply = ();
    async fn handle(&mut self, how: End, _: &mut Context<Self>) -> Result<(), Failure> {
        match how {
            End::Wish => Err(EndActor.into()),
            End::Stop => Ok(()),
            End::Failure => Err(Failure::new("told to")),
            // As a panic, but without a line in the test's output for each.
            End::Panic => std::panic::resume_unwind(Box::new("told to")),
        }
    }
}

/// Starts so many children one after the other, each when the one before has ended, with names of their own.
struct Parent {
    left: u32,
    ended: u32,
}

impl Parent {
    fn next(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if self.left > 0 {
            self.left -= 1;
            let name = format!("child {}", self.left);
            let child = ctx
                .child(&name, Brief)
                .lifetime(Lifetime::Temporary)
                .start()?;
            let ends = [End::Wish, End::Stop, End::Failure, End::Panic];
            let end = ends[self.left as usize % ends.len()];
            child.try_tell(end)?;
            if matches!(end, End::Stop) {
                child.stop();
            }
        }
        Ok(())
    }
}

impl Actor for Parent {
    async fn child_stopped(
        &mut self,
        _: &ChildStopped,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.ended += 1;
        self.next(ctx)
    }
}

impl Handler<u32> for Parent {
    type Reply = u32;
    async fn handle(&mut self, more: u32, ctx: &mut Context<Self>) -> Result<u32, Failure> {
        self.left += more;
        self.next(ctx)?;
        Ok(self.ended)
    }
}

/// Runs for a millisecond; what is held then.
fn held_after(system: &mut System) -> (isize, isize) {
    let now = system.now();
    system.run_until(now + ms(1));
    held()
}

#[test]
fn a_hundred_thousand_children_that_have_ended_leave_nothing_behind() {
    let mut graph = Graph::new("parent");
    let parent = graph.add("parent", made(|| Parent { left: 0, ended: 0 }));
    let parent = parent.address();
    let mut system = simulated(graph);
    let mut before = (0, 0);
    for _ in 0..2 {
        parent.try_tell(500).unwrap();
        before = held_after(&mut system);
    }
    // Fewer where a processor is emulated: what is counted is the same.
    let rounds = match std::env::var("SINEW_MEMORY_ROUNDS") {
        Ok(text) => text.parse().expect("SINEW_MEMORY_ROUNDS is a number"),
        Err(_) => 10_u64,
    };
    for _ in 0..rounds {
        parent.try_tell(10_000).unwrap();
        assert_eq!(held_after(&mut system), before, "bytes, and pieces");
    }
    let report = system.report();
    assert_eq!(report.nodes.len(), 1);
    let children = 1_000 + rounds * 10_000;
    assert_eq!(report.failures, children / 2, "each second child failed");
    assert!(report.messages > children, "{} messages", report.messages);
}

#[test]
fn what_was_started_from_outside_leaves_nothing_behind_either() {
    let mut system = simulated(Graph::new("outside"));
    let rounds = |system: &mut System, count: u32| {
        for round in 0..count {
            let name = format!("one {round}");
            let one = system.spawn(&name, Brief).unwrap();
            one.try_tell(End::Wish).unwrap();
            drop(one);
            held_after(system);
        }
        held()
    };
    let before = rounds(&mut system, 100);
    assert_eq!(rounds(&mut system, 1_000), before, "bytes, and pieces");
}

/// Starts so many children, which then wait; says hello to each of them if it is told to.
struct Crowd;

impl Actor for Crowd {}

impl Handler<(u32, bool)> for Crowd {
    type Reply = ();
    async fn handle(
        &mut self,
        (count, hello): (u32, bool),
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        for number in 0..count {
            let child = ctx.child(&format!("child {number}"), Brief).start()?;
            if hello {
                child.try_tell(End::Stop)?;
            }
        }
        Ok(())
    }
}

/// How many bytes a waiting child of a crowd holds, its share in all lists included, and in how many pieces.
fn held_by_one(hello: bool) -> (isize, isize) {
    const COUNT: u32 = 1_000;
    let mut graph = Graph::new("crowd");
    let crowd = graph.add("crowd", made(|| Crowd)).address();
    let mut system = simulated(graph);
    let before = held_after(&mut system);
    crowd.try_tell((COUNT, hello)).expect("there is room");
    let after = held_after(&mut system);
    let report = system.report();
    assert_eq!(report.nodes.len(), 1 + COUNT as usize);
    assert_eq!(report.messages, 1 + u64::from(hello) * u64::from(COUNT));
    let count = COUNT as isize;
    ((after.0 - before.0) / count, (after.1 - before.1) / count)
}

#[test]
fn an_actor_that_waits_holds_less_than_a_kilobyte_until_its_first_message() {
    let (bytes, pieces) = held_by_one(false);
    println!("an idle actor: {bytes} bytes in {pieces} pieces");
    assert!(
        bytes < 1_000 && pieces <= 6,
        "{bytes} bytes, {pieces} pieces"
    );
    let (spoken_to, more) = held_by_one(true);
    println!("after its first message: {spoken_to} bytes in {more} pieces");
    assert!(spoken_to < 1_300, "{spoken_to} bytes, {more} pieces");
}
