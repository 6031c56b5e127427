//! From the speed that a wheel is to have to the duty that gives it, without looking at the wheel.

use sinew_messages::{Duty, RadiansPerSecond};

/// A straight line from the dead band at standstill to full duty at full speed, on both sides of zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FeedForward {
    full_speed: RadiansPerSecond,
    dead_band: f64,
}

impl FeedForward {
    /// For a motor that turns at `full_speed` at full duty and begins to turn at the duty `dead_band`.
    pub(crate) fn new(full_speed: RadiansPerSecond, dead_band: f64) -> Self {
        Self {
            full_speed,
            dead_band,
        }
    }

    /// What full duty gives.
    pub(crate) fn full_speed(&self) -> RadiansPerSecond {
        self.full_speed
    }

    /// The duty for `speed`; exactly zero for zero and for what is no number.
    pub(crate) fn duty(&self, speed: RadiansPerSecond) -> Duty {
        if speed.0 == 0.0 || speed.0.is_nan() {
            return Duty::ZERO;
        }
        let share = (speed.abs() / self.full_speed).min(1.0);
        let duty = self.dead_band + (1.0 - self.dead_band) * share;
        Duty::nearest(duty.copysign(speed.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duty(speed: f64) -> f64 {
        FeedForward::new(RadiansPerSecond(20.0), 0.2)
            .duty(RadiansPerSecond(speed))
            .ratio()
    }

    #[test]
    fn half_speed_is_half_of_what_the_dead_band_leaves() {
        assert!((duty(10.0) - 0.6).abs() < 1e-12);
        assert!((duty(-10.0) + 0.6).abs() < 1e-12);
    }

    #[test]
    fn standstill_is_no_duty_and_no_speed_exceeds_full_duty() {
        assert_eq!(duty(0.0), 0.0);
        assert_eq!(duty(-0.0), 0.0);
        assert_eq!(duty(20.0), 1.0);
        assert_eq!(duty(-400.0), -1.0);
    }

    #[test]
    fn what_is_no_number_is_not_driven() {
        assert_eq!(duty(f64::NAN), 0.0);
    }
}
