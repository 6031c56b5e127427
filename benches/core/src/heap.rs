//! A counting allocator: what the process takes from the heap, counted only where a measurement asks for it.
#![allow(
    unsafe_code,
    reason = "a global allocator can only be implemented with unsafe code"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Whether anything is counted. Rates are measured without: counting would cost most those who allocate most.
static ON: AtomicBool = AtomicBool::new(false);
static TAKEN: AtomicU64 = AtomicU64::new(0);
static GIVEN_BACK: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// Of this thread alone: what else the process does, such as a watchdog that wakes for the first time, is no part of
    /// a message's price.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting.
struct Counting;

// SAFETY: every call is handed on to the system's allocator with the arguments that came, and its result is
// handed back as it is; counting touches atomics and a `Cell` without a destructor, and allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller's promises about `layout` are handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller's promises about `layout` are handed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        taken(size);
        given_back(layout.size());
        // SAFETY: the caller's promises about `old`, `layout` and `size` are handed on.
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        given_back(layout.size());
        // SAFETY: the caller's promises about `old` and `layout` are handed on.
        unsafe { System.dealloc(old, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn taken(bytes: usize) {
    if ON.load(Relaxed) {
        // A thread that ends has no counter any more, and nobody asks for it.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        TAKEN.fetch_add(bytes as u64, Relaxed);
    }
}

fn given_back(bytes: usize) {
    if ON.load(Relaxed) {
        GIVEN_BACK.fetch_add(bytes as u64, Relaxed);
    }
}

/// Begins to count.
pub fn count() {
    ON.store(true, Relaxed);
}

/// How often this thread allocated something since counting began.
pub fn allocations() -> u64 {
    ALLOCATIONS.get()
}

/// How many bytes were taken and not given back since counting began.
pub fn live_bytes() -> u64 {
    TAKEN.load(Relaxed).wrapping_sub(GIVEN_BACK.load(Relaxed))
}
