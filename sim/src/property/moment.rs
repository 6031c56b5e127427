//! What a property sees.

use sinew_messages::{Duty, Meters, Pose, Radians, RadiansPerSecond, Timestamp, Twist};

/// A wheel's motor at one moment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MotorMoment {
    /// What the body calls it.
    pub name: String,
    /// How hard the bridge really drives; zero while it brakes or coasts.
    pub duty: Duty,
    /// How fast the motor turns.
    pub speed: RadiansPerSecond,
    /// Until when the board lets its newest command stand; [`Timestamp::ZERO`] while none stands.
    pub valid_until: Timestamp,
    /// When its newest command ended, by its lease or by a stop; [`Timestamp::ZERO`] before the first.
    pub ended_at: Timestamp,
    /// Whether it is on its way to rest by a safe action that ramps, which a stop is then.
    pub ramps: bool,
}

/// A sonar at one moment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SonarMoment {
    /// What the body calls it.
    pub name: String,
    /// Since when it has no wires.
    pub unplugged_since: Option<Timestamp>,
    /// When it last measured.
    pub measured_at: Option<Timestamp>,
}

/// A simulated robot at one step of its world, as it really is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Moment<'a> {
    /// Now.
    pub at: Timestamp,
    /// In the world's frame.
    pub pose: Pose,
    /// In the body's frame.
    pub twist: Twist,
    /// Contacts so far.
    pub collisions: u64,
    /// Whether motion outputs follow commands.
    pub is_armed: bool,
    /// How far a body that stands on its axle leans forward; zero of any other.
    pub tilt: Radians,
    /// From the hull to the nearest thing straight ahead of its middle; infinite if nothing stands within 10 m.
    pub ahead: Meters,
    /// The motors, in the order in which they were fitted.
    pub motors: &'a [MotorMoment],
    /// The sonars, in the order in which they were fitted.
    pub sonars: &'a [SonarMoment],
}

impl Moment<'_> {
    /// A motor that is driven now and not on its way to rest, if any is.
    pub(crate) fn driven(&self) -> Option<&MotorMoment> {
        let driven = |motor: &&MotorMoment| motor.duty != Duty::ZERO && !motor.ramps;
        self.motors.iter().find(driven)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A moment in which one motor is driven so hard.
    pub(crate) fn motor(duty: f64, valid_until: Timestamp) -> MotorMoment {
        MotorMoment {
            name: "left motor".to_owned(),
            duty: Duty::nearest(duty),
            speed: RadiansPerSecond(duty * 20.0),
            valid_until,
            ended_at: Timestamp::ZERO,
            ramps: false,
        }
    }

    pub(crate) fn moment<'a>(
        at: Timestamp,
        motors: &'a [MotorMoment],
        sonars: &'a [SonarMoment],
    ) -> Moment<'a> {
        Moment {
            at,
            pose: Pose::default(),
            twist: Twist::ZERO,
            collisions: 0,
            is_armed: true,
            tilt: Radians::ZERO,
            ahead: Meters(f64::INFINITY),
            motors,
            sonars,
        }
    }

    pub(crate) fn at(milliseconds: u64) -> Timestamp {
        Timestamp::from_nanos(milliseconds * 1_000_000)
    }
}
