//! How a chip on an SPI bus wants to be spoken to.

use serde::{Deserialize, Serialize};

/// The level of the clock at rest and the edge at which data are taken, as datasheets number them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpiMode {
    /// The clock rests low, data are taken at its first edge.
    #[default]
    Mode0,
    /// The clock rests low, data are taken at its second edge.
    Mode1,
    /// The clock rests high, data are taken at its first edge.
    Mode2,
    /// The clock rests high, data are taken at its second edge.
    Mode3,
}

/// Clock and mode of one chip: bytes with their highest bit first, chip select low while it is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SpiSettings {
    /// The fastest clock, in hertz; the controller takes the next lower one that it can make.
    pub hertz: u32,
    /// Clock polarity and phase.
    pub mode: SpiMode,
}

impl SpiSettings {
    /// At most this clock, in [`SpiMode::Mode0`].
    #[must_use]
    pub const fn new(hertz: u32) -> Self {
        Self {
            hertz,
            mode: SpiMode::Mode0,
        }
    }

    /// With this mode.
    #[must_use]
    pub const fn mode(mut self, mode: SpiMode) -> Self {
        self.mode = mode;
        self
    }
}
