//! The emulator's monitor, which changes what the machine cannot: what a sensor measures, what is plugged in.
//!
//! QMP, docs/interop/qmp-spec.rst of qemu: a line of JSON each way, with events in between.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::{Value, json};

use crate::Outcome;

/// A connection to the monitor.
#[derive(Debug)]
pub(super) struct Monitor {
    lines: BufReader<UnixStream>,
}

impl Monitor {
    /// Connects to the monitor of a running machine.
    ///
    /// # Errors
    /// When nobody listens there.
    pub(super) fn connect(socket: &Path) -> Outcome<Monitor> {
        let stream = UnixStream::connect(socket)
            .map_err(|e| format!("no monitor at {}: {e}", socket.display()))?;
        let mut monitor = Monitor {
            lines: BufReader::new(stream),
        };
        monitor.line()?;
        monitor.execute("qmp_capabilities", &json!({}))?;
        Ok(monitor)
    }

    /// Executes a command.
    ///
    /// # Errors
    /// What the monitor answers.
    pub(super) fn execute(&mut self, command: &str, arguments: &Value) -> Outcome {
        let line = json!({ "execute": command, "arguments": arguments });
        let stream = self.lines.get_mut();
        writeln!(stream, "{line}").map_err(|e| format!("the monitor is gone: {e}"))?;
        loop {
            let answer = self.line()?;
            if answer.get("return").is_some() {
                return Ok(());
            }
            if let Some(error) = answer.get("error") {
                return Err(format!("{command}: {error}"));
            }
        }
    }

    fn line(&mut self) -> Outcome<Value> {
        let mut line = String::new();
        let read = self.lines.read_line(&mut line);
        match read {
            Ok(0) => Err("the monitor has ended".to_owned()),
            Ok(_) => serde_json::from_str(&line).map_err(|e| format!("{line}: {e}")),
            Err(error) => Err(format!("the monitor broke: {error}")),
        }
    }
}
