//! Drivers of others on chips that an emulator models, under the kernel's own I2C driver: lines of TAP.
#![allow(clippy::print_stdout, reason = "its result is a report")]

use embedded_hal::i2c::I2c as _;
use sinew_board::{Board, I2cHandle, linux};
use std::process::ExitCode;

/// What is checked, and how.
type Check = (&'static str, fn() -> Result<(), String>);

fn main() -> ExitCode {
    let checks: [Check; 2] = [
        ("lm75 reads a TMP105", thermometer),
        ("ds1307 sets a DS1338 and reads it", clock),
    ];
    let mut failed = false;
    for (number, (name, check)) in (1..).zip(checks) {
        match check() {
            Ok(()) => println!("ok {number} - {name}"),
            Err(why) => {
                failed = true;
                println!("not ok {number} - {name}\n  # {why}");
            }
        }
    }
    println!("1..{}", checks.len());
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn handle(bus: u8, address: u8) -> Result<I2cHandle, String> {
    let claim = Board::new(linux::backends()).i2c("chip", bus, address);
    let claim = claim.map_err(|error| error.to_string())?;
    claim.open().map_err(|error| error.to_string())
}

/// What it measured is what its register says, in steps of half a degree.
fn thermometer() -> Result<(), String> {
    let mut thermometer = lm75::Lm75::new(handle(1, 0x48)?, lm75::Address::default());
    let found = thermometer.read_temperature();
    let found = found.map_err(|error| format!("{error:?}"))?;
    let mut raw = [0; 2];
    let mut chip = thermometer.destroy();
    let read = chip.write_read(0x48, &[0], &mut raw);
    read.map_err(|error| error.to_string())?;
    let wanted = f32::from(i16::from_be_bytes(raw) >> 7) / 2.0;
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{found} instead of {wanted}"))
    }
}

fn clock() -> Result<(), String> {
    use ds1307::{DateTimeAccess as _, Ds1307, NaiveDate};
    let wanted = NaiveDate::from_ymd_opt(2026, 11, 26);
    let wanted = wanted.and_then(|date| date.and_hms_opt(19, 59, 58));
    let wanted = wanted.ok_or("there is no such moment")?;
    let mut clock = Ds1307::new(handle(0, 0x68)?);
    let set = clock.set_datetime(&wanted);
    set.map_err(|error| format!("{error:?}"))?;
    let found = clock.datetime().map_err(|error| format!("{error:?}"))?;
    let passed = (found - wanted).num_seconds();
    if (0..=5).contains(&passed) {
        Ok(())
    } else {
        Err(format!("{found} instead of {wanted}"))
    }
}
