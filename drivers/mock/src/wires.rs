//! The electrical side of the simulated board: everything that twins touch.

use crate::agenda::{Agenda, Happening};
use crate::analyzer::Analyzer;
use crate::complaint::Complaints;
use crate::net::Net;
use crate::port::Port;
use crate::twins::motor::BridgeState;
use crate::wakes::Wakes;
use sinew_board::{Level, Pin, PwmChannel};
use sinew_messages::{Hertz, Timestamp};

/// Lines on the header: GPIO0 to GPIO27.
const LINES: u8 = 28;

/// Wires, PWM channels and serial lines, and what will happen on them.
pub(crate) struct Wires {
    /// The board's time.
    pub(crate) now: Timestamp,
    /// What will happen.
    pub(crate) agenda: Agenda,
    /// Who is to be woken when the lock is free.
    pub(crate) wakes: Wakes,
    /// What the mock objects to.
    pub(crate) complaints: Complaints,
    /// The serial lines.
    pub(crate) ports: Vec<Port>,
    /// What motor controllers put out at their terminals.
    pub(crate) terminals: Vec<BridgeState>,
    /// Records what the wires do, if anybody wants it.
    pub(crate) analyzer: Option<Box<Analyzer>>,
    nets: Vec<Net>,
    pwm: [PwmOutput; 2],
}

/// One channel of the hardware PWM.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PwmOutput {
    /// Whether the board holds it.
    pub(crate) in_use: bool,
    /// The part of each period that is high; it stays when the channel is closed.
    pub(crate) duty: f64,
    /// What it was opened with.
    pub(crate) frequency: Hertz,
}

impl Wires {
    /// A board just powered on.
    pub(crate) fn at_power_on() -> Self {
        Self {
            now: Timestamp::ZERO,
            agenda: Agenda::default(),
            wakes: Wakes::default(),
            complaints: Complaints::default(),
            ports: Vec::new(),
            terminals: Vec::new(),
            analyzer: None,
            nets: (0..LINES).map(Net::at_power_on).collect(),
            pwm: [PwmOutput::default(); 2],
        }
    }

    /// The wire of a pin.
    pub(crate) fn net(&mut self, pin: Pin) -> &mut Net {
        &mut self.nets[usize::from(pin.number())]
    }

    /// The wire of a pin, and the waking list that its changes need.
    pub(crate) fn net_and_wakes(&mut self, pin: Pin) -> (&mut Net, &mut Wakes) {
        (&mut self.nets[usize::from(pin.number())], &mut self.wakes)
    }

    /// The level of a pin.
    pub(crate) fn level(&self, pin: Pin) -> Level {
        self.nets[usize::from(pin.number())].level()
    }

    /// Notes the level of a pin, which has just changed.
    pub(crate) fn note_level(&mut self, pin: Pin, at: Timestamp) {
        let level = self.level(pin);
        if let Some((debounce, changes)) = self.net(pin).settles() {
            let what = Happening::Settled { pin, changes };
            self.agenda.plan(at + debounce, what);
        }
        if let Some(analyzer) = &mut self.analyzer {
            analyzer.level(pin.number(), level, at);
        }
    }

    /// The duty of each PWM channel.
    pub(crate) fn duties(&self) -> [f64; 2] {
        self.pwm.map(|output| output.duty)
    }

    /// A debounced line may have stood still long enough.
    pub(crate) fn settled(&mut self, pin: Pin, changes: u64) {
        let at = self.now;
        let (net, wakes) = self.net_and_wakes(pin);
        net.settled(changes, at, wakes);
    }

    /// All lines with their levels.
    pub(crate) fn levels(&self) -> impl Iterator<Item = Level> + '_ {
        self.nets.iter().map(Net::level)
    }

    /// A PWM channel.
    pub(crate) fn pwm(&mut self, channel: PwmChannel) -> &mut PwmOutput {
        &mut self.pwm[usize::from(channel.number())]
    }

    /// The serial line of this name, made at first mention.
    pub(crate) fn port(&mut self, name: &str, baud: u32) -> usize {
        if let Some(index) = self.find_port(name) {
            return index;
        }
        self.ports.push(Port::new(name, baud));
        self.ports.len() - 1
    }

    /// The serial line of this name, if a twin is on it.
    pub(crate) fn find_port(&self, name: &str) -> Option<usize> {
        self.ports.iter().position(|port| port.name() == name)
    }

    /// Takes bytes of the board for a serial line; how many found room.
    pub(crate) fn write(&mut self, port: usize, bytes: &[u8]) -> usize {
        let line = &mut self.ports[port];
        let was_idle = line.outbound() == 0;
        let taken = line.write(bytes);
        let byte = line.settings().byte_time();
        if let Some(analyzer) = &mut self.analyzer {
            analyzer.sent(port, &bytes[..taken], byte, self.now);
        }
        if was_idle {
            self.send_outbound(port);
        }
        taken
    }

    /// Sends the next byte to the part on a serial line.
    pub(crate) fn send_outbound(&mut self, port: usize) {
        if let Some((at, what)) = self.ports[port].next_heard(port, self.now) {
            self.agenda.plan(at, what);
        }
    }

    /// Puts bytes on the way to the board.
    pub(crate) fn send(&mut self, port: usize, bytes: &[u8]) {
        let lost = self.ports[port].queue(bytes);
        if lost > 0 {
            let line = &self.ports[port];
            let (name, baud) = (line.name().to_owned(), line.baud());
            self.complaints.add(self.now, &format!("port {name}"), || {
                format!("{lost} bytes found no room: {baud} baud is too slow for what is sent; raise it or send less")
            });
        }
        self.start_chunk(port);
    }

    /// Carries out the arrival of a chunk.
    pub(crate) fn arrive(&mut self, port: usize, generation: u32) {
        if let Some(analyzer) = &mut self.analyzer {
            let line = &self.ports[port];
            let bytes = line.under_way(generation);
            analyzer.received(port, &bytes, line.settings().byte_time(), self.now);
        }
        if self.ports[port].arrive(generation, &mut self.wakes) {
            self.start_chunk(port);
        }
    }

    fn start_chunk(&mut self, port: usize) {
        if let Some((time, what)) = self.ports[port].start_chunk(port) {
            self.agenda.plan(self.now + time, what);
        }
    }
}
