//! A reflex keeps its distance, as far as its brakes can.

use crate::property::{Moment, Property};
use sinew_messages::{Meters, MetersPerSecondSquared, Timestamp};
use std::collections::VecDeque;
use std::time::Duration;

/// Below this, in m/s, a body turns on the spot rather than it drives: what it turned toward stood beside it before.
const CREEPS: f64 = 0.02;

/// The gap to what stands ahead is never below `stop` less what the body covers until it reacts (`reaction`: the sensor's
/// period and the longest lease) and less its way to a stand at `deceleration`, v squared over 2a. v is the highest speed
/// within that time and that way: a body that has almost stopped came from there.
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
        speeds: VecDeque::new(),
        occasions: 0,
    }
}

struct KeepsItsDistance {
    stop: Meters,
    reaction: Duration,
    deceleration: MetersPerSecondSquared,
    /// Speeds that no later one has reached, oldest first, each with its moment: the first is the highest that counts.
    speeds: VecDeque<(Timestamp, f64)>,
    occasions: u64,
}

impl KeepsItsDistance {
    /// The highest speed that may still be felt now.
    fn felt(&mut self, at: Timestamp, speed: f64) -> f64 {
        while self
            .speeds
            .back()
            .is_some_and(|(_, slower)| *slower <= speed)
        {
            self.speeds.pop_back();
        }
        self.speeds.push_back((at, speed));
        while let Some((since, speed)) = self.speeds.front() {
            let stands = self.reaction + Duration::from_secs_f64(speed / self.deceleration.0);
            if at.since(*since) <= stands {
                return *speed;
            }
            self.speeds.pop_front();
        }
        speed
    }
}

impl Property for KeepsItsDistance {
    fn name(&self) -> String {
        format!("it keeps {} from what stands ahead", self.stop)
    }

    fn look(&mut self, moment: &Moment<'_>) -> Result<(), String> {
        let now = moment.twist.x.0;
        let speed = self.felt(moment.at, now.max(0.0));
        if now <= CREEPS {
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
            "something is {:.3} m ahead, it came at {speed:.2} m/s, and {least:.3} m is the least",
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
        // It has come at 0.1 m/s and almost stands, a moment later and long after.
        near.twist.x = MetersPerSecond(0.03);
        for (milliseconds, ahead, holds) in [(100, 0.164, true), (2000, 0.180, false)] {
            near.at = at(milliseconds);
            near.ahead = Meters(ahead);
            assert_eq!(property.look(&near).is_ok(), holds, "{milliseconds}");
        }
        near.twist.x = MetersPerSecond(-0.1);
        assert!(property.look(&near).is_ok(), "it backs away");
        assert_eq!(property.occasions(), 5);
    }
}
