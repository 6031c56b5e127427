//! The 40-pin header: which of its pins is which line.
//!
//! Source: Raspberry Pi documentation, "GPIO and the 40-pin header"; the same on every model since the B+.

/// What a pin of the header carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderPin {
    /// A line of the GPIO controller, by its Broadcom number.
    Gpio(u8),
    /// No line for a robot: a supply, ground, or what a HAT's EEPROM needs.
    Other(&'static str),
}

impl HeaderPin {
    /// What the header's pin `number` (1 to 40) carries: the odd ones stand on the side of the chips.
    #[must_use]
    pub fn at(number: u8) -> Option<Self> {
        at(number)
    }
}

use HeaderPin::{Gpio, Other};

const GROUND: HeaderPin = Other("ground");
const FIVE_VOLTS: HeaderPin = Other("5 V");
const THREE_VOLTS: HeaderPin = Other("3.3 V");
/// ID_SD and ID_SC (GPIO0 and GPIO1): the firmware reads a HAT's EEPROM over them at start.
const ID_EEPROM: HeaderPin = Other("reserved for the EEPROM of a HAT");

/// Pins 1 to 40 in order.
const HEADER: [HeaderPin; 40] = [
    THREE_VOLTS,
    FIVE_VOLTS,
    Gpio(2),
    FIVE_VOLTS,
    Gpio(3),
    GROUND,
    Gpio(4),
    Gpio(14),
    GROUND,
    Gpio(15),
    Gpio(17),
    Gpio(18),
    Gpio(27),
    GROUND,
    Gpio(22),
    Gpio(23),
    THREE_VOLTS,
    Gpio(24),
    Gpio(10),
    GROUND,
    Gpio(9),
    Gpio(25),
    Gpio(11),
    Gpio(8),
    GROUND,
    Gpio(7),
    ID_EEPROM,
    ID_EEPROM,
    Gpio(5),
    GROUND,
    Gpio(6),
    Gpio(12),
    Gpio(13),
    GROUND,
    Gpio(19),
    Gpio(16),
    Gpio(26),
    Gpio(20),
    GROUND,
    Gpio(21),
];

/// What the header's pin `number` (1 to 40) carries.
pub(crate) fn at(number: u8) -> Option<HeaderPin> {
    HEADER.get(usize::from(number.checked_sub(1)?)).copied()
}

/// The header pin (1 to 40) of a line; every line from 2 to 27 has one.
pub(crate) fn of(gpio: u8) -> Option<u8> {
    (1..=40).find(|number| at(*number) == Some(Gpio(gpio)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_26_lines_has_exactly_one_pin() {
        let mut lines: Vec<u8> = (1..=40)
            .filter_map(|number| match at(number) {
                Some(Gpio(gpio)) => Some(gpio),
                _ => None,
            })
            .collect();
        lines.sort_unstable();
        assert_eq!(lines, (2..28).collect::<Vec<u8>>());
        assert_eq!(at(0), None);
        assert_eq!(at(41), None);
    }

    #[test]
    fn well_known_pins_stand_where_the_documentation_puts_them() {
        for (number, gpio) in [
            (3, 2),
            (5, 3),
            (8, 14),
            (10, 15),
            (11, 17),
            (12, 18),
            (32, 12),
            (33, 13),
            (40, 21),
        ] {
            assert_eq!(at(number), Some(Gpio(gpio)));
            assert_eq!(of(gpio), Some(number));
        }
        assert_eq!(at(1), Some(THREE_VOLTS));
        assert_eq!(at(2), Some(FIVE_VOLTS));
        assert_eq!(at(39), Some(GROUND));
    }
}
