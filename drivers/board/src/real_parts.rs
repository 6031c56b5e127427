//! What of a board is another backend's than the rest: a real bumper on a simulated rover.

use crate::backend::{Backends, Gpio, I2c, InputDevices, Pwm, Serial};
use crate::{Board, BridgePins, Pin, PwmChannel, Resource};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is another backend's than the rest.
#[derive(Clone, Debug, Default)]
pub(crate) struct RealParts {
    pins: BTreeMap<Pin, Arc<dyn Gpio>>,
    channels: BTreeMap<PwmChannel, Arc<dyn Pwm>>,
    pub(crate) buses: BTreeMap<u8, Arc<dyn I2c>>,
    /// By what the robot calls them: whose, and which.
    pub(crate) input_devices: BTreeMap<String, (Arc<dyn InputDevices>, String)>,
}

/// What stands behind a port's name.
#[derive(Clone, Debug)]
pub(crate) struct Port {
    pub(crate) serial: Arc<dyn Serial>,
    pub(crate) device: String,
}

impl Board {
    /// Puts a device of another backend behind the name of a serial port: a real receiver on a simulated rover.
    #[must_use]
    pub fn with_port(mut self, port: &str, serial: Arc<dyn Serial>, device: &str) -> Self {
        let device = device.to_owned();
        Arc::make_mut(&mut self.ports).insert(port.to_owned(), Port { serial, device });
        self
    }

    /// Puts a device of another backend behind the name of an input device: a real gamepad for a simulated rover.
    #[must_use]
    pub fn with_input_device(
        mut self,
        name: &str,
        devices: Arc<dyn InputDevices>,
        device: &str,
    ) -> Self {
        let real = Arc::make_mut(&mut self.real);
        real.input_devices
            .insert(name.to_owned(), (devices, device.to_owned()));
        self
    }

    /// Takes a pin from real lines, whatever the rest is: a real bumper on a simulated rover.
    #[must_use]
    pub fn with_pin(mut self, pin: Pin, gpio: Arc<dyn Gpio>) -> Self {
        Arc::make_mut(&mut self.real).pins.insert(pin, gpio);
        self
    }

    /// Takes a PWM channel from a real computer, whatever the rest is.
    #[must_use]
    pub fn with_pwm(mut self, channel: PwmChannel, pwm: Arc<dyn Pwm>) -> Self {
        Arc::make_mut(&mut self.real).channels.insert(channel, pwm);
        self
    }

    /// Takes a bus from a real computer, whatever the rest is.
    #[must_use]
    pub fn with_i2c(mut self, bus: u8, i2c: Arc<dyn I2c>) -> Self {
        Arc::make_mut(&mut self.real).buses.insert(bus, i2c);
        self
    }

    /// Whether this is not simulated.
    #[must_use]
    pub fn is_real(&self, what: &Resource) -> bool {
        let real = &self.real;
        // What nothing else is said of is the board's.
        let mapped = match what {
            Resource::Pin(pin) => real.pins.get(pin).map(|it| it.is_simulated()),
            Resource::Pwm(channel) => real.channels.get(channel).map(|it| it.is_simulated()),
            Resource::I2c { bus, .. } | Resource::ChipMotor { bus, .. } => {
                real.buses.get(bus).map(|it| it.is_simulated())
            }
            Resource::Serial { port, .. } | Resource::Motor { port, .. } => {
                self.ports.get(port).map(|it| it.serial.is_simulated())
            }
            Resource::InputDevice { name, .. } => {
                let mapped = real.input_devices.get(name);
                mapped.map(|(it, _)| it.is_simulated())
            }
            Resource::Spi { .. } => None,
        };
        !mapped.unwrap_or(self.backends.simulated)
    }

    /// Whether anything on it is not simulated, so that its time is the world's.
    #[must_use]
    pub fn has_real_parts(&self) -> bool {
        let real = &self.real;
        let mut simulated = (self.ports.values().map(|it| it.serial.is_simulated()))
            .chain(real.pins.values().map(|it| it.is_simulated()))
            .chain(real.channels.values().map(|it| it.is_simulated()))
            .chain(real.buses.values().map(|it| it.is_simulated()))
            .chain(real.input_devices.values().map(|(it, _)| it.is_simulated()));
        !self.backends.simulated || simulated.any(|it| !it)
    }

    pub(crate) fn gpio(&self, pin: Pin) -> Arc<dyn Gpio> {
        Arc::clone(self.real.pins.get(&pin).unwrap_or(&self.backends.gpio))
    }

    /// The backends of a bridge: those of its real lines where it has some, so that a bridge of which only a part is real
    /// finds no line for the rest, and is refused.
    pub(crate) fn backends_of(&self, pins: BridgePins, simulated: bool) -> Backends {
        let mut backends = Backends {
            simulated,
            ..self.backends.clone()
        };
        let line = |pin: Pin| self.real.pins.get(&pin);
        if let (Some(lines), Some(_)) = (line(pins.forward), line(pins.backward)) {
            backends.motion = Arc::clone(lines);
        }
        if let Some(pwm) = self.real.channels.get(&pins.pwm) {
            backends.pwm = Arc::clone(pwm);
        }
        backends
    }
}
