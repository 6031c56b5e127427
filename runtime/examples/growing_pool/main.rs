//! Runs a smithy for about two seconds: `cargo run -p sinew-examples --bin growing_pool`.
//!
//! Thespian's troupe, its global names and its dead letters, with a shell command as the source of work.
#![allow(clippy::print_stdout, reason = "it shows what happens")]

#[cfg(unix)]
mod foreman;
#[cfg(unix)]
mod smith;

#[cfg(unix)]
fn main() -> Result<(), sinew_runtime::Failure> {
    foreman::show(std::sync::Arc::new(|line| println!("{line}")))
}

#[cfg(not(unix))]
fn main() {
    println!("shell commands exist on Unix only");
}
