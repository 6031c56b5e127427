//! All tests that need no process of their own, in one program: each file is linked once, not each a program.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod arbiter;
mod common;
mod debounce;
mod filter;
mod leases;
mod machine;
mod map;
mod merge;
mod placement;
mod pool;
mod registry;
mod router;
mod shell;
mod smooth;
mod stash;
mod throttle;
mod topics;
mod zip;
