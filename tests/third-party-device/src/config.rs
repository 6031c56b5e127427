//! Its section of `robot.toml`.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// Where a TMP102 is wired, and how often it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tmp102Config {
    /// The I2C bus; 1 is on the header.
    pub bus: u8,
    /// As its pin ADD0 says: 0x48 to 0x4b.
    #[serde(deserialize_with = "address")]
    pub address: u8,
    /// From reading to reading.
    pub period_ms: u64,
}

impl Default for Tmp102Config {
    fn default() -> Self {
        Self {
            bus: 1,
            address: 0x48,
            period_ms: 500,
        }
    }
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    let address = u8::deserialize(from)?;
    if (0x48..=0x4b).contains(&address) {
        return Ok(address);
    }
    Err(D::Error::custom(format!(
        "a TMP102 has an address from 0x48 to 0x4b, as its pin ADD0 says, and not {address:#04x}"
    )))
}
