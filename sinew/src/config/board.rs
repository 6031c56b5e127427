//! The section `[board]` of `robot.toml`: which hardware is real.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Which hardware a robot drives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Backend {
    /// Simulated chips on a simulated board; the default everywhere, a Pi included.
    #[default]
    Mock,
    /// The kernel's character devices.
    Linux,
    /// A Raspberry Pi's own registers where they are faster, else as `linux`.
    Pi,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Backend::Mock => "mock",
            Backend::Linux => "linux",
            Backend::Pi => "pi",
        })
    }
}

/// `[board]`: the backend, and logical ports that are mapped to real devices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BoardSection {
    /// `backend = "mock"`: what everything is, unless a port says otherwise.
    pub backend: Backend,
    /// `[board.ports]`, `gnss = "/dev/ttyUSB0"`: a device's port to a real serial device.
    pub ports: BTreeMap<String, String>,
}
