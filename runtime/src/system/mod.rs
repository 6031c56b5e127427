//! A graph that runs.

#[cfg(unix)]
mod beside;
mod build;
mod handle;

pub use handle::SystemHandle;

use crate::clock::RealClock;
use crate::edge::EdgeMeta;
use crate::environment::Environment;
use crate::graph::{EdgeInfo, Graph};
use crate::hub::Hub;
use crate::kin::{Kin, give_up, given_up_at};
use crate::mailbox::Order;
use crate::place::process::divert;
use crate::place::{Alarm, Common, Crew, HOLD_LIMIT, Holder, Recruit, Watchdog};
use crate::random::Random;
use crate::report::{EdgeStatus, Report};
use crate::sched::{Running, Scheduler};
use crate::tap::{BothTaps, HashTap, SharedTap, Tap, TraceHash};
use crate::testing::Failures;
use crate::{Actor, Address, IntoFactory, Realtime, RealtimeDenied, StartError, Time, WiringError};
use build::Setting;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long threads may take to go once their actors have ended.
const DISMISSAL: Duration = Duration::from_millis(200);

/// How far a run came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It reached the moment that was asked for.
    Reached,
    /// The system ended by itself, and why.
    Ended(String),
}

/// A running graph. It lives on the thread that made it, with all its actors but those that the graph places on threads
/// of their own.
pub struct System {
    scheduler: Scheduler,
    runtime: tokio::runtime::Runtime,
    hub: Rc<Hub>,
    /// Virtual time's beginning on tokio's clock; absent on a real clock.
    start: Option<tokio::time::Instant>,
    handle: SystemHandle,
    hash: Option<Rc<RefCell<TraceHash>>>,
    tap: Option<SharedTap>,
    /// Threads that start with the first run.
    recruits: Vec<Recruit>,
    crew: Crew,
    /// What the watchdog will watch over.
    holders: Vec<Arc<Holder>>,
    watchdog: Option<Watchdog>,
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
        let setting = Setting {
            seed,
            clock: None,
            environment: Some(environment),
            runtime,
            pick: Some(Random::new(seed)),
        };
        let mut system = Self::build(graph, setting)?;
        let hash = Rc::new(RefCell::new(TraceHash::new()));
        system.hub.set_tap(Box::new(HashTap(Rc::clone(&hash))));
        system.hash = Some(hash);
        system.start = Some(start);
        Ok(system)
    }

    /// A system on the monotonic clock. Simulated surroundings, if there are any, are stepped in real time
    /// beside real devices; the clock then counts from now, else as the kernel's `CLOCK_MONOTONIC`.
    ///
    /// In a process that was started for one node ([`OwnProcess`](crate::OwnProcess)) it runs that node, and the
    /// process ends with it.
    ///
    /// # Errors
    ///
    /// [`WiringError`] with all [`Graph::findings`], or if the operating system denies a runtime.
    pub fn real(
        graph: Graph,
        environment: Option<Box<dyn Environment>>,
    ) -> Result<Self, WiringError> {
        let graph = divert(graph)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let clock = if environment.is_some() {
            RealClock::from_now()
        } else {
            RealClock::absolute()
        };
        let setting = Setting {
            seed: clock.now().nanos(),
            clock: Some(clock),
            environment,
            runtime,
            pick: None,
        };
        Self::build(graph, setting)
    }

    /// Has each actor, in virtual time, handle as many messages in a turn as on a real clock, instead of one. That is
    /// quicker, and still decided by the seed, but the seed then tries fewer orders: none in which another actor comes in
    /// between. Nothing changes on a real clock. The trace is another one than without.
    pub fn full_turns(&mut self) {
        self.scheduler.set_full_turns();
    }

    /// Adds a tap beside the trace hash: it sees every value on every edge, as bytes, whatever thread it begins on. For
    /// nodes on threads of their own it must be there before the first run.
    pub fn tap(&mut self, tap: Box<dyn Tap + Send>) {
        let tap = SharedTap::new(tap);
        self.tap = Some(tap.clone());
        match &self.hash {
            None => self.hub.set_tap(Box::new(tap)),
            Some(hash) => self
                .hub
                .set_tap(Box::new(BothTaps(HashTap(Rc::clone(hash)), tap))),
        }
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
        match self.handle.shared.fate.why() {
            Some(why) => Progress::Ended(why),
            None if self.stopped => Progress::Ended("it was shut down".to_owned()),
            None => Progress::Reached,
        }
    }

    /// As [`run_until`](Self::run_until), and also returns after a turn that asked for a pause: then with `true`.
    pub(crate) fn run_until_paused(&mut self, until: Time) -> (Progress, bool) {
        let progress = self.run_until(until);
        (progress, self.handle.shared.fate.resume())
    }

    /// Has a test see all failures from here on.
    pub(crate) fn observe_failures(&self) -> Arc<Failures> {
        let failures = &self.handle.shared.failures;
        Arc::clone(failures.get_or_init(Arc::default))
    }

    /// What decides all order that the graph leaves open.
    pub(crate) fn seed(&self) -> u64 {
        self.hub.seed
    }

    /// Whether time is virtual.
    pub(crate) fn is_virtual(&self) -> bool {
        self.start.is_some()
    }

    /// Starts the threads and the watchdog, at the first run.
    fn start_crew(&mut self) {
        let Some(clock) = self.hub.clock.clone() else {
            return;
        };
        let common = Common {
            clock,
            seed: self.hub.seed,
            shared: Arc::clone(&self.handle.shared),
            directory: Arc::clone(&self.handle.directory),
            tap: self.tap.clone(),
        };
        for recruit in self.recruits.drain(..) {
            let name = recruit.name.clone();
            if let Err(error) = self.crew.start(recruit, common.clone()) {
                let why = format!("there can be no thread `{name}`: {error}");
                self.handle.shared.fate.end(&why);
            }
        }
        let holders = std::mem::take(&mut self.holders);
        if !holders.is_empty() {
            match Watchdog::over(holders, &self.handle.directory, HOLD_LIMIT) {
                Ok(watchdog) => self.watchdog = Some(watchdog),
                Err(error) => tracing::warn!(%error, "nobody watches who holds a thread too long"),
            }
        }
    }

    fn drive(&mut self, until: Time) {
        self.start_crew();
        let _running = Running::begin();
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
            self.start_crew();
            self.handle.shared.fate.begin_stop();
            self.handle.shared.nudge();
            let roots = self.handle.directory.close();
            roots
                .iter()
                .rev()
                .for_each(|root| self.stop_one(root.as_ref()));
            self.dismiss_crew();
        }
        self.report()
    }

    /// Lets the threads go; one that a handler holds is left to itself, as the report says of the actor.
    fn dismiss_crew(&mut self) {
        self.watchdog = None;
        self.handle.shared.fate.be_over();
        self.handle.shared.nudge();
        let until = self.hub.now() + DISMISSAL;
        let hub = Rc::clone(&self.hub);
        self.crew.dismiss(|| {
            std::thread::yield_now();
            hub.now() < until
        });
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
            .handle
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
            ended: self.handle.shared.fate.why(),
        }
    }
}

/// Without [`System::shut_down`] the actors are dropped, the last started first, and no `stopped` runs; whoever still
/// asks or tells hears that they have ended.
impl Drop for System {
    fn drop(&mut self) {
        self.handle.directory.close();
        for recruit in self.recruits.drain(..) {
            recruit
                .nodes
                .into_iter()
                .for_each(|node| node.into_cell(&self.hub).abort("its system was dropped"));
        }
        self.scheduler.abort_all("its system was dropped");
        self.dismiss_crew();
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
