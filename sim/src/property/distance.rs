//! A reflex keeps its distance, as far as its brakes can.

use crate::property::{Moment, Property};
use sinew_messages::{Meters, MetersPerSecondSquared, Timestamp};
use std::collections::VecDeque;
use std::time::Duration;

/// Below this, in m/s, a body turns on the spot rather than it drives: what it turned toward stood beside it before.
const CREEPS: f64 = 0.02;
/// What is so much nearer than a step ago, in meters, was not driven up to: it came in from beside.
const SWEPT_IN: f64 = 0.05;

/// The gap to what stands ahead is never below `stop` less what the body covers until it reacts (`reaction`: the sensor's
/// period and the longest lease) and less its way to a stand at `deceleration`, v squared over 2a. v is the highest speed
/// within that time and that way: a body that has almost stopped came from there.
///
/// What a turn brings before the nose from beside it, nearer than that, no sensor that looks ahead has seen before: the body has
/// `reaction` to see it and to stand, or to have gone.
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
        before: f64::INFINITY,
        swept_in: None,
        occasions: 0,
    }
}

struct KeepsItsDistance {
    stop: Meters,
    reaction: Duration,
    deceleration: MetersPerSecondSquared,
    /// Speeds that no later one has reached, oldest first, each with its moment: the first is the highest that counts.
    speeds: VecDeque<(Timestamp, f64)>,
    /// What stood ahead a step ago.
    before: f64,
    /// When something came in from beside that was too near already.
    swept_in: Option<Timestamp>,
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
        let before = std::mem::replace(&mut self.before, moment.ahead.0);
        let rolls = speed * self.reaction.as_secs_f64();
        let brakes = speed * speed / (2.0 * self.deceleration.0);
        let least = self.stop.0 - rolls - brakes;
        let turns = moment.twist.yaw.0 != 0.0;
        // Also while it creeps: it may turn on its first millimeters.
        if moment.ahead.0 >= least {
            self.swept_in = None;
        } else if turns && before - moment.ahead.0 > SWEPT_IN && before >= least {
            self.swept_in = Some(moment.at);
        }
        if now <= CREEPS {
            return Ok(());
        }
        self.occasions += u64::from(moment.ahead.0 < 2.0 * self.stop.0);
        let unseen = |since: Timestamp| moment.at.since(since) <= self.reaction;
        if moment.ahead.0 >= least || self.swept_in.is_some_and(unseen) {
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
    use sinew_messages::{MetersPerSecond, RadiansPerSecond};

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

    #[test]
    fn what_a_turn_brings_before_the_nose_has_to_be_seen_in_time() {
        let played = |yaw: f64, steps: &[(u64, f64)]| {
            let mut property = keeps_its_distance(
                Meters(0.2),
                Duration::from_millis(300),
                MetersPerSecondSquared(0.8),
            );
            let mut near = moment(at(0), &[], &[]);
            near.twist.x = MetersPerSecond(0.1);
            near.twist.yaw = RadiansPerSecond(yaw);
            let looked = steps.iter().map(|(milliseconds, ahead)| {
                near.at = at(*milliseconds);
                near.ahead = Meters(*ahead);
                property.look(&near).is_ok()
            });
            looked.collect::<Vec<_>>()
        };
        let late = [(0, 1.0), (5, 0.05), (305, 0.04), (310, 0.04)];
        assert_eq!(played(2.0, &late), [true, true, true, false]);
        // Straight on it stood there before, wherever it comes from.
        assert!(!played(0.0, &late)[1]);
        // Driven up to, step by step, while it turns.
        let slowly = [(0, 0.18), (5, 0.16)];
        assert_eq!(played(2.0, &slowly), [true, false]);
        // It came in while the body began to move.
        let mut property = keeps_its_distance(
            Meters(0.2),
            Duration::from_millis(300),
            MetersPerSecondSquared(0.8),
        );
        let begins = [
            (0, 0.0, 1.0),
            (5, 0.01, 0.05),
            (10, 0.05, 0.05),
            (310, 0.05, 0.05),
        ];
        let looked = begins.map(|(milliseconds, speed, ahead)| {
            let mut near = moment(at(milliseconds), &[], &[]);
            near.twist.x = MetersPerSecond(speed);
            near.twist.yaw = RadiansPerSecond(2.0);
            near.ahead = Meters(ahead);
            property.look(&near).is_ok()
        });
        assert_eq!(looked, [true, true, true, false]);
        // It was left alone, and came again.
        let again = [(0, 1.0), (5, 0.05), (10, 1.0), (400, 0.05), (705, 0.05)];
        assert_eq!(played(2.0, &again), [true, true, true, true, false]);
    }
}
