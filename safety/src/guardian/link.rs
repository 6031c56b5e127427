//! The robot's end: it gets its lines from the guardian, ends its own leases, and stops when the guardian is gone.

use super::charge::{LEAVES, RESETS};
use super::handshake::{self, GuardError, digest};
use super::{LONGEST_BEAT, PRIORITY, TICK, privilege};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::SendFlags;
use sinew_board::backend::Clock;
use sinew_board::{Board, BridgePlan, Cause, Guarded, GuardianState, SafetyPage, linux};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a reset may take: the latch is written to a disk first.
const RESET: Duration = Duration::from_secs(2);

/// A robot's link to its guardian.
#[derive(Debug)]
pub struct GuardLink {
    page: Arc<SafetyPage>,
    socket: OwnedFd,
    clock: Arc<dyn Clock>,
    /// Whether its end of the socket is closed, for good.
    ended: AtomicBool,
}

impl GuardLink {
    /// Starts a guardian of this robot's own by this command, which gets its end of the socket as its standard input.
    ///
    /// # Errors
    ///
    /// [`GuardError`] if it cannot be started, or refuses.
    pub fn start(command: Command, plans: &[BridgePlan]) -> Result<(Self, Guarded), GuardError> {
        let mut command = command;
        let (ours, theirs) = handshake::pair()?;
        let started = command
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .spawn();
        let doing = "start the guardian";
        // Nobody waits for it: it outlives this process, or its end is seen by the socket.
        started.map_err(|source| GuardError::System { doing, source })?;
        // What still holds the other end here must go, or the guardian's end would not be seen.
        drop(command);
        Self::over(ours, plans)
    }

    /// Finds the guardian that serves at `path`, started by the system.
    ///
    /// # Errors
    ///
    /// [`GuardError`] if none is there, or it refuses.
    pub fn find(
        path: &std::path::Path,
        plans: &[BridgePlan],
    ) -> Result<(Self, Guarded), GuardError> {
        use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
        let doing = handshake::system("find the guardian");
        let flags = SocketFlags::CLOEXEC;
        let socket =
            rustix::net::socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)
                .map_err(&doing)?;
        let address = SocketAddrUnix::new(path).map_err(&doing)?;
        rustix::net::connect(&socket, &address).map_err(&doing)?;
        Self::over(socket, plans)
    }

    /// Meets the guardian at the other end of this socket.
    ///
    /// # Errors
    ///
    /// [`GuardError`] if it refuses, or is none.
    pub fn over(socket: OwnedFd, plans: &[BridgePlan]) -> Result<(Self, Guarded), GuardError> {
        handshake::greet(socket.as_fd(), digest(plans))?;
        let (page, wires) = match handshake::answer(socket.as_fd(), handshake::PATIENCE) {
            Err(GuardError::Refused { why }) => {
                let peer = rustix::net::sockopt::socket_peercred(&socket);
                let why = match peer {
                    Ok(peer) if peer.pid != rustix::process::getpid() => {
                        format!("{why} (its process is {})", peer.pid).into()
                    }
                    _ => why,
                };
                return Err(GuardError::Refused { why });
            }
            other => other?,
        };
        let page = SafetyPage::of(page.as_fd()).map_err(|source| GuardError::System {
            doing: "map the guardian's page",
            source,
        })?;
        let page = Arc::new(page);
        let real = plans.iter().filter(|plan| plan.is_real).count();
        if wires.len() != real {
            return Err(GuardError::NoAnswer);
        }
        let mut wires = wires.into_iter();
        let of_plan = |plan: &BridgePlan| plan.is_real.then(|| wires.next()).flatten();
        let guarded = Guarded {
            page: Arc::clone(&page),
            wires: plans.iter().map(of_plan).collect(),
        };
        let link = Self {
            page,
            socket,
            clock: linux::backends().clock,
            ended: AtomicBool::new(false),
        };
        Ok((link, guarded))
    }

    /// Watches for as long as `goes_on` says so: ends the leases of real outputs, settles what the guardian stopped, and
    /// stops the robot when the guardian is gone. For a thread of its own, which does nothing else.
    pub fn watch(&self, board: &Board, goes_on: impl Fn() -> bool) {
        // Where it is denied the guardian's grace is what covers a late turn.
        let _ = privilege::run_first(PRIORITY - 1);
        let mut epoch = self.page.epoch();
        while goes_on() {
            let next = board.enforce_real().unwrap_or(TICK).min(TICK);
            if self.is_lost() {
                self.stop(board);
            }
            let now = self.page.epoch();
            if now != epoch && !self.page.is_armed() {
                // Whoever raised it; the outputs here have to know when they were stopped.
                let estop = self.page.is_estopped();
                board
                    .safety()
                    .make_safe(if estop { Cause::EStop } else { Cause::Disarm });
            }
            epoch = now;
            self.pause(next);
        }
    }

    /// Whether the guardian has ended, or has not looked for too long.
    fn is_lost(&self) -> bool {
        let (beat, _) = self.page.last_beat();
        self.has_closed() || self.clock.now().since(beat) > LONGEST_BEAT
    }

    fn has_closed(&self) -> bool {
        let mut files = [PollFd::new(&self.socket, PollFlags::RDHUP)];
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let closed = PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR;
        poll(&mut files, Some(&now)).is_ok() && files[0].revents().intersects(closed)
    }

    /// The guardian is gone, or does not look: nobody would stop the motors now. One that looks again (a disk had held it) is
    /// one to be armed under; what was disarmed stays so until a person arms it.
    fn stop(&self, board: &Board) {
        if self.has_closed() {
            self.ended.store(true, Ordering::SeqCst);
        }
        if board.safety().is_armed() {
            board.safety().disarm();
        }
    }

    /// Waits for the guardian's end, or so long.
    fn pause(&self, time: Duration) {
        let time = Timespec {
            tv_sec: 0,
            tv_nsec: time.as_nanos() as i64,
        };
        let mut files = [PollFd::new(&self.socket, PollFlags::RDHUP)];
        // Its end is reported at once and for ever: then time alone is waited for.
        let ended = self.ended.load(Ordering::SeqCst);
        let files = if ended {
            &mut files[..0]
        } else {
            &mut files[..]
        };
        let _ = poll(files, Some(&time));
    }

    /// Why the guardian cannot be relied on, if it cannot.
    #[must_use]
    pub fn trouble(&self) -> Option<&'static str> {
        if self.has_closed() {
            Some("it has ended")
        } else if self.is_lost() {
            Some("it hangs")
        } else {
            None
        }
    }

    /// What the guardian says of itself.
    #[must_use]
    pub fn state(&self) -> GuardianState {
        self.page.last_beat().1
    }

    /// Asks the guardian to release the e-stop; whether it did, within two seconds.
    pub fn reset(&self) -> bool {
        if rustix::net::send(&self.socket, &[RESETS], SendFlags::NOSIGNAL).is_err() {
            return false;
        }
        let patience = self.clock.now() + RESET;
        while self.page.is_estopped() && self.clock.now() < patience {
            self.clock.delay(Duration::from_millis(1));
        }
        !self.page.is_estopped()
    }

    /// Takes leave in order: the guardian makes the outputs safe and does not take the end of this process for a failure.
    pub fn leave(&self) {
        // A guardian that is gone needs no leave.
        let _ = rustix::net::send(&self.socket, &[LEAVES], SendFlags::NOSIGNAL);
    }
}
