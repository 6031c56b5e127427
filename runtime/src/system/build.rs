//! How a graph becomes a system: its edges wired, each node a cell on its thread.

use super::{System, SystemHandle};
use crate::clock::RealClock;
use crate::directory::Directory;
use crate::edge::EdgeMeta;
use crate::environment::Environment;
use crate::graph::{AnyNode, EdgeInfo, EdgeRecord, Graph};
use crate::hub::Hub;
use crate::mailbox::Shared;
use crate::place::process::Elsewhere;
use crate::place::{Crew, Holder, Recruit};
use crate::random::Random;
use crate::sched::{ReadyQueue, Scheduler};
use crate::{Thread, WiringError};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// What decides how a system runs.
pub(super) struct Setting {
    pub(super) seed: u64,
    /// Absent in virtual time.
    pub(super) clock: Option<RealClock>,
    pub(super) environment: Option<Box<dyn Environment>>,
    pub(super) runtime: tokio::runtime::Runtime,
    pub(super) pick: Option<Random>,
}

impl System {
    pub(super) fn build(graph: Graph, setting: Setting) -> Result<Self, WiringError> {
        let findings = graph.findings();
        if !findings.is_empty() {
            return Err(WiringError::of_findings(findings));
        }
        Self::build_sound(graph, setting)
    }

    /// Builds a system of a graph that has no findings.
    pub(super) fn build_sound(mut graph: Graph, setting: Setting) -> Result<Self, WiringError> {
        // Simulated surroundings live in this process, and so does whoever lives among them.
        let alone = setting.clock.is_some() && setting.environment.is_none();
        let apart: Vec<usize> = if alone {
            graph
                .own_processes
                .iter()
                .map(|(place, _)| *place)
                .collect()
        } else {
            Vec::new()
        };
        let parameters = graph.take_parameters(|place| apart.contains(&place));
        let elsewhere = if alone {
            Elsewhere::of(&mut graph)
        } else {
            Elsewhere::none()
        };
        let kin = graph.nodes.iter().map(|node| node.kin()).collect();
        let shared = Arc::clone(&graph.shared);
        shared.home.is_here(setting.clock.is_none());
        shared.fate.expect(graph.nodes.len());
        let queue = Arc::new(ReadyQueue::default());
        let directory = Arc::new(Directory::of(kin, Arc::clone(&queue)));
        let edges = wire(graph.edges, &elsewhere);
        let threads = if setting.clock.is_some() {
            graph.threads
        } else {
            Vec::new()
        };
        let (nodes, recruits) = assign(graph.nodes, threads);
        let holders = watch(&setting, &shared, &queue, &recruits);
        let handle = SystemHandle {
            shared: Arc::clone(&shared),
            directory: Arc::clone(&directory),
            edges: edges.into(),
            parameters: parameters.into(),
            addresses: graph.addresses.into(),
        };
        let hub = Rc::new(Hub::new(setting.clock, setting.seed, shared, directory));
        hub.set_now(hub.now());
        let cells = nodes.into_iter().map(|node| node.into_cell(&hub)).collect();
        let environment = setting.environment;
        let mut scheduler =
            Scheduler::new(cells, Rc::clone(&hub), environment, setting.pick, queue);
        if let Some(holder) = holders.first() {
            scheduler.set_holder(Arc::clone(holder));
        }
        Ok(Self {
            scheduler,
            runtime: setting.runtime,
            hub,
            start: None,
            handle,
            hash: None,
            tap: None,
            recruits,
            crew: Crew::default(),
            holders,
            watchdog: None,
            stopped: false,
        })
    }
}

/// Wires all edges; what is known about each comes back.
fn wire(edges: Vec<EdgeRecord>, elsewhere: &Elsewhere) -> Vec<(EdgeInfo, Arc<EdgeMeta>)> {
    let wired = edges.into_iter().map(|edge| {
        if !elsewhere.wire(&edge) {
            (edge.wire)(edge.info.kind, &edge.meta);
        }
        if let (Some(wire), Some(after)) = (edge.wire_silence, edge.info.silence)
            && !elsewhere.has(&edge.info.to)
        {
            wire(after, &edge.meta);
        }
        (edge.info, edge.meta)
    });
    wired.collect()
}

/// The nodes that stay on the system's own thread, and those of each other thread.
fn assign(
    nodes: Vec<Box<dyn AnyNode>>,
    threads: Vec<Option<Thread>>,
) -> (Vec<Box<dyn AnyNode>>, Vec<Recruit>) {
    let mut stay = Vec::new();
    let mut recruits: Vec<Recruit> = Vec::new();
    let mut placed: BTreeMap<String, usize> = BTreeMap::new();
    let threads = threads.into_iter().chain(std::iter::repeat(None));
    for (node, thread) in nodes.into_iter().zip(threads) {
        let Some(thread) = thread else {
            stay.push(node);
            continue;
        };
        let before = placed.entry(thread.name().to_owned()).or_default();
        let name = thread.name_of(*before);
        *before += 1;
        if let Some(known) = recruits.iter_mut().find(|known| known.name == name) {
            known.realtime = known.realtime.take().or(thread.settings().cloned());
            known.nodes.push(node);
        } else {
            recruits.push(Recruit {
                holder: Holder::of_thread(name.clone()),
                name,
                realtime: thread.settings().cloned(),
                nodes: vec![node],
                queue: Arc::default(),
            });
        }
    }
    (stay, recruits)
}

/// On a real clock: has senders know the schedulers, and gives what the watchdog will watch over, the system's own
/// thread first.
fn watch(
    setting: &Setting,
    shared: &Arc<Shared>,
    queue: &Arc<ReadyQueue>,
    recruits: &[Recruit],
) -> Vec<Arc<Holder>> {
    let Some(clock) = &setting.clock else {
        return Vec::new();
    };
    let queues = recruits.iter().map(|recruit| &recruit.queue);
    let queues = std::iter::once(queue).chain(queues).cloned().collect();
    shared.set_real(clock.clone(), queues);
    let holders = recruits.iter().map(|recruit| Arc::clone(&recruit.holder));
    std::iter::once(Holder::of_thread("main"))
        .chain(holders)
        .collect()
}
