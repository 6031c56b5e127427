//! Builds boards from what the configuration says.

use crate::config::BoardSection;
use sinew_board::{Board, linux};

/// The board with what is real on it, whatever the rest is: mapped ports, pins and buses.
pub(crate) fn with_real_parts(board: Board, section: &BoardSection) -> Board {
    let linux = linux::backends();
    let mut board = board;
    for (port, device) in &section.ports {
        board = board.with_port(port, linux.serial.clone(), device);
    }
    for pin in &section.real_pins {
        board = board.with_pin(*pin, linux.gpio.clone());
    }
    for bus in &section.real_i2c {
        board = board.with_i2c(*bus, linux.i2c.clone());
    }
    board
}
