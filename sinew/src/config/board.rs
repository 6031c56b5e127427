//! The section `[board]` of `robot.toml`: which hardware is real.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use sinew_board::Pin;
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
    #[serde(deserialize_with = "devices")]
    pub ports: BTreeMap<String, String>,
    /// `real_pins = ["GPIO17"]`: pins that are the computer's own on a simulated board.
    pub real_pins: Vec<Pin>,
    /// `real_i2c = [1]`: buses that are the computer's own on a simulated board.
    pub real_i2c: Vec<u8>,
}

impl BoardSection {
    /// What is real on a simulated board, in words.
    pub(crate) fn real_parts(&self) -> Vec<String> {
        let ports = self
            .ports
            .iter()
            .map(|(port, device)| format!("{port}: {device}"));
        let pins = self.real_pins.iter().map(ToString::to_string);
        let buses = self.real_i2c.iter().map(|bus| format!("I2C{bus}"));
        ports.chain(pins).chain(buses).collect()
    }
}

/// Ports and their devices, each with a name.
fn devices<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let ports = BTreeMap::<String, Device>::deserialize(from)?;
    Ok(ports
        .into_iter()
        .map(|(port, device)| (port, device.0))
        .collect())
}

/// The name of a serial device. A type of its own, so that a refusal stands at its line.
struct Device(String);

impl<'de> Deserialize<'de> for Device {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        if name.is_empty() {
            return Err(D::Error::custom(
                "\"\" is no device; write one such as /dev/ttyUSB0",
            ));
        }
        Ok(Device(name))
    }
}
