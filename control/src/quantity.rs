//! What a controller can compute with, whatever its unit.

use sinew_messages::{
    Amperes, Celsius, Degrees, Duty, Meters, MetersPerSecond, MetersPerSecondSquared, Radians,
    RadiansPerSecond, Volts, Watts,
};

/// A unit of `sinew-messages`, seen as the number that it wraps, so that a [`Pid`](crate::Pid), a
/// [`Ramp`](crate::Ramp) and a [`LowPass`](crate::LowPass) are written once for all of them.
pub trait Quantity: Copy + std::fmt::Debug + Default + PartialEq {
    /// The number of this unit.
    fn number(self) -> f64;
    /// So many of this unit. A ratio takes the nearest that it can be.
    fn from_number(number: f64) -> Self;
}

macro_rules! quantities {
    ($($unit:ident),+) => {$(
        impl Quantity for $unit {
            fn number(self) -> f64 {
                self.0
            }
            fn from_number(number: f64) -> Self {
                Self(number)
            }
        }
    )+};
}

quantities!(
    Amperes,
    Celsius,
    Degrees,
    Meters,
    MetersPerSecond,
    MetersPerSecondSquared,
    Radians,
    RadiansPerSecond,
    Volts,
    Watts
);

impl Quantity for Duty {
    fn number(self) -> f64 {
        self.ratio()
    }
    fn from_number(number: f64) -> Self {
        Self::nearest(number)
    }
}
