//! What stands behind a mock's lock.

use crate::agenda::{Happening, Plan};
use crate::analyzer::{Analyzer, Begin, plain};
use crate::controller::I2cController;
use crate::i2c_bus::GIVES_UP;
use crate::net::Net;
use crate::part::Part;
use crate::socket::{Socket, TwinId};
use crate::wakes::Wakes;
use crate::wires::Wires;
use sinew_board::{Level, Pin};
use sinew_messages::Timestamp;
use std::io::{self, Write};
use std::time::Duration;

/// A socket and what sits in it.
pub(crate) struct Slot {
    /// Where it sits.
    pub(crate) socket: Socket,
    /// What it is.
    pub(crate) part: Part,
}

/// The wires and all twins on them.
pub(crate) struct State {
    /// The electrical side.
    pub(crate) wires: Wires,
    /// The twins, in the order in which they were fitted.
    pub(crate) slots: Vec<Slot>,
    /// Decides all randomness.
    pub(crate) seed: u64,
    /// What drives the I2C buses.
    pub(crate) controller: I2cController,
    /// Buses whose data line something holds low.
    pub(crate) held: [bool; 2],
    /// How long a transaction on a bus that something holds keeps its thread.
    pub(crate) gives_up: [Duration; 2],
    /// Bytes of one I2C write, kept to save the allocation.
    pub(crate) scratch: Vec<u8>,
}

impl State {
    /// A board without parts.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            wires: Wires::at_power_on(),
            slots: Vec::new(),
            seed,
            controller: I2cController::default(),
            held: [false; 2],
            gives_up: [GIVES_UP; 2],
            scratch: Vec::new(),
        }
    }

    /// Fits a part and powers it.
    pub(crate) fn fit(
        &mut self,
        name: &str,
        part_name: &'static str,
        resources: Vec<String>,
        part: Part,
    ) -> TwinId {
        let id = TwinId(self.slots.len());
        for resource in &resources {
            let first = self
                .slots
                .iter()
                .find(|slot| slot.socket.resources.contains(resource));
            if let Some(first) = first {
                let other = &first.socket.name;
                self.wires.complaints.add(self.wires.now, name, || {
                    format!("{resource} is wired to {other:?} as well; give each part its own")
                });
            }
        }
        let socket = Socket::new(id, name, part_name, resources, self.seed);
        self.slots.push(Slot { socket, part });
        let Slot { socket, part } = &mut self.slots[id.0];
        part.behaviour().power_on(socket, &mut self.wires);
        id
    }

    /// Lets a twin hear of a pin's changes.
    pub(crate) fn watch(&mut self, pin: Pin, id: TwinId) {
        self.wires.net(pin).watchers.push(id);
    }

    /// The socket, the part and the wires of a twin.
    pub(crate) fn twin(&mut self, id: TwinId) -> (&mut Socket, &mut Part, &mut Wires) {
        let Slot { socket, part } = &mut self.slots[id.0];
        (socket, part, &mut self.wires)
    }

    /// The board drives a pin.
    pub(crate) fn drive(&mut self, pin: Pin, level: Level) {
        let at = self.wires.now;
        let (net, wakes) = self.wires.net_and_wakes(pin);
        let was_short = net.is_short();
        let changed = net.drive(level, at, wakes);
        let level = net.level();
        if net.is_short()
            && !was_short
            && let Some(slot) = self.slots.iter().find(|slot| {
                slot.socket.plugged && slot.socket.resources.iter().any(|r| *r == pin.to_string())
            })
        {
            slot.socket.complain_of_short(&mut self.wires, pin);
        }
        if changed {
            self.wires.note_level(pin, at);
            self.tell_watchers(pin, level);
        }
    }

    /// Does something to a pin's net, which tells whether its level changed: that is noted, and told to the twins that watch it.
    pub(crate) fn alter(
        &mut self,
        pin: Pin,
        act: impl FnOnce(&mut Net, Timestamp, &mut Wakes) -> bool,
    ) {
        let at = self.wires.now;
        let (net, wakes) = self.wires.net_and_wakes(pin);
        if act(net, at, wakes) {
            let level = net.level();
            self.wires.note_level(pin, at);
            self.tell_watchers(pin, level);
        }
    }

    /// Tells the twins that watch a pin of its new level.
    pub(crate) fn tell_watchers(&mut self, pin: Pin, level: Level) {
        for index in 0..self.wires.net(pin).watchers.len() {
            let id = self.wires.net(pin).watchers[index];
            let (socket, part, wires) = self.twin(id);
            if socket.plugged {
                part.behaviour().level(socket, wires, pin, level);
            }
        }
    }

    /// Carries out everything that is due until `to`, each at its own moment, and stands at `to` then.
    pub(crate) fn advance(&mut self, to: Timestamp) {
        while let Some((at, what)) = self.wires.agenda.take_due(to) {
            self.wires.now = self.wires.now.max(at);
            match what {
                Happening::Chunk { port, generation } => self.wires.arrive(port, generation),
                Happening::Heard { port, generation } => self.hear(port, generation),
                Happening::Settled { pin, changes } => self.wires.settled(pin, changes),
                Happening::Twin {
                    id,
                    generation,
                    what,
                } => self.happen(id, generation, what),
            }
        }
        self.wires.now = self.wires.now.max(to);
        if let Some(analyzer) = &mut self.wires.analyzer {
            analyzer.advance(self.wires.now);
        }
    }

    /// A recording that begins now.
    pub(crate) fn analyzer(&mut self, output: Box<dyn Write + Send>) -> io::Result<Analyzer> {
        let named = |(number, level): (usize, Level)| {
            let pin = format!("GPIO{number}");
            let on_it = |slot: &&Slot| slot.socket.resources.contains(&pin);
            let name = match self.slots.iter().find(on_it) {
                Some(slot) => format!("{pin}_{}", plain(&slot.socket.name)),
                None => pin,
            };
            (name, level)
        };
        let ports: Vec<String> = (self.wires.ports.iter())
            .map(|port| port.name().to_owned())
            .collect();
        let begin = Begin {
            at: self.wires.now,
            lines: self.wires.levels().enumerate().map(named).collect(),
            duties: self.wires.duties(),
            ports: &ports,
        };
        Analyzer::begin(output, &begin)
    }

    /// A byte has come to the part on a serial line.
    fn hear(&mut self, port: usize, generation: u32) {
        let (ports, wakes) = (&mut self.wires.ports, &mut self.wires.wakes);
        let Some(listener) = ports[port].listener() else {
            return;
        };
        let bytes = ports[port].heard(generation, wakes);
        for byte in bytes {
            let (socket, part, wires) = self.twin(listener);
            if socket.plugged && !socket.frozen {
                part.behaviour().heard(socket, wires, byte);
            }
        }
        if self.wires.ports[port].is_current(generation) {
            self.wires.send_outbound(port);
        }
    }

    fn happen(&mut self, id: TwinId, generation: u32, what: Plan) {
        let (socket, part, wires) = self.twin(id);
        if socket.plugged && socket.is_current(generation) {
            part.behaviour().happen(socket, wires, what);
        }
    }

    /// Takes power and wires from a twin.
    pub(crate) fn unplug(&mut self, id: TwinId) {
        let (socket, part, wires) = self.twin(id);
        if socket.plugged {
            part.behaviour().power_off(socket, wires);
            socket.plugged = false;
            socket.forget_plans();
        }
    }

    /// Plugs a twin in again; it wakes in its power-on state, frozen no more.
    pub(crate) fn replug(&mut self, id: TwinId) {
        let (socket, part, wires) = self.twin(id);
        if !socket.plugged {
            socket.plugged = true;
            socket.frozen = false;
            part.behaviour().power_on(socket, wires);
        }
    }

    /// Freezes a twin, or thaws it.
    pub(crate) fn freeze(&mut self, id: TwinId, frozen: bool) {
        let (socket, part, wires) = self.twin(id);
        let changed = socket.frozen != frozen;
        socket.frozen = frozen;
        match (changed && socket.plugged, frozen) {
            (true, true) => part.behaviour().freeze(wires),
            (true, false) => part.behaviour().thaw(socket, wires),
            (false, _) => {}
        }
    }
}
