//! Who may move: the checks before arming, and the ways back.

use crate::{ArmState, ArmStatus, Refusal};
use sinew_board::Board;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

type Check = Arc<dyn Fn() -> Option<Refusal> + Send + Sync>;

/// Arms and disarms one robot. Clones speak of the same robot; any thread may use them.
#[derive(Clone)]
pub struct Arming {
    board: Board,
    checks: Arc<RwLock<Vec<Check>>>,
}

impl fmt::Debug for Arming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arming")
            .field("board", &self.board.name())
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

impl Arming {
    /// The arming of the robot on this board.
    #[must_use]
    pub fn new(board: &Board) -> Self {
        Self {
            board: board.clone(),
            checks: Arc::default(),
        }
    }

    /// Adds a check, which gives a reason against arming if it has one. It is asked at each arming and each status,
    /// on the thread that asks, so it must not wait: it looks at what is known.
    pub fn check(&self, check: impl Fn() -> Option<Refusal> + Send + Sync + 'static) {
        let mut checks = self.checks.write().unwrap_or_else(PoisonError::into_inner);
        checks.push(Arc::new(check));
    }

    /// What stands against arming now: our own reasons first, then those of the checks in the order in which they
    /// were added.
    #[must_use]
    pub fn refusals(&self) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        if self.board.safety().is_estopped() {
            refusals.push(Refusal::EStop);
        }
        refusals.extend(self.about_the_board());
        // Asked without the lock, so that a check may use this very arming.
        let checks = self
            .checks
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        refusals.extend(checks.iter().filter_map(|check| check()));
        refusals
    }

    /// Arms, because a person asks. Does nothing on a robot that is armed.
    ///
    /// # Errors
    ///
    /// All reasons against it, at once.
    pub fn arm(&self) -> Result<(), Vec<Refusal>> {
        if self.board.safety().is_armed() {
            return Ok(());
        }
        let epoch = self.board.safety().epoch();
        let refusals = self.refusals();
        if !refusals.is_empty() {
            return Err(refusals);
        }
        if self.board.safety().arm_in(epoch) {
            Ok(())
        } else if self.board.safety().is_estopped() {
            Err(vec![Refusal::EStop])
        } else {
            Err(vec![Refusal::Overtaken])
        }
    }

    /// Arms a simulated robot, which needs no person for it.
    ///
    /// # Errors
    ///
    /// All reasons against it, at once; [`Refusal::OnlyAPerson`] alone on a real board.
    pub fn arm_simulation(&self) -> Result<(), Vec<Refusal>> {
        if self.board.is_simulated() {
            return self.arm();
        }
        let board = self.board.name().to_owned();
        Err(vec![Refusal::OnlyAPerson { board }])
    }

    /// Disarms; when this returns, every motion output has taken its safe action.
    pub fn disarm(&self) {
        self.board.safety().disarm();
    }

    /// Latches the e-stop; when this returns, every motion output has taken its safe action.
    pub fn estop(&self) {
        self.board.safety().estop();
    }

    /// Releases the e-stop, because a person asks. The robot stays disarmed.
    pub fn reset(&self) {
        self.board.safety().reset_estop();
    }

    /// Whether the robot may move.
    #[must_use]
    pub fn state(&self) -> ArmState {
        let safety = self.board.safety();
        if safety.is_estopped() {
            ArmState::EStopped
        } else if safety.is_armed() {
            ArmState::Armed
        } else {
            ArmState::Disarmed
        }
    }

    /// The state, what stands against arming, and what the motion outputs do.
    #[must_use]
    pub fn status(&self) -> ArmStatus {
        ArmStatus {
            state: self.state(),
            epoch: self.board.safety().epoch(),
            refusals: self.refusals(),
            outputs: self.board.motion(),
        }
    }

    /// What the board itself gives as reasons.
    fn about_the_board(&self) -> Vec<Refusal> {
        let motion = self.board.motion();
        let outputs: Vec<String> = motion.iter().map(|output| output.part.clone()).collect();
        let mut refusals = Vec::new();
        if !self.board.is_simulated() && !outputs.is_empty() {
            let inputs: Vec<String> = (self.board.claims().iter())
                .filter(|claim| claim.simulated)
                .map(|claim| format!("{} on {}", claim.part, claim.what))
                .collect();
            if !inputs.is_empty() {
                let outputs = outputs.clone();
                refusals.push(Refusal::SimulatedInputs { outputs, inputs });
            }
            refusals.push(Refusal::NoGuardian { outputs });
        }
        refusals.extend(motion.into_iter().filter_map(|output| {
            Some(Refusal::Output {
                why: output.trouble?,
                output: output.part,
            })
        }));
        refusals
    }
}
