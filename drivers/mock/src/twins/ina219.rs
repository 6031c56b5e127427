//! An INA219 current and voltage monitor, at register level.
//!
//! Source: Texas Instruments SBOS448G (December 2015), sections 8.5 and 8.6. An access to anything else than its six
//! registers is an error by name.

use crate::i2c::{I2cChip, I2cTwin, Moment, Unmodelled};
use crate::mock::Mock;
use sinew_messages::{Amperes, Timestamp, Volts};
use std::time::Duration;

const CONFIGURATION: u8 = 0;
const SHUNT_VOLTAGE: u8 = 1;
const BUS_VOLTAGE: u8 = 2;
const POWER: u8 = 3;
const CURRENT: u8 = 4;
const CALIBRATION: u8 = 5;

/// Section 8.6.2.1: 32 V, 320 mV, 12 bits, both continuously.
const CONFIGURATION_RESET: u16 = 0x399F;
const RESET: u16 = 1 << 15;
/// Section 8.6.2.1: the range of the bus voltage, 16 V or 32 V.
const RANGE_32_V: u16 = 1 << 13;
/// Section 8.6.3.2: a conversion is ready; current or power did not fit.
const CONVERSION_READY: u16 = 1 << 1;
const OVERFLOW: u16 = 1;

/// In volts per count. Sections 8.6.3.1 and 8.6.3.2.
const SHUNT_LSB: f64 = 10e-6;
const BUS_LSB: f64 = 4e-3;
/// In counts: 40, 80, 160 and 320 mV. Section 8.6.2.1, table 4 (PG bits).
const SHUNT_RANGES: [f64; 4] = [4000.0, 8000.0, 16000.0, 32000.0];

/// A fitted INA219. Unplugged its address answers no more; frozen its measurements stay as they are.
pub type Ina219Twin = I2cTwin;

impl Mock {
    /// Fits an INA219 (0x40 to 0x4F) with a shunt of `shunt_ohms`.
    ///
    /// `world` gives the voltage of the supply (IN+, the battery's side of the shunt) and the current out of it
    /// (negative while charging), whenever a conversion is read. The chip's bus voltage is that at IN-, behind the
    /// shunt. It is called under the mock's lock: it must not use the mock.
    pub fn ina219(
        &self,
        name: &str,
        bus: u8,
        address: u8,
        shunt_ohms: f64,
        world: impl FnMut(Timestamp) -> (Volts, Amperes) + Send + 'static,
    ) -> Ina219Twin {
        let chip = Ina219 {
            world: Box::new(world),
            shunt_ohms,
            configuration: CONFIGURATION_RESET,
            calibration: 0,
            shunt: 0,
            bus: 0,
            ready: false,
            pointer: CONFIGURATION,
            since: Timestamp::ZERO,
            conversions: 0,
        };
        self.i2c_chip(name, "INA219", bus, address, Box::new(chip))
    }
}

/// The chip.
struct Ina219 {
    world: Box<dyn FnMut(Timestamp) -> (Volts, Amperes) + Send>,
    shunt_ohms: f64,
    configuration: u16,
    calibration: u16,
    /// The last conversion, in counts.
    shunt: i16,
    bus: u16,
    /// CNVR: a conversion was made and its power not read.
    ready: bool,
    pointer: u8,
    /// When the conversions of this mode began, and how many of them were seen.
    since: Timestamp,
    conversions: u128,
}

/// How long one channel converts, from its four ADC bits. Section 8.6.2.1, table 5.
fn conversion_time(bits: u16) -> Duration {
    let micros = match bits & 0xF {
        0b0000 | 0b0100 => 84,
        0b0001 | 0b0101 => 148,
        0b0010 | 0b0110 => 276,
        0b0011 | 0b0111 | 0b1000 => 532,
        0b1001 => 1060,
        0b1010 => 2130,
        0b1011 => 4260,
        0b1100 => 8510,
        0b1101 => 17020,
        0b1110 => 34050,
        _ => 68100,
    };
    Duration::from_micros(micros)
}

impl Ina219 {
    /// Whether the mode converts the shunt, converts the bus, and goes on by itself. Section 8.6.2.1, table 6.
    fn mode(&self) -> (bool, bool, bool) {
        let mode = self.configuration & 7;
        (mode & 1 != 0, mode & 2 != 0, mode & 4 != 0)
    }

    /// Brings the measurements up to date.
    fn convert(&mut self, at: Moment) {
        let (shunt, bus, continuous) = self.mode();
        let mut period = Duration::ZERO;
        if shunt {
            period += conversion_time(self.configuration >> 3);
        }
        if bus {
            period += conversion_time(self.configuration >> 7);
        }
        if period.is_zero() {
            return;
        }
        let made = at.now.since(self.since).as_nanos() / period.as_nanos();
        let conversions = if continuous { made } else { made.min(1) };
        if conversions == self.conversions {
            return;
        }
        self.conversions = conversions;
        self.ready = true;
        if !at.frozen {
            self.measure(at.now, shunt, bus);
        }
    }

    fn measure(&mut self, now: Timestamp, shunt: bool, bus: bool) {
        let (supply, current) = (self.world)(now);
        let drop = current.0 * self.shunt_ohms;
        if shunt {
            let range = SHUNT_RANGES[usize::from(self.configuration >> 11 & 3)];
            self.shunt = (drop / SHUNT_LSB).round().clamp(-range, range) as i16;
        }
        if bus {
            let range = if self.configuration & RANGE_32_V != 0 {
                8000.0
            } else {
                4000.0
            };
            self.bus = ((supply.0 - drop) / BUS_LSB).round().clamp(0.0, range) as u16;
        }
    }

    /// Section 8.6.3.4: current = shunt voltage * calibration / 4096.
    fn current(&self) -> i64 {
        i64::from(self.shunt) * i64::from(self.calibration) / 4096
    }

    /// Section 8.6.3.3: power = current * bus voltage / 5000. The register has no sign (figure 25): chips
    /// in the field report the power of a charging battery as positive.
    fn power(&self) -> i64 {
        self.current().abs() * i64::from(self.bus) / 5000
    }

    fn overflows(&self) -> bool {
        i16::try_from(self.current()).is_err() || u16::try_from(self.power()).is_err()
    }

    fn value(&mut self, register: u8) -> Option<u16> {
        Some(match register {
            CONFIGURATION => self.configuration,
            SHUNT_VOLTAGE => self.shunt as u16,
            BUS_VOLTAGE => {
                let ready = if self.ready { CONVERSION_READY } else { 0 };
                let overflow = if self.overflows() { OVERFLOW } else { 0 };
                self.bus << 3 | ready | overflow
            }
            POWER => {
                self.ready = false;
                self.power() as u16
            }
            CURRENT => self.current() as u16,
            CALIBRATION => self.calibration,
            _ => return None,
        })
    }

    fn reset(&mut self, at: Moment) {
        self.configuration = CONFIGURATION_RESET;
        self.calibration = 0;
        (self.shunt, self.bus) = (0, 0);
        self.pointer = CONFIGURATION;
        self.restart(at);
    }

    fn restart(&mut self, at: Moment) {
        self.ready = false;
        self.since = at.now;
        self.conversions = 0;
    }

    fn configure(&mut self, at: Moment, value: u16) {
        if value & RESET != 0 {
            self.reset(at);
            return;
        }
        self.configuration = value;
        // Section 8.6.3.2: a new mode clears CNVR and begins a conversion, but for power-down and ADC off.
        if matches!(self.mode(), (true, _, _) | (_, true, _)) {
            self.restart(at);
        }
    }
}

fn name(register: u8) -> &'static str {
    match register {
        CONFIGURATION => "Configuration",
        SHUNT_VOLTAGE => "Shunt Voltage",
        BUS_VOLTAGE => "Bus Voltage",
        POWER => "Power",
        CURRENT => "Current",
        CALIBRATION => "Calibration",
        _ => "unknown",
    }
}

fn unmodelled(access: String, register: u8, why: &'static str) -> Unmodelled {
    Unmodelled {
        access,
        register,
        name: name(register),
        why,
    }
}

impl I2cChip for Ina219 {
    fn power_on(&mut self, at: Moment) {
        self.reset(at);
    }

    /// One byte sets the register to read; three write a register. Section 8.5.6.
    fn write(&mut self, at: Moment, bytes: &[u8]) -> Result<(), Unmodelled> {
        let Some((&register, value)) = bytes.split_first() else {
            return Ok(());
        };
        self.convert(at);
        self.pointer = register;
        match (register, value) {
            (_, []) => {}
            (CONFIGURATION, &[high, low]) => self.configure(at, u16::from_be_bytes([high, low])),
            // Section 8.6.4.1: the lowest bit cannot be set.
            (CALIBRATION, &[high, low]) => self.calibration = u16::from_be_bytes([high, low]) & !1,
            (CONFIGURATION | CALIBRATION, _) => {
                let access = format!("writing {} bytes to", value.len());
                return Err(unmodelled(access, register, "a register has two bytes"));
            }
            _ => {
                let access = format!("writing {value:02x?} to");
                return Err(unmodelled(
                    access,
                    register,
                    "only registers 0 and 5 are written",
                ));
            }
        }
        Ok(())
    }

    /// Two bytes, big endian, of the register that was written last. Section 8.5.6.
    fn read(&mut self, at: Moment, into: &mut [u8]) -> Result<(), Unmodelled> {
        self.convert(at);
        let register = self.pointer;
        if into.len() != 2 {
            let access = format!("reading {} bytes from", into.len());
            return Err(unmodelled(access, register, "a register has two bytes"));
        }
        let Some(value) = self.value(register) else {
            let why = "the chip has registers 0 to 5";
            return Err(unmodelled("reading".to_owned(), register, why));
        };
        into.copy_from_slice(&value.to_be_bytes());
        Ok(())
    }
}
