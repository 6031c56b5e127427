//! A battery under load.

use sinew_messages::{Amperes, Volts};
use std::time::Duration;

/// What a battery pack is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatteryModel {
    /// Without load, full.
    pub full: Volts,
    /// Without load, when its charge is gone.
    pub empty: Volts,
    /// What it holds, in ampere hours.
    pub capacity_ah: f64,
    /// Inside of the pack, in ohms: what makes the voltage sag under load.
    pub resistance_ohm: f64,
    /// What everything but the motors draws.
    pub idle: Amperes,
    /// What one motor draws when it is held at full duty.
    pub stall: Amperes,
}

/// Two lithium-ion cells of 3 Ah in series (8.4 V full, 6.0 V empty, 60 milliohms with wiring), a Pi Zero 2
/// that draws about 0.4 A of them, and a pair of small gear motors.
impl Default for BatteryModel {
    fn default() -> Self {
        Self {
            full: Volts(8.4),
            empty: Volts(6.0),
            capacity_ah: 3.0,
            resistance_ohm: 0.06,
            idle: Amperes(0.4),
            stall: Amperes(1.2),
        }
    }
}

/// A battery pack that is drawn from.
#[derive(Clone, Debug)]
pub(crate) struct Battery {
    model: BatteryModel,
    used_ah: f64,
    current: Amperes,
}

impl Battery {
    pub(crate) fn new(model: BatteryModel) -> Self {
        Self {
            model,
            used_ah: 0.0,
            current: model.idle,
        }
    }

    /// Draws for `time` what the electronics need, and of each motor the given part of its stall current.
    pub(crate) fn draw(&mut self, loads: impl Iterator<Item = f64>, time: Duration) {
        let motors: f64 = loads.map(|load| load.clamp(0.0, 2.0)).sum();
        self.current = self.model.idle + self.model.stall * motors;
        self.used_ah += self.current.0 * time.as_secs_f64() / 3600.0;
    }

    /// Between the terminals.
    pub(crate) fn voltage(&self) -> Volts {
        let left = 1.0 - (self.used_ah / self.model.capacity_ah).min(1.0);
        let open = self.model.empty + (self.model.full - self.model.empty) * left;
        (open - Volts(self.current.0 * self.model.resistance_ohm)).max(Volts::ZERO)
    }

    /// Out of the pack.
    pub(crate) fn current(&self) -> Amperes {
        self.current
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_voltage_sags_under_load_and_recovers() {
        let mut battery = Battery::new(BatteryModel::default());
        let moment = Duration::from_millis(5);
        battery.draw([0.0, 0.0].into_iter(), moment);
        let idle = battery.voltage();
        battery.draw([1.0, 1.0].into_iter(), moment);
        assert_eq!(battery.current(), Amperes(2.8));
        assert!((idle.0 - battery.voltage().0 - 0.144).abs() < 1e-4);
        battery.draw([0.0, 0.0].into_iter(), moment);
        assert!((idle.0 - battery.voltage().0).abs() < 1e-4);
    }

    #[test]
    fn three_ampere_hours_are_gone_after_seven_and_a_half_hours_of_idling() {
        let mut battery = Battery::new(BatteryModel::default());
        battery.draw([].into_iter(), Duration::from_secs(3600 * 15 / 4));
        assert!((battery.voltage().0 - 7.2 + 0.024).abs() < 1e-6);
        battery.draw([].into_iter(), Duration::from_secs(3600 * 5));
        assert!((battery.voltage().0 - 6.0 + 0.024).abs() < 1e-6);
    }
}
