//! Packet serial of RoboClaw motor controllers: two motors, a checksum on every command, an answer to each.
//!
//! Source: Basicmicro, "RoboClaw Series User Manual" (rev. 5.7), "Packet Serial" (address, acknowledgement, time-out of a packet,
//! CRC16), "Advanced Packet Serial" (commands 14 and 15) and "Advanced Motor Control" (commands 32 and 33).

use sinew_messages::Duty;

/// The addresses that a controller can be set to.
pub const ADDRESSES: std::ops::RangeInclusive<u8> = 0x80..=0x87;

/// What answers a command that was understood and asks for nothing.
pub const ACKNOWLEDGE: u8 = 0xFF;

/// The longest packet that is made here.
const LONGEST: usize = 6;

const SET_SERIAL_TIMEOUT: u8 = 14;
const READ_SERIAL_TIMEOUT: u8 = 15;
const DRIVE_M1_SIGNED_DUTY: u8 = 32;
const DRIVE_M2_SIGNED_DUTY: u8 = 33;

/// A motor of a controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motor {
    /// At the terminals M1A and M1B.
    M1,
    /// At the terminals M2A and M2B.
    M2,
}

/// Bytes for the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Packet {
    fn new(parts: &[u8]) -> Self {
        let mut bytes = [0; LONGEST];
        bytes[..parts.len()].copy_from_slice(parts);
        Self {
            bytes,
            length: parts.len(),
        }
    }

    /// With its checksum.
    fn checked(parts: &[u8]) -> Self {
        let mut packet = Self::new(parts);
        let sum = crc16(0, parts).to_be_bytes();
        packet.bytes[packet.length..packet.length + 2].copy_from_slice(&sum);
        packet.length += 2;
        packet
    }

    /// Its bytes in the order of sending.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// A controller by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roboclaw {
    address: u8,
}

impl Roboclaw {
    /// The controller at an address of [`ADDRESSES`]; none has another.
    #[must_use]
    pub fn at(address: u8) -> Option<Self> {
        ADDRESSES.contains(&address).then_some(Self { address })
    }

    /// Drives a motor; zero stops it, in the way that the controller is set to. Answered by [`ACKNOWLEDGE`].
    #[must_use]
    pub fn drive(self, motor: Motor, duty: Duty) -> Packet {
        let command = match motor {
            Motor::M1 => DRIVE_M1_SIGNED_DUTY,
            Motor::M2 => DRIVE_M2_SIGNED_DUTY,
        };
        let full = f64::from(i16::MAX);
        let [high, low] = ((duty.ratio() * full).round() as i16).to_be_bytes();
        Packet::checked(&[self.address, command, high, low])
    }

    /// Stops both motors when no byte comes for so many tenths of a second; 0 is never. Answered by [`ACKNOWLEDGE`].
    #[must_use]
    pub fn set_serial_timeout(self, tenths: u8) -> Packet {
        Packet::checked(&[self.address, SET_SERIAL_TIMEOUT, tenths])
    }

    /// Asks for that time. A question has no checksum.
    #[must_use]
    pub fn read_serial_timeout(self) -> Packet {
        Packet::new(&[self.address, READ_SERIAL_TIMEOUT])
    }

    /// What answers the question where the time is so long: its checksum is over the question as well.
    #[must_use]
    pub fn serial_timeout(self, tenths: u8) -> Packet {
        let asked = crc16(0, &[self.address, READ_SERIAL_TIMEOUT]);
        let [high, low] = crc16(asked, &[tenths]).to_be_bytes();
        Packet::new(&[tenths, high, low])
    }

    /// Ends whatever packet was cut off, and is none: no controller has the address 0. The longest that is made here lacks four
    /// bytes after its command; what is left of these counts as nothing.
    #[must_use]
    pub fn resynchronize(self) -> Packet {
        Packet::new(&[0; LONGEST])
    }
}

/// The checksum of packets: CRC-16 with the polynomial 0x1021, most significant bit first, from 0 (XMODEM). Goes on from `sum`.
#[must_use]
pub fn crc16(sum: u16, bytes: &[u8]) -> u16 {
    bytes.iter().fold(sum, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| {
            let shifted = sum << 1;
            if sum & 0x8000 == 0 {
                shifted
            } else {
                shifted ^ 0x1021
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_80() -> Roboclaw {
        Roboclaw::at(0x80).expect("it is one")
    }

    #[test]
    fn the_checksum_is_xmodems() {
        // The check value of CRC-16/XMODEM in the catalogue of parametrised CRC algorithms (G. Cook).
        assert_eq!(crc16(0, b"123456789"), 0x31C3);
        assert_eq!(crc16(crc16(0, b"1234"), b"56789"), 0x31C3);
    }

    #[test]
    fn a_duty_is_signed_and_fills_its_range() {
        for (duty, high, low) in [
            (1.0, 0x7F, 0xFF),
            (-1.0, 0x80, 0x01),
            (0.0, 0, 0),
            (0.5, 0x40, 0x00),
        ] {
            let packet = at_80().drive(Motor::M2, Duty::nearest(duty));
            assert_eq!(packet.as_bytes()[..4], [0x80, 33, high, low]);
            assert_eq!(crc16(0, packet.as_bytes()), 0, "the sum over all is none");
        }
    }

    #[test]
    fn a_time_out_is_set_with_a_checksum_and_asked_for_without() {
        let set = at_80().set_serial_timeout(5);
        assert_eq!(set.as_bytes()[..3], [0x80, 14, 5]);
        assert_eq!(crc16(0, set.as_bytes()), 0);
        assert_eq!(at_80().read_serial_timeout().as_bytes(), [0x80, 15]);
        let answer = at_80().serial_timeout(5);
        let asked = crc16(0, &[0x80, 15]);
        assert_eq!(answer.as_bytes()[0], 5);
        assert_eq!(crc16(asked, answer.as_bytes()), 0);
    }

    #[test]
    fn only_eight_addresses_are_controllers_and_no_filler_is_one() {
        assert_eq!((0..=u8::MAX).filter_map(Roboclaw::at).count(), 8);
        let filler = at_80().resynchronize();
        let longest = at_80().drive(Motor::M1, Duty::ZERO);
        assert!(filler.as_bytes().len() >= longest.as_bytes().len());
        assert!(
            filler
                .as_bytes()
                .iter()
                .all(|byte| !ADDRESSES.contains(byte))
        );
    }
}
