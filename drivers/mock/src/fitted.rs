//! What is fitted to a mock.

/// A fitted part and what it uses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FittedInfo {
    /// What the user calls it.
    pub name: String,
    /// What it is: `HC-SR04`, `MPU6050`, `wheel encoder`.
    pub part: &'static str,
    /// What it uses, in the form of the board's claims: `GPIO17`, `I2C1:0x40`, `PWM0`, `port gnss`.
    pub resources: Vec<String>,
}
