//! Builds boards from what the configuration says.

use crate::config::{Backend, BoardSection};
use sinew_board::{
    Backends, Bias, Board, ClaimError, IndicatorClaim, InputClaim, Level, linux, named,
};

/// The backends of this computer, with its lines where the configuration says.
fn linux_backends(section: &BoardSection) -> Backends {
    #[cfg(target_os = "linux")]
    if section.gpio_chip.is_some() {
        let mut devices = linux::Devices::default();
        devices.gpio_chip.clone_from(&section.gpio_chip);
        return linux::backends_at(devices);
    }
    let _ = section;
    linux::backends()
}

/// The real board called so, with its lines where the configuration says, and what the user should be told of it. `None` of the
/// mock, which stands in its own crate.
pub(crate) fn real_board(
    backend: Backend,
    section: &BoardSection,
) -> Option<(Board, Option<String>)> {
    let real = named(&backend.to_string())?;
    let backends = if backend == Backend::Linux {
        linux_backends(section)
    } else {
        real.backends
    };
    let board = with_real_parts(Board::new(backends), section);
    Some((board, real.note))
}

/// The board with what is real on it, whatever the rest is: mapped ports, pins and buses.
pub(crate) fn with_real_parts(board: Board, section: &BoardSection) -> Board {
    let linux = linux_backends(section);
    let mut board = board;
    for (port, device) in &section.ports {
        board = board.with_port(port, linux.serial.clone(), device);
    }
    for (name, device) in &section.input_devices {
        board = board.with_input_device(name, linux.input_devices.clone(), device);
    }
    // On a real board these are its own.
    if !board.is_simulated() {
        return board;
    }
    for pin in &section.real_pins {
        board = board.with_pin(*pin, linux.gpio.clone());
    }
    for channel in &section.real_pwm {
        board = board.with_pwm(*channel, linux.pwm.clone());
    }
    // Beside real motors the guardian's own lines are real as well, or nobody could press its switch.
    if !section.real_parts().is_empty() {
        for pin in section.guardian.pins() {
            board = board.with_pin(pin, linux.gpio.clone());
        }
    }
    for bus in &section.real_i2c {
        board = board.with_i2c(*bus, linux.i2c.clone());
    }
    board
}

/// The guardian's own lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct GuardianParts {
    /// The e-stop's switch, and its level while the circuit is closed.
    pub(crate) switch: Option<(InputClaim, Level)>,
    /// What a relay listens to.
    pub(crate) heartbeat: Option<IndicatorClaim>,
}

/// Claims the guardian's own lines, so that no part of the robot has them.
///
/// # Errors
///
/// [`ClaimError`] if one has.
pub(crate) fn claim_for_guardian(
    board: &Board,
    section: &BoardSection,
) -> Result<GuardianParts, ClaimError> {
    let mut parts = GuardianParts::default();
    if let Some(pin) = section.guardian.estop {
        // Closed it pulls the line to ground; open or cut, the resistor pulls it up.
        let claim = board.input("e-stop switch", pin, Bias::PullUp)?;
        claim.owned_by("guardian");
        parts.switch = Some((claim, Level::Low));
    }
    if let Some(pin) = section.guardian.heartbeat {
        let claim = board.indicator("guardian's heartbeat", pin, Level::Low)?;
        claim.owned_by("guardian");
        parts.heartbeat = Some(claim);
    }
    Ok(parts)
}
