//! All tests that need no process of their own, in one program: each file is linked once, not each a program.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod config;
mod drive;
mod lease;
mod sensors;
mod sonar;
mod stop;
