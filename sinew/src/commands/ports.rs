//! `ports`: which serial ports there are, for who writes `robot.toml`.

use super::WRONG;
use crate::out;

#[cfg(not(target_os = "linux"))]
pub(super) fn run() -> Result<(), u8> {
    out::error("ports is not available on this system: the boards with real ports are Linux's");
    Err(WRONG)
}

/// A computer without ports is worth a failure: whoever asks looks for one.
#[cfg(target_os = "linux")]
pub(super) fn run() -> Result<(), u8> {
    use sinew_board::linux::{SerialPortInfo, serial_ports};

    let ports = serial_ports();
    if ports.is_empty() {
        out::error(
            "this computer has no serial port now: plug the device in, or switch the UART on (`wiring` says how)",
        );
        return Err(WRONG);
    }
    let line = |port: &SerialPortInfo| {
        let now = port.stable.as_ref().map_or(String::new(), |_| {
            format!(", now {}", port.device.display())
        });
        format!("{}  {}{now}", port.path().display(), port.what)
    };
    let lines: Vec<String> = ports.iter().map(line).collect();
    out::result(&lines.join("\n"));
    out::note("in robot.toml: [board.ports] NAME = \"PATH\"");
    Ok(())
}
