//! Silence stops the wheels.

use crate::property::{Moment, Property};
use sinew_messages::Timestamp;
use std::time::Duration;

/// No motor is driven later than `limit` after a sonar fell silent: it was unplugged, or it has not measured.
///
/// `limit` counts from the moment it was unplugged, else from its last measurement, so it holds the sonar's period,
/// the silence that the graph allows, and the way from there to the motors. An occasion is a silence longer than
/// `limit` that began while a motor was driven: a parked robot proves nothing.
#[must_use]
pub fn no_wheel_turns_after_silence(limit: Duration) -> impl Property + 'static {
    NoWheelTurnsAfterSilence {
        limit,
        driven_at: None,
        sonars: Vec::new(),
        occasions: 0,
    }
}

struct NoWheelTurnsAfterSilence {
    limit: Duration,
    driven_at: Option<Timestamp>,
    /// Whether each sonar's present silence was counted.
    sonars: Vec<bool>,
    occasions: u64,
}

impl Property for NoWheelTurnsAfterSilence {
    fn name(&self) -> String {
        format!("no wheel turns after {:?} of silence", self.limit)
    }

    fn look(&mut self, moment: &Moment<'_>) -> Result<(), String> {
        let driven = moment.driven();
        self.sonars.resize(moment.sonars.len(), false);
        for (sonar, counted) in moment.sonars.iter().zip(&mut self.sonars) {
            let Some(since) = sonar.unplugged_since.or(sonar.measured_at) else {
                continue;
            };
            let silent = moment.at.since(since);
            if silent <= self.limit {
                *counted = false;
                continue;
            }
            if let Some(motor) = driven {
                return Err(format!(
                    "{} is driven (duty {:.2}) {:?} after {} fell silent",
                    motor.name,
                    motor.duty.ratio(),
                    silent,
                    sonar.name,
                ));
            }
            let began_in_motion = self.driven_at.is_some_and(|driven| driven >= since);
            self.occasions += u64::from(began_in_motion && !*counted);
            *counted = true;
        }
        if driven.is_some() {
            self.driven_at = Some(moment.at);
        }
        Ok(())
    }

    fn occasions(&self) -> u64 {
        self.occasions
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::property::SonarMoment;
    use crate::property::moment::tests::{at, moment, motor};

    fn sonar(unplugged: Option<u64>, measured: Option<u64>) -> SonarMoment {
        SonarMoment {
            name: "sonar".to_owned(),
            unplugged_since: unplugged.map(at),
            measured_at: measured.map(at),
        }
    }

    fn limit() -> impl Property {
        no_wheel_turns_after_silence(Duration::from_millis(250))
    }

    #[test]
    fn wheels_that_stop_within_the_limit_hold_it_and_are_an_occasion() {
        let mut property = limit();
        let silent = [sonar(Some(1000), Some(990))];
        let (driven, still) = ([motor(0.5, at(2000))], [motor(0.0, at(0))]);
        property.look(&moment(at(1245), &driven, &silent)).unwrap();
        property.look(&moment(at(1250), &driven, &silent)).unwrap();
        for later in [1255, 1260, 5000] {
            property.look(&moment(at(later), &still, &silent)).unwrap();
        }
        assert_eq!(property.occasions(), 1);
    }

    #[test]
    fn a_wheel_that_is_driven_past_the_limit_breaks_it_and_is_named() {
        let mut property = limit();
        let driven = [motor(0.5, at(2000))];
        let silent = [sonar(None, Some(1000))];
        let seen = property.look(&moment(at(1255), &driven, &silent));
        assert_eq!(
            seen.unwrap_err(),
            "left motor is driven (duty 0.50) 255ms after sonar fell silent"
        );
    }

    #[test]
    fn a_parked_robot_and_a_sonar_never_heard_are_no_occasion() {
        let mut property = limit();
        let still = [motor(0.0, at(0))];
        property
            .look(&moment(at(9000), &still, &[sonar(None, None)]))
            .unwrap();
        property
            .look(&moment(at(9500), &still, &[sonar(Some(9000), None)]))
            .unwrap();
        assert_eq!(property.occasions(), 0);
    }
}
