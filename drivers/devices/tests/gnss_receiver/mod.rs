//! A pseudo-terminal that stands for a receiver, and a system that listens to it through the linux backend.

use serialport::{SerialPort, TTYPort};
use sinew_board::{Board, SerialSettings, linux};
use sinew_devices::{Gnss, GnssConfig, GnssCounters, ReadCounters};
use sinew_messages::Fix;
use sinew_runtime::{
    Actor, Address, Context, Factory, Failure, Graph, Handler, NodeState, NodeStatus, Progress,
    Restart, System,
};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The speed of the simulated line. Real receivers' 9600 would take half a minute; the pace is the line's all the same.
pub(crate) const BAUD: u32 = 115_200;

/// Nothing here takes longer, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// What a receiver's UART hands over at once.
const PIECE: usize = 16;

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

    /// Sends `bytes` at the pace of the line, from a thread of its own. The terminal is given back, still open.
    #[allow(
        clippy::disallowed_methods,
        reason = "a real line has a real pace, outside of any actor"
    )]
    pub(crate) fn send(mut self, bytes: Vec<u8>) -> std::thread::JoinHandle<Self> {
        let byte_time = SerialSettings::new(BAUD).byte_time();
        std::thread::spawn(move || {
            for piece in bytes.chunks(PIECE) {
                self.master.write_all(piece).expect("the board reads");
                std::thread::sleep(byte_time * PIECE as u32);
            }
            self
        })
    }
}

/// Listens to receivers and keeps what they said.
pub(crate) struct Listening {
    system: System,
    heard: Vec<Arc<Mutex<Heard>>>,
}

/// What one receiver said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    pub(crate) fixes: Vec<Fix>,
    pub(crate) counters: GnssCounters,
}

impl Listening {
    /// One `Gnss` for each path, on a board of real serial ports.
    pub(crate) fn to(paths: &[String]) -> Self {
        let linux = linux::backends();
        let mut board = Board::new(linux.clone());
        let mut graph = Graph::new("listening");
        let mut heard = Vec::new();
        for (index, path) in paths.iter().enumerate() {
            let port = format!("gnss{index}");
            board = board.with_port(&port, Arc::clone(&linux.serial), path);
            let factory = Gnss::on(&board, &GnssConfig::at(&port, BAUD)).expect("the port is free");
            let gnss = graph.add(&port, factory);
            graph.supervise(&gnss, Restart::patient());
            let (keeps, gnss_address) = (Arc::<Mutex<Heard>>::default(), gnss.address());
            heard.push(Arc::clone(&keeps));
            let listener = Factory::new(move || {
                let (heard, gnss) = (Arc::clone(&keeps), gnss_address.clone());
                Ok(Listener { heard, gnss })
            });
            let listener = graph.add(&format!("listener{index}"), listener);
            graph
                .connect(gnss.out::<Fix>(), &listener)
                .keep_oldest(1000);
        }
        let system = System::real(graph, None).expect("the graph is sound");
        Self { system, heard }
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
                self.heard,
                self.system.handle().status()
            );
        }
    }

    /// Runs until every receiver's port is open.
    pub(crate) fn run_until_open(&mut self) {
        self.run_until("all ports open", |listening| {
            (0..listening.heard.len())
                .all(|index| listening.node(index).state == NodeState::Running)
        });
    }

    /// What a receiver said so far.
    pub(crate) fn heard(&self, index: usize) -> Heard {
        self.heard[index]
            .lock()
            .expect("no test panics in it")
            .clone()
    }

    /// The status of a receiver's node.
    pub(crate) fn node(&self, index: usize) -> NodeStatus {
        let nodes = self.system.handle().status().nodes;
        // Each receiver is followed by its listener.
        nodes[2 * index].clone()
    }
}

struct Listener {
    heard: Arc<Mutex<Heard>>,
    gnss: Address<Gnss>,
}

#[derive(Clone, Copy, Debug)]
struct Count;

impl Actor for Listener {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(Duration::from_millis(50), Count);
        Ok(())
    }
}

impl Handler<Fix> for Listener {
    type Reply = ();
    async fn handle(&mut self, fix: Fix, _: &mut Context<Self>) -> Result<(), Failure> {
        self.heard
            .lock()
            .expect("no test panics in it")
            .fixes
            .push(fix);
        Ok(())
    }
}

impl Handler<Count> for Listener {
    type Reply = ();
    async fn handle(&mut self, _: Count, _: &mut Context<Self>) -> Result<(), Failure> {
        // While the port is away nobody answers.
        if let Ok(counters) = self.gnss.ask(ReadCounters).await {
            self.heard.lock().expect("no test panics in it").counters = counters;
        }
        Ok(())
    }
}
