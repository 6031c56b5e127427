//! A bench for devices: a mock with twins, time that a test decides, and actors that listen and speak.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test uses a part of the bench"
)]

use sinew_board::Board;
use sinew_devices::ReadCounters;
use sinew_messages::Timestamp;
use sinew_mock::Mock;
use sinew_runtime::{
    Actor, Address, Context, Emits, Environment, Factory, Failure, Graph, Handler, Message, Node,
    NodeStatus, Silence, System, Time,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A moment, in milliseconds.
pub fn ms(milliseconds: u64) -> Time {
    Time::from_nanos(milliseconds * 1_000_000)
}

/// A time that passes, in milliseconds.
pub fn for_ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The same moment on the board's clock.
pub fn stamp(time: Time) -> Timestamp {
    Timestamp::from_nanos(time.nanos())
}

/// What happens at a moment of a test.
type Act = Box<dyn FnMut()>;

/// A mock, the board over it, and what a test has planned.
pub struct Bench {
    pub mock: Mock,
    pub board: Board,
    planned: Vec<(Time, Act)>,
}

impl Bench {
    pub fn new() -> Self {
        let mock = Mock::new(7);
        let board = Board::new(mock.backends());
        Self {
            mock,
            board,
            planned: Vec::new(),
        }
    }

    /// Plans something for a moment.
    pub fn at(&mut self, time: Time, act: impl FnMut() + 'static) -> &mut Self {
        self.planned.push((time, Box::new(act)));
        self.planned.sort_by_key(|(time, _)| *time);
        self
    }

    /// The surroundings of a system; keep a clone of `mock` and `board` to look at them.
    pub fn surroundings(self) -> Box<dyn Environment> {
        Box::new(self)
    }
}

impl Environment for Bench {
    fn next_event(&mut self) -> Option<Time> {
        let stamps = [self.mock.next_event(), self.board.next_deadline()];
        let stamps = stamps.into_iter().flatten();
        let times = stamps.map(|stamp| Time::from_nanos(stamp.nanos()));
        times
            .chain(self.planned.first().map(|(time, _)| *time))
            .min()
    }

    fn advance(&mut self, to: Time) {
        self.mock.advance(stamp(to));
        self.board.enforce(stamp(to));
        while self.planned.first().is_some_and(|(time, _)| *time <= to) {
            let (_, mut act) = self.planned.remove(0);
            act();
        }
    }

    fn reached(&self) -> Option<Time> {
        Some(Time::from_nanos(self.mock.now().nanos()))
    }
}

/// What an actor heard, and when.
pub type Heard<M> = Arc<Mutex<Vec<(Time, M)>>>;

/// Keeps all that it hears, and each silence.
#[derive(Clone)]
pub struct Listener<M> {
    pub heard: Heard<M>,
    pub silences: Arc<Mutex<Vec<Time>>>,
}

impl<M> Listener<M> {
    pub fn new() -> Self {
        Self {
            heard: Arc::default(),
            silences: Arc::default(),
        }
    }
}

impl<M: Clone> Listener<M> {
    /// All messages so far.
    pub fn messages(&self) -> Vec<M> {
        self.heard
            .lock()
            .unwrap()
            .iter()
            .map(|(_, message)| message.clone())
            .collect()
    }

    /// The messages heard from `from` on and before `to`.
    pub fn between(&self, from: Time, to: Time) -> Vec<M> {
        let heard = self.heard.lock().unwrap();
        heard
            .iter()
            .filter(|(time, _)| (from..to).contains(time))
            .map(|(_, message)| message.clone())
            .collect()
    }
}

impl<M: 'static> Actor for Listener<M> {}

impl<M: Message> Handler<M> for Listener<M> {
    type Reply = ();
    async fn handle(&mut self, message: M, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.heard.lock().unwrap().push((ctx.now(), message));
        Ok(())
    }
}

impl<M: Message> Handler<Silence<M>> for Listener<M> {
    type Reply = ();
    async fn handle(&mut self, _: Silence<M>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.silences.lock().unwrap().push(ctx.now());
        Ok(())
    }
}

/// Says what it was told to, when it was told to.
#[derive(Clone)]
pub struct Speaker<M> {
    lines: Vec<(Time, M)>,
}

/// Time for a line.
#[derive(Clone, Copy)]
struct Line(usize);

impl<M> Speaker<M> {
    pub fn new(lines: Vec<(Time, M)>) -> Self {
        Self { lines }
    }
}

impl<M: Message> Speaker<M> {
    /// Says `message` every `period`, from `from` until before `to`.
    pub fn every(period: Duration, from: Time, to: Time, message: M) -> Self {
        let mut lines = Vec::new();
        let mut time = from;
        while time < to {
            lines.push((time, message.clone()));
            time = time + period;
        }
        Self { lines }
    }
}

impl<M: Message> Actor for Speaker<M> {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        for (index, (time, _)) in self.lines.iter().enumerate() {
            ctx.after(time.since(ctx.now()), Line(index));
        }
        Ok(())
    }
}

impl<M: Message> Emits<M> for Speaker<M> {}

impl<M: Message> Handler<Line> for Speaker<M> {
    type Reply = ();
    async fn handle(&mut self, line: Line, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let (_, message) = self.lines[line.0].clone();
        ctx.publish(message);
        Ok(())
    }
}

/// The counters of a device, asked for at one moment.
struct Asker<A: Actor, R> {
    whom: Address<A>,
    when: Time,
    replies: Arc<Mutex<Vec<R>>>,
}

/// Time to ask.
#[derive(Clone, Copy)]
struct Ask;

impl<A: Handler<ReadCounters, Reply = R>, R: Send + 'static> Actor for Asker<A, R> {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.after(self.when.since(ctx.now()), Ask);
        Ok(())
    }
}

impl<A: Handler<ReadCounters, Reply = R>, R: Send + 'static> Handler<Ask> for Asker<A, R> {
    type Reply = ();
    async fn handle(&mut self, _: Ask, _: &mut Context<Self>) -> Result<(), Failure> {
        if let Ok(reply) = self.whom.ask(ReadCounters).await {
            self.replies.lock().unwrap().push(reply);
        }
        Ok(())
    }
}

/// Has the counters of `node` asked for at `when`; they are the first element after that.
pub fn counters<A, R>(graph: &mut Graph, node: &Node<A>, when: Time) -> Arc<Mutex<Vec<R>>>
where
    A: Handler<ReadCounters, Reply = R>,
    R: Send + 'static,
{
    let replies = Arc::new(Mutex::new(Vec::new()));
    let (whom, kept) = (node.address(), replies.clone());
    let make = move || {
        Ok(Asker {
            whom: whom.clone(),
            when,
            replies: kept.clone(),
        })
    };
    graph.add("asker", Factory::new(make));
    replies
}

/// Runs a graph on a bench until a moment.
pub fn run(graph: Graph, bench: Bench, until: Time) -> System {
    let mut system = System::simulated(graph, 1, bench.surroundings()).unwrap();
    system.run_until(until);
    system
}

/// What became of a node.
pub fn status(system: &System, node: &str) -> NodeStatus {
    let nodes = system.report().nodes;
    nodes
        .into_iter()
        .find(|status| status.name == node)
        .unwrap()
}
