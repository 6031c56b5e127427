//! What is sent: a value of 16 bytes and one of 128.

use serde::{Deserialize, Serialize};

/// A value that can be sent either way.
pub trait Payload: sinew_runtime::Message {
    /// A value that holds this number.
    fn of(number: u64) -> Self;
    /// The number again, so that nothing can be optimised away.
    fn number(&self) -> u64;
}

/// 16 bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Small([u64; 2]);

/// 128 bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Large([[u64; 4]; 4]);

impl Payload for Small {
    fn of(number: u64) -> Small {
        Small([number, 1])
    }

    fn number(&self) -> u64 {
        self.0[0]
    }
}

impl Payload for Large {
    fn of(number: u64) -> Large {
        Large([[number, 1, 2, 3]; 4])
    }

    fn number(&self) -> u64 {
        self.0[3][0]
    }
}
