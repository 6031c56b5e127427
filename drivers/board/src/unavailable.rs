//! A backend that refuses, and says what to do instead.

use crate::backend::{
    Gpio, I2c, InputDeviceLine, InputDevices, InputLine, InputLines, OpenDrainLine, OutputLine,
    Pwm, PwmLine, Serial, SerialLine, Spi, SpiLine, WatchedLines,
};
use crate::{
    Bias, BoardError, BusError, InputSettings, Level, Pin, PwmChannel, Resource, SerialSettings,
    SpiSettings,
};
use embedded_hal::i2c::Operation;
use sinew_messages::Hertz;
use std::fmt::Display;

/// Refuses whatever is asked of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unavailable {
    /// Why, and what to do.
    pub(crate) why: &'static str,
}

impl Unavailable {
    fn refuse<T>(self, what: impl Display) -> Result<T, BoardError> {
        Err(BoardError::Unavailable {
            what: what.to_string(),
            why: self.why.to_owned(),
        })
    }
}

impl Gpio for Unavailable {
    fn input(&self, pin: Pin, _: InputSettings) -> Result<Box<dyn InputLine>, BoardError> {
        self.refuse(Resource::Pin(pin))
    }

    fn inputs(&self, _: &[Pin], _: InputSettings) -> Result<Box<dyn InputLines>, BoardError> {
        self.refuse("GPIO")
    }

    fn watched_inputs(
        &self,
        _: &[Pin],
        _: InputSettings,
    ) -> Result<Box<dyn WatchedLines>, BoardError> {
        self.refuse("GPIO")
    }

    fn output(&self, pin: Pin, _: Level) -> Result<Box<dyn OutputLine>, BoardError> {
        self.refuse(Resource::Pin(pin))
    }

    fn open_drain(&self, pin: Pin, _: Bias) -> Result<Box<dyn OpenDrainLine>, BoardError> {
        self.refuse(Resource::Pin(pin))
    }
}

impl Pwm for Unavailable {
    fn channel(&self, channel: PwmChannel, _: Hertz) -> Result<Box<dyn PwmLine>, BoardError> {
        self.refuse(Resource::Pwm(channel))
    }
}

impl I2c for Unavailable {
    fn transaction(&self, bus: u8, _: u8, _: &mut [Operation<'_>]) -> Result<(), BusError> {
        Err(BusError::NoSuchBus {
            bus,
            why: self.why.to_owned(),
        })
    }
}

impl Spi for Unavailable {
    fn open(&self, bus: u8, select: u8, _: SpiSettings) -> Result<Box<dyn SpiLine>, BoardError> {
        self.refuse(Resource::Spi { bus, select })
    }
}

impl Serial for Unavailable {
    fn open(&self, port: &str, _: SerialSettings) -> Result<Box<dyn SerialLine>, BoardError> {
        self.refuse(format_args!("serial port {port}"))
    }
}

impl InputDevices for Unavailable {
    fn open(&self, device: &str) -> Result<Box<dyn InputDeviceLine>, BoardError> {
        self.refuse(format_args!("input device {device}"))
    }
}
