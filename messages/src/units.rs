//! Quantities, each named by its SI unit (degrees where a map or a thermometer counts in them).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};
use std::time::Duration;

/// Declares a quantity: its doc, its name and the symbol that `Display` prints.
macro_rules! unit {
    ($(#[$doc:meta])* $name:ident, $symbol:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
        pub struct $name(pub f64);

        impl $name {
            /// Zero of this unit.
            pub const ZERO: Self = Self(0.0);

            /// The magnitude, without its sign.
            #[must_use]
            pub fn abs(self) -> Self {
                Self(self.0.abs())
            }

            /// The smaller of two.
            #[must_use]
            pub fn min(self, other: Self) -> Self {
                Self(self.0.min(other.0))
            }

            /// The larger of two.
            #[must_use]
            pub fn max(self, other: Self) -> Self {
                Self(self.0.max(other.0))
            }

            /// This value, kept between `-limit` and `limit`; the sign of `limit` is ignored.
            #[must_use]
            pub fn within(self, limit: Self) -> Self {
                Self(self.0.clamp(-limit.0.abs(), limit.0.abs()))
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }

        impl SubAssign for $name {
            fn sub_assign(&mut self, other: Self) {
                self.0 -= other.0;
            }
        }

        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }

        impl Mul<f64> for $name {
            type Output = Self;
            fn mul(self, factor: f64) -> Self {
                Self(self.0 * factor)
            }
        }

        impl Div<f64> for $name {
            type Output = Self;
            fn div(self, divisor: f64) -> Self {
                Self(self.0 / divisor)
            }
        }

        /// The ratio of two quantities of one unit.
        impl Div for $name {
            type Output = f64;
            fn div(self, other: Self) -> f64 {
                self.0 / other.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)?;
                f.write_str(concat!(" ", $symbol))
            }
        }
    };
}

unit!(/// A length.
    Meters, "m");
unit!(/// A speed.
    MetersPerSecond, "m/s");
unit!(/// An acceleration.
    MetersPerSecondSquared, "m/s^2");
unit!(/// An angle, counter-clockwise (REP 103).
    Radians, "rad");
unit!(/// An angular velocity, counter-clockwise (REP 103).
    RadiansPerSecond, "rad/s");
unit!(/// An angle of a map: latitude, longitude, or a track clockwise from true north.
    Degrees, "deg");
unit!(/// An electric tension.
    Volts, "V");
unit!(/// An electric current.
    Amperes, "A");
unit!(/// A power.
    Watts, "W");
unit!(/// A temperature.
    Celsius, "degC");
unit!(/// A frequency.
    Hertz, "Hz");
unit!(/// A mass.
    Kilograms, "kg");

/// Declares `rate * Duration = amount` and `amount / Duration = rate`.
macro_rules! over_time {
    ($rate:ident, $amount:ident) => {
        impl Mul<Duration> for $rate {
            type Output = $amount;
            fn mul(self, time: Duration) -> $amount {
                $amount(self.0 * time.as_secs_f64())
            }
        }

        impl Div<Duration> for $amount {
            type Output = $rate;
            fn div(self, time: Duration) -> $rate {
                $rate(self.0 / time.as_secs_f64())
            }
        }
    };
}

over_time!(MetersPerSecond, Meters);
over_time!(MetersPerSecondSquared, MetersPerSecond);
over_time!(RadiansPerSecond, Radians);

impl Radians {
    /// The same direction, between -pi (excluded) and pi (included).
    #[must_use]
    pub fn wrapped(self) -> Self {
        use std::f64::consts::PI;
        // Nearly all are; and a remainder is slow.
        if -PI < self.0 && self.0 <= PI {
            return self;
        }
        let turn = std::f64::consts::TAU;
        let angle = self.0.rem_euclid(turn);
        Self(if angle > PI { angle - turn } else { angle })
    }
}

impl Hertz {
    /// The time of one period; `None` for zero, negative and non-finite frequencies.
    #[must_use]
    pub fn period(self) -> Option<Duration> {
        Duration::try_from_secs_f64(1.0 / self.0)
            .ok()
            .filter(|period| !period.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_for_a_time_is_a_length_and_back() {
        let way = MetersPerSecond(0.5) * Duration::from_millis(400);
        assert!((way.0 - 0.2).abs() < 1e-12);
        assert!(((way / Duration::from_millis(400)).0 - 0.5).abs() < 1e-12);
    }

    #[test]
    fn an_angle_wraps_to_the_half_open_turn() {
        let pi = std::f64::consts::PI;
        assert_eq!(Radians(pi).wrapped(), Radians(pi));
        assert!((Radians(-pi).wrapped().0 - pi).abs() < 1e-12);
        assert!((Radians(3.5 * pi).wrapped().0 + 0.5 * pi).abs() < 1e-12);
    }

    #[test]
    fn a_limit_holds_on_both_sides_whatever_its_sign() {
        assert_eq!(Meters(3.0).within(Meters(-2.0)), Meters(2.0));
        assert_eq!(Meters(-3.0).within(Meters(2.0)), Meters(-2.0));
    }

    #[test]
    fn no_period_comes_of_a_frequency_that_has_none() {
        assert_eq!(Hertz(100.0).period(), Some(Duration::from_millis(10)));
        for hertz in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Hertz(hertz).period(), None);
        }
    }
}
