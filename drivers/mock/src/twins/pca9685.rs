//! A PCA9685, sixteen PWM outputs, as it sits on motor boards.
//!
//! Source: NXP, "PCA9685", rev. 4 (16 April 2015): sections 7.1 (addresses, LED All Call), 7.3.1 (MODE1, restart, sleep), 7.3.2
//! (MODE2), 7.3.3 (LEDn_ON, LEDn_OFF; full ON and full OFF, of which OFF wins), 7.3.4 (ALL_LED), 7.3.5 (PRE_SCALE, written asleep
//! only), 7.4 (power-on: asleep, all outputs off). Written from the data sheet and not from our own driver, so that neither hides a
//! mistake of the other.

use crate::i2c::{I2cChip, I2cTwin, Moment, Unmodelled};
use crate::mock::Mock;
use crate::twin::Twin;
use crate::twins::motor::BridgeState;
use sinew_messages::Duty;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const OUTPUTS: usize = 16;
const MODE1: u8 = 0x00;
const MODE2: u8 = 0x01;
const ALL_CALL_ADDRESS: u8 = 0x05;
const FIRST: u8 = 0x06;
const LAST: u8 = 0x45;
const ALL: std::ops::RangeInclusive<u8> = 0xFA..=0xFD;
const PRE_SCALE: u8 = 0xFE;

/// MODE1: all call answered, asleep, pointer counts up.
const ALLCALL: u8 = 1 << 0;
const SLEEP: u8 = 1 << 4;
const AI: u8 = 1 << 5;
const EXTCLK: u8 = 1 << 6;
/// MODE2: outputs change at each acknowledge instead of at the stop; levels upside down.
const OCH: u8 = 1 << 3;
const INVRT: u8 = 1 << 4;
/// In LEDn_ON_H and LEDn_OFF_H.
const FULL: u8 = 1 << 4;

/// How hard each output is on, 0 to 1.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outputs(Arc<Mutex<[f64; OUTPUTS]>>);

impl Outputs {
    fn all(&self) -> MutexGuard<'_, [f64; OUTPUTS]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, output: usize) -> f64 {
        self.all().get(output).copied().unwrap_or_default()
    }

    /// What a bridge on them does.
    pub(crate) fn bridge(&self, at: BridgeOutputs) -> BridgeState {
        let is_high = |output| self.of(output) > 0.5;
        match (is_high(at.forward), is_high(at.backward)) {
            (false, false) => BridgeState::Coast,
            (true, true) => BridgeState::Brake,
            (true, false) => BridgeState::Drive(Duty::nearest(self.of(at.pwm))),
            (false, true) => BridgeState::Drive(Duty::nearest(-self.of(at.pwm))),
        }
    }
}

/// Three outputs that lead to one half of a TB6612FNG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BridgeOutputs {
    /// To PWM.
    pub pwm: usize,
    /// To IN1: alone high is forward.
    pub forward: usize,
    /// To IN2: alone high is backward.
    pub backward: usize,
}

impl BridgeOutputs {
    /// Motor 1 to 4 of Adafruit's DC and stepper motor board (product 2348, its schematic: M1 is PWM 8, AIN2 9, AIN1 10; M2 is 13,
    /// 12, 11; M3 is 2, 3, 4; M4 is 7, 6, 5).
    #[must_use]
    pub fn adafruit(motor: usize) -> Option<Self> {
        let all = [[8, 9, 10], [13, 12, 11], [2, 3, 4], [7, 6, 5]];
        let [pwm, backward, forward] = *all.get(motor.checked_sub(1)?)?;
        Some(Self {
            pwm,
            forward,
            backward,
        })
    }

    /// Motor 1 (A) or 2 (B) of Waveshare's motor driver board (its schematic: PWMA 0, AIN1 1, AIN2 2, BIN1 3, BIN2 4, PWMB 5).
    #[must_use]
    pub fn waveshare(motor: usize) -> Option<Self> {
        let all = [[0, 1, 2], [5, 3, 4]];
        let [pwm, forward, backward] = *all.get(motor.checked_sub(1)?)?;
        Some(Self {
            pwm,
            forward,
            backward,
        })
    }
}

/// A fitted PCA9685. Unplugged its outputs are off and it answers no more; frozen it acknowledges and does nothing.
#[derive(Clone, Debug)]
pub struct Pca9685Twin {
    twin: I2cTwin,
    outputs: Outputs,
}

impl Pca9685Twin {
    /// The part of each period for which an output (0 to 15) is high.
    #[must_use]
    pub fn output(&self, output: usize) -> f64 {
        self.outputs.of(output)
    }

    /// What stands in a register up to LED15_OFF_H.
    #[must_use]
    pub fn register(&self, register: u8) -> u8 {
        let mut value = [0];
        // Asked as a driver would, and without any time.
        self.twin.look(|chip, at| {
            let _ = chip
                .write(at, &[register])
                .and_then(|()| chip.read(at, &mut value));
        });
        value[0]
    }

    pub(crate) fn outputs(&self) -> Outputs {
        self.outputs.clone()
    }
}

impl Deref for Pca9685Twin {
    type Target = I2cTwin;
    fn deref(&self) -> &I2cTwin {
        &self.twin
    }
}

impl From<Pca9685Twin> for Twin {
    fn from(twin: Pca9685Twin) -> Self {
        twin.twin.into()
    }
}

impl Mock {
    /// Fits a PCA9685 at an address (0x40 to 0x7F, but for the all call 0x70).
    pub fn pca9685(&self, name: &str, bus: u8, address: u8) -> Pca9685Twin {
        let outputs = Outputs::default();
        let chip = Pca9685 {
            registers: POWER_ON,
            pointer: 0,
            outputs: outputs.clone(),
            changed: false,
        };
        let twin = self.i2c_chip(name, "PCA9685", bus, address, Box::new(chip));
        Pca9685Twin { twin, outputs }
    }
}

/// The registers up to LED15_OFF_H, and PRE_SCALE behind them.
const PRE_SCALE_PLACE: usize = LAST as usize + 1;
const POWER_ON: [u8; PRE_SCALE_PLACE + 1] = {
    let mut registers = [0; PRE_SCALE_PLACE + 1];
    registers[MODE1 as usize] = SLEEP | ALLCALL;
    registers[MODE2 as usize] = 0x04;
    registers[0x02] = 0xE2;
    registers[0x03] = 0xE4;
    registers[0x04] = 0xE8;
    registers[ALL_CALL_ADDRESS as usize] = 0xE0;
    let mut output = 0;
    while output < OUTPUTS {
        registers[FIRST as usize + 4 * output + 3] = FULL;
        output += 1;
    }
    registers[PRE_SCALE_PLACE] = 0x1E;
    registers
};

struct Pca9685 {
    registers: [u8; PRE_SCALE_PLACE + 1],
    pointer: u8,
    outputs: Outputs,
    /// Outputs were written in this transaction.
    changed: bool,
}

impl Pca9685 {
    fn mode1(&self) -> u8 {
        self.registers[usize::from(MODE1)]
    }

    /// Asleep the outputs can be turned neither on nor off.
    fn show(&mut self) {
        if self.mode1() & SLEEP != 0 || !std::mem::take(&mut self.changed) {
            return;
        }
        let leds = self.registers[usize::from(FIRST)..].as_chunks::<4>().0;
        for (output, led) in self.outputs.all().iter_mut().zip(leds) {
            *output = on(*led);
        }
    }

    fn put(&mut self, register: u8, value: u8) -> Result<(), Unmodelled> {
        let refused = |why| {
            let access = format!("writing {value:#04x} to");
            Err(unmodelled(access, register, why))
        };
        match register {
            MODE1 if value & EXTCLK != 0 => return refused("it has no clock from outside here"),
            MODE1 => {
                let slept = self.mode1() & SLEEP != 0;
                // The restart bit is cleared by writing it.
                self.registers[usize::from(MODE1)] = value & 0x7F;
                self.changed |= slept;
            }
            MODE2 if value & (OCH | INVRT) != 0 => {
                return refused("outputs change at the stop, the right way up");
            }
            FIRST..=LAST => {
                self.registers[usize::from(register)] = value & mask(register);
                self.changed = true;
            }
            PRE_SCALE if self.mode1() & SLEEP == 0 => {
                return refused("it is written while the chip sleeps");
            }
            PRE_SCALE => self.registers[PRE_SCALE_PLACE] = value.max(3),
            MODE2..=ALL_CALL_ADDRESS => self.registers[usize::from(register)] = value,
            _ if ALL.contains(&register) => {
                for output in 0..OUTPUTS as u8 {
                    let led = FIRST + 4 * output + (register - ALL.start());
                    self.registers[usize::from(led)] = value & mask(led);
                }
                self.changed = true;
            }
            _ => return refused("it is reserved, or a test mode"),
        }
        Ok(())
    }

    /// Where the pointer stands after a byte.
    fn next(&self) -> u8 {
        match self.pointer {
            _ if self.mode1() & AI == 0 => self.pointer,
            LAST | PRE_SCALE => MODE1,
            pointer => pointer.wrapping_add(1),
        }
    }
}

/// What of a register of an output can be written.
fn mask(register: u8) -> u8 {
    if (register - FIRST) % 2 == 1 {
        0x1F
    } else {
        0xFF
    }
}

/// How hard an output with these registers is on.
fn on([on_low, on_high, off_low, off_high]: [u8; 4]) -> f64 {
    if off_high & FULL != 0 {
        return 0.0;
    }
    if on_high & FULL != 0 {
        return 1.0;
    }
    let count = |low, high| u16::from_be_bytes([high & 0x0F, low]);
    let on = count(off_low, off_high).wrapping_sub(count(on_low, on_high)) & 0x0FFF;
    f64::from(on) / 4096.0
}

fn unmodelled(access: String, register: u8, why: &'static str) -> Unmodelled {
    let name = match register {
        MODE1 => "MODE1",
        MODE2 => "MODE2",
        FIRST..=LAST => "LEDn",
        PRE_SCALE => "PRE_SCALE",
        _ if ALL.contains(&register) => "ALL_LED",
        _ => "unknown",
    };
    Unmodelled {
        access,
        register,
        name,
        why,
    }
}

impl I2cChip for Pca9685 {
    fn power_on(&mut self, _: Moment) {
        (self.registers, self.pointer) = (POWER_ON, 0);
        self.power_off();
    }

    fn power_off(&mut self) {
        self.changed = false;
        *self.outputs.all() = [0.0; OUTPUTS];
    }

    /// The first byte sets the pointer; the others are written where it stands, and move it if AI is set.
    fn write(&mut self, at: Moment, bytes: &[u8]) -> Result<(), Unmodelled> {
        let Some((register, values)) = bytes.split_first() else {
            return Ok(());
        };
        self.pointer = *register;
        if at.frozen {
            return Ok(());
        }
        for value in values {
            self.put(self.pointer, *value)?;
            self.pointer = self.next();
        }
        Ok(())
    }

    fn read(&mut self, _: Moment, into: &mut [u8]) -> Result<(), Unmodelled> {
        for byte in into {
            let register = self.pointer;
            *byte = match register {
                MODE1..=LAST => self.registers[usize::from(register)],
                PRE_SCALE => self.registers[PRE_SCALE_PLACE],
                _ if ALL.contains(&register) => 0,
                _ => {
                    let access = "reading".to_owned();
                    return Err(unmodelled(
                        access,
                        register,
                        "it is reserved, or a test mode",
                    ));
                }
            };
            self.pointer = self.next();
        }
        Ok(())
    }

    fn stop(&mut self, _: Moment) {
        self.show();
    }

    fn also_answers(&self, address: u8) -> bool {
        let all_call = self.registers[usize::from(ALL_CALL_ADDRESS)] >> 1;
        self.mode1() & ALLCALL != 0 && address == all_call
    }
}
