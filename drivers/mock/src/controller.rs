//! What drives the I2C buses of the mock: what a real controller refuses, and how long it takes.

use embedded_hal::i2c::Operation;
use sinew_messages::Hertz;
use std::time::Duration;

/// The clock of a bus unless the boot configuration says otherwise (`dtparam=i2c_arm_baudrate`): 100 kHz.
const STANDARD_MODE: Hertz = Hertz(100_000.0);
/// A start condition, the address with its direction, and the acknowledge (UM10204, section 3.1.10).
const ADDRESS_BITS: u64 = 10;
/// A byte and its acknowledge.
const BYTE_BITS: u64 = 9;
/// A stop condition.
const STOP_BITS: u64 = 1;

/// An I2C controller: which transactions it takes, its clock, and how long it lets a chip hold the clock.
///
/// A mock begins with [`Self::bcm2835`], which is the strictest; see [`crate::Mock::set_i2c_controller`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct I2cController {
    name: &'static str,
    clock: Hertz,
    /// One bit on the wire.
    bit: Duration,
    /// Whether it reads once in a transaction, and only at its end.
    one_read_and_last: bool,
    /// Whether data is damaged if a chip holds the clock.
    suffers_from_stretching: bool,
    longest_stretch: Duration,
}

impl I2cController {
    /// That of the Raspberry Pi 1 to 4 and Zero, at 100 kHz: one read in a transaction and only as the last, and a clock that
    /// is held for 35 ms at most, which it does not do well.
    ///
    /// Source: drivers/i2c/busses/i2c-bcm2835.c of Raspberry Pi's kernel, `bcm2835_i2c_xfer` (EOPNOTSUPP), `clk_tout_ms`,
    /// `I2C_AQ_NO_CLK_STRETCH`.
    #[must_use]
    pub fn bcm2835() -> Self {
        Self {
            name: "bcm2835",
            clock: STANDARD_MODE,
            bit: bit(STANDARD_MODE),
            one_read_and_last: true,
            suffers_from_stretching: true,
            longest_stretch: Duration::from_millis(35),
        }
    }

    /// That of the Raspberry Pi 5 (in its RP1), at 100 kHz: any order of reads and writes; a transaction ends after a second.
    ///
    /// Source: drivers/i2c/busses/i2c-designware-master.c of Linux, `i2c_dw_xfer`, which waits for `adapter.timeout`, 1 s.
    #[must_use]
    pub fn designware() -> Self {
        Self {
            name: "designware",
            one_read_and_last: false,
            suffers_from_stretching: false,
            longest_stretch: Duration::from_secs(1),
            ..Self::bcm2835()
        }
    }

    /// The same with another clock, 10 kHz to 1 MHz; what lies outside is taken to the nearer end.
    #[must_use]
    pub fn at(self, clock: Hertz) -> Self {
        let clock = Hertz(clock.0.clamp(10_000.0, 1_000_000.0));
        Self {
            clock,
            bit: bit(clock),
            ..self
        }
    }

    /// What the kernel calls its driver.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its clock.
    #[must_use]
    pub const fn clock(&self) -> Hertz {
        self.clock
    }

    /// One bit on the wire.
    pub(crate) const fn bit(&self) -> Duration {
        self.bit
    }

    /// From a start to the end of the last byte's acknowledge.
    pub(crate) fn message(&self, bytes: usize) -> Duration {
        self.bits(ADDRESS_BITS + BYTE_BITS * bytes as u64)
    }

    /// More bytes of a message that is under way.
    pub(crate) fn bytes(&self, bytes: usize) -> Duration {
        self.bits(BYTE_BITS * bytes as u64)
    }

    /// The end of a transaction.
    pub(crate) fn stop(&self) -> Duration {
        self.bits(STOP_BITS)
    }

    fn bits(&self, bits: u64) -> Duration {
        Duration::from_nanos(bits * self.bit.subsec_nanos() as u64)
    }

    /// How long a chip may hold the clock.
    pub(crate) const fn longest_stretch(&self) -> Duration {
        self.longest_stretch
    }

    /// Whether data is damaged if a chip holds the clock.
    pub(crate) const fn suffers_from_stretching(&self) -> bool {
        self.suffers_from_stretching
    }

    /// Whether the controller takes these operations in one transaction.
    pub(crate) fn takes(&self, operations: &[Operation<'_>]) -> Result<(), &'static str> {
        let is_read = |operation: &Operation<'_>| matches!(operation, Operation::Read(_));
        let after_read = |w: &[Operation<'_>]| is_read(&w[0]) && !is_read(&w[1]);
        if self.one_read_and_last && operations.windows(2).any(after_read) {
            return Err(
                "the controller (bcm2835) takes one read in a transaction, and only as the last; \
                 split the transaction (crate ina219: feature `no_transaction`)",
            );
        }
        Ok(())
    }
}

impl Default for I2cController {
    fn default() -> Self {
        Self::bcm2835()
    }
}

/// One period of a clock, to the nanosecond.
fn bit(clock: Hertz) -> Duration {
    Duration::from_nanos((1e9 / clock.0).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_of_two_bytes_takes_48_bits() {
        // S 40W 02 Sr 40R xx xx P: UM10204, figure 14.
        let controller = I2cController::bcm2835();
        let time = controller.message(1) + controller.message(2) + controller.stop();
        assert_eq!(time, Duration::from_micros(480));
        let fast = controller.at(Hertz(400_000.0));
        assert_eq!(
            fast.message(1) + fast.message(2) + fast.stop(),
            Duration::from_micros(120)
        );
    }

    #[test]
    fn a_clock_that_no_bus_has_is_brought_to_the_nearest() {
        let controller = I2cController::designware();
        assert_eq!(controller.at(Hertz(0.0)).clock(), Hertz(10_000.0));
        assert_eq!(controller.at(Hertz(1e12)).clock(), Hertz(1_000_000.0));
    }

    #[test]
    fn only_the_old_controller_wants_its_read_at_the_end() {
        let mut byte = [0];
        let operations = [Operation::Read(&mut byte), Operation::Write(&[1])];
        assert!(I2cController::bcm2835().takes(&operations).is_err());
        assert!(I2cController::designware().takes(&operations).is_ok());
    }
}
