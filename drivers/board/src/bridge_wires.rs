//! The three lines of an H-bridge as open files.

use crate::backend::Wire;
use crate::h_bridge::{HBridge, Line, resting};
use crate::wire::NamedWire;
use crate::{Duty, SafeAction};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

/// The lines of an H-bridge, open in whichever process holds this.
#[derive(Debug)]
pub struct BridgeWires {
    /// How hard.
    pub pwm: Wire,
    /// High while it drives forward.
    pub forward: Wire,
    /// High while it drives backward.
    pub backward: Wire,
}

impl BridgeWires {
    /// Carries out a safe action, whatever the lines show: a line that fails does not keep the others from being written.
    /// Allocates nothing and waits for nobody.
    ///
    /// # Errors
    ///
    /// The first failure.
    pub fn rest(&self, action: SafeAction) -> io::Result<()> {
        resting(action, |line, value| match line {
            Line::Pwm => self.pwm.put(value),
            Line::Forward => self.forward.put(value),
            Line::Backward => self.backward.put(value),
        })
    }

    /// Goes on driving the motor in the direction in which it is driven already: what a ramp does.
    ///
    /// # Errors
    ///
    /// The first failure.
    pub fn drive(&self, duty: Duty) -> io::Result<()> {
        let (forward, backward) = if duty.ratio() > 0.0 {
            (1.0, 0.0)
        } else {
            (0.0, 1.0)
        };
        self.forward.put(forward)?;
        self.backward.put(backward)?;
        self.pwm.put(duty.magnitude())
    }

    /// Writes again what a safe action came to, without letting go in between: overwrites whatever came since.
    ///
    /// # Errors
    ///
    /// The first failure; all lines were written all the same.
    pub fn hold(&self, action: SafeAction) -> io::Result<()> {
        let (coasts, level) = match action {
            SafeAction::Coast | SafeAction::Ramp => (self.pwm.put(0.0), 0.0),
            SafeAction::Brake => (Ok(()), 1.0),
        };
        let forward = self.forward.put(level);
        let backward = self.backward.put(level);
        // Only with both direction lines where they belong is a PWM above 0 a brake.
        coasts.and(forward).and(backward)?;
        self.pwm.put(level)
    }

    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            pwm: self.pwm.try_clone()?,
            forward: self.forward.try_clone()?,
            backward: self.backward.try_clone()?,
        })
    }

    /// The files in the order of the fields.
    #[must_use]
    pub fn files(&self) -> [BorrowedFd<'_>; 3] {
        [&self.pwm, &self.forward, &self.backward].map(AsFd::as_fd)
    }

    pub(crate) fn into_bridge(self, part: &str) -> HBridge {
        let line = |name, wire| {
            Box::new(NamedWire {
                what: format!("{name} of {part:?}"),
                wire,
            })
        };
        HBridge::new(
            line("PWM", self.pwm),
            line("forward line", self.forward),
            line("backward line", self.backward),
        )
    }
}
