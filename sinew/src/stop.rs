//! Ctrl-C and SIGTERM: the first asks for an orderly stop, the second ends at once, outputs made safe.

use sinew_board::Board;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Whether somebody asked this program to stop.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// The last signal's number; 0 while there was none.
    signal: Arc<AtomicUsize>,
    /// What the second signal makes safe.
    board: OnceLock<Board>,
}

impl Stop {
    /// Listens from now on.
    ///
    /// # Errors
    ///
    /// If the operating system denies the handlers or their thread.
    pub(crate) fn listen() -> io::Result<Stop> {
        let shared = Arc::new(Shared::default());
        listen::start(&shared)?;
        Ok(Stop { shared })
    }

    /// Names the board whose outputs a second signal makes safe.
    pub(crate) fn protect(&self, board: &Board) {
        // A program runs one robot; a second call would name the same board.
        let _ = self.shared.board.set(board.clone());
    }

    /// Whether a stop was asked for.
    pub(crate) fn requested(&self) -> bool {
        self.shared.signal.load(Ordering::Acquire) != 0
    }

    /// The name of the signal that asked.
    pub(crate) fn cause(&self) -> Option<&'static str> {
        match self.shared.signal.load(Ordering::Acquire) as i32 {
            0 => None,
            signal_hook::consts::SIGINT => Some("Ctrl-C"),
            _ => Some("SIGTERM"),
        }
    }
}

#[cfg(unix)]
mod listen {
    use super::Shared;
    use crate::{out, screen, threads};
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::{flag, low_level::pipe};
    use sinew_board::{Board, Cause};
    use std::io::{self, Read};
    use std::os::unix::net::UnixStream;
    use std::sync::atomic::Ordering;
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    /// How long the second signal waits for the outputs; a bus may be stuck.
    const PATIENCE: Duration = Duration::from_millis(200);

    pub(super) fn start(shared: &Arc<Shared>) -> io::Result<()> {
        let (mut wakes, wake) = UnixStream::pair()?;
        for signal in [SIGINT, SIGTERM] {
            // The flag first: handlers run in the order of their registration.
            flag::register_usize(signal, Arc::clone(&shared.signal), signal as usize)?;
            pipe::register(signal, wake.try_clone()?)?;
        }
        let shared = Arc::clone(shared);
        threads::start("signals", move || {
            let mut byte = [0];
            let first = wakes.read_exact(&mut byte);
            if first.and_then(|()| wakes.read_exact(&mut byte)).is_ok() {
                end_at_once(&shared);
            }
        })?;
        Ok(())
    }

    /// Makes the outputs safe, gives the terminal back, and exits whatever the runtime does: also if a bus is stuck or
    /// the terminal takes nothing.
    fn end_at_once(shared: &Shared) {
        let board = shared.board.get().cloned();
        let (done, waits) = mpsc::channel();
        let helper = threads::start("make safe", move || {
            let safe = board.map(|board| make_safe(&board)).unwrap_or_default();
            screen::restore();
            let safe = if safe.is_empty() {
                "nothing".to_owned()
            } else {
                safe.join(", ")
            };
            out::note(&format!("ended at once; made safe: {safe}"));
            // Nobody waits any more if it took too long.
            let _ = done.send(());
        });
        if helper.is_ok() {
            let _ = waits.recv_timeout(PATIENCE);
        }
        std::process::exit(128 + shared.signal.load(Ordering::Acquire) as i32);
    }

    /// The outputs that the e-stop made safe.
    fn make_safe(board: &Board) -> Vec<String> {
        board.safety().estop();
        let outputs = board.motion().into_iter();
        let safe = outputs.filter(|output| output.last_safe == Some(Cause::EStop));
        safe.map(|output| output.part).collect()
    }
}

#[cfg(not(unix))]
mod listen {
    use super::Shared;
    use signal_hook::consts::SIGINT;
    use signal_hook::flag;
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    /// Here all hardware is simulated, so that a second Ctrl-C has nothing to make safe: it just exits.
    pub(super) fn start(shared: &Arc<Shared>) -> io::Result<()> {
        let again = Arc::new(AtomicBool::new(false));
        flag::register_conditional_shutdown(SIGINT, 128 + SIGINT, Arc::clone(&again))?;
        flag::register(SIGINT, again)?;
        flag::register_usize(SIGINT, Arc::clone(&shared.signal), SIGINT as usize)?;
        Ok(())
    }
}
