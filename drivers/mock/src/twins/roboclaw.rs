//! A RoboClaw motor controller in packet serial mode.
//!
//! Source: Basicmicro, "RoboClaw Series User Manual" (rev. 5.7): "Packet Serial" (a pause of more than 10 ms within a packet
//! discards it; a valid write is answered by 0xFF, an invalid one by nothing; CRC16), "Advanced Packet Serial" (14 sets the serial
//! time-out in tenths of a second, 15 reads it) and "Advanced Motor Control" (32 and 33, signed duty). Written from the manual and
//! not from our own driver, so that neither hides a mistake of the other.

use crate::agenda::Plan;
use crate::mock::Mock;
use crate::part::{Behaviour, Part};
use crate::socket::Socket;
use crate::twin::handle;
use crate::twins::motor::BridgeState;
use crate::wires::Wires;
use sinew_messages::{Duty, Timestamp};
use std::time::Duration;

/// A pause within a packet that is longer discards what came of it.
const PACKET_TIMEOUT: Duration = Duration::from_millis(10);
const ACKNOWLEDGE: u8 = 0xFF;
const MOTORS: usize = 2;

handle! {
    /// A fitted motor controller. Unplugged its motors run out; frozen it hears nothing and drives on.
    RoboclawTwin
}

impl RoboclawTwin {
    /// What it does with motor 1 or 2.
    #[must_use]
    pub fn output(&self, motor: usize) -> BridgeState {
        self.with(|controller, wires| {
            let state = wires.terminals.get(controller.terminal(motor));
            state.copied().unwrap_or(BridgeState::Coast)
        })
    }

    /// After how long without a byte it stops its motors; `None` is never, which it begins with.
    #[must_use]
    pub fn time_out(&self) -> Option<Duration> {
        self.with(|controller, _| controller.time_out)
    }

    /// How many commands it carried out, and how many packets it did not understand.
    #[must_use]
    pub fn packets(&self) -> (u64, u64) {
        self.with(|controller, _| (controller.understood, controller.refused))
    }

    /// Where a motor is connected, and what that is called.
    pub(crate) fn terminal(&self, motor: usize) -> (usize, String) {
        self.with(|controller, wires| {
            let port = wires.ports[controller.port].name();
            let name = format!("motor {motor} on serial port {port}");
            (controller.terminal(motor), name)
        })
    }

    fn with<R>(&self, act: impl FnOnce(&mut Roboclaw, &mut Wires) -> R) -> R {
        self.0.mock.with(|state| {
            let (_, part, wires) = state.twin(self.0.id);
            match part {
                Part::Roboclaw(controller) => act(controller, wires),
                _ => unreachable!("this handle is made for a motor controller only"),
            }
        })
    }
}

impl Mock {
    /// Fits a motor controller to a logical port, at `baud` and with this address (0x80 to 0x87). A motor that gets no duty is
    /// short-circuited.
    pub fn roboclaw(&self, name: &str, port: &str, baud: u32, address: u8) -> RoboclawTwin {
        let (index, first_terminal) = self.with(|state| {
            let first = state.wires.terminals.len();
            let all = first + MOTORS;
            state.wires.terminals.resize(all, BridgeState::Coast);
            (state.wires.port(port, baud), first)
        });
        let controller = Roboclaw {
            port: index,
            address,
            first_terminal,
            packet: Vec::with_capacity(8),
            last_byte: Timestamp::ZERO,
            time_out: None,
            watches: false,
            understood: 0,
            refused: 0,
        };
        let resources = vec![format!("port {port}")];
        let twin = self.fit(name, "RoboClaw", resources, Part::Roboclaw(controller));
        self.with(|state| state.wires.ports[index].listen(twin.id));
        RoboclawTwin(twin)
    }
}

/// The controller.
#[derive(Debug)]
pub(crate) struct Roboclaw {
    port: usize,
    address: u8,
    first_terminal: usize,
    /// What has come of a packet.
    packet: Vec<u8>,
    last_byte: Timestamp,
    time_out: Option<Duration>,
    /// Whether a look at the time-out is planned.
    watches: bool,
    understood: u64,
    refused: u64,
}

/// How long a packet with this command is, as far as this twin knows it.
fn length(command: u8) -> Option<usize> {
    match command {
        14 => Some(5),
        // A question has no checksum.
        15 => Some(2),
        32 | 33 => Some(6),
        _ => None,
    }
}

/// The remainder of the bytes by x^16 + x^12 + x^5 + 1, bit by bit.
fn checksum(bytes: impl IntoIterator<Item = u8>) -> u16 {
    let mut sum: u16 = 0;
    for byte in bytes {
        for bit in (0..8).rev() {
            let out = sum >> 15 ^ u16::from(byte >> bit & 1);
            sum <<= 1;
            if out == 1 {
                sum ^= 0x1021;
            }
        }
    }
    sum
}

impl Behaviour for Roboclaw {
    fn power_on(&mut self, _: &mut Socket, wires: &mut Wires) {
        self.packet.clear();
        self.time_out = None;
        self.watches = false;
        self.stop(wires);
    }

    fn power_off(&mut self, _: &mut Socket, wires: &mut Wires) {
        for motor in 1..=MOTORS {
            self.put(wires, motor, BridgeState::Coast);
        }
        wires.ports[self.port].cut();
    }

    fn heard(&mut self, socket: &mut Socket, wires: &mut Wires, byte: u8) {
        if wires.now.since(self.last_byte) > PACKET_TIMEOUT {
            self.packet.clear();
        }
        self.last_byte = wires.now;
        self.watch(socket, wires);
        self.packet.push(byte);
        match self.packet[..] {
            [address] if address != self.address => self.packet.clear(),
            [_, command, ..] => match length(command) {
                None => {
                    self.refused += 1;
                    self.packet.clear();
                }
                Some(length) if self.packet.len() == length => {
                    self.take(wires);
                    self.packet.clear();
                }
                Some(_) => {}
            },
            _ => {}
        }
    }

    fn happen(&mut self, socket: &mut Socket, wires: &mut Wires, _: Plan) {
        self.watches = false;
        let silent = wires.now.since(self.last_byte);
        if self.time_out.is_some_and(|time_out| silent >= time_out) {
            self.stop(wires);
        } else {
            self.watch(socket, wires);
        }
    }
}

impl Roboclaw {
    /// Looks at the time-out when it would be over.
    fn watch(&mut self, socket: &mut Socket, wires: &mut Wires) {
        if let (Some(time_out), false) = (self.time_out, self.watches) {
            self.watches = true;
            socket.plan(wires, self.last_byte + time_out, Plan::Silence);
        }
    }

    /// Carries out a packet that is complete.
    fn take(&mut self, wires: &mut Wires) {
        let packet = &self.packet;
        let question = packet[1] == 15;
        if !question && checksum(packet.iter().copied()) != 0 {
            self.refused += 1;
            return;
        }
        self.understood += 1;
        match packet[..] {
            [_, 14, tenths, ..] => {
                let time_out = Duration::from_millis(100) * u32::from(tenths);
                self.time_out = (tenths > 0).then_some(time_out);
            }
            [address, 15] => {
                let tenths = self.time_out.map_or(0, |it| it.as_millis() / 100) as u8;
                let [high, low] = checksum([address, 15, tenths]).to_be_bytes();
                return wires.send(self.port, &[tenths, high, low]);
            }
            [_, command, high, low, ..] => {
                let duty = i16::from_be_bytes([high, low]);
                let duty = Duty::nearest(f64::from(duty) / f64::from(i16::MAX));
                let state = if duty == Duty::ZERO {
                    BridgeState::Brake
                } else {
                    BridgeState::Drive(duty)
                };
                self.put(wires, usize::from(command) - 31, state);
            }
            _ => {}
        }
        wires.send(self.port, &[ACKNOWLEDGE]);
    }

    /// Of the motor with this number, from 1.
    fn terminal(&self, motor: usize) -> usize {
        self.first_terminal + motor - 1
    }

    fn stop(&self, wires: &mut Wires) {
        for motor in 1..=MOTORS {
            self.put(wires, motor, BridgeState::Brake);
        }
    }

    fn put(&self, wires: &mut Wires, motor: usize, state: BridgeState) {
        if let Some(terminal) = wires.terminals.get_mut(self.terminal(motor)) {
            *terminal = state;
        }
    }
}
