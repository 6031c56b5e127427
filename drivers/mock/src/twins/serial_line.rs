//! The bare other end of a serial line: whatever a test or a user lets it say.

use crate::mock::Mock;
use crate::part::{Behaviour, Part};
use crate::port::Port;
use crate::socket::Socket;
use crate::twin::handle;
use crate::wires::Wires;

handle! {
    /// The fitted other end of a serial line. Unplugged or frozen it says nothing.
    SerialTwin
}

impl SerialTwin {
    /// Sends bytes to the board. They arrive no faster than the line: ten bits for each byte.
    pub fn send(&self, bytes: &[u8]) {
        self.0.mock.with(|state| {
            let (socket, part, wires) = state.twin(self.0.id);
            let Part::Serial(end) = part else {
                unreachable!("this handle is made for a serial line only")
            };
            if socket.plugged && !socket.frozen {
                wires.send(end.port, bytes);
            }
        });
    }

    /// What the board wrote since this was last asked; the newest 4,096 bytes.
    #[must_use]
    pub fn written(&self) -> Vec<u8> {
        self.port(Port::take_written)
    }

    /// Bytes that the board lost because nobody read them in time.
    #[must_use]
    pub fn overruns(&self) -> u64 {
        self.port(|port| port.overruns())
    }

    /// Bytes that the board read without their stop bit: it listens at another speed or framing.
    #[must_use]
    pub fn framing_errors(&self) -> u64 {
        self.port(|port| port.framing_errors())
    }

    /// Bytes that the board read with another parity than agreed.
    #[must_use]
    pub fn parity_errors(&self) -> u64 {
        self.port(|port| port.parity_errors())
    }

    fn port<R>(&self, act: impl FnOnce(&mut Port) -> R) -> R {
        self.0.mock.with(|state| {
            let (_, part, wires) = state.twin(self.0.id);
            match part {
                Part::Serial(end) => act(&mut wires.ports[end.port]),
                _ => unreachable!("this handle is made for a serial line only"),
            }
        })
    }
}

impl Mock {
    /// Fits the other end of a serial line at `baud`, 8N1, to a logical port.
    pub fn serial_line(&self, name: &str, port: &str, baud: u32) -> SerialTwin {
        let index = self.with(|state| state.wires.port(port, baud));
        let end = SerialEnd { port: index };
        let resources = vec![format!("port {port}")];
        SerialTwin(self.fit(name, "serial line", resources, Part::Serial(end)))
    }
}

/// The end of the line.
#[derive(Debug)]
pub(crate) struct SerialEnd {
    port: usize,
}

impl Behaviour for SerialEnd {
    fn power_off(&mut self, _socket: &mut Socket, wires: &mut Wires) {
        wires.ports[self.port].cut();
    }
}
