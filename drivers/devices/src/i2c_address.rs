//! Checks an I2C address of a config while it is read, and names it as datasheets do: in hexadecimal.

use serde::{Deserialize, Deserializer, de::Error};
use std::ops::RangeInclusive;

/// Reads an address and refuses one that the part cannot have.
pub(crate) fn within<'de, D: Deserializer<'de>>(
    deserializer: D,
    part: &str,
    range: &RangeInclusive<u8>,
) -> Result<u8, D::Error> {
    let address = u8::deserialize(deserializer)?;
    if range.contains(&address) {
        return Ok(address);
    }
    let (low, high) = (range.start(), range.end());
    Err(D::Error::custom(format_args!(
        "the address of an {part} is between {low:#04x} and {high:#04x}, found {address:#04x}"
    )))
}
