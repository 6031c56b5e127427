//! Pseudo-terminals that stand for receivers, and a system that listens to them through the linux backend.

use serialport::{SerialPort, TTYPort};
use sinew_board::{Board, SerialSettings, linux};
use sinew_devices::{Gnss, GnssConfig, GnssCounters, ReadCounters};
use sinew_messages::Fix;
use sinew_runtime::{
    Actor, Address, Context, Factory, Failure, Graph, Handler, NodeState, NodeStatus, Progress,
    Restart, System, Time,
};
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The speed of the lines. At real receivers' 9600 the recordings would take 18 s; a line has its pace at any speed.
pub(crate) const BAUD: u32 = 115_200;

/// Nothing here takes longer, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// How often a line hands over what it had time for.
const TICK: Duration = Duration::from_millis(2);

/// One end of a pseudo-terminal sends what a receiver would; the other is a serial port with a path.
#[derive(Debug)]
pub(crate) struct Receiver {
    master: TTYPort,
    /// Kept so that the terminal's settings last until the board opens it.
    slave: TTYPort,
}

impl Receiver {
    pub(crate) fn new() -> Self {
        let (master, slave) = TTYPort::pair().expect("Linux has pseudo-terminals");
        Self { master, slave }
    }

    /// Where the board finds it.
    pub(crate) fn path(&self) -> String {
        self.slave.name().expect("a pseudo-terminal has a name")
    }
}

/// Listens to receivers and keeps what they said.
pub(crate) struct Listening {
    system: System,
    desks: Vec<Arc<Mutex<Desk>>>,
}

/// What the test and the actors of one receiver share.
#[derive(Debug, Default)]
struct Desk {
    heard: Heard,
    sending: Option<Sending>,
}

/// What one receiver said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    pub(crate) fixes: Vec<Fix>,
    pub(crate) counters: GnssCounters,
}

/// What a receiver is about to say.
#[derive(Debug)]
struct Sending {
    receiver: Receiver,
    bytes: Vec<u8>,
    sent: usize,
    since: Option<Time>,
}

impl Listening {
    /// One `Gnss` for each path, on a board of real serial ports.
    pub(crate) fn to(paths: &[String]) -> Self {
        let linux = linux::backends();
        let mut board = Board::new(linux.clone());
        let mut graph = Graph::new("listening");
        let mut desks = Vec::new();
        for (index, path) in paths.iter().enumerate() {
            let port = format!("gnss{index}");
            board = board.with_port(&port, Arc::clone(&linux.serial), path);
            let factory = Gnss::on(&board, &GnssConfig::at(&port, BAUD)).expect("the port is free");
            let gnss = graph.add(&port, factory);
            graph.supervise(&gnss, Restart::patient());
            let (desk, address) = (Arc::<Mutex<Desk>>::default(), gnss.address());
            desks.push(Arc::clone(&desk));
            let listener = Factory::new(move || {
                let (desk, gnss) = (Arc::clone(&desk), address.clone());
                Ok(Listener { desk, gnss })
            });
            let listener = graph.add(&format!("listener{index}"), listener);
            graph
                .connect(gnss.out::<Fix>(), &listener)
                .keep_oldest(1000);
        }
        let system = System::real(graph, None).expect("the graph is sound");
        Self { system, desks }
    }

    /// Has `receiver` send `bytes` at the pace of its line, beginning now.
    pub(crate) fn send(&mut self, index: usize, receiver: Receiver, bytes: Vec<u8>) {
        let sending = Sending {
            receiver,
            bytes,
            sent: 0,
            since: None,
        };
        self.desk(index).sending = Some(sending);
    }

    /// Closes a receiver's terminal.
    pub(crate) fn unplug(&mut self, index: usize) {
        self.desk(index).sending = None;
    }

    /// Runs until `done`; panics with what there is if that takes too long.
    pub(crate) fn run_until(&mut self, what: &str, mut done: impl FnMut(&Self) -> bool) {
        let limit = self.system.now() + LIMIT;
        while !done(self) {
            let now = self.system.now();
            let progress = self.system.run_until(now + Duration::from_millis(20));
            assert_eq!(progress, Progress::Reached, "the system runs");
            assert!(
                now < limit,
                "{what}: {:?}, {:?}",
                self.desks,
                self.system.handle().status()
            );
        }
    }

    /// Runs until every receiver's port is open.
    pub(crate) fn run_until_open(&mut self) {
        self.run_until("all ports open", |listening| {
            (0..listening.desks.len())
                .all(|index| listening.node(index).state == NodeState::Running)
        });
    }

    /// What a receiver said so far.
    pub(crate) fn heard(&self, index: usize) -> Heard {
        self.desk(index).heard.clone()
    }

    /// The status of a receiver's node.
    pub(crate) fn node(&self, index: usize) -> NodeStatus {
        let nodes = self.system.handle().status().nodes;
        // Each receiver is followed by its listener.
        nodes[2 * index].clone()
    }

    fn desk(&self, index: usize) -> MutexGuard<'_, Desk> {
        lock(&self.desks[index])
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sending {
    /// Sends what the line had time for until `now`.
    fn proceed(&mut self, now: Time) -> std::io::Result<()> {
        let byte_time = SerialSettings::new(BAUD).byte_time();
        let elapsed = now.since(*self.since.get_or_insert(now));
        let due = (elapsed.as_nanos() / byte_time.as_nanos()) as usize;
        let due = due.min(self.bytes.len());
        self.receiver
            .master
            .write_all(&self.bytes[self.sent..due])?;
        self.sent = due;
        Ok(())
    }
}

/// Keeps the fixes of a receiver, asks for its counters, and is its line.
struct Listener {
    desk: Arc<Mutex<Desk>>,
    gnss: Address<Gnss>,
}

#[derive(Clone, Copy, Debug)]
struct Count;

#[derive(Clone, Copy, Debug)]
struct Send;

impl Actor for Listener {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(Duration::from_millis(50), Count);
        ctx.every(TICK, Send);
        Ok(())
    }
}

impl Handler<Fix> for Listener {
    type Reply = ();
    async fn handle(&mut self, fix: Fix, _: &mut Context<Self>) -> Result<(), Failure> {
        lock(&self.desk).heard.fixes.push(fix);
        Ok(())
    }
}

impl Handler<Count> for Listener {
    type Reply = ();
    async fn handle(&mut self, _: Count, _: &mut Context<Self>) -> Result<(), Failure> {
        // While the port is away nobody answers.
        if let Ok(counters) = self.gnss.ask(ReadCounters).await {
            lock(&self.desk).heard.counters = counters;
        }
        Ok(())
    }
}

impl Handler<Send> for Listener {
    type Reply = ();
    async fn handle(&mut self, _: Send, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if let Some(sending) = &mut lock(&self.desk).sending {
            sending.proceed(ctx.now())?;
        }
        Ok(())
    }
}
