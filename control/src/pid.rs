//! A PID controller with feed-forward and anti-windup.

use crate::Quantity;
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;
use std::time::Duration;

/// How a [`Pid`] answers; each gain in units of output per unit of input, with time in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PidGains {
    /// Output per error.
    pub proportional: f64,
    /// Output per error and second.
    pub integral: f64,
    /// Output per rate of the measured value (not of the error: a step of the setpoint makes no kick).
    pub derivative: f64,
    /// Output per setpoint: what is right without any error, as far as it is known.
    pub feed_forward: f64,
}

/// A controller from a measured `In` to an `Out` that stays between `-limit` and `limit`.
///
/// The integral grows only while the output is not at its limit, or while the error leads away from it, so a
/// blocked wheel does not wind it up. Nothing that is no finite number comes out: the output is then zero.
#[derive(Clone, Copy, Debug)]
pub struct Pid<In, Out> {
    gains: PidGains,
    limit: f64,
    integral: f64,
    last_measured: Option<f64>,
    units: PhantomData<fn(In) -> Out>,
}

impl<In: Quantity, Out: Quantity> Pid<In, Out> {
    /// A controller at rest; the sign of `limit` is ignored.
    #[must_use]
    pub fn new(gains: PidGains, limit: Out) -> Self {
        let limit = limit.number().abs();
        Self {
            gains,
            limit: if limit.is_nan() { 0.0 } else { limit },
            integral: 0.0,
            last_measured: None,
            units: PhantomData,
        }
    }

    /// The output for `wanted` when `measured` was measured `elapsed` after the last call.
    pub fn update(&mut self, wanted: In, measured: In, elapsed: Duration) -> Out {
        let (wanted, measured) = (wanted.number(), measured.number());
        if !(wanted.is_finite() && measured.is_finite()) {
            self.reset();
            return Out::from_number(0.0);
        }
        let seconds = elapsed.as_secs_f64();
        let error = wanted - measured;
        let rate = match self.last_measured {
            Some(last) if seconds > 0.0 => (measured - last) / seconds,
            _ => 0.0,
        };
        self.last_measured = Some(measured);

        let direct = self.gains.feed_forward * wanted + self.gains.proportional * error
            - self.gains.derivative * rate;
        let growth = self.gains.integral * error * seconds;
        let grown = direct + self.integral + growth;
        let winds_up = grown.abs() > self.limit && grown * growth > 0.0;
        if !winds_up {
            self.integral = (self.integral + growth).clamp(-self.limit, self.limit);
        }
        let output = direct + self.integral;
        if !output.is_finite() {
            self.reset();
            return Out::from_number(0.0);
        }
        Out::from_number(output.clamp(-self.limit, self.limit))
    }

    /// Forgets the past: call it when the output was not applied (disarmed, lease ended).
    pub fn reset(&mut self) {
        self.integral = 0.0;
        self.last_measured = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sinew_messages::{Duty, RadiansPerSecond};

    const TICK: Duration = Duration::from_millis(10);

    fn pid(gains: PidGains) -> Pid<RadiansPerSecond, Duty> {
        Pid::new(gains, Duty::nearest(1.0))
    }

    #[test]
    fn each_gain_does_its_part() {
        let gains = PidGains {
            proportional: 0.1,
            integral: 1.0,
            derivative: 0.01,
            feed_forward: 0.02,
        };
        let mut pid = pid(gains);
        // 0.02 * 4 + 0.1 * (4 - 1) + 1.0 * 3 * 0.01 = 0.41; no rate is known yet.
        let first = pid.update(RadiansPerSecond(4.0), RadiansPerSecond(1.0), TICK);
        assert!((first.ratio() - 0.41).abs() < 1e-12);
        // Error 2.9; integral 0.03 + 0.029; rate 10 per second: 0.08 + 0.29 + 0.059 - 0.1 = 0.329.
        let second = pid.update(RadiansPerSecond(4.0), RadiansPerSecond(1.1), TICK);
        assert!((second.ratio() - 0.329).abs() < 1e-12);
    }

    #[test]
    fn a_blocked_wheel_does_not_wind_the_integral_up() {
        let gains = PidGains {
            proportional: 0.1,
            integral: 5.0,
            ..PidGains::default()
        };
        let mut pid = pid(gains);
        for _ in 0..10_000 {
            let full = pid.update(RadiansPerSecond(8.0), RadiansPerSecond(0.0), TICK);
            assert!(full.ratio() <= 1.0);
        }
        // The block is gone and the wheel overshoots: the answer turns around at once. An integral of 1 would hold
        // it up for three ticks.
        let back = pid.update(RadiansPerSecond(8.0), RadiansPerSecond(12.0), TICK);
        assert!(back.ratio() < 0.0, "{back:?}");
    }

    #[test]
    fn a_step_of_the_setpoint_makes_no_derivative_kick() {
        let gains = PidGains {
            derivative: 1.0,
            ..PidGains::default()
        };
        let mut pid = pid(gains);
        pid.update(RadiansPerSecond(0.0), RadiansPerSecond(0.0), TICK);
        let kick = pid.update(RadiansPerSecond(9.0), RadiansPerSecond(0.0), TICK);
        assert_eq!(kick, Duty::ZERO);
    }

    #[test]
    fn it_brings_a_sluggish_wheel_to_its_speed() {
        let gains = PidGains {
            proportional: 0.05,
            integral: 0.5,
            ..PidGains::default()
        };
        let mut pid = pid(gains);
        // A wheel that runs 20 rad/s at full duty and takes 100 ms to follow.
        let mut speed = 0.0;
        for _ in 0..500 {
            let duty = pid.update(RadiansPerSecond(8.0), RadiansPerSecond(speed), TICK);
            speed += (20.0 * duty.ratio() - speed) * 0.1;
        }
        assert!((speed - 8.0).abs() < 0.01, "{speed}");
    }

    #[test]
    fn what_is_no_number_comes_out_as_zero_and_is_forgotten() {
        let gains = PidGains {
            proportional: 0.1,
            integral: 1.0,
            ..PidGains::default()
        };
        let mut pid = pid(gains);
        assert_eq!(
            pid.update(RadiansPerSecond(f64::NAN), RadiansPerSecond(0.0), TICK),
            Duty::ZERO
        );
        assert!(
            pid.update(RadiansPerSecond(1.0), RadiansPerSecond(0.0), TICK)
                .ratio()
                > 0.1
        );
    }

    proptest! {
        #[test]
        fn the_output_never_leaves_its_limit(steps in prop::collection::vec((-1e9..1e9f64, -1e9..1e9f64), 1..60)) {
            let gains = PidGains { proportional: 3.0, integral: 40.0, derivative: 2.0, feed_forward: 1.0 };
            let mut pid = pid(gains);
            for (wanted, measured) in steps {
                let out = pid.update(RadiansPerSecond(wanted), RadiansPerSecond(measured), TICK);
                prop_assert!(out.magnitude() <= 1.0);
            }
        }
    }
}
