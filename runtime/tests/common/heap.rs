//! The heap of a test program, counting what each thread allocates.
#![allow(
    unsafe_code,
    reason = "a global allocator can only be implemented with unsafe code"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATED: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting.
struct Counting;

// SAFETY: every call is handed on to the system's allocator with the arguments that came, and its result is
// handed back as it is; counting touches a `Cell` without a destructor and allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises about `layout` are handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promises about `old`, `layout` and `size` are handed on.
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises about `old` and `layout` are handed on.
        unsafe { System.dealloc(old, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn count() {
    // A thread that ends has no counter any more; nobody asks for it then.
    let _ = ALLOCATED.try_with(|count| count.set(count.get() + 1));
}

/// How often this thread has allocated.
pub(crate) fn allocated() -> u64 {
    ALLOCATED.with(Cell::get)
}
