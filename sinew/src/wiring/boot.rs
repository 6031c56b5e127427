//! Lines for `config.txt`, by which the firmware of a Raspberry Pi sets up what is wired before Linux runs.

use super::name;
use sinew_board::{ClaimInfo, Level, PwmChannel, Resource};

/// A line, and why it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// As it is written in `/boot/firmware/config.txt`.
    pub(super) setting: String,
    pub(super) why: String,
}

impl Line {
    fn new(setting: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            setting: setting.into(),
            why: why.into(),
        }
    }
}

/// The lines that these claims need.
///
/// Sources: Raspberry Pi documentation, "config.txt" (`gpio`, `enable_uart`, `dtparam`), and the README of the overlays
/// (`pwm`, `pwm-2chan`; alternate function 0 of GPIO12 and GPIO13 is number 4).
pub(super) fn lines(claims: &[ClaimInfo]) -> Vec<Line> {
    let has = |is: fn(&Resource) -> bool| claims.iter().any(|claim| is(&claim.what));
    let mut lines = Vec::new();
    if has(|what| matches!(what, Resource::I2c { bus: 1, .. })) {
        lines.push(Line::new("dtparam=i2c_arm=on", "I2C bus 1 on the header"));
    }
    if has(|what| matches!(what, Resource::Spi { bus: 0, .. })) {
        lines.push(Line::new("dtparam=spi=on", "SPI bus 0 on the header"));
    }
    let channel = |wanted| {
        claims
            .iter()
            .any(|claim| claim.what == Resource::Pwm(wanted))
    };
    let (first, second) = (channel(PwmChannel::PWM0), channel(PwmChannel::PWM1));
    let overlay = match (first, second) {
        (true, true) => Some("dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4"),
        (true, false) => Some("dtoverlay=pwm,pin=12,func=4"),
        (false, true) => Some("dtoverlay=pwm,pin=13,func=4"),
        (false, false) => None,
    };
    if let Some(overlay) = overlay {
        lines.push(Line::new(overlay, "hardware PWM"));
        let why = "the headphone jack would take the PWM";
        lines.push(Line::new("dtparam=audio=off", why));
    }
    if has(|what| matches!(what, Resource::Serial { .. }) && !what.pins().is_empty()) {
        lines.push(Line::new("enable_uart=1", "the UART on the header"));
    }
    lines.extend(claims.iter().filter_map(rest));
    lines
}

/// The line for an output that the chip would pull to where it does not rest, from power-on until its program runs.
fn rest(claim: &ClaimInfo) -> Option<Line> {
    let Resource::Pin(pin) = claim.what else {
        return None;
    };
    let rest = claim.rest.filter(|rest| *rest != pin.power_on_level())?;
    let (drive, pulled) = match rest {
        Level::Low => ("dl", "high"),
        Level::High => ("dh", "low"),
    };
    let why = format!("{}: else pulled {pulled} from power-on on", name(claim));
    Some(Line::new(format!("gpio={}=op,{drive}", pin.number()), why))
}
