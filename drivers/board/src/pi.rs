//! A Raspberry Pi: as [`linux`], with plain outputs written through the chip's registers, by rppal.
//!
//! The only file that knows rppal, which is no longer maintained (since July 2025) and wrong in places. What is taken of it is
//! what it does well, a store to a register instead of a system call; all else is the kernel's:
//!
//! * **Lines are requested from the kernel first.** rppal takes a line without asking whose it is, changes its mode by a read
//!   and a write that races with the kernel, and gives it back in another mode. Here the kernel has set mode and level
//!   already, so that rppal only ever sets and clears.
//! * **Edges** come from the kernel: rppal's carry no sequence number, so that a lost one is not seen.
//! * **I2C**: rppal ends each part of a transaction with a stop instead of a repeated start.
//! * **SPI**: its transfer in place sends zeros.
//! * **PWM**: it looks for a chip that a Raspberry Pi 5 with Linux 6.12 has elsewhere.
//! * **Motion outputs** stay with the kernel altogether: a descriptor can be handed to the guardian, a mapped register cannot be
//!   taken away from a program that hangs.

use crate::backend::{
    Backends, Gpio, InputLine, InputLines, OpenDrainLine, OutputLine, WatchedLines,
};
use crate::{Bias, BoardError, InputSettings, Level, Pin, linux};
use rppal::gpio;
use rppal::system::DeviceInfo;
use std::sync::Arc;

/// The backends of this Raspberry Pi.
///
/// # Errors
///
/// [`Unfit`] if rppal does not know this computer or may not touch its registers; [`linux::backends`] serves then.
pub fn backends() -> Result<Backends, Unfit> {
    let model = DeviceInfo::new().map_err(|_| Unfit::NotAPi)?.model();
    let registers = gpio::Gpio::new().map_err(|error| Unfit::Registers {
        model: model.to_string(),
        error: error.to_string(),
    })?;
    let linux = linux::backends();
    let gpio = Registers {
        kernel: Arc::clone(&linux.gpio),
        registers,
    };
    Ok(Backends {
        name: "pi",
        gpio: Arc::new(gpio),
        ..linux
    })
}

/// Why this computer is not driven through its registers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// It is none, or one that came later.
    #[error(
        "this computer is no Raspberry Pi that rppal 0.22 knows (its newest are the models of 2024)"
    )]
    NotAPi,
    /// Its registers are out of reach.
    #[error(
        "the registers of this {model} are out of reach ({error}); on Raspberry Pi OS /dev/gpiomem belongs to the group \
         `gpio` (sudo usermod -aG gpio $USER, and log in again), a kernel without it wants root and `iomem=relaxed`"
    )]
    Registers {
        /// The model.
        model: String,
        /// What rppal said.
        error: String,
    },
}

/// The lines of the header.
#[derive(Debug)]
struct Registers {
    kernel: Arc<dyn Gpio>,
    registers: gpio::Gpio,
}

impl Gpio for Registers {
    fn input(&self, pin: Pin, settings: InputSettings) -> Result<Box<dyn InputLine>, BoardError> {
        self.kernel.input(pin, settings)
    }

    fn inputs(
        &self,
        pins: &[Pin],
        settings: InputSettings,
    ) -> Result<Box<dyn InputLines>, BoardError> {
        self.kernel.inputs(pins, settings)
    }

    fn watched_inputs(
        &self,
        pins: &[Pin],
        settings: InputSettings,
    ) -> Result<Box<dyn WatchedLines>, BoardError> {
        self.kernel.watched_inputs(pins, settings)
    }

    fn open_drain(&self, pin: Pin, bias: Bias) -> Result<Box<dyn OpenDrainLine>, BoardError> {
        self.kernel.open_drain(pin, bias)
    }

    fn output(&self, pin: Pin, initial: Level) -> Result<Box<dyn OutputLine>, BoardError> {
        let held = self.kernel.output(pin, initial)?;
        let line = self
            .registers
            .get(pin.number())
            .map_err(|error| BoardError::Unavailable {
                what: pin.to_string(),
                why: format!("rppal does not hand it out: {error}"),
            })?;
        let mut register = line.into_output();
        register.set_reset_on_drop(false);
        Ok(Box::new(Output {
            register,
            _held: held,
        }))
    }
}

/// An open output. The register goes first, then the kernel's request.
#[derive(Debug)]
struct Output {
    register: gpio::OutputPin,
    _held: Box<dyn OutputLine>,
}

impl OutputLine for Output {
    /// A store to a register: it cannot fail, and says nothing of a chip that is gone.
    fn set(&mut self, level: Level) -> Result<(), BoardError> {
        match level {
            Level::Low => self.register.set_low(),
            Level::High => self.register.set_high(),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_rppal_knows_no_pi_it_is_said_and_nothing_is_opened() {
        // On a Raspberry Pi this test looks at the real thing and has nothing to say.
        if let Err(why) = backends() {
            let text = why.to_string();
            assert!(
                text.contains("Raspberry Pi") || text.contains("usermod"),
                "{text}"
            );
        }
    }
}
