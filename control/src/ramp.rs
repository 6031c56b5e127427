//! A command that rises slowly and falls at once.

use crate::Quantity;
use std::time::Duration;

/// Limits how fast a command may *grow*, and never how fast it may shrink: an ordinary limit must not
/// lengthen a stop. A command in the other direction passes through zero at once and grows from there.
#[derive(Clone, Copy, Debug)]
pub struct Ramp<Q> {
    growth_per_second: f64,
    value: Q,
}

impl<Q: Quantity> Ramp<Q> {
    /// Starts at zero and grows by at most `growth_per_second`; what is no number does not grow at all.
    #[must_use]
    pub fn new(growth_per_second: Q) -> Self {
        let growth = growth_per_second.number().abs();
        Self {
            growth_per_second: if growth.is_nan() { 0.0 } else { growth },
            value: Q::default(),
        }
    }

    /// The newest output.
    #[must_use]
    pub fn value(&self) -> Q {
        self.value
    }

    /// The output when `target` is asked for, `elapsed` after the last call. No number means zero.
    pub fn toward(&mut self, target: Q, elapsed: Duration) -> Q {
        let (target, now) = (target.number(), self.value.number());
        if target.is_nan() {
            return self.stop();
        }
        let start = if now * target > 0.0 { now.abs() } else { 0.0 };
        let room = self.growth_per_second * elapsed.as_secs_f64();
        let magnitude = target.abs().min(start + room);
        self.value = Q::from_number(magnitude.copysign(target));
        self.value
    }

    /// Zero, now: also what to call when the output was not applied (disarmed, lease ended).
    pub fn stop(&mut self) -> Q {
        self.value = Q::default();
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sinew_messages::{Duty, MetersPerSecond};

    const TICK: Duration = Duration::from_millis(100);

    #[test]
    fn a_start_takes_its_time() {
        let mut ramp = Ramp::new(MetersPerSecond(2.0));
        let speeds: Vec<f64> = (0..4)
            .map(|_| ramp.toward(MetersPerSecond(0.5), TICK).0)
            .collect();
        for (found, expected) in speeds.iter().zip([0.2, 0.4, 0.5, 0.5]) {
            assert!((found - expected).abs() < 1e-12, "{speeds:?}");
        }
    }

    #[test]
    fn a_stop_takes_none() {
        let mut ramp = Ramp::new(MetersPerSecond(2.0));
        for _ in 0..10 {
            ramp.toward(MetersPerSecond(1.0), TICK);
        }
        assert_eq!(
            ramp.toward(MetersPerSecond(0.3), TICK),
            MetersPerSecond(0.3)
        );
        assert_eq!(ramp.toward(MetersPerSecond(0.0), TICK).0, 0.0);
    }

    #[test]
    fn the_other_direction_begins_at_zero() {
        let mut ramp = Ramp::new(MetersPerSecond(2.0));
        for _ in 0..10 {
            ramp.toward(MetersPerSecond(1.0), TICK);
        }
        assert_eq!(
            ramp.toward(MetersPerSecond(-1.0), TICK),
            MetersPerSecond(-0.2)
        );
    }

    #[test]
    fn what_is_no_number_stops() {
        let mut ramp = Ramp::new(Duty::nearest(1.0));
        ramp.toward(Duty::nearest(1.0), TICK);
        let mut speed = Ramp::new(MetersPerSecond(1.0));
        speed.toward(MetersPerSecond(1.0), TICK);
        assert_eq!(
            speed.toward(MetersPerSecond(f64::NAN), TICK),
            MetersPerSecond(0.0)
        );
    }

    proptest! {
        #[test]
        fn it_is_never_faster_than_asked_and_never_grows_faster_than_allowed(
            targets in prop::collection::vec(-3.0..3.0f64, 1..80),
        ) {
            let mut ramp = Ramp::new(MetersPerSecond(1.5));
            for target in targets {
                let before = ramp.value().0;
                let after = ramp.toward(MetersPerSecond(target), TICK).0;
                prop_assert!(after.abs() <= target.abs() && after * target >= 0.0);
                prop_assert!(after.abs() <= before.abs() + 0.15 + 1e-12);
                if target.abs() <= before.abs() && target * before >= 0.0 {
                    prop_assert_eq!(after, target);
                }
            }
        }
    }
}
