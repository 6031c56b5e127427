//! A reflex keeps its distance, as far as its brakes can.

use crate::property::{Moment, Property};
use sinew_messages::{Meters, MetersPerSecondSquared};
use std::time::Duration;

/// The gap to what stands ahead is never below `stop` less what the body covers until it reacts (`reaction`: the sensor's
/// period and the longest lease) and less its way to a stand at `deceleration`, v squared over 2a.
///
/// An occasion is a step at which the body drives forward and is nearer to something than twice `stop`.
#[must_use]
pub fn keeps_its_distance(
    stop: Meters,
    reaction: Duration,
    deceleration: MetersPerSecondSquared,
) -> impl Property + 'static {
    KeepsItsDistance {
        stop,
        reaction,
        deceleration,
        occasions: 0,
    }
}

struct KeepsItsDistance {
    stop: Meters,
    reaction: Duration,
    deceleration: MetersPerSecondSquared,
    occasions: u64,
}

impl Property for KeepsItsDistance {
    fn name(&self) -> String {
        format!("it keeps {} from what stands ahead", self.stop)
    }

    fn look(&mut self, moment: &Moment<'_>) -> Result<(), String> {
        let speed = moment.twist.x.0;
        if speed <= 0.0 {
            return Ok(());
        }
        let rolls = speed * self.reaction.as_secs_f64();
        let brakes = speed * speed / (2.0 * self.deceleration.0);
        let least = self.stop.0 - rolls - brakes;
        self.occasions += u64::from(moment.ahead.0 < 2.0 * self.stop.0);
        if moment.ahead.0 >= least {
            return Ok(());
        }
        Err(format!(
            "something is {:.3} m ahead at {speed:.2} m/s, and {least:.3} m is the least",
            moment.ahead.0
        ))
    }

    fn occasions(&self) -> u64 {
        self.occasions
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::property::moment::tests::{at, moment};
    use sinew_messages::MetersPerSecond;

    #[test]
    fn a_body_that_comes_nearer_than_it_may_breaks_it() {
        let mut property = keeps_its_distance(
            Meters(0.2),
            Duration::from_millis(300),
            MetersPerSecondSquared(0.8),
        );
        let mut near = moment(at(0), &[], &[]);
        near.twist.x = MetersPerSecond(0.1);
        // 0.2 less 0.03 less 0.00625 m.
        for (ahead, holds) in [(0.3, true), (0.164, true), (0.163, false)] {
            near.ahead = Meters(ahead);
            assert_eq!(property.look(&near).is_ok(), holds, "{ahead}");
        }
        near.twist.x = MetersPerSecond(-0.1);
        assert!(property.look(&near).is_ok(), "it backs away");
        assert_eq!(property.occasions(), 3);
    }
}
