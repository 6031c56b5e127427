#![doc = include_str!("../README.md")]

mod actor;
mod address;
mod ask;
mod cell;
mod clock;
mod contain;
mod context;
mod directory;
mod edge;
mod ended;
mod environment;
mod factory;
mod failure;
mod graph;
mod hub;
mod kept;
mod kin;
mod leased;
mod mailbox;
mod message;
mod needs;
mod place;
mod random;
#[cfg(doctest)]
mod refused;
mod report;
mod sched;
mod silence;
mod supervise;
mod system;
mod tap;
mod tell;
mod time;
mod waits;
mod wiring;

pub use actor::{Actor, Emits, Handler};
pub use address::{Address, Recipient};
pub use ask::{Ask, AskError};
pub use context::{Context, InputId, TimerId};
pub use edge::Publish;
pub use ended::{StopOnDrop, WhenEnded};
pub use environment::Environment;
pub use factory::{Factory, IntoFactory, IsActor, IsFactory};
pub use failure::{EndActor, Failure, Reason};
pub use graph::{
    AsMember, CommandEdge, EdgeInfo, EdgeKind, Graph, GraphFinding, LONGEST_LEASE, Node, NodeInfo, Out,
    Source, ValueEdge,
};
pub use kept::Kept;
pub use kin::{Child, ChildStopped, Ended, StartError};
pub use leased::Leased;
pub use mailbox::Injection;
pub use message::{Message, message_name};
pub use needs::Needs;
pub use place::{Denied, Realtime, RealtimeDenied, Thread};
pub use random::Random;
pub use report::{EdgeStatus, NodeState, NodeStatus, Report, Status};
pub use silence::Silence;
pub use supervise::{Lifetime, Restart, Strategy};
pub use system::{Progress, System, SystemHandle};
pub use tap::Tap;
pub use tell::{Tell, TellError, TryTellError};
pub use time::Time;
pub use wiring::WiringError;
