//! The terminal's other screen, on which a run is watched; whatever happens, the terminal is given back.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Enter the alternate screen, hide the cursor (xterm control sequences, DECSET 1049 and 25).
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[2J";
/// Show the cursor, leave the alternate screen.
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";
/// The size of a terminal that does not tell.
const USUAL_SIZE: (usize, usize) = (80, 24);
/// Panics kept for afterwards; a robot that panics more often says so in its summary.
const MOST_PANICS: usize = 8;

static ACTIVE: AtomicBool = AtomicBool::new(false);
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The alternate screen; dropping it brings the other one back.
#[derive(Debug)]
pub(crate) struct Screen(());

impl Screen {
    /// Whether stdout is a terminal on which one can watch.
    pub(crate) fn is_possible() -> bool {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty());
        io::stdout().is_terminal() && !dumb
    }

    /// Changes to the alternate screen. Panics of actors are kept from it and told when it closes.
    pub(crate) fn open() -> Screen {
        if !ACTIVE.swap(true, Ordering::AcqRel) {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                if !ACTIVE.load(Ordering::Acquire) {
                    before(panic);
                } else if cfg!(panic = "abort") {
                    restore();
                    before(panic);
                } else {
                    keep(panic.to_string());
                }
            }));
            write(ENTER);
        }
        Screen(())
    }

    /// Columns and lines, asked anew each time: windows change.
    pub(crate) fn size(&self) -> (usize, usize) {
        #[cfg(unix)]
        if let Ok(size) = rustix::termios::tcgetwinsize(io::stdout())
            && size.ws_col > 0
            && size.ws_row > 0
        {
            return (usize::from(size.ws_col), usize::from(size.ws_row));
        }
        USUAL_SIZE
    }

    /// Shows a frame of at most as many lines as the screen has.
    pub(crate) fn show(&self, frame: &str) {
        let mut text = String::from("\x1b[H");
        for (index, line) in frame.lines().enumerate() {
            text.push_str(if index == 0 { "" } else { "\r\n" });
            text.push_str(line);
            text.push_str("\x1b[K");
        }
        text.push_str("\x1b[J");
        write(&text);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back, once, and tells the panics that were kept. Any thread may call it.
pub(crate) fn restore() {
    crate::keyboard::restore();
    if !ACTIVE.swap(false, Ordering::AcqRel) {
        return;
    }
    write(LEAVE);
    for panic in PANICS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .drain(..)
    {
        // Without stderr there is nobody to tell.
        let _ = writeln!(io::stderr(), "{panic}");
    }
}

fn keep(panic: String) {
    let mut panics = PANICS.lock().unwrap_or_else(PoisonError::into_inner);
    if panics.len() < MOST_PANICS {
        panics.push(panic);
    }
}

fn write(text: &str) {
    let mut out = io::stdout().lock();
    // A terminal that went away needs no picture; the run goes on.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
