//! What a program prints: results to stdout, everything else to stderr.

use std::io::{self, IsTerminal, Write};

/// Prints a result. A reader that has closed the pipe, as `head` does, is no failure.
pub(crate) fn result(text: &str) {
    let mut out = io::stdout().lock();
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    let _ = write!(out, "{text}{newline}").and_then(|()| out.flush());
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
