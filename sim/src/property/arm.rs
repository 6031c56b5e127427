//! Disarmed is at rest.

use crate::property::{Moment, Property};
use sinew_messages::Timestamp;
use std::time::Duration;

/// No motor is driven while the robot is disarmed or stopped, at any step.
///
/// An occasion is a disarm or a stop while a motor was driven.
#[must_use]
pub fn no_motion_while_disarmed() -> impl Property + 'static {
    no_motion_while_disarmed_after(Duration::ZERO)
}

/// The same of motors that a stop reaches only after `way`, such as those behind a serial line.
#[must_use]
pub fn no_motion_while_disarmed_after(way: Duration) -> impl Property + 'static {
    NoMotionWhileDisarmed {
        way,
        armed_until: Timestamp::ZERO,
        was_driven: false,
        occasions: 0,
    }
}

struct NoMotionWhileDisarmed {
    way: Duration,
    /// When it was last seen armed.
    armed_until: Timestamp,
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
            self.armed_until = moment.at;
            self.was_driven = driven.is_some();
            return Ok(());
        }
        self.occasions += u64::from(std::mem::take(&mut self.was_driven));
        match driven {
            None => Ok(()),
            Some(_) if !self.way.is_zero() && moment.at <= self.armed_until + self.way => Ok(()),
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
    fn a_stop_may_be_on_its_way_for_so_long_and_no_longer() {
        let mut property = no_motion_while_disarmed_after(Duration::from_millis(5));
        let driven = [motor(0.5, at(100))];
        property.look(&moment(at(0), &driven, &[])).unwrap();
        for (now, holds) in [(5, true), (10, false)] {
            let mut disarmed = moment(at(now), &driven, &[]);
            disarmed.is_armed = false;
            assert_eq!(property.look(&disarmed).is_ok(), holds, "{now}");
        }
    }

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
