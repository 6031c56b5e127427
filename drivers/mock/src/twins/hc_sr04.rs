//! An HC-SR04 ultrasonic range finder.
//!
//! Source: ElecFreaks, Ultrasonic Ranging Module HC-SR04 (3 pages): electric parameters and timing diagram. What it
//! leaves open (the pause before the echo, the echo without an object) is said at each constant.

use crate::agenda::Plan;
use crate::mock::Mock;
use crate::part::{Behaviour, Part};
use crate::socket::Socket;
use crate::twin::handle;
use crate::wires::Wires;
use sinew_board::{Level, Pin};
use sinew_messages::{Meters, Timestamp};
use std::time::Duration;

/// The shortest pulse that triggers. Datasheet, electric parameters: "10uS TTL pulse".
const TRIGGER: Duration = Duration::from_micros(10);

/// From the end of the trigger to the echo's rising edge: eight cycles of 40 kHz (200 us, datasheet) and what the
/// module's controller needs besides. The datasheet gives no number; common modules take about 460 us.
const BURST: Duration = Duration::from_micros(460);

/// How long the echo stays high if nothing comes back. The datasheet is silent; sellers of the module state 38 ms.
const NO_ECHO: Duration = Duration::from_millis(38);

/// Datasheet: "Max Range 4m". Beyond it the twin hears nothing.
const FARTHEST: Meters = Meters(4.0);

/// Datasheet: "Min Range 2cm". Nearer objects read as this.
const NEAREST: Meters = Meters(0.02);

/// In m/s, in dry air of 20 degC: 331.3 * sqrt(1 + 20/273.15).
const SPEED_OF_SOUND: f64 = 343.2;

/// Where an HC-SR04 is wired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HcSr04Pins {
    /// Driven by the board.
    pub trigger: Pin,
    /// Driven by the module (with 5 V: on a real board behind a divider).
    pub echo: Pin,
}

handle! {
    /// A fitted HC-SR04. Unplugged it gives no rising edge at all; frozen it repeats its last echo.
    HcSr04Twin
}

impl HcSr04Twin {
    /// How often it was triggered.
    #[must_use]
    pub fn pings(&self) -> u64 {
        self.0.mock.with(|state| match state.twin(self.0.id).1 {
            Part::HcSr04(sonar) => sonar.pings,
            _ => unreachable!("this handle is made for an HC-SR04 only"),
        })
    }
}

impl Mock {
    /// Fits an HC-SR04. `world` gives the distance to the nearest object in its beam when asked; `None` is nothing
    /// in range. It is called under the mock's lock, at the echo's rising edge: it must not use the mock.
    pub fn hc_sr04(
        &self,
        name: &str,
        pins: HcSr04Pins,
        world: impl FnMut(Timestamp) -> Option<Meters> + Send + 'static,
    ) -> HcSr04Twin {
        let resources = vec![pins.trigger.to_string(), pins.echo.to_string()];
        let sonar = HcSr04 {
            pins,
            world: Box::new(world),
            raised_at: None,
            busy: false,
            width: NO_ECHO,
            pings: 0,
        };
        let twin = self.fit(name, "HC-SR04", resources, Part::HcSr04(sonar));
        self.with(|state| state.watch(pins.trigger, twin.id));
        HcSr04Twin(twin)
    }
}

/// The module.
pub(crate) struct HcSr04 {
    pins: HcSr04Pins,
    world: Box<dyn FnMut(Timestamp) -> Option<Meters> + Send>,
    raised_at: Option<Timestamp>,
    /// From a trigger until its echo ended; further triggers do nothing.
    busy: bool,
    width: Duration,
    pings: u64,
}

/// How long the echo of an object at this distance is high: the sound's way there and back.
fn echo_width(distance: Option<Meters>) -> Duration {
    match distance {
        Some(distance) if distance <= FARTHEST => {
            Duration::from_secs_f64(2.0 * distance.max(NEAREST).0 / SPEED_OF_SOUND)
        }
        _ => NO_ECHO,
    }
}

impl Behaviour for HcSr04 {
    fn power_on(&mut self, socket: &mut Socket, wires: &mut Wires) {
        self.raised_at = None;
        self.busy = false;
        socket.drive(wires, self.pins.echo, Some(Level::Low), wires.now);
    }

    fn power_off(&mut self, socket: &mut Socket, wires: &mut Wires) {
        socket.drive(wires, self.pins.echo, None, wires.now);
    }

    fn level(&mut self, socket: &mut Socket, wires: &mut Wires, pin: Pin, level: Level) {
        let now = wires.now;
        if level.is_high() {
            self.raised_at = Some(now);
            return;
        }
        let Some(raised_at) = self.raised_at.take() else {
            return;
        };
        let high = now.since(raised_at);
        if high < TRIGGER {
            socket.complain(wires, || {
                format!("a trigger of {high:?} on {pin} is too short; hold it high for {TRIGGER:?}")
            });
        } else if !self.busy {
            self.busy = true;
            self.pings += 1;
            socket.plan(wires, now + BURST, Plan::EchoRise);
        }
    }

    fn happen(&mut self, socket: &mut Socket, wires: &mut Wires, what: Plan) {
        let now = wires.now;
        match what {
            Plan::EchoRise => {
                if !socket.frozen {
                    self.width = echo_width((self.world)(now));
                }
                socket.drive(wires, self.pins.echo, Some(Level::High), now);
                socket.plan(wires, now + self.width, Plan::EchoFall);
            }
            Plan::EchoFall => {
                self.busy = false;
                socket.drive(wires, self.pins.echo, Some(Level::Low), now);
            }
            Plan::Contact(_) | Plan::Epoch | Plan::Own(_) | Plan::Silence => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NO_ECHO, echo_width};
    use sinew_messages::Meters;
    use std::time::Duration;

    #[test]
    fn the_echo_lasts_as_long_as_the_sound_travels() {
        // 1.716 m is 10 ms there and back at 343.2 m/s.
        assert_eq!(echo_width(Some(Meters(1.716))), Duration::from_millis(10));
        assert_eq!(
            echo_width(Some(Meters(0.0))),
            echo_width(Some(Meters(0.02)))
        );
    }

    #[test]
    fn nothing_in_range_is_the_long_echo() {
        for nothing in [None, Some(Meters(4.01)), Some(Meters(f64::NAN))] {
            assert_eq!(echo_width(nothing), NO_ECHO);
        }
    }
}
