//! A process of its own for one actor of a graph.
//!
//! The shape. In the graph's process a [`Proxy`](proxy::Proxy) stands in the node's place: an actor that handles and
//! emits every message, so that edges, their policies and counts, silence, supervision and shutdown are what they
//! are for any other node. Starting it starts this program once more; the same code builds the same graph there, and
//! [`System::real`](crate::System::real) then runs that one node and returns to nobody. A line of frames between the
//! two carries what arrives at the node and what it publishes, as serde's bytes.
//!
//! * *One at a time.* The proxy hands one message over and is busy until the node has handled it, so all queues stay
//!   in the graph's process, under the edges' policies, and whoever waits is served in the graph's order.
//! * *One life.* Whatever ends the actor ends its process, and whatever ends its process is the proxy's failure: the
//!   supervisor of the graph builds both anew. Dropping the proxy kills the process and waits until it is gone.
//! * *No orphan.* A process whose graph is gone ends its node in order; a thread of its own kills it if it does not.
//! * *Only edges cross.* Messages to such a node's address find it closed, and so do those that the node sends to
//!   others: an address is one process's own. To stop, watch, link or wait for it concerns the proxy, which has all its
//!   bonds.
//!
//! In virtual time, and beside simulated surroundings, which live in one process, the node is one like all others.

mod own;

#[cfg(unix)]
mod child;
#[cfg(unix)]
mod crossing;
#[cfg(unix)]
mod frame;
#[cfg(unix)]
mod line;
#[cfg(unix)]
mod logs;
#[cfg(not(unix))]
mod nowhere;
#[cfg(unix)]
mod proxy;
#[cfg(unix)]
mod runner;
#[cfg(unix)]
mod split;

#[cfg(unix)]
pub(crate) use crossing::Crossing;
#[cfg(not(unix))]
pub(crate) use nowhere::{Crossing, Elsewhere, divert};
pub use own::OwnProcess;
#[cfg(unix)]
pub(crate) use proxy::Proxy;
#[cfg(unix)]
pub(crate) use runner::divert;
#[cfg(unix)]
pub(crate) use split::Elsewhere;
