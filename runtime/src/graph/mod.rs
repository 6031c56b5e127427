//! The nervous system as data: nodes, edges, and what is wrong with them.

mod connect;
mod findings;
mod node;

pub use connect::{CommandEdge, Out, Source, ValueEdge};
#[cfg(unix)]
pub(crate) use connect::{command_sink, value_sink};
pub use findings::GraphFinding;
pub(crate) use node::AnyNode;
pub use node::{AsMember, Node};
#[cfg(unix)]
pub(crate) use node::{Wiring, lock};

use crate::edge::EdgeMeta;
use crate::factory::IntoFactory;
use crate::mailbox::Shared;
use crate::place::process::Crossing;
use crate::supervise::{Group, Restart, Strategy};
use crate::{Actor, AnyAddress, Needs, OwnProcess, Parameter, Thread};
use node::NodeCore;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

/// The longest lease of a command: beyond it a robot drives blind for longer than a person reacts.
pub const LONGEST_LEASE: Duration = Duration::from_secs(1);

/// A graph of actors: built first, checked and drawn as data, then run by a [`System`](crate::System).
pub struct Graph {
    name: String,
    pub(crate) nodes: Vec<Box<dyn AnyNode>>,
    infos: Vec<NodeInfo>,
    /// Nodes that were put into a second group.
    grouped_twice: Vec<String>,
    pub(crate) edges: Vec<EdgeRecord>,
    /// For each node its thread, if it has one of its own.
    pub(crate) threads: Vec<Option<Thread>>,
    /// The places of the nodes that have a process of their own.
    pub(crate) own_processes: Vec<(usize, OwnProcess)>,
    /// What may be changed while its node, by its place, runs.
    parameters: Vec<(usize, Parameter)>,
    /// The dynamic path to each node.
    pub(crate) addresses: Vec<AnyAddress>,
    pub(crate) shared: Arc<Shared>,
}

/// A node as data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeInfo {
    /// Its name, unique in its graph.
    pub name: String,
    /// The type of its actor, without its path.
    pub actor: &'static str,
    /// What it must be sent: names of readings and events.
    pub needs_values: Vec<&'static str>,
    /// What it must be sent: names of commands.
    pub needs_commands: Vec<&'static str>,
    /// Where the code adds it.
    pub at: &'static Location<'static>,
}

/// How an edge carries its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EdgeKind {
    /// A reading: the newest counts.
    Latest,
    /// Events: so many of the newest are kept.
    KeepNewest(usize),
    /// Events: so many of the oldest are kept.
    KeepOldest(usize),
    /// A command: the newest counts and expires.
    Command {
        /// How long it may stand.
        lease: Duration,
    },
}

/// An edge as data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EdgeInfo {
    /// The name of the node at which it begins.
    pub from: String,
    /// The name of the node at which it ends.
    pub to: String,
    /// The name of the message type.
    pub message: &'static str,
    /// How it carries its values.
    pub kind: EdgeKind,
    /// After how long without a value its receiver is told of the silence.
    pub silence: Option<Duration>,
    /// Where the code connects it.
    pub at: &'static Location<'static>,
}

/// Wires a part of an edge when its graph begins to run.
pub(crate) type Wire<How> = Box<dyn FnOnce(How, &Arc<EdgeMeta>) + Send>;

/// An edge with what wires it.
pub(crate) struct EdgeRecord {
    pub(crate) info: EdgeInfo,
    pub(crate) meta: Arc<EdgeMeta>,
    pub(crate) wire: Wire<EdgeKind>,
    pub(crate) wire_silence: Option<Wire<Duration>>,
    /// Wires it instead, where one of its ends lies in another process.
    pub(crate) crossing: Crossing,
}

impl Graph {
    /// An empty graph.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            nodes: Vec::new(),
            infos: Vec::new(),
            grouped_twice: Vec::new(),
            edges: Vec::new(),
            threads: Vec::new(),
            own_processes: Vec::new(),
            parameters: Vec::new(),
            addresses: Vec::new(),
            shared: Arc::default(),
        }
    }

    /// The name of the graph.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds a node. Nodes start in the order in which they are added, and stop in reverse.
    #[track_caller]
    pub fn add<A: Actor, Kind>(&mut self, name: &str, actor: impl IntoFactory<A, Kind>) -> Node<A> {
        let mut factory = actor.into_factory();
        let place = self.nodes.len();
        let parameters = factory.take_parameters().into_iter();
        self.parameters.extend(parameters.map(|it| (place, it)));
        let make = factory.into_make(name);
        let mut needs = Needs::default();
        A::needs(&mut needs);
        self.infos.push(NodeInfo {
            name: name.to_owned(),
            actor: short_type_name::<A>(),
            needs_values: needs.values,
            needs_commands: needs.commands,
            at: Location::caller(),
        });
        let core = NodeCore::new(name, place, make, &self.shared);
        let node = core.node();
        self.addresses.push(node.address().any());
        self.nodes.push(Box::new(core));
        self.threads.push(None);
        node
    }

    /// Runs a node, and the children that it starts, on this thread instead of the one that runs the system. In virtual
    /// time it makes no difference.
    pub fn place<A: Actor>(&mut self, node: &Node<A>, thread: &Thread) {
        self.threads[node.place()] = Some(thread.clone());
    }

    /// Gives a node a process of its own. Its edges and its end are to others what they were; what is told or asked to
    /// its address, and what it tells or asks others, finds them closed. In virtual time and beside simulated
    /// surroundings it makes no difference.
    pub fn own_process<A: Actor>(&mut self, node: &Node<A>, how: OwnProcess) {
        self.own_processes
            .retain(|(place, _)| *place != node.place());
        self.own_processes.push((node.place(), how));
    }

    /// Keeps one node and no edge, for the process that runs only that node: its first failure ends it there. All
    /// others have ended as far as it can see.
    #[cfg(unix)]
    pub(crate) fn keep_only(&mut self, place: usize) {
        let mut node = self.nodes.swap_remove(place);
        for other in self.nodes.drain(..) {
            other.be_gone();
        }
        node.set_restart(Restart::never());
        self.nodes.push(node);
        self.threads.clear();
        self.edges.clear();
        self.own_processes.clear();
        self.parameters.retain(|(owner, _)| *owner == place);
    }

    /// Takes out the parameters with the names of their nodes. Those of a process of its own are out of reach.
    pub(crate) fn take_parameters(
        &mut self,
        is_elsewhere: impl Fn(usize) -> bool,
    ) -> Vec<(String, Parameter)> {
        let infos = &self.infos;
        let here = self
            .parameters
            .drain(..)
            .filter(|(place, _)| !is_elsewhere(*place));
        here.map(|(place, parameter)| (infos[place].name.clone(), parameter))
            .collect()
    }

    /// Says how a node is restarted after a failure.
    pub fn supervise<A: Actor>(&mut self, node: &Node<A>, restart: Restart) {
        self.nodes[node.place()].set_restart(restart);
    }

    /// Says that nodes are built anew together when one of them fails: those that the strategy names are stopped in
    /// reverse order, and once all of them are wholly gone and the pause is over they are opened again in the order
    /// of the graph, each after the one before has started. Events and messages that wait stay, commands do not.
    ///
    /// ```
    /// # use sinew_runtime::{Actor, Graph, Strategy};
    /// # #[derive(Clone)] struct Bus;
    /// # impl Actor for Bus {}
    /// # #[derive(Clone)] struct Sensor;
    /// # impl Actor for Sensor {}
    /// let mut graph = Graph::new("robot");
    /// let bus = graph.add("bus", Bus);
    /// let sensor = graph.add("sensor", Sensor);
    /// graph.supervise_together(Strategy::RestForOne, [&bus, &sensor]);
    /// ```
    pub fn supervise_together<const N: usize>(
        &mut self,
        strategy: Strategy,
        members: [&dyn AsMember; N],
    ) {
        let group = Arc::new(Group::new(strategy));
        let mut places = members.map(AsMember::member);
        places.sort_unstable();
        for place in places {
            if !self.nodes[place].set_group(&group) {
                self.grouped_twice.push(self.infos[place].name.clone());
            }
        }
    }

    /// Sets how many told and asked messages may wait at a node; 64 if nothing is said.
    pub fn capacity<A: Actor>(&mut self, node: &Node<A>, messages: usize) {
        node.mailbox().set_capacity(messages);
    }

    /// The nodes, in the order in which they start.
    #[must_use]
    pub fn nodes(&self) -> &[NodeInfo] {
        &self.infos
    }

    /// The edges, in the order in which they were connected.
    #[must_use]
    pub fn edges(&self) -> Vec<EdgeInfo> {
        self.edges.iter().map(|edge| edge.info.clone()).collect()
    }

    /// All that is wrong with the graph; a [`System`](crate::System) refuses to run it while there is any.
    #[must_use]
    pub fn findings(&self) -> Vec<GraphFinding> {
        let mut found = findings::of(&self.infos, &self.edges());
        let twice = self.grouped_twice.iter().cloned();
        found.extend(twice.map(|node| GraphFinding::TwoGroups { node }));
        found
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph")
            .field("name", &self.name)
            .field("nodes", &self.infos)
            .finish()
    }
}

/// The name of a type without the path before it; its parameters stay.
fn short_type_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let head = name.find('<').unwrap_or(name.len());
    let start = name[..head].rfind("::").map_or(0, |place| place + 2);
    &name[start..]
}
