//! The three lines of an H-bridge, and the order in which they are written.

use crate::backend::{OutputLine, PwmLine};
use crate::drive::Drive;
use crate::{BoardError, Duty, Level, SafeAction};

/// The two direction lines: (forward, backward).
type Direction = (Level, Level);

const LET_GO: Direction = (Level::Low, Level::Low);
const SHORTED: Direction = (Level::High, Level::High);

/// The open lines of one H-bridge.
///
/// Truth table as in the TB6612FNG datasheet (Toshiba, 2014-10-01, "H-SW control function") and the L298 one
/// (ST, rev. 5, figure 6): one direction line high drives, both low let go, both high short the motor. The
/// L298 shorts it only while its enable line, our PWM, is high; so a brake ends with the PWM at 1, which the
/// TB6612FNG takes as the same brake.
#[derive(Debug)]
pub(crate) struct HBridge {
    pwm: Box<dyn PwmLine>,
    forward: Box<dyn OutputLine>,
    backward: Box<dyn OutputLine>,
    direction: Direction,
}

impl HBridge {
    /// The lines as they were just opened: PWM at 0, directions low.
    pub(crate) fn new(
        pwm: Box<dyn PwmLine>,
        forward: Box<dyn OutputLine>,
        backward: Box<dyn OutputLine>,
    ) -> Self {
        Self {
            pwm,
            forward,
            backward,
            direction: LET_GO,
        }
    }

    fn set_lines_that_become(
        &mut self,
        level: Level,
        direction: Direction,
    ) -> Result<(), BoardError> {
        let forward = if direction.0 == level {
            self.forward.set(level)
        } else {
            Ok(())
        };
        let backward = if direction.1 == level {
            self.backward.set(level)
        } else {
            Ok(())
        };
        forward.and(backward)
    }
}

impl Drive for HBridge {
    /// A change of direction first takes the PWM to 0, then lets go of the motor, then raises the new line.
    fn drive(&mut self, duty: Duty, may_move: &dyn Fn() -> bool) -> Result<bool, BoardError> {
        let direction = direction_of(duty);
        if direction != self.direction {
            if !may_move() {
                return Ok(false);
            }
            self.pwm.set_duty(0.0)?;
            for level in [Level::Low, Level::High] {
                if !may_move() {
                    return Ok(false);
                }
                self.set_lines_that_become(level, direction)?;
            }
            self.direction = direction;
        }
        if !may_move() {
            return Ok(false);
        }
        self.pwm.set_duty(duty.magnitude())?;
        Ok(true)
    }

    /// Every line is written, whatever it is believed to show, and a line that fails does not keep the others from being written;
    /// the error is the first failure.
    fn rest(&mut self, action: SafeAction) -> Result<(), BoardError> {
        self.direction = match action {
            // What is left of a ramp at its end.
            SafeAction::Coast | SafeAction::Ramp => LET_GO,
            SafeAction::Brake => SHORTED,
        };
        resting(action, |line, value| match line {
            Line::Pwm => self.pwm.set_duty(value),
            Line::Forward => self.forward.set(Level::from(value > 0.0)),
            Line::Backward => self.backward.set(Level::from(value > 0.0)),
        })
    }
}

/// One of the lines of an H-bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Pwm,
    Forward,
    Backward,
}

/// The writes of a safe action in their order: how hard, 0 to 1, or a level as 0 or 1. The last is made only if all others
/// were: only with both direction lines where they belong is a PWM above 0 a brake.
///
/// # Errors
///
/// The first failure of a write; all lines were written all the same.
pub(crate) fn resting<E>(
    action: SafeAction,
    mut write: impl FnMut(Line, f64) -> Result<(), E>,
) -> Result<(), E> {
    let direction = match action {
        SafeAction::Coast | SafeAction::Ramp => 0.0,
        SafeAction::Brake => 1.0,
    };
    let stopped = write(Line::Pwm, 0.0);
    let forward = write(Line::Forward, direction);
    let backward = write(Line::Backward, direction);
    stopped.and(forward).and(backward)?;
    write(Line::Pwm, direction)
}

fn direction_of(duty: Duty) -> Direction {
    let ratio = duty.ratio();
    (Level::from(ratio > 0.0), Level::from(ratio < 0.0))
}
