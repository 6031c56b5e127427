//! Leases end motion.

use crate::property::{Moment, Property};
use sinew_messages::{Duty, Timestamp};
use std::time::Duration;

/// What the board may take to make an output safe whose lease ended.
const GRACE: Duration = Duration::from_millis(5);

/// No motor is driven later than 5 ms after its newest command expired, whatever the board believes of it.
///
/// An occasion is a lease that ended before a new command came.
#[must_use]
pub fn no_motion_after_its_lease() -> impl Property + 'static {
    NoMotionAfterItsLease {
        motors: Vec::new(),
        occasions: 0,
    }
}

struct NoMotionAfterItsLease {
    motors: Vec<Lease>,
    occasions: u64,
}

#[derive(Clone, Copy)]
struct Lease {
    /// The latest end of a lease that was seen.
    until: Timestamp,
    /// Whether its end was counted.
    over: bool,
}

impl Property for NoMotionAfterItsLease {
    fn name(&self) -> String {
        "no motion after its lease".to_owned()
    }

    fn look(&mut self, moment: &Moment<'_>) -> Result<(), String> {
        let fresh = Lease {
            until: Timestamp::ZERO,
            over: true,
        };
        self.motors.resize(moment.motors.len(), fresh);
        for (motor, lease) in moment.motors.iter().zip(&mut self.motors) {
            if motor.valid_until > lease.until {
                *lease = Lease {
                    until: motor.valid_until,
                    over: false,
                };
            } else if motor.ended_at > lease.until {
                // It came and was stopped between two looks: no end of a lease, and the stop may be on its way.
                *lease = Lease {
                    until: motor.ended_at,
                    over: true,
                };
            }
            if moment.at < lease.until {
                continue;
            }
            self.occasions += u64::from(!lease.over);
            lease.over = true;
            if motor.duty != Duty::ZERO && moment.at > lease.until + GRACE {
                return Err(format!(
                    "{} is driven (duty {:.2}) {:?} after its lease ended",
                    motor.name,
                    motor.duty.ratio(),
                    moment.at.since(lease.until),
                ));
            }
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
    use crate::property::moment::tests::{at, moment, motor};

    #[test]
    fn motion_under_renewed_leases_holds_and_is_no_occasion() {
        let mut property = no_motion_after_its_lease();
        for now in (0..2000).step_by(5) {
            property
                .look(&moment(at(now), &[motor(0.3, at(now + 100))], &[]))
                .unwrap();
        }
        assert_eq!(property.occasions(), 0);
    }

    #[test]
    fn an_end_of_a_lease_that_stops_the_motor_is_an_occasion() {
        let mut property = no_motion_after_its_lease();
        property
            .look(&moment(at(0), &[motor(0.3, at(100))], &[]))
            .unwrap();
        for now in [100, 105, 110, 200] {
            property
                .look(&moment(at(now), &[motor(0.0, at(0))], &[]))
                .unwrap();
        }
        assert_eq!(property.occasions(), 1);
    }

    #[test]
    fn a_motor_that_drives_on_breaks_it_even_if_the_board_forgot_the_lease() {
        for forgotten in [at(100), at(0)] {
            let mut property = no_motion_after_its_lease();
            property
                .look(&moment(at(0), &[motor(0.3, at(100))], &[]))
                .unwrap();
            property
                .look(&moment(at(105), &[motor(0.3, forgotten)], &[]))
                .unwrap();
            let seen = property.look(&moment(at(110), &[motor(0.3, forgotten)], &[]));
            assert!(seen.unwrap_err().contains("10ms after its lease ended"));
        }
    }

    #[test]
    fn a_command_that_came_and_was_stopped_between_two_looks_has_its_stop_on_the_way() {
        let mut property = no_motion_after_its_lease();
        for now in [100, 200] {
            property
                .look(&moment(at(now), &[motor(0.0, at(0))], &[]))
                .unwrap();
        }
        let mut stopped = motor(0.3, at(0));
        stopped.ended_at = at(1_002);
        property
            .look(&moment(at(1_005), &[stopped.clone()], &[]))
            .unwrap();
        assert!(property.look(&moment(at(1_010), &[stopped], &[])).is_err());
        assert_eq!(property.occasions(), 0);
    }

    #[test]
    fn a_motor_that_is_driven_without_any_lease_breaks_it() {
        let mut property = no_motion_after_its_lease();
        assert!(
            property
                .look(&moment(at(10), &[motor(0.3, at(0))], &[]))
                .is_err()
        );
    }
}
