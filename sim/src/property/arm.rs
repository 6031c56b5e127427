//! Disarmed is at rest.

use crate::property::{Moment, Property};

/// No motor is driven while the robot is disarmed or stopped, at any step.
///
/// An occasion is a disarm or a stop while a motor was driven.
#[must_use]
pub fn no_motion_while_disarmed() -> impl Property + 'static {
    NoMotionWhileDisarmed {
        was_driven: false,
        occasions: 0,
    }
}

struct NoMotionWhileDisarmed {
    /// Armed, and a motor driven, at the step before.
    was_driven: bool,
    occasions: u64,
}

impl Property for NoMotionWhileDisarmed {
    fn name(&self) -> String {
        "no motion while disarmed".to_owned()
    }

    fn look(&mut self, moment: &Moment<'_>) -> Result<(), String> {
        let driven = moment.driven();
        if moment.is_armed {
            self.was_driven = driven.is_some();
            return Ok(());
        }
        self.occasions += u64::from(std::mem::take(&mut self.was_driven));
        match driven {
            None => Ok(()),
            Some(motor) => Err(format!(
                "{} is driven (duty {:.2}) while the robot is disarmed",
                motor.name,
                motor.duty.ratio()
            )),
        }
    }

    fn occasions(&self) -> u64 {
        self.occasions
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::property::moment::tests::{at, moment, motor};

    #[test]
    fn a_motor_that_keeps_turning_while_disarmed_breaks_it_and_one_that_rests_is_an_occasion() {
        let mut property = no_motion_while_disarmed();
        let (driven, rests) = ([motor(0.5, at(100))], [motor(0.0, at(0))]);
        property.look(&moment(at(0), &driven, &[])).unwrap();
        let mut disarmed = moment(at(5), &rests, &[]);
        disarmed.is_armed = false;
        property.look(&disarmed).unwrap();
        property.look(&disarmed).unwrap();
        assert_eq!(property.occasions(), 1);
        let mut disarmed = moment(at(10), &driven, &[]);
        disarmed.is_armed = false;
        assert!(property.look(&disarmed).is_err());
    }
}
