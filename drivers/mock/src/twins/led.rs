//! A light-emitting diode between a pin and ground, with its resistor.

use crate::mock::Mock;
use crate::part::{Behaviour, Part};
use crate::socket::Socket;
use crate::twin::handle;
use crate::wires::Wires;
use sinew_board::{Level, Pin};
use sinew_messages::Timestamp;
use std::collections::VecDeque;

/// How many changes are kept; the oldest goes first.
const KEPT: usize = 1024;

handle! {
    /// A fitted LED. Unplugged it is dark; frozen it stays as it is.
    LedTwin
}

impl LedTwin {
    /// Whether it shines.
    #[must_use]
    pub fn is_lit(&self) -> bool {
        self.with(|led| led.lit)
    }

    /// When it went on (`true`) and off: the newest 1,024 changes, oldest first.
    #[must_use]
    pub fn changes(&self) -> Vec<(Timestamp, bool)> {
        self.with(|led| led.changes.iter().copied().collect())
    }

    fn with<R>(&self, act: impl FnOnce(&Led) -> R) -> R {
        self.0.mock.with(|state| match state.twin(self.0.id).1 {
            Part::Led(led) => act(led),
            _ => unreachable!("this handle is made for an LED only"),
        })
    }
}

impl Mock {
    /// Fits an LED that shines while the pin is high.
    pub fn led(&self, name: &str, pin: Pin) -> LedTwin {
        let led = Led {
            pin,
            lit: false,
            changes: VecDeque::with_capacity(KEPT),
        };
        let twin = self.fit(name, "LED", vec![pin.to_string()], Part::Led(led));
        self.with(|state| state.watch(pin, twin.id));
        LedTwin(twin)
    }
}

/// The diode.
#[derive(Debug)]
pub(crate) struct Led {
    pin: Pin,
    lit: bool,
    changes: VecDeque<(Timestamp, bool)>,
}

impl Led {
    fn show(&mut self, lit: bool, at: Timestamp) {
        if self.lit == lit {
            return;
        }
        self.lit = lit;
        if self.changes.len() == KEPT {
            self.changes.pop_front();
        }
        self.changes.push_back((at, lit));
    }
}

impl Behaviour for Led {
    fn power_on(&mut self, _socket: &mut Socket, wires: &mut Wires) {
        self.show(wires.level(self.pin).is_high(), wires.now);
    }

    fn power_off(&mut self, _socket: &mut Socket, wires: &mut Wires) {
        self.show(false, wires.now);
    }

    fn thaw(&mut self, _socket: &mut Socket, wires: &mut Wires) {
        self.show(wires.level(self.pin).is_high(), wires.now);
    }

    fn level(&mut self, socket: &mut Socket, wires: &mut Wires, _pin: Pin, level: Level) {
        if !socket.frozen {
            self.show(level.is_high(), wires.now);
        }
    }
}
