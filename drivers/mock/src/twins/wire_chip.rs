//! A part of one's own on plain lines: a one-wire sensor, a shift register, a keypad.
//!
//! Source: none, it is what its maker's data sheet says that you write down.

use crate::agenda::Plan;
use crate::i2c::Moment;
use crate::mock::Mock;
use crate::part::{Behaviour, Part};
use crate::socket::Socket;
use crate::twin::handle;
use crate::wires::Wires;
use sinew_board::{Level, Pin};
use std::fmt;
use std::time::Duration;

/// A simulated part on plain lines. While it is frozen nothing of it is called and its lines stay; unplugged it lets go of them.
pub trait WireChip: Send {
    /// Power comes.
    fn power_on(&mut self, at: Moment, lines: &mut WireLines<'_>) {
        let _ = (at, lines);
    }

    /// One of its lines changed, because the board drove it or let go of it.
    fn level(&mut self, at: Moment, pin: Pin, level: Level, lines: &mut WireLines<'_>);

    /// What it planned is due.
    fn due(&mut self, at: Moment, what: u32, lines: &mut WireLines<'_>) {
        let _ = (at, what, lines);
    }
}

/// The lines of a part, for it to drive.
pub struct WireLines<'a> {
    socket: &'a mut Socket,
    wires: &'a mut Wires,
    pins: &'a [Pin],
}

impl fmt::Debug for WireLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lines of {:?} at {:?}", self.socket.name, self.pins)
    }
}

impl WireLines<'_> {
    /// Drives a line, or lets go of it (`None`). One that the part is not wired to is a complaint.
    pub fn drive(&mut self, pin: Pin, level: Option<Level>) {
        if self.pins.contains(&pin) {
            let now = self.wires.now;
            self.socket.drive(self.wires, pin, level, now);
        } else {
            self.socket.complain(self.wires, || {
                format!("it drives {pin}, to which it is not wired")
            });
        }
    }

    /// What a line shows.
    #[must_use]
    pub fn level(&mut self, pin: Pin) -> Level {
        self.wires.net(pin).level()
    }

    /// Plans something: [`WireChip::due`] is called with `what` after this time, unless the part was unplugged meanwhile.
    pub fn plan(&mut self, after: Duration, what: u32) {
        let at = self.wires.now + after;
        self.socket.plan(self.wires, at, Plan::Own(what));
    }
}

handle! {
    /// A part on plain lines, fitted.
    WireTwin
}

impl Mock {
    /// Fits a part of your own on these pins. `part` is its type, as in `DHT22`.
    pub fn wire_chip(
        &self,
        name: &str,
        part: &'static str,
        pins: &[Pin],
        chip: Box<dyn WireChip>,
    ) -> WireTwin {
        let resources = pins.iter().map(ToString::to_string).collect();
        let chip = WirePart {
            pins: pins.to_vec(),
            chip,
        };
        let twin = self.fit(name, part, resources, Part::Wire(chip));
        self.with(|state| pins.iter().for_each(|pin| state.watch(*pin, twin.id)));
        WireTwin(twin)
    }
}

/// A part and where it is.
pub(crate) struct WirePart {
    pins: Vec<Pin>,
    chip: Box<dyn WireChip>,
}

impl WirePart {
    fn tell(
        &mut self,
        socket: &mut Socket,
        wires: &mut Wires,
        tell: impl FnOnce(&mut dyn WireChip, Moment, &mut WireLines<'_>),
    ) {
        let at = Moment {
            now: wires.now,
            frozen: socket.frozen,
        };
        if at.frozen {
            return;
        }
        let mut lines = WireLines {
            socket,
            wires,
            pins: &self.pins,
        };
        tell(self.chip.as_mut(), at, &mut lines);
    }
}

impl Behaviour for WirePart {
    fn power_on(&mut self, socket: &mut Socket, wires: &mut Wires) {
        self.tell(socket, wires, |chip, at, lines| chip.power_on(at, lines));
    }

    fn power_off(&mut self, socket: &mut Socket, wires: &mut Wires) {
        for pin in &self.pins {
            let now = wires.now;
            socket.drive(wires, *pin, None, now);
        }
    }

    fn level(&mut self, socket: &mut Socket, wires: &mut Wires, pin: Pin, level: Level) {
        self.tell(socket, wires, |chip, at, lines| {
            chip.level(at, pin, level, lines);
        });
    }

    fn happen(&mut self, socket: &mut Socket, wires: &mut Wires, what: Plan) {
        if let Plan::Own(what) = what {
            self.tell(socket, wires, |chip, at, lines| chip.due(at, what, lines));
        }
    }
}

impl fmt::Debug for WirePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "part at {:?}", self.pins)
    }
}
