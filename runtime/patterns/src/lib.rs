#![doc = include_str!("../README.md")]

mod arbiter;
mod key;
mod machine;
mod operators;
mod pool;
mod registry;
mod router;
#[cfg(unix)]
mod shell;
mod stash;
mod topics;

pub use arbiter::{Arbiter, ArbiterNode, InCharge, Lock, Standing, Standings};
pub use machine::{Machine, Stateful};
pub use operators::{Debounce, Filter, Map, Merge, Smooth, Throttle, Zip};
pub use pool::{Finished, Pool, PoolReport, PoolStatus, ToAll, Work};
pub use registry::{Find, Known, Members, Names, Register, Registration, Registry, RegistryError};
pub use router::{Router, Told};
#[cfg(unix)]
pub use shell::{Running, Shell, ShellCommand, ShellError, ShellEvent, ShellOutput};
pub use stash::{Admitted, Stash};
pub use topics::{
    Announce, Subscribe, SubscriberStatus, Topic, TopicError, TopicStatus, TopicStatuses, Topics,
    Unsubscribe,
};
