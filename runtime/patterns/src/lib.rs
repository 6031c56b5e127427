#![doc = include_str!("../README.md")]

mod arbiter;
mod machine;
mod operators;
mod registry;
mod stash;
mod topics;

pub use arbiter::{Arbiter, ArbiterNode, InCharge, Lock, Standing, Standings};
pub use machine::{Machine, Stateful};
pub use operators::{Debounce, Filter, Map, Merge, Smooth, Throttle, Zip};
pub use registry::{Find, Known, Members, Names, Register, Registration, Registry, RegistryError};
pub use stash::{Admitted, Stash};
pub use topics::{
    Announce, Subscribe, SubscriberStatus, Topic, TopicError, TopicStatus, TopicStatuses, Topics,
    Unsubscribe,
};
