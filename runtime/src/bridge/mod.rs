//! The bridge for code that is no actor: plain threads call actors, stop them, and sleep until it is done.

mod call;
mod call_many;
mod cannot_wait;
mod home;
mod sleeper;
mod stop_many;

pub use call::CallError;
pub use call_many::{Answer, Answers, CallMany};
pub use cannot_wait::CannotWait;
pub use stop_many::{StopError, StopMany};

pub(crate) use home::Home;
pub(crate) use sleeper::{Sleeper, wait_for};
