//! A switch to ground: a bumper, a button.
//!
//! Source: a contact that closes or opens does so a few times within a few milliseconds before it settles; Jack
//! Ganssle, A Guide to Debouncing (2008), measured 1.6 ms on average over eighteen types of switches.

use crate::agenda::Plan;
use crate::mock::Mock;
use crate::part::{Behaviour, Part};
use crate::socket::Socket;
use crate::twin::handle;
use crate::wires::Wires;
use sinew_board::{Level, Pin};
use sinew_messages::Timestamp;
use std::time::Duration;

/// At most so many times a contact opens and closes again.
const MOST_BOUNCES: usize = 4;

/// How often a loose contact changes: an even number, so that it ends where it was.
const CHATTERS: usize = 40;

handle! {
    /// A fitted switch. Unplugged its wire falls back to its pull; frozen its contact stays as it is.
    SwitchTwin
}

impl SwitchTwin {
    /// Presses it, or lets go of it, at a moment (at once if that is past). Its contact then opens and closes a
    /// few times; how often and when, within its bounce time, the seed decides. Without effect if it is so already.
    pub fn set(&self, pressed: bool, at: Timestamp) {
        self.0.mock.with(|state| {
            let (socket, part, wires) = state.twin(self.0.id);
            let Part::Switch(switch) = part else {
                unreachable!("this handle is made for a switch only")
            };
            switch.set(socket, wires, pressed, at);
        });
    }

    /// Lets its contact open and close at random moments for so long, as a loose wire does; it ends where it was.
    pub fn chatter(&self, lasts: Duration) {
        self.0.mock.with(|state| {
            let (socket, part, wires) = state.twin(self.0.id);
            let Part::Switch(switch) = part else {
                unreachable!("this handle is made for a switch only")
            };
            switch.chatter(socket, wires, lasts);
        });
    }

    /// Whether it is pressed, whatever its contact does at the moment.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        self.0.mock.with(|state| match state.twin(self.0.id).1 {
            Part::Switch(switch) => switch.pressed,
            _ => unreachable!("this handle is made for a switch only"),
        })
    }
}

impl Mock {
    /// Fits a switch between a pin and ground: pressed is low, and the pin's pull-up makes it high otherwise.
    /// Its contact bounces for less than `bounce`; zero is a perfect contact.
    pub fn switch(&self, name: &str, pin: Pin, bounce: Duration) -> SwitchTwin {
        let switch = Switch {
            pin,
            bounce,
            pressed: false,
        };
        SwitchTwin(self.fit(name, "switch", vec![pin.to_string()], Part::Switch(switch)))
    }
}

/// The contact.
#[derive(Debug)]
pub(crate) struct Switch {
    pin: Pin,
    bounce: Duration,
    /// Where the contact ends up.
    pressed: bool,
}

impl Switch {
    fn set(&mut self, socket: &mut Socket, wires: &mut Wires, pressed: bool, at: Timestamp) {
        if self.pressed == pressed {
            return;
        }
        self.pressed = pressed;
        if !socket.plugged || socket.frozen {
            return;
        }
        socket.forget_plans();
        self.contact(socket, wires, pressed, at);
        let within = u64::try_from(self.bounce.as_nanos()).unwrap_or(u64::MAX);
        if within == 0 {
            return;
        }
        let mut offsets = [0; 2 * MOST_BOUNCES];
        let count = 2 * socket.random.below(MOST_BOUNCES as u64 + 1) as usize;
        let offsets = &mut offsets[..count];
        offsets.fill_with(|| socket.random.below(within));
        offsets.sort_unstable();
        let mut closed = pressed;
        for &offset in &*offsets {
            closed = !closed;
            self.contact(socket, wires, closed, at + Duration::from_nanos(offset));
        }
    }

    fn chatter(&self, socket: &mut Socket, wires: &mut Wires, lasts: Duration) {
        if !socket.plugged || socket.frozen {
            return;
        }
        let within = u64::try_from(lasts.as_nanos()).unwrap_or(u64::MAX);
        let mut offsets = [0; CHATTERS];
        offsets.fill_with(|| socket.random.below(within));
        offsets.sort_unstable();
        let mut closed = self.pressed;
        for offset in offsets {
            closed = !closed;
            self.contact(
                socket,
                wires,
                closed,
                wires.now + Duration::from_nanos(offset),
            );
        }
    }

    /// The contact closes or opens at `at`: now if that is past, else planned.
    fn contact(&self, socket: &Socket, wires: &mut Wires, closed: bool, at: Timestamp) {
        if at <= wires.now {
            self.show(socket, wires, closed, at);
        } else {
            socket.plan(wires, at, Plan::Contact(closed));
        }
    }

    fn show(&self, socket: &Socket, wires: &mut Wires, closed: bool, at: Timestamp) {
        socket.drive(wires, self.pin, closed.then_some(Level::Low), at);
    }
}

impl Behaviour for Switch {
    fn power_on(&mut self, socket: &mut Socket, wires: &mut Wires) {
        self.show(socket, wires, self.pressed, wires.now);
    }

    fn power_off(&mut self, socket: &mut Socket, wires: &mut Wires) {
        self.show(socket, wires, false, wires.now);
    }

    fn thaw(&mut self, socket: &mut Socket, wires: &mut Wires) {
        self.show(socket, wires, self.pressed, wires.now);
    }

    fn happen(&mut self, socket: &mut Socket, wires: &mut Wires, what: Plan) {
        if let Plan::Contact(closed) = what
            && !socket.frozen
        {
            self.show(socket, wires, closed, wires.now);
        }
    }
}
