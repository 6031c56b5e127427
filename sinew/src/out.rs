//! What a program prints: results to stdout, everything else to stderr.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a result could not be written.
static LOST: AtomicBool = AtomicBool::new(false);

/// Prints a result. A reader that has closed the pipe, as `head` does, is no failure; a full disk is told, and the
/// program's exit code says so too.
pub(crate) fn result(text: &str) {
    let mut out = io::stdout().lock();
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    let written = write!(out, "{text}{newline}").and_then(|()| out.flush());
    if let Err(why) = written
        && why.kind() != ErrorKind::BrokenPipe
        && !LOST.swap(true, Ordering::AcqRel)
    {
        error(&format!("cannot write to standard output: {why}"));
    }
}

/// Whether a result was lost.
pub(crate) fn has_lost() -> bool {
    LOST.load(Ordering::Acquire)
}

/// Tells the user something beside the result.
pub(crate) fn note(text: &str) {
    // Without stderr there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says what went wrong.
pub(crate) fn error(text: &str) {
    note(&format!("error: {text}"));
}

/// Whether findings on stderr may have colours (https://no-color.org).
pub(crate) fn colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
