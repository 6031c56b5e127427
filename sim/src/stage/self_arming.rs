//! A simulated robot needs no person to arm it.

use super::StageError;
use sinew_board::Board;
use sinew_runtime::SystemHandle;
use sinew_safety::{Arming, Refusal};

/// Arms a robot once nothing stands against it, unless somebody else decides.
pub(super) struct SelfArming {
    arming: Arming,
    board: Board,
    /// The epoch in which it waits for that, if it does.
    waits_in: Option<u64>,
    /// What stood against it when it was tried last.
    refusals: Vec<Refusal>,
}

impl SelfArming {
    /// Arms the robot, or waits for what its actors and sensors have yet to see. Where a motor is real only a person arms.
    ///
    /// # Errors
    ///
    /// [`StageError::NotArmed`] if anything else stands against it.
    pub(super) fn begin(
        arming: &Arming,
        board: &Board,
        system: SystemHandle,
    ) -> Result<Self, StageError> {
        let is_person = board.motion().iter().any(|output| output.is_real);
        if !is_person && board.safety().objections().is_empty() {
            check(arming)?;
        }
        arming.listen(system);
        let mut itself = Self {
            arming: arming.clone(),
            board: board.clone(),
            waits_in: (!is_person).then(|| board.safety().epoch()),
            refusals: Vec::new(),
        };
        itself.try_again();
        Ok(itself)
    }

    /// Arms if it waits and nothing stands against it any more.
    pub(super) fn try_again(&mut self) {
        let Some(epoch) = self.waits_in else { return };
        if self.board.safety().epoch() != epoch {
            self.give_up();
            return;
        }
        self.refusals = self.arming.refusals();
        // Outputs are prepared only when nothing else is in the way.
        if self.refusals.is_empty() {
            match self.arming.arm_simulation() {
                Ok(()) => self.waits_in = None,
                Err(refusals) => self.refusals = refusals,
            }
        }
    }

    /// Leaves it to others.
    pub(super) fn give_up(&mut self) {
        self.waits_in = None;
        self.refusals.clear();
    }

    /// What it waits for, as it was when it was tried last.
    pub(super) fn waits_for(&self) -> &[Refusal] {
        &self.refusals
    }
}

fn check(arming: &Arming) -> Result<(), StageError> {
    let refusals = arming.refusals();
    if refusals.is_empty() {
        return Ok(());
    }
    let refusals: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    Err(StageError::NotArmed(refusals.join("; ")))
}
