//! The section `[board]` of `robot.toml`: which hardware is real.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use sinew_board::{Pin, PwmChannel};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

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
    /// `[board.input_devices]`, `gamepad = "/dev/input/by-id/..."`: a device's name to what somebody really holds, by its path or by what
    /// it calls itself.
    #[serde(deserialize_with = "devices")]
    pub input_devices: BTreeMap<String, String>,
    /// `gpio_chip = "/dev/gpiochip1"`: where the real lines are, if not on the chip that has a line named as the pin, or the
    /// label of a Raspberry Pi's header.
    pub gpio_chip: Option<PathBuf>,
    /// `real_pins = ["GPIO17"]`: pins that are the computer's own on a simulated board.
    pub real_pins: Vec<Pin>,
    /// `real_pwm = ["PWM0"]`: PWM channels that are the computer's own on a simulated board.
    pub real_pwm: Vec<PwmChannel>,
    /// `real_i2c = [1]`: buses that are the computer's own on a simulated board.
    pub real_i2c: Vec<u8>,
    /// `[board.guardian]`: the lines that the guardian has for itself.
    pub guardian: GuardianSection,
}

/// `[board.guardian]`: how the guardian is wired, beside the motion outputs that it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GuardianSection {
    /// `estop = "GPIO4"`: a normally closed switch from this pin to ground. Open, pressed or cut, it is the e-stop.
    pub estop: Option<Pin>,
    /// `heartbeat = "GPIO22"`: a line that changes some hundred times a second while the guardian looks, for a relay that
    /// cuts the motors' supply when it stands still.
    pub heartbeat: Option<Pin>,
}

impl GuardianSection {
    /// Its pins.
    pub(crate) fn pins(&self) -> impl Iterator<Item = Pin> {
        [self.estop, self.heartbeat].into_iter().flatten()
    }
}

impl BoardSection {
    /// What is real on a simulated board, in words.
    pub(crate) fn real_parts(&self) -> Vec<String> {
        let ports = (self.ports.iter())
            .chain(&self.input_devices)
            .map(|(port, device)| format!("{port}: {device}"));
        let pins = self.real_pins.iter().map(ToString::to_string);
        let channels = self.real_pwm.iter().map(ToString::to_string);
        let pins = pins.chain(channels);
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
