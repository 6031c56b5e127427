//! On what the figures were taken.

use std::fmt;
use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// A machine, as far as it tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    cpu: String,
    cores: usize,
    kernel: String,
    compiler: String,
    load: String,
}

impl Machine {
    /// This one, now.
    pub fn here() -> Machine {
        let cpu = line("/proc/cpuinfo", "model name")
            .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
        let load = first_words("/proc/loadavg", 1);
        Machine {
            cpu,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: first_words("/proc/sys/kernel/osrelease", 1),
            compiler: said_by(Command::new("rustc").arg("--version")),
            load,
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine {
            cpu,
            cores,
            kernel,
            compiler,
            load,
        } = self;
        write!(
            f,
            "{cpu}, {cores} cores, Linux {kernel}, {compiler}, load {load} when it began"
        )
    }
}

fn line(path: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn first_words(path: &str, count: usize) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let words: Vec<_> = text.split_whitespace().take(count).collect();
    words.join(" ")
}

fn said_by(command: &mut Command) -> String {
    let said = command.output().map(|output| output.stdout);
    String::from_utf8_lossy(&said.unwrap_or_default())
        .trim()
        .to_owned()
}
