#![doc = include_str!("../README.md")]

mod actor;
mod address;
mod ask;
mod bridge;
mod cell;
mod clock;
mod contain;
mod context;
mod dead_letters;
mod directory;
mod dynamic;
mod edge;
mod ended;
mod environment;
mod factory;
mod failure;
mod graph;
mod hub;
mod inbox;
mod kin;
mod leased;
mod mailbox;
mod message;
mod metrics;
mod needs;
mod part;
mod place;
mod poison;
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
pub use address::{ActorId, Address, Recipient};
pub use ask::{Ask, AskError};
pub use bridge::{Answer, Answers, CallError, CallMany, CannotWait, StopError, StopMany};
pub use context::{Context, InputId, TimerId};
pub use dead_letters::{DeadLetter, Undelivered};
pub use dynamic::{Accepts, AnyAddress, AnyMessage};
pub use edge::Publish;
pub use ended::{StopOnDrop, WhenEnded};
pub use environment::Environment;
pub use factory::{Factory, IntoFactory, IsActor, IsFactory};
pub use failure::{EndActor, Failure, Reason};
pub use graph::{
    AsMember, CommandEdge, EdgeInfo, EdgeKind, Graph, GraphFinding, LONGEST_LEASE, Node, NodeInfo,
    Out, Source, ValueEdge,
};
pub use inbox::{Inbox, RecvError};
pub use kin::{Child, ChildStopped, Ended, StartError};
pub use leased::Leased;
pub use mailbox::Injection;
pub use message::{Message, message_name};
pub use metrics::{EdgeMetrics, MailboxMetrics, Metrics, NodeMetrics};
pub use needs::Needs;
pub use part::Part;
pub use place::{Denied, OwnProcess, Realtime, RealtimeDenied, Thread};
pub use poison::Poison;
pub use random::Random;
pub use report::{EdgeStatus, NodeState, NodeStatus, Report, Status};
pub use silence::Silence;
pub use supervise::{Lifetime, Restart, Strategy};
pub use system::{Progress, System, SystemHandle};
pub use tap::Tap;
pub use tell::{Tell, TellError, TryTellError};
pub use time::Time;
pub use wiring::WiringError;
