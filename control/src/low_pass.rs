//! A first-order low-pass filter.

use crate::Quantity;
use std::time::Duration;

/// Follows its input with a time constant: after that time it has gone 63 % of a step.
///
/// Its step is dt / (tau + dt), the backward Euler form: stable for every step of time, and the same bits on
/// every machine, because it needs no exponential. The first value passes unchanged.
#[derive(Clone, Copy, Debug)]
pub struct LowPass<Q> {
    time_constant: Duration,
    value: Option<Q>,
}

impl<Q: Quantity> LowPass<Q> {
    /// A filter with no past; a time constant of zero lets everything pass.
    #[must_use]
    pub fn new(time_constant: Duration) -> Self {
        Self {
            time_constant,
            value: None,
        }
    }

    /// The newest output, if there was any input.
    #[must_use]
    pub fn value(&self) -> Option<Q> {
        self.value
    }

    /// The output for `input`, which came `elapsed` after the last. An input that is no finite number is ignored.
    pub fn update(&mut self, input: Q, elapsed: Duration) -> Q {
        if !input.number().is_finite() {
            return self.value.unwrap_or_default();
        }
        let Some(last) = self.value else {
            self.value = Some(input);
            return input;
        };
        let (tau, step) = (self.time_constant.as_secs_f64(), elapsed.as_secs_f64());
        let share = if tau > 0.0 { step / (tau + step) } else { 1.0 };
        let value = Q::from_number(last.number() + (input.number() - last.number()) * share);
        self.value = Some(value);
        value
    }

    /// Forgets the past: the next input passes unchanged.
    pub fn reset(&mut self) {
        self.value = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinew_messages::Volts;

    #[test]
    fn after_one_time_constant_a_step_is_done_to_63_percent() {
        let mut filter = LowPass::new(Duration::from_secs(1));
        filter.update(Volts(0.0), Duration::ZERO);
        let mut last = Volts(0.0);
        for _ in 0..10_000 {
            last = filter.update(Volts(1.0), Duration::from_micros(100));
        }
        assert!((last.0 - (1.0 - (-1.0f64).exp())).abs() < 1e-4, "{last}");
    }

    #[test]
    fn the_first_value_passes() {
        let mut filter = LowPass::new(Duration::from_secs(60));
        assert_eq!(filter.value(), None);
        assert_eq!(
            filter.update(Volts(7.4), Duration::from_millis(10)),
            Volts(7.4)
        );
    }

    #[test]
    fn a_value_that_is_no_number_does_not_poison_it() {
        let mut filter = LowPass::new(Duration::from_secs(1));
        filter.update(Volts(7.4), Duration::ZERO);
        assert_eq!(
            filter.update(Volts(f64::NAN), Duration::from_secs(1)),
            Volts(7.4)
        );
    }

    #[test]
    fn without_a_time_constant_everything_passes() {
        let mut filter = LowPass::new(Duration::ZERO);
        filter.update(Volts(1.0), Duration::ZERO);
        assert_eq!(filter.update(Volts(2.0), Duration::ZERO), Volts(2.0));
    }
}
