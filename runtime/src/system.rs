//! A graph that runs.

use crate::clock::RealClock;
use crate::directory::Directory;
use crate::edge::EdgeMeta;
use crate::environment::Environment;
use crate::graph::{EdgeInfo, Graph};
use crate::hub::Hub;
use crate::kin::{Child, Kin, Nest, give_up, given_up_at};
use crate::mailbox::{Injection, Order, Shared};
use crate::place::Alarm;
use crate::random::Random;
use crate::report::{EdgeStatus, Report, Status};
use crate::sched::{ReadyQueue, Scheduler};
use crate::tap::{Tap, TraceHash};
use crate::{
    Actor, Address, IntoFactory, Realtime, RealtimeDenied, StartError, Time, WiringError,
};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How far a run came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It reached the moment that was asked for.
    Reached,
    /// The system ended by itself, and why.
    Ended(String),
}

/// A running graph. It lives on the thread that made it, with all its actors.
pub struct System {
    scheduler: Scheduler,
    runtime: tokio::runtime::Runtime,
    hub: Rc<Hub>,
    /// Virtual time's beginning on tokio's clock; absent on a real clock.
    start: Option<tokio::time::Instant>,
    handle: SystemHandle,
    edges: Vec<(EdgeInfo, Arc<EdgeMeta>)>,
    hash: Option<Rc<RefCell<TraceHash>>>,
    stopped: bool,
}

impl System {
    /// A system in virtual time, from [`Time::ZERO`], as fast as the machine runs. All order that the graph
    /// leaves open is decided by `seed`: the same seed gives the same trace, byte for byte.
    ///
    /// # Errors
    ///
    /// [`WiringError`] with all [`Graph::findings`], or if the operating system denies a runtime.
    pub fn simulated(
        graph: Graph,
        seed: u64,
        environment: Box<dyn Environment>,
    ) -> Result<Self, WiringError> {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(true).build()?;
        let start = runtime.block_on(async { tokio::time::Instant::now() });
        let mut system = Self::new(
            graph,
            seed,
            None,
            Some(environment),
            runtime,
            Some(Random::new(seed)),
        )?;
        let hash = Rc::new(RefCell::new(TraceHash::new()));
        system.hub.set_tap(Box::new(SharedTap(Rc::clone(&hash))));
        system.hash = Some(hash);
        system.start = Some(start);
        Ok(system)
    }

    /// A system on the monotonic clock. Simulated surroundings, if there are any, are stepped in real time
    /// beside real devices; the clock then counts from now, else as the kernel's `CLOCK_MONOTONIC`.
    ///
    /// # Errors
    ///
    /// [`WiringError`] with all [`Graph::findings`], or if the operating system denies a runtime.
    pub fn real(
        graph: Graph,
        environment: Option<Box<dyn Environment>>,
    ) -> Result<Self, WiringError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let clock = if environment.is_some() {
            RealClock::from_now()
        } else {
            RealClock::absolute()
        };
        let seed = clock.now().nanos();
        Self::new(graph, seed, Some(clock), environment, runtime, None)
    }

    fn new(
        graph: Graph,
        seed: u64,
        clock: Option<RealClock>,
        environment: Option<Box<dyn Environment>>,
        runtime: tokio::runtime::Runtime,
        pick: Option<Random>,
    ) -> Result<Self, WiringError> {
        let findings = graph.findings();
        if !findings.is_empty() {
            return Err(WiringError::of_findings(findings));
        }
        let shared = Arc::clone(&graph.shared);
        let queue = Arc::new(ReadyQueue::default());
        if let Some(clock) = &clock {
            shared.set_real(clock.clone(), Arc::clone(&queue));
        }
        let nodes = graph.nodes.iter().map(|node| node.kin()).collect();
        let directory = Arc::new(Directory::of(nodes, Arc::clone(&queue)));
        let handle = SystemHandle {
            shared: Arc::clone(&shared),
            directory: Arc::clone(&directory),
        };
        let hub = Rc::new(Hub::new(clock, seed, shared, directory));
        hub.set_now(hub.now());
        let mut edges = Vec::with_capacity(graph.edges.len());
        for edge in graph.edges {
            (edge.wire)(edge.info.kind, &edge.meta);
            if let (Some(wire), Some(after)) = (edge.wire_silence, edge.info.silence) {
                wire(after, &edge.meta);
            }
            edges.push((edge.info, edge.meta));
        }
        let cells: Vec<_> = graph
            .nodes
            .into_iter()
            .map(|node| node.into_cell(&hub))
            .collect();
        let scheduler = Scheduler::new(cells, Rc::clone(&hub), environment, pick, queue);
        Ok(Self {
            scheduler,
            runtime,
            hub,
            start: None,
            handle,
            edges,
            hash: None,
            stopped: false,
        })
    }

    /// Adds a tap beside the trace hash: it sees every value on every edge, as bytes.
    pub fn tap(&mut self, tap: Box<dyn Tap>) {
        let tap = match &self.hash {
            None => tap,
            Some(hash) => Box::new(BothTaps(SharedTap(Rc::clone(hash)), tap)),
        };
        self.hub.set_tap(tap);
    }

    /// Makes the calling thread, on which the system lives, a real-time one, and its timers good to microseconds
    /// instead of milliseconds. Nothing happens in virtual time.
    ///
    /// # Errors
    ///
    /// [`RealtimeDenied`] names each step that was denied, with its remedy; the system runs either way.
    pub fn enter_realtime(&mut self, wanted: &Realtime) -> Result<(), RealtimeDenied> {
        let Some(clock) = self.hub.clock.clone() else {
            return Ok(());
        };
        let inside = self.runtime.enter();
        let alarm = Alarm::precise(clock).map(|alarm| self.scheduler.set_alarm(alarm));
        drop(inside);
        wanted.enter_besides(alarm)
    }

    /// Now, on the system's clock.
    #[must_use]
    pub fn now(&self) -> Time {
        self.hub.now()
    }

    /// A handle for other threads.
    #[must_use]
    pub fn handle(&self) -> SystemHandle {
        self.handle.clone()
    }

    /// Starts an actor that the graph does not know; see [`SystemHandle::spawn`].
    ///
    /// # Errors
    ///
    /// [`StartError`], if one that lives has its name, or if the system is ending.
    pub fn spawn<A: Actor, Kind>(
        &self,
        name: &str,
        actor: impl IntoFactory<A, Kind>,
    ) -> Result<Address<A>, StartError> {
        self.handle.spawn(name, actor)
    }

    /// Runs until `until`, or until the system ends by itself. Blocks the calling thread.
    ///
    /// In virtual time an actor that takes a million turns without letting time move is ended, and the system with
    /// it: [`Progress::Ended`] names the actor.
    pub fn run_until(&mut self, until: Time) -> Progress {
        if !self.stopped {
            self.drive(until);
        }
        match self.scheduler.ended() {
            Some(why) => Progress::Ended(why.to_owned()),
            None if self.stopped => Progress::Ended("it was shut down".to_owned()),
            None => Progress::Reached,
        }
    }

    fn drive(&mut self, until: Time) {
        let scheduler = &mut self.scheduler;
        match self.start {
            Some(start) => self.runtime.block_on(tokio::task::unconstrained(
                scheduler.run_simulated(start, until),
            )),
            None => self
                .runtime
                .block_on(tokio::task::unconstrained(scheduler.run_real(until))),
        }
    }

    /// Ends all actors in order, the last started first, each before the next, and each after its children; one that
    /// does not end in time is dropped or not waited for, and its report says so. A second call does nothing more.
    pub fn shut_down(&mut self) -> Report {
        if !std::mem::replace(&mut self.stopped, true) {
            self.scheduler.begin_shut_down();
            let roots = self.handle.directory.close();
            roots
                .iter()
                .rev()
                .for_each(|root| self.stop_one(root.as_ref()));
        }
        self.report()
    }

    fn stop_one(&mut self, root: &dyn Kin) {
        let asked = self.hub.now();
        root.post(Order::Stop);
        while !root.record().has_ended() {
            let (now, deadline) = (self.hub.now(), given_up_at(root, asked));
            if now >= deadline {
                give_up(root);
                self.drive(now);
                break;
            }
            let step = (now + Duration::from_millis(1)).min(deadline);
            self.drive(step);
        }
    }

    /// What the system did so far.
    #[must_use]
    pub fn report(&self) -> Report {
        let nodes = self.handle.directory.status();
        let past = self.handle.directory.past();
        let edges = self
            .edges
            .iter()
            .map(|(info, meta)| edge_status(info, meta))
            .collect();
        Report {
            messages: past.handled + nodes.iter().map(|node| node.handled).sum::<u64>(),
            failures: past.failures + nodes.iter().map(|node| node.failures).sum::<u64>(),
            restarts: past.restarts + nodes.iter().map(|node| node.restarts).sum::<u64>(),
            unresponsive: past.unresponsive
                + nodes
                    .iter()
                    .map(|node| u64::from(node.unresponsive))
                    .sum::<u64>(),
            trace_hash: self.hash.as_ref().map_or(0, |hash| hash.borrow().value()),
            nodes,
            edges,
            ended: self.scheduler.ended().map(str::to_owned),
        }
    }
}

/// Without [`System::shut_down`] the actors are dropped, the last started first, and no `stopped` runs; whoever still
/// asks or tells hears that they have ended.
impl Drop for System {
    fn drop(&mut self) {
        self.handle.directory.close();
        self.scheduler.abort_all("its system was dropped");
    }
}

impl fmt::Debug for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("System")
            .field("scheduler", &self.scheduler)
            .finish_non_exhaustive()
    }
}

fn edge_status(info: &EdgeInfo, meta: &EdgeMeta) -> EdgeStatus {
    EdgeStatus {
        from: info.from.clone(),
        to: info.to.clone(),
        message: info.message,
        published: meta.published.load(Ordering::Relaxed),
        delivered: meta.delivered.load(Ordering::Relaxed),
        dropped: meta.dropped.load(Ordering::Relaxed),
        expired: meta.expired.load(Ordering::Relaxed),
        silences: meta.silences.load(Ordering::Relaxed),
    }
}

/// A system as other threads may see it: to read its state, to start actors in it, and to inject faults.
#[derive(Clone)]
pub struct SystemHandle {
    shared: Arc<Shared>,
    directory: Arc<Directory>,
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

/// The trace hash, kept where the report can read it.
struct SharedTap(Rc<RefCell<TraceHash>>);

impl Tap for SharedTap {
    fn edge(&mut self, time: Time, edge: u32, sequence: u64, bytes: &[u8]) {
        self.0.borrow_mut().edge(time, edge, sequence, bytes);
    }

    fn turn(&mut self, time: Time, node: u64) {
        self.0.borrow_mut().turn(time, node);
    }
}

/// The trace hash and a user's tap.
struct BothTaps(SharedTap, Box<dyn Tap>);

impl Tap for BothTaps {
    fn edge(&mut self, time: Time, edge: u32, sequence: u64, bytes: &[u8]) {
        self.0.edge(time, edge, sequence, bytes);
        self.1.edge(time, edge, sequence, bytes);
    }

    fn turn(&mut self, time: Time, node: u64) {
        self.0.turn(time, node);
        self.1.turn(time, node);
    }
}
