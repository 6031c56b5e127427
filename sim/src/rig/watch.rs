//! The properties of a run, and what they are shown.

use crate::property::{Breach, Moment, MotorMoment, Property, SonarMoment};
use crate::rig::fitted::{Fitted, Motor};
use crate::rig::truth::Now;
use sinew_board::Board;
use sinew_messages::{Duty, Meters, Radians, RadiansPerSecond, Timestamp};

/// Shows every step to the properties until one breaks.
#[derive(Default)]
pub(super) struct Watch {
    properties: Vec<Box<dyn Property>>,
    breach: Option<Breach>,
    motors: Vec<MotorMoment>,
    sonars: Vec<SonarMoment>,
    /// Which of the board's motion outputs drives each motor.
    outputs: Vec<Option<usize>>,
}

impl Watch {
    pub(super) fn add(&mut self, property: Box<dyn Property>) {
        self.properties.push(property);
    }

    pub(super) fn breach(&self) -> Option<&Breach> {
        self.breach.as_ref()
    }

    /// The properties that nothing put to the test.
    pub(super) fn vacuous(&self) -> Vec<String> {
        let properties = self.properties.iter();
        let untested = properties.filter(|property| property.occasions() == 0);
        untested.map(|property| property.name()).collect()
    }

    /// Notes what is fitted, and which of the board's outputs drives which motor. Called once the graph has claimed.
    pub(super) fn prepare(&mut self, fitted: &Fitted, board: &Board) {
        self.outputs = fitted
            .motors
            .iter()
            .map(|motor| output_of(motor, board))
            .collect();
        self.motors = fitted
            .motors
            .iter()
            .map(|motor| MotorMoment {
                name: motor.name.clone(),
                duty: Duty::ZERO,
                speed: RadiansPerSecond::ZERO,
                valid_until: Timestamp::ZERO,
                ended_at: Timestamp::ZERO,
                ramps: false,
            })
            .collect();
        self.sonars = fitted
            .sonars
            .iter()
            .map(|sonar| SonarMoment {
                name: sonar.name.clone(),
                unplugged_since: None,
                measured_at: None,
            })
            .collect();
    }

    /// A part lost its wires then, or has them again.
    pub(super) fn unplugged(&mut self, part: &str, since: Option<Timestamp>) {
        for sonar in self.sonars.iter_mut().filter(|sonar| sonar.name == part) {
            sonar.unplugged_since = since.map(|at| sonar.unplugged_since.unwrap_or(at));
        }
    }

    /// Shows a step; `duties` are those of the bridges, by motor.
    pub(super) fn look(
        &mut self,
        at: Timestamp,
        now: &Now,
        tilt: Radians,
        (collisions, ahead): (u64, impl FnOnce() -> Meters),
        board: &Board,
        drives: &[(Duty, RadiansPerSecond)],
    ) {
        if self.properties.is_empty() || self.breach.is_some() {
            return;
        }
        let outputs = board.motion();
        for ((motor, drive), output) in self.motors.iter_mut().zip(drives).zip(&self.outputs) {
            (motor.duty, motor.speed) = *drive;
            let output = output.and_then(|output| outputs.get(output));
            motor.valid_until = output.map_or(Timestamp::ZERO, |output| output.valid_until);
            motor.ended_at = output.map_or(Timestamp::ZERO, |output| output.ended_at);
            motor.ramps = output.is_some_and(|output| output.ramps);
        }
        for (sonar, echo) in self.sonars.iter_mut().zip(&now.echoes) {
            sonar.measured_at = echo.measured_at;
        }
        let moment = Moment {
            at,
            pose: now.pose,
            twist: now.twist,
            collisions,
            is_armed: board.safety().is_armed(),
            tilt,
            ahead: ahead(),
            motors: &self.motors,
            sonars: &self.sonars,
        };
        for property in &mut self.properties {
            if let Err(seen) = property.look(&moment) {
                self.breach = Some(Breach {
                    at,
                    property: property.name(),
                    seen,
                });
                return;
            }
        }
    }
}

/// The place among the board's motion outputs of the motor's.
fn output_of(motor: &Motor, board: &Board) -> Option<usize> {
    let claims = board.claims();
    let claim = claims.iter().find(|claim| claim.what == motor.output)?;
    board
        .motion()
        .iter()
        .position(|output| output.part == claim.part && output.owner == claim.owner)
}
