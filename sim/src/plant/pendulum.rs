//! A body that stands on the axle of its wheels, and falls unless they keep under it.
//!
//! The model: a rigid body whose middle of mass is `length` above the axle, as a pendulum of that length (its mass thought in one
//! point) on a pivot that the wheels move: `length * tilt'' = g * sin(tilt) - a * cos(tilt)` with the pivot's acceleration `a`
//! (the cart and pole of every textbook on control with the cart's motion given, as in Aström and Murray, "Feedback Systems",
//! 2008, example 2.1). What the falling body does to the wheels is not modelled: gear motors hold theirs. It lies from 60 degrees on.

use super::GRAVITY;
use sinew_messages::{Meters, Radians, RadiansPerSecond, Vector3};
use std::time::Duration;

/// From here on it lies.
const LIES: f64 = std::f64::consts::FRAC_PI_3;
/// The equation is solved in steps of this length, in seconds.
const STEP: f64 = 0.001;

/// What stands on the axle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pendulum {
    /// From the axle up to the middle of mass.
    pub length: Meters,
    /// How it is held until it is armed for the first time; forward is positive.
    pub held_at: Radians,
}

/// How it leans.
#[derive(Clone, Debug)]
pub(crate) struct Lean {
    model: Pendulum,
    tilt: f64,
    rate: f64,
    is_held: bool,
}

impl Lean {
    pub(crate) fn new(model: Pendulum) -> Self {
        Self {
            model,
            tilt: model.held_at.0,
            rate: 0.0,
            is_held: true,
        }
    }

    /// Forward is positive.
    pub(crate) fn tilt(&self) -> Radians {
        Radians(self.tilt)
    }

    /// Whether it lies, and its wheels turn in the air.
    pub(crate) fn lies(&self) -> bool {
        self.tilt.abs() >= LIES
    }

    /// Whoever held it lets go.
    pub(crate) fn let_go(&mut self) {
        self.is_held = false;
    }

    /// Somebody pushes it: it turns so much faster.
    pub(crate) fn push(&mut self, by: RadiansPerSecond) {
        self.rate += by.0;
    }

    /// Leans on for `time`, while the axle is accelerated forward, in meters per second squared.
    pub(crate) fn step(&mut self, acceleration: f64, time: Duration) {
        if self.is_held {
            return;
        }
        let steps = (time.as_secs_f64() / STEP).round().max(1.0);
        let dt = time.as_secs_f64() / steps;
        for _ in 0..steps as u32 {
            let (sin, cos) = libm::sincos(self.tilt);
            self.rate += (GRAVITY * sin - acceleration * cos) / self.model.length.0 * dt;
            self.tilt += self.rate * dt;
            if self.lies() {
                self.tilt = LIES.copysign(self.tilt);
                self.rate = 0.0;
                return;
            }
        }
    }

    /// What an inertial sensor in the axle feels in its own frame, which leans with the body: the turn rates, and the forces.
    pub(crate) fn feels(&self, yaw: f64, forces: Vector3) -> (Vector3, Vector3) {
        let (sin, cos) = libm::sincos(self.tilt);
        let rates = Vector3 {
            x: -yaw * sin,
            y: self.rate,
            z: yaw * cos,
        };
        let forces = Vector3 {
            x: forces.x * cos - forces.z * sin,
            y: forces.y,
            z: forces.x * sin + forces.z * cos,
        };
        (rates, forces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lean(tilt: f64) -> Lean {
        let mut lean = Lean::new(Pendulum {
            length: Meters(0.1),
            held_at: Radians(tilt),
        });
        lean.let_go();
        lean
    }

    #[test]
    fn it_falls_as_the_textbook_says() {
        let mut falling = lean(0.001);
        for _ in 0..40 {
            falling.step(0.0, Duration::from_millis(5));
        }
        // Small angles: tilt = tilt0 * cosh(sqrt(g / l) * t), here 0.001 * cosh(9.9028 * 0.2).
        let expected = 0.001 * (9.9028_f64 * 0.2).cosh();
        assert!(
            (falling.tilt().0 - expected).abs() < 0.02 * expected,
            "{:?}",
            falling.tilt()
        );
        for _ in 0..400 {
            falling.step(0.0, Duration::from_millis(5));
        }
        assert!(falling.lies());
    }

    #[test]
    fn the_acceleration_that_fits_its_tilt_holds_it() {
        let mut held = lean(0.1);
        for _ in 0..20 {
            held.step(GRAVITY * 0.1_f64.tan(), Duration::from_millis(5));
        }
        assert!((held.tilt().0 - 0.1).abs() < 1e-3, "{:?}", held.tilt());
    }

    #[test]
    fn at_rest_its_sensor_feels_gravity_along_the_vertical() {
        let upright = Vector3 {
            z: GRAVITY,
            ..Vector3::default()
        };
        let (rates, forces) = lean(0.2).feels(0.0, upright);
        assert_eq!(rates, Vector3::default());
        let tilt = (-forces.x).atan2(forces.z);
        assert!((tilt - 0.2).abs() < 1e-12);
    }
}
