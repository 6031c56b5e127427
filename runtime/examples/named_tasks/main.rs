//! Runs a gardener for a while: `cargo run -p sinew-examples --bin named_tasks`.
//!
//! The same gardener runs in virtual time in `tests/examples.rs`.
#![allow(clippy::print_stdout, reason = "it shows what happens")]

mod gardener;

use gardener::{Forget, Watch, garden};
use sinew_runtime::{Failure, System};
use std::sync::Arc;
use std::time::Duration;

/// How long the gardener works: until its pump runs for the second time.
const SHIFT: Duration = Duration::from_millis(2_200);

fn main() -> Result<(), Failure> {
    let (graph, gardener) = garden(Arc::new(|line| println!("{line}")));
    for (bed, pause, times) in [("beans", 200, 3), ("roses", 450, 100), ("cress", 700, 100)] {
        let pause = Duration::from_millis(pause);
        gardener.address().try_tell(Watch { bed, pause, times })?;
    }
    gardener.address().try_tell(Forget("cress"))?;
    let mut system = System::real(graph, None).map_err(|error| Failure::new(error.to_string()))?;
    let until = system.now() + SHIFT;
    system.run_until(until);
    system.shut_down();
    Ok(())
}
