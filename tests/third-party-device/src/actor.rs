//! The actor: it claims the chip, opens it at each start, and publishes what it measures.

use crate::driver::AT_POWER_ON;
use crate::{Tmp102, Tmp102Config};
use serde::{Deserialize, Serialize};
use sinew_board::{Board, BusError, ClaimError, I2cHandle, Timestamp};
use sinew_runtime::{Actor, Context, Emits, Factory, Failure, Handler};
use std::time::Duration;

/// How warm it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Temperature {
    /// When it was measured.
    pub measured_at: Timestamp,
    /// In degrees Celsius.
    pub celsius: f64,
}

/// Why the chip cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ThermometerError {
    /// The bus failed.
    #[error(
        "the TMP102 at {address:#04x} of I2C bus {bus}: is it powered, are SDA and SCL connected?"
    )]
    Bus {
        /// The bus.
        bus: u8,
        /// The address.
        address: u8,
        /// What the bus said.
        #[source]
        source: BusError,
    },
    /// Another chip answers.
    #[error(
        "what answers at {address:#04x} of I2C bus {bus} is no TMP102 (its configuration is {found:#06x}); look at ADD0"
    )]
    Identity {
        /// The bus.
        bus: u8,
        /// The address.
        address: u8,
        /// Its configuration.
        found: u16,
    },
}

/// Time to read.
#[derive(Clone, Debug)]
struct Read;

/// The actor of a TMP102.
pub struct Thermometer {
    chip: Tmp102<I2cHandle>,
    board: Board,
    config: Tmp102Config,
}

impl Thermometer {
    /// Claims the chip's address; the factory opens it at each start.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] if the address has an owner.
    pub fn on(board: &Board, config: &Tmp102Config) -> Result<Factory<Self>, ClaimError> {
        let claim = board.i2c("TMP102", config.bus, config.address)?;
        let names = claim.clone();
        let (board, config) = (board.clone(), config.clone());
        let factory = Factory::new(move || {
            Ok(Self {
                chip: Tmp102::new(claim.open()?, config.address),
                board: board.clone(),
                config: config.clone(),
            })
        });
        Ok(factory.named(move |node| names.owned_by(node)))
    }

    fn bus(&self, source: BusError) -> ThermometerError {
        ThermometerError::Bus {
            bus: self.config.bus,
            address: self.config.address,
            source,
        }
    }
}

impl Actor for Thermometer {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let found = self.chip.configuration();
        let found = found.map_err(|source| self.bus(source))?;
        if found != AT_POWER_ON {
            let (bus, address) = (self.config.bus, self.config.address);
            return Err(ThermometerError::Identity {
                bus,
                address,
                found,
            }
            .into());
        }
        ctx.every(Duration::from_millis(self.config.period_ms), Read);
        Ok(())
    }
}

impl Emits<Temperature> for Thermometer {}

impl Handler<Read> for Thermometer {
    type Reply = ();
    async fn handle(&mut self, _: Read, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let celsius = self.chip.temperature();
        let celsius = celsius.map_err(|source| self.bus(source))?;
        let measured_at = self.board.now();
        ctx.publish(Temperature {
            measured_at,
            celsius,
        });
        Ok(())
    }
}
