//! Builds boards from what the configuration says.

use sinew_board::{Board, linux};
use std::collections::BTreeMap;

/// The board with its mapped ports: each is the real device behind it, whatever the rest is.
pub(crate) fn with_ports(board: Board, ports: &BTreeMap<String, String>) -> Board {
    let serial = linux::backends().serial;
    let map = |board: Board, (port, device): (&String, &String)| {
        board.with_port(port, serial.clone(), device)
    };
    ports.iter().fold(board, map)
}
