//! A system as other threads may see it.

use crate::directory::Directory;
use crate::edge::{EdgeFault, EdgeMeta};
use crate::graph::EdgeInfo;
use crate::kin::{Child, Nest};
use crate::mailbox::{Injection, Order, Shared};
use crate::metrics::{EdgeMetrics, Metrics, NodeMetrics};
use crate::report::Status;
use crate::{
    Actor, Address, AnyAddress, DeadLetter, IntoFactory, Parameter, ParameterError, ParameterInfo,
    Recipient, StartError,
};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A system as other threads may see it: to read its state, to start actors in it, to stop it, and to inject
/// faults.
#[derive(Clone)]
pub struct SystemHandle {
    pub(super) shared: Arc<Shared>,
    pub(super) directory: Arc<Directory>,
    pub(super) edges: Arc<[(EdgeInfo, Arc<EdgeMeta>)]>,
    pub(super) parameters: Arc<[(String, Parameter)]>,
    pub(super) addresses: Arc<[AnyAddress]>,
}

impl SystemHandle {
    /// A reading of all nodes, now.
    #[must_use]
    pub fn status(&self) -> Status {
        Status {
            now: self.shared.now(),
            nodes: self.directory.status(),
        }
    }

    /// All counters of all actors and edges, now.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let (nodes, edges) = (self.directory.all(), self.edges.iter());
        Metrics {
            at_ns: self.shared.now().nanos(),
            nodes: nodes
                .iter()
                .map(|kin| NodeMetrics::of(kin.as_ref()))
                .collect(),
            edges: edges
                .map(|(info, meta)| EdgeMetrics::of(info, meta))
                .collect(),
        }
    }

    /// Has all edges between two nodes of the graph lose so many of a thousand values, evenly: 1,000 cuts them, 0 mends them. `false`
    /// if there is none. What is lost is counted as dropped, and its receiver hears of the silence as of any other.
    pub fn lose(&self, from: &str, to: &str, of_a_thousand: u16) -> bool {
        self.disturb(from, to, |fault| fault.lose(of_a_thousand))
    }

    /// Has all that is published from now on along the edges between two nodes of the graph come so late, in its order; no time at
    /// all mends them. `false` if there is none. A command's lease runs from its publication, and its receiver hears of a silence as
    /// of any other.
    pub fn delay(&self, from: &str, to: &str, by: Duration) -> bool {
        self.disturb(from, to, |fault| fault.delay(by))
    }

    fn disturb(&self, from: &str, to: &str, disturb: impl Fn(&EdgeFault)) -> bool {
        let all = self.edges.iter();
        let meant = all.filter(|(info, _)| info.from == from && info.to == to);
        let count = meant.map(|(_, meta)| disturb(&meta.fault)).count();
        count > 0
    }

    /// The dynamic path to a node of the graph by its name, for what comes from outside: a command over a socket, a test.
    #[must_use]
    pub fn any(&self, node: &str) -> Option<AnyAddress> {
        let found = self.addresses.iter().find(|address| address.name() == node);
        found.cloned()
    }

    /// The parameters of all nodes, in the order of the graph. Those of a node in a process of its own are not among them.
    #[must_use]
    pub fn parameters(&self) -> Vec<ParameterInfo> {
        let all = self.parameters.iter();
        all.map(|(node, parameter)| ParameterInfo::of(node, parameter))
            .collect()
    }

    /// Changes a parameter by its name, such as `drive.trim`; its actor reads the new value at its next use.
    ///
    /// # Errors
    ///
    /// [`ParameterError`] if there is none of this name, or if it may not have this value; it then keeps the one it had.
    pub fn set_parameter(&self, name: &str, value: f64) -> Result<(), ParameterError> {
        let is_meant = |node: &str, parameter: &Parameter| {
            let rest = name
                .strip_prefix(node)
                .and_then(|rest| rest.strip_prefix('.'));
            rest == Some(parameter.name())
        };
        let mut all = self.parameters.iter();
        let Some((_, parameter)) = all.find(|(node, parameter)| is_meant(node, parameter)) else {
            let known = self.parameters().into_iter().map(|info| info.name);
            return Err(ParameterError::Unknown {
                name: name.to_owned(),
                known: known.collect(),
            });
        };
        parameter
            .set(value)
            .map_err(|range| ParameterError::OutOfRange {
                name: name.to_owned(),
                value,
                range,
            })
    }

    /// Asks the whole system to end, from any thread: before another actor takes its turn, `run_until` returns
    /// [`Progress::Ended`](crate::Progress), also one that is called later. Who runs the system then ends its actors in
    /// order, with [`System::shut_down`](crate::System::shut_down). Does not wait for any of this.
    pub fn stop(&self) {
        self.shared.fate.end("it was asked to stop");
        self.shared.nudge();
    }

    /// Starts an actor that the graph does not know, on the thread of the system, from any thread: its address takes
    /// messages at once. It is restarted after failures, and ends the system when it exceeds its limit; see
    /// [`child`](Self::child) for another treatment. Once the system's graph has had nodes, the system ends with
    /// its last actor, whoever started it.
    ///
    /// # Errors
    ///
    /// [`StartError`], if one that lives has its name, or if the system is ending.
    pub fn spawn<A: Actor, Kind>(
        &self,
        name: &str,
        actor: impl IntoFactory<A, Kind>,
    ) -> Result<Address<A>, StartError> {
        self.child(name, actor).start()
    }

    /// Describes an actor that the graph does not know; [`Child::start`] starts it.
    pub fn child<'a, A: Actor, Kind>(
        &'a self,
        name: &'a str,
        actor: impl IntoFactory<A, Kind>,
    ) -> Child<'a, A> {
        let nest = Nest::System {
            directory: &self.directory,
            shared: &self.shared,
        };
        Child::new(nest, name, actor.into_factory())
    }

    /// Tells an actor of each dead letter from here on: of what was sent and nobody will handle.
    pub fn read_dead_letters(&self, reader: Recipient<DeadLetter>) {
        self.shared.dead_letters.read_by(reader);
    }

    /// How many messages nobody will handle, and the newest 64 entries about them.
    #[must_use]
    pub fn dead_letters(&self) -> (u64, Vec<DeadLetter>) {
        self.shared.dead_letters.newest()
    }

    /// Puts a fault into an actor, before its next message. `false`: none that lives has this name.
    pub fn inject(&self, node: &str, fault: Injection) -> bool {
        let found = self.directory.find(node);
        found.map(|kin| kin.post(Order::Fault(fault))).is_some()
    }
}

impl fmt::Debug for SystemHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemHandle").finish_non_exhaustive()
    }
}
