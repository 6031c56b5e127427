//! How a guardian begins: it opens the outputs, and admits its robot.

use super::charge::Charge;
use super::desk::Desk;
use super::diary::Diary;
use super::handshake::{self, GuardError};
use super::held::Held;
use super::latch::Latch;
use super::notify::Notify;
use super::privilege;
use super::watch::{Guardian, readable};
use rustix::event::{Timespec, poll};
use rustix::net::RecvFlags;
use sinew_board::{
    Board, BoardError, BridgePlan, GuardianState, Indicator, InputPin, Level, SafetyPage, linux,
};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::time::Duration;

/// How long a robot may take to greet, once it is connected: it does nothing else. No other is watched meanwhile.
const GREETING: Duration = Duration::from_millis(100);

/// How a guardian is set up.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Settings {
    /// The robot's state folder, for the latch and the last stop; without one they last as long as the process.
    pub state: Option<PathBuf>,
    /// Where the e-stop's own socket is served.
    pub desk: Option<PathBuf>,
    /// A normally closed switch, by an open input line and its level while the circuit is closed: any other level, or none,
    /// is the e-stop.
    pub switch: Option<(InputPin, Level)>,
    /// A line that changes with each look, for a relay that falls off when it stands still.
    pub heartbeat: Option<Indicator>,
}

/// Why a guardian cannot watch.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A motion output.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The robot has nothing to guard.
    #[error("this robot has no real motion output, so there is nothing to guard")]
    Nothing,
    /// The system refused.
    #[error("could not {doing}: {source}")]
    System {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The robot that it is to watch.
    #[error(transparent)]
    Robot(#[from] GuardError),
}

fn system(doing: &'static str) -> impl Fn(io::Error) -> SetupError {
    move |source| SetupError::System { doing, source }
}

impl Guardian {
    /// Opens every real motion output that a graph has claimed on `board`, and makes it safe.
    ///
    /// # Errors
    ///
    /// [`SetupError`] if there is none, one cannot be had, or the state folder or socket cannot be used.
    pub fn new(board: &Board, mut settings: Settings) -> Result<Self, SetupError> {
        let bridges = board.bridges();
        let mut held = Vec::new();
        for (place, bridge) in bridges.iter().enumerate() {
            if let Some(wires) = bridge.hold()? {
                held.push(Held::new(wires, bridge.plan().safety, place));
            }
        }
        if held.is_empty() {
            return Err(SetupError::Nothing);
        }
        held.sort_by_key(Held::may_wait);
        let plans: Vec<BridgePlan> = bridges.iter().map(|bridge| bridge.plan()).collect();
        let state = settings.state.as_deref();
        let latch = Latch::kept_in(state).map_err(system("keep the e-stop's latch"))?;
        let diary = Diary::kept_in(state).map_err(system("keep the last stop"))?;
        let desk = settings.desk.take();
        let desk = desk.map(|path| Desk::open(&path)).transpose();
        let (page, file) = SafetyPage::shared().map_err(system("make the shared page"))?;
        if latch.is_latched() {
            page.estop();
        }
        Ok(Self {
            held,
            digest: handshake::digest(&plans),
            page,
            file,
            clock: linux::backends().clock,
            state: GuardianState {
                watches: true,
                has_heartbeat: settings.heartbeat.is_some(),
                ..GuardianState::default()
            },
            latch,
            diary,
            desk: desk.map_err(system("serve the e-stop's socket"))?,
            settings,
            notify: Notify::from_environment(),
            charge: None,
            last: None,
            entry: None,
            unwritten: None,
            left: false,
            beat: Level::Low,
        })
    }

    /// Asks for the first place among all threads, for locked memory, and to be spared when memory runs out.
    pub fn ask_for_privileges(&mut self) -> GuardianState {
        self.state = privilege::ask(self.state);
        self.state
    }

    /// Watches the robot at the other end of this socket from now on, if it is this guardian's and greets at once.
    ///
    /// # Errors
    ///
    /// [`GuardError`] if it is another robot, or there is one already; it was told so.
    pub fn admit(&mut self, socket: OwnedFd) -> Result<(), GuardError> {
        let refused = |why: &'static str| {
            handshake::refuse(socket.as_fd(), why);
            Err(GuardError::Refused { why: why.into() })
        };
        if self.charge.is_some() {
            return refused("it watches another process of this robot, which has to end first");
        }
        match self.greeting(socket.as_fd()) {
            Some(digest) if digest == self.digest => {}
            Some(_) => {
                return refused(
                    "it holds other motion outputs than this program has: program and guardian must have the same release and \
                     configuration; start the guardian again",
                );
            }
            None => return refused("it was not greeted in the way of this release"),
        }
        let doing = "hand the outputs to the robot";
        let failed = |source| GuardError::System { doing, source };
        self.page.disarm();
        self.page.end_leases();
        // What it drives from now on is the robot's to drive.
        self.held.iter_mut().for_each(Held::let_go);
        self.held.iter_mut().for_each(Held::forget);
        self.page.beat(self.clock.now(), self.state);
        // Watched before it has anything to drive.
        let charge = Charge::at(socket).map_err(failed)?;
        let mut held: Vec<&Held> = self.held.iter().collect();
        held.sort_by_key(|output| output.place());
        let wires = held.into_iter().map(Held::wires);
        handshake::grant(charge.socket(), self.file.as_fd(), wires).map_err(failed)?;
        self.charge = Some(charge);
        Ok(())
    }

    /// What a robot greets with, if it does so in time.
    fn greeting(&self, socket: BorrowedFd<'_>) -> Option<u64> {
        let patience = Timespec {
            tv_sec: 0,
            tv_nsec: GREETING.as_nanos() as i64,
        };
        let mut waits = [readable(socket)];
        poll(&mut waits, Some(&patience)).ok()?;
        let mut hello = [0; 64];
        let (_, length) = rustix::net::recv(socket, &mut hello, RecvFlags::DONTWAIT).ok()?;
        handshake::greeting(&hello[..length])
    }
}
