//! An INA219 voltage and current monitor, fitted to a battery.
//!
//! **Wiring.** VCC to 3.3 V, GND to GND, SDA to GPIO2 and SCL to GPIO3 (bus 1). VIN+ to the battery, VIN- to what it
//! feeds, at most 26 V. Breakout boards carry a shunt of 0.1 Ohm, good for 3.2 A: with a larger motor current
//! fit a smaller shunt and say so in the config.
//!
//! **Messages.** Emits [`BatteryState`] ten times a second by default. Each is an average over 16 samples of the
//! chip (8.5 ms per signal), because motor currents are chopped.
//!
//! **Fails** if the chip does not answer, if what answers does not come out of a reset as an INA219 does, or if it made no
//! new conversion for a second. It drives nothing. After a loss of its supply the chip converts on, with
//! one sample instead of 16.
//!
//! Source: INA219 datasheet SBOS448G, Texas Instruments, December 2015: section 8.5.5.1 (addresses), 8.6.2.1 (configuration,
//! averaging), 8.6.3 (10 uV and 4 mV per bit, conversion ready). The current is computed here from the shunt's
//! voltage, as section 8.5.3 allows; the chip's own calibration register would only round it.

use crate::ranges::range;
use crate::{ReadCounters, i2c_address};
use ina219::SyncIna219;
use ina219::address::Address;
use ina219::calibration::UnCalibrated;
use ina219::configuration::{Configuration, Resolution};
use ina219::errors::{
    BusVoltageReadError, InitializationErrorReason, MeasurementError, ShuntVoltageReadError,
};
use ina219::measurements::Measurements;
use serde::{Deserialize, Deserializer, Serialize};
use sinew_board::{Board, BusError, ClaimError, I2cHandle};
use sinew_messages::{Amperes, BatteryState, Timestamp, Volts, Watts};
use sinew_runtime::{Actor, Context, Emits, EndActor, Factory, Failure, Handler};
use std::time::Duration;

/// A healthy chip converts 58 times in this time.
const STUCK_AFTER: Duration = Duration::from_secs(1);

/// Where an INA219 is wired and what it measures through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Ina219Config {
    /// The I2C bus; 1 is on the header.
    pub bus: u8,
    /// As its pins A0 and A1 say: 0x40 to 0x4f.
    #[serde(deserialize_with = "address")]
    pub address: u8,
    /// The shunt's resistance in Ohm: 0.001 to 1.
    #[serde(deserialize_with = "shunt_ohms")]
    pub shunt_ohms: f64,
    /// From reading to reading: 40 to 10000 ms.
    #[serde(deserialize_with = "period_ms")]
    pub period_ms: u64,
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    i2c_address::within(deserializer, "INA219", &(0x40..=0x4f))
}
range!(shunt_ohms: f64, 0.001..=1.0);
// Both signals of one averaged conversion take 17 ms: slower than that, each reading finds a new one.
range!(period_ms: u64, 40..=10_000);

impl Default for Ina219Config {
    fn default() -> Self {
        Self {
            bus: 1,
            address: 0x40,
            shunt_ohms: 0.1,
            period_ms: 100,
        }
    }
}

/// What an [`Ina219`] counted since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ina219Counters {
    /// Readings published.
    pub readings: u64,
    /// Times that the chip had no new conversion.
    pub not_ready: u64,
}

/// Why an INA219 cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Ina219Error {
    /// The bus failed.
    #[error(
        "{doing} the INA219 at {address:#04x} of I2C bus {bus}: is it powered, are SDA and SCL connected?"
    )]
    Bus {
        /// What was being done.
        doing: &'static str,
        /// The bus.
        bus: u8,
        /// The address.
        address: u8,
        /// What the bus said.
        #[source]
        source: BusError,
    },
    /// What answers behaves as no INA219 does.
    #[error(
        "what answers at {address:#04x} of I2C bus {bus} is no INA219 ({what}); look at the address pins A0 and A1"
    )]
    Identity {
        /// The bus.
        bus: u8,
        /// The address.
        address: u8,
        /// How it differs.
        what: String,
    },
    /// The chip stopped converting.
    #[error("the INA219 at {address:#04x} of I2C bus {bus} made no new conversion for a second")]
    Stuck {
        /// The bus.
        bus: u8,
        /// The address.
        address: u8,
    },
}

/// Time to read.
#[derive(Clone, Copy, Debug)]
struct Read;

/// The actor of an INA219.
pub struct Ina219 {
    /// Handed over to the chip's driver when the actor starts.
    i2c: Option<I2cHandle>,
    chip: Option<SyncIna219<I2cHandle, UnCalibrated>>,
    board: Board,
    config: Ina219Config,
    unready_since: Option<Timestamp>,
    counters: Ina219Counters,
}

impl std::fmt::Debug for Ina219 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ina219")
            .field("config", &self.config)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl Ina219 {
    /// Claims the chip's address on its bus; the factory resets and configures the chip at each start.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] if the address has an owner or the bus does not exist.
    pub fn on(board: &Board, config: &Ina219Config) -> Result<Factory<Self>, ClaimError> {
        let claim = board.i2c("INA219", config.bus, config.address)?;
        let names = claim.clone();
        let (board, config) = (board.clone(), config.clone());
        let factory = Factory::new(move || {
            Ok(Self {
                i2c: Some(claim.open()?),
                chip: None,
                board: board.clone(),
                config: config.clone(),
                unready_since: None,
                counters: Ina219Counters::default(),
            })
        });
        Ok(factory.named(move |node| names.owned_by(node)))
    }

    /// Resets the chip, which proves its identity, and makes it average.
    fn configure(
        &self,
        i2c: I2cHandle,
    ) -> Result<SyncIna219<I2cHandle, UnCalibrated>, Ina219Error> {
        let address = Address::from_byte(self.config.address)
            .map_err(|_| self.identity("an INA219 has no such address"))?;
        let mut chip = SyncIna219::new(i2c, address).map_err(|error| match error.reason {
            InitializationErrorReason::I2cError(source) => self.bus("resetting", source),
            other => self.identity(other),
        })?;
        let averaging = Configuration {
            bus_resolution: Resolution::Avg16,
            shunt_resolution: Resolution::Avg16,
            ..Configuration::default()
        };
        chip.set_configuration(averaging)
            .map_err(|source| self.bus("configuring", source))?;
        Ok(chip)
    }

    /// Reads the newest conversion; `None` if there was none since the last call.
    fn read(&mut self) -> Result<Option<BatteryState>, Ina219Error> {
        let Some(chip) = self.chip.as_mut() else {
            return Ok(None);
        };
        let measured = match chip.next_measurement() {
            Ok(measured) => measured,
            Err(
                MeasurementError::I2cError(source)
                | MeasurementError::ShuntVoltageReadError(ShuntVoltageReadError::I2cError(source))
                | MeasurementError::BusVoltageReadError(BusVoltageReadError::I2cError(source)),
            ) => return Err(self.bus("reading", source)),
            Err(other) => return Err(self.identity(other)),
        };
        Ok(measured.map(|measured| self.state(&measured)))
    }

    fn state(&self, measured: &Measurements<(), ()>) -> BatteryState {
        let shunt = f64::from(measured.shunt_voltage.shunt_voltage_uv()) * 1e-6;
        let load = f64::from(measured.bus_voltage.voltage_mv()) * 1e-3;
        // The chip measures the bus at VIN-; the battery is on the other side of the shunt.
        let voltage = load + shunt;
        let current = shunt / self.config.shunt_ohms;
        BatteryState {
            measured_at: self.board.now(),
            voltage: Volts(voltage),
            current: Amperes(current),
            power: Watts(voltage * current),
        }
    }

    fn bus(&self, doing: &'static str, source: BusError) -> Ina219Error {
        Ina219Error::Bus {
            doing,
            bus: self.config.bus,
            address: self.config.address,
            source,
        }
    }

    fn identity(&self, what: impl std::fmt::Debug) -> Ina219Error {
        Ina219Error::Identity {
            bus: self.config.bus,
            address: self.config.address,
            what: format!("{what:?}"),
        }
    }
}

impl Actor for Ina219 {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let i2c = self.i2c.take().ok_or(EndActor)?;
        self.chip = Some(self.configure(i2c)?);
        ctx.every(Duration::from_millis(self.config.period_ms), Read);
        Ok(())
    }
}

impl Emits<BatteryState> for Ina219 {}

impl Handler<Read> for Ina219 {
    type Reply = ();
    async fn handle(&mut self, _: Read, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if let Some(state) = self.read()? {
            self.unready_since = None;
            self.counters.readings += 1;
            ctx.publish(state);
            return Ok(());
        }
        self.counters.not_ready += 1;
        let now = self.board.now();
        let since = *self.unready_since.get_or_insert(now);
        if now.since(since) >= STUCK_AFTER {
            let (bus, address) = (self.config.bus, self.config.address);
            return Err(Ina219Error::Stuck { bus, address }.into());
        }
        Ok(())
    }
}

impl Handler<ReadCounters> for Ina219 {
    type Reply = Ina219Counters;
    async fn handle(
        &mut self,
        _: ReadCounters,
        _: &mut Context<Self>,
    ) -> Result<Ina219Counters, Failure> {
        Ok(self.counters)
    }
}
