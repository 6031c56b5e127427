//! The program at the other end of the machine's UART: it does what the checks inside cannot.
//!
//! A line each way. `echo TEXT` is answered with `TEXT`, `temperature MILLIDEGREES` with `done` once the thermometer of the
//! machine measures it, all else with what is wrong.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use serde_json::json;

use super::qmp::Monitor;
use crate::Outcome;

/// The host's end of the machine's UART, and its monitor.
#[derive(Debug)]
pub(super) struct Host {
    uart: PathBuf,
    monitor: PathBuf,
    thread: JoinHandle<Outcome>,
}

impl Host {
    /// Listens for the machine, whose sockets are in this folder.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub(super) fn listen(folder: &Path) -> Outcome<Host> {
        let socket = |name: &str| {
            let path = folder.join(name);
            // One that a former run left; there mostly is none.
            let _ = std::fs::remove_file(&path);
            path
        };
        let (uart, monitor) = (socket("uart"), socket("monitor"));
        let listener = UnixListener::bind(&uart)
            .map_err(|e| format!("cannot listen at {}: {e}", uart.display()))?;
        let at = monitor.clone();
        let thread = thread::spawn(move || {
            let machine = listener.accept();
            let (machine, _) = machine.map_err(|e| format!("no machine came: {e}"))?;
            serve(machine, &at)
        });
        Ok(Host {
            uart,
            monitor,
            thread,
        })
    }

    /// Where the machine's UART is to connect to.
    pub(super) fn uart(&self) -> &Path {
        &self.uart
    }

    /// Where the machine's monitor is to listen.
    pub(super) fn monitor(&self) -> &Path {
        &self.monitor
    }

    /// Ends when the machine has.
    ///
    /// # Errors
    /// When something went wrong at this end.
    pub(super) fn end(self) -> Outcome {
        self.thread
            .join()
            .map_err(|_| "the host's end of the UART panicked".to_owned())?
    }
}

fn serve(machine: UnixStream, monitor: &Path) -> Outcome {
    let broken = |e| format!("the UART broke: {e}");
    let mut lines = BufReader::new(machine.try_clone().map_err(broken)?);
    let mut machine = machine;
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).map_err(broken)? > 0 {
        if !line.ends_with(b"\n") {
            // The machine ended in the middle of a line, and hears no answer.
            break;
        }
        let answer = answer(words(&line), monitor).unwrap_or_else(|error| error);
        writeln!(machine, "{answer}").map_err(broken)?;
        line.clear();
    }
    Ok(())
}

/// The text of a line. Before the first an emulated UART sends bytes that nobody wrote.
fn words(line: &[u8]) -> &str {
    let text = line.trim_ascii();
    let noise = text.iter().rposition(|byte| !matches!(byte, b' '..=b'~'));
    let text = &text[noise.map_or(0, |noise| noise + 1)..];
    std::str::from_utf8(text).unwrap_or_default()
}

fn answer(line: &str, monitor: &Path) -> Outcome<String> {
    match line.split_once(' ') {
        Some(("echo", text)) => return Ok(text.to_owned()),
        Some(("temperature", millidegrees)) => {
            let value: i32 = millidegrees
                .parse()
                .map_err(|_| format!("`{millidegrees}` is no temperature"))?;
            let arguments = json!({
                "path": "/machine/peripheral/thermometer",
                "property": "temperature",
                "value": value,
            });
            Monitor::connect(monitor)?.execute("qom-set", &arguments)?;
        }
        _ => return Err(format!("`{line}` is not known")),
    }
    Ok("done".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_over_the_uart_is_answered_line_by_line() {
        let nowhere = Path::new("/nowhere/monitor");
        assert_eq!(answer("echo a b", nowhere), Ok("a b".to_owned()));
        assert_eq!(words(b"\xff\0echo a b\r\n"), "echo a b");
        let errors = ["temperature warm", "plug", "", "temperature 1"];
        for line in errors {
            assert!(answer(line, nowhere).is_err(), "{line}");
        }
    }

    #[test]
    fn one_that_talks_and_leaves_ends_the_host() {
        let folder = tempfile::tempdir().unwrap();
        let host = Host::listen(folder.path()).unwrap();
        let mut machine = UnixStream::connect(host.uart()).unwrap();
        machine.write_all(b"echo one\necho two\n").unwrap();
        let mut answers = String::new();
        let mut lines = BufReader::new(machine.try_clone().unwrap());
        lines.read_line(&mut answers).unwrap();
        lines.read_line(&mut answers).unwrap();
        assert_eq!(answers, "one\ntwo\n");
        machine.shutdown(std::net::Shutdown::Both).unwrap();
        host.end().unwrap();
    }
}
