//! What sits in a socket, and what it can hear.

use crate::agenda::Plan;
use crate::i2c::ChipPart;
use crate::socket::Socket;
use crate::spi::SpiPart;
use crate::twins::{
    encoder::Encoder, gnss::Gnss, hc_sr04::HcSr04, input_device::InputDevice, led::Led,
    motor::Motor, roboclaw::Roboclaw, serial_line::SerialEnd, switch::Switch, wire_chip::WirePart,
};
use crate::wires::Wires;
use sinew_board::{Level, Pin};

/// How a part answers; each method is called only while the part is plugged in.
pub(crate) trait Behaviour {
    /// Power and wires come: the state after power-on.
    fn power_on(&mut self, _socket: &mut Socket, _wires: &mut Wires) {}
    /// Power and wires go: every wire is let go of.
    fn power_off(&mut self, _socket: &mut Socket, _wires: &mut Wires) {}
    /// It is frozen from now on.
    fn freeze(&mut self, _wires: &mut Wires) {}
    /// It is frozen no more.
    fn thaw(&mut self, _socket: &mut Socket, _wires: &mut Wires) {}
    /// A watched pin changed.
    fn level(&mut self, _socket: &mut Socket, _wires: &mut Wires, _pin: Pin, _level: Level) {}
    /// A byte of the board has come on its serial line.
    fn heard(&mut self, _socket: &mut Socket, _wires: &mut Wires, _byte: u8) {}
    /// Something planned is due.
    fn happen(&mut self, _socket: &mut Socket, _wires: &mut Wires, _what: Plan) {}
}

/// A part of one of the known kinds. An enum, so that a handle finds its own kind without a cast.
pub(crate) enum Part {
    /// See [`HcSr04`].
    HcSr04(HcSr04),
    /// See [`Encoder`].
    Encoder(Encoder),
    /// See [`Motor`].
    Motor(Motor),
    /// See [`Switch`].
    Switch(Switch),
    /// See [`InputDevice`].
    InputDevice(InputDevice),
    /// See [`Led`].
    Led(Led),
    /// See [`Gnss`].
    Gnss(Gnss),
    /// See [`Roboclaw`].
    Roboclaw(Roboclaw),
    /// See [`SerialEnd`].
    Serial(SerialEnd),
    /// A chip on an I2C bus.
    Chip(ChipPart),
    /// A chip on an SPI bus.
    Spi(SpiPart),
    /// A part on plain lines.
    Wire(WirePart),
}

impl Part {
    /// How it answers.
    pub(crate) fn behaviour(&mut self) -> &mut dyn Behaviour {
        match self {
            Self::HcSr04(part) => part,
            Self::Encoder(part) => part,
            Self::Motor(part) => part,
            Self::Switch(part) => part,
            Self::InputDevice(part) => part,
            Self::Led(part) => part,
            Self::Gnss(part) => part,
            Self::Roboclaw(part) => part,
            Self::Serial(part) => part,
            Self::Chip(part) => part,
            Self::Spi(part) => part,
            Self::Wire(part) => part,
        }
    }
}
