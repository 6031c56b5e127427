//! The registers of a PCA9685: sixteen PWM outputs, of which none says how it is until the transaction ends.
//!
//! Source: NXP, "PCA9685", rev. 4 (16 April 2015): table 4 (registers), 7.3.1 (MODE1), 7.3.2 (MODE2: outputs change on STOP), 7.3.3
//! (LEDn_ON and LEDn_OFF, full ON and full OFF, of which the latter takes precedence), 7.3.5 (PRE_SCALE, written asleep only).

/// LEDn_ON_L, LEDn_ON_H, LEDn_OFF_L and LEDn_OFF_H.
pub type Four = [u8; 4];

/// The mode register whose bit 4 says that the chip sleeps, as it does when power comes.
pub const MODE1: u8 = 0x00;
/// The mode register of the outputs.
pub const MODE2: u8 = 0x01;
/// The prescaler.
pub const PRE_SCALE: u8 = 0xFE;

/// In MODE1: the oscillator is off. This is no way to switch outputs off: they stay as they are.
pub const SLEEP: u8 = 0x10;
/// In MODE1: registers that follow are written by one message. Without it all goes to the first.
pub const COUNTS_UP: u8 = 0x20;
/// In MODE2: outputs are driven high and low.
pub const TOTEM_POLE: u8 = 0x04;

/// How long the oscillator takes to run after [`SLEEP`] was cleared.
pub const WAKES_WITHIN: std::time::Duration = std::time::Duration::from_micros(500);

/// Counts of a period.
const PERIOD: f64 = 4096.0;
/// In the high registers: always on, or always off.
const FULL: u8 = 0x10;
/// Of the internal oscillator, in Hz.
const OSCILLATOR: f64 = 25e6;

/// The first register of an output, 0 to 15: LEDn_ON_L. Its other three follow, and then those of the next output.
#[must_use]
pub const fn first(output: u8) -> u8 {
    0x06 + 4 * (output & 0x0F)
}

/// The registers of an output that is always low.
pub const OFF: Four = [0, 0, 0, FULL];
/// The registers of an output that is always high.
pub const ON: Four = [0, FULL, 0, 0];

/// What alone makes an output always low, whatever else its registers say: LEDn_OFF_H.
#[must_use]
pub const fn off(output: u8) -> [u8; 2] {
    [first(output) + 3, FULL]
}

/// The registers of an output that is high for a part of each period, from its begin on: 0 is never and 1 always, to the nearest of
/// 4,096.
#[must_use]
pub fn part(part: f64) -> Four {
    let count = (part * PERIOD).round();
    if count >= PERIOD {
        ON
    } else if count >= 1.0 {
        let [high, low] = (count as u16).to_be_bytes();
        [0, 0, low, high]
    } else {
        OFF
    }
}

/// The prescaler for a PWM of so many Hz, to the nearest that there is: 24 to 1,526 Hz.
#[must_use]
pub fn prescale(hertz: f64) -> u8 {
    (OSCILLATOR / (PERIOD * hertz) - 1.0)
        .round()
        .clamp(3.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_have_four_registers_each() {
        assert_eq!(first(0), 0x06);
        assert_eq!(first(15), 0x42);
        assert_eq!(off(0), [0x09, 0x10]);
        assert_eq!(off(15), [0x45, 0x10]);
    }

    #[test]
    fn a_part_of_a_period_is_counted_and_its_ends_are_full() {
        // 7.3.3, example 1: 20 % of a period from its begin on is 819 (333h) counts.
        assert_eq!(part(0.2), [0, 0, 0x33, 0x03]);
        assert_eq!(part(1.0), [0, 0x10, 0, 0]);
        for none in [0.0, -1.0, 1e-5, f64::NAN] {
            assert_eq!(part(none), [0, 0, 0, 0x10], "{none}");
        }
    }

    #[test]
    fn the_prescaler_is_that_of_the_data_sheet() {
        // 7.3.5: 200 Hz is 1Eh; the ends are 03h for 1,526 Hz and FFh for 24 Hz.
        assert_eq!(prescale(200.0), 0x1E);
        assert_eq!(prescale(1_526.0), 0x03);
        assert_eq!(prescale(1e9), 0x03);
        assert_eq!(prescale(24.0), 0xFD);
        assert_eq!(prescale(0.0), 0xFF);
    }
}
