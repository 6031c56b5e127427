//! Several digital inputs that are read at one moment, as the sensors of a line follower are.

use crate::backend::{Gpio, InputLines};
use crate::claim::Claim;
use crate::{BoardError, InputSettings, Level, Pin};
use std::sync::Arc;

/// The right to read several pins together.
#[derive(Clone, Debug)]
pub struct InputGroupClaim {
    pub(crate) claim: Claim,
    /// Whose lines they are; `None` if they are not all of one backend.
    pub(crate) gpio: Option<Arc<dyn Gpio>>,
    pub(crate) pins: Vec<Pin>,
    pub(crate) settings: InputSettings,
    pub(crate) collecting: bool,
}

impl InputGroupClaim {
    /// Says which node the part belongs to.
    pub fn owned_by(&self, node: &str) {
        self.claim.owned_by(node);
    }

    /// Opens the pins, in one request.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the backend cannot, or if some of the pins are real and others simulated.
    pub fn open(&self) -> Result<InputGroup, BoardError> {
        crate::board::may_open(self.collecting, &self.claim)?;
        let Some(gpio) = &self.gpio else {
            return Err(BoardError::Unavailable {
                what: format!("{:?}", self.pins),
                why: "some of these pins are real and others simulated, so that they are not read at one moment; make all of \
                      them real, or none"
                    .to_owned(),
            });
        };
        let lines = gpio.inputs(&self.pins, self.settings)?;
        Ok(InputGroup {
            lines,
            levels: vec![Level::Low; self.pins.len()],
        })
    }
}

/// Open inputs that are read together.
#[derive(Debug)]
pub struct InputGroup {
    lines: Box<dyn InputLines>,
    levels: Vec<Level>,
}

impl InputGroup {
    /// The levels now, in the order in which the pins were claimed: on Linux by one system call.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the lines were lost.
    pub fn levels(&mut self) -> Result<&[Level], BoardError> {
        self.lines.levels(&mut self.levels)?;
        Ok(&self.levels)
    }
}
