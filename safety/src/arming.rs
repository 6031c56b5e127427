//! Who may move: the checks before arming, and the ways back.

#[cfg(target_os = "linux")]
use crate::guardian::GuardLink;
use crate::{ArmState, ArmStatus, Refusal, senses};
use sinew_board::{Board, MotorWiring};
use sinew_runtime::SystemHandle;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

type Check = Arc<dyn Fn() -> Vec<Refusal> + Send + Sync>;

/// What a person accepts, typed on the command line of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Allowances {
    /// Real motors may follow simulated sensors.
    pub simulated_inputs: bool,
    /// The guardian may be kept from its turn by other programs.
    pub unprivileged_guardian: bool,
    /// Nothing may stop motors whose bus hangs.
    pub uncovered_bus: bool,
}

/// Arms and disarms one robot. Clones speak of the same robot; any thread may use them.
#[derive(Clone)]
pub struct Arming {
    board: Board,
    checks: Arc<RwLock<Vec<Check>>>,
    allowances: Allowances,
    /// Of several who ask at once one is answered after another: what one prepares must not hold up what the other drives.
    turn: Arc<Mutex<()>>,
    #[cfg(target_os = "linux")]
    guardian: Option<Arc<GuardLink>>,
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
            allowances: Allowances::default(),
            turn: Arc::default(),
            #[cfg(target_os = "linux")]
            guardian: None,
        }
    }

    /// With what a person accepts.
    #[must_use]
    pub const fn allowing(mut self, allowances: Allowances) -> Self {
        self.allowances = allowances;
        self
    }

    /// Under this guardian, which gave the board its lines.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn guarded_by(mut self, guardian: Arc<GuardLink>) -> Self {
        self.guardian = Some(guardian);
        self
    }

    /// Adds a check, which gives a reason against arming if it has one. It is asked at each arming and each status,
    /// on the thread that asks, so it must not wait: it looks at what is known.
    pub fn check(&self, check: impl Fn() -> Option<Refusal> + Send + Sync + 'static) {
        self.add(Arc::new(move || check().into_iter().collect()));
    }

    /// Adds what the robot must hear: a node whose silence an actor on the way to a motion output is told of
    /// (`silence_after`) stands against arming before its first value and while it is silent.
    pub fn listen(&self, system: SystemHandle) {
        let board = self.board.clone();
        self.add(Arc::new(move || {
            let outputs = board.motion().into_iter();
            senses::missing(
                &system.metrics(),
                &outputs.filter_map(|it| it.owner).collect(),
            )
        }));
    }

    fn add(&self, check: Check) {
        let mut checks = self.checks.write().unwrap_or_else(PoisonError::into_inner);
        checks.push(check);
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
        let objections = self.board.safety().objections().into_iter();
        refusals.extend(objections.map(|(check, why)| Refusal::Other { check, why }));
        // Asked without the lock, so that a check may use this very arming.
        let checks = self
            .checks
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        refusals.extend(checks.iter().flat_map(|check| check()));
        refusals
    }

    /// Arms, because a person asks. Does nothing on a robot that is armed.
    ///
    /// # Errors
    ///
    /// All reasons against it, at once.
    pub fn arm(&self) -> Result<(), Vec<Refusal>> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if self.board.safety().is_armed() {
            return Ok(());
        }
        let epoch = self.board.safety().epoch();
        let mut refusals = self.refusals();
        let unfit = self.board.safety().prepare().into_iter();
        // What is known to be wrong with an output need not be said twice.
        let known = |output: &str| {
            let is_it = |refusal: &Refusal| matches!(refusal, Refusal::Output { output: it, .. } if it == output);
            refusals.iter().any(is_it)
        };
        let unfit: Vec<_> = unfit.filter(|(output, _)| !known(output)).collect();
        refusals.extend(
            unfit
                .into_iter()
                .map(|(output, why)| Refusal::Output { output, why }),
        );
        // Preparing takes its time, in which something may have come up.
        if refusals.is_empty() {
            refusals = self.refusals();
        }
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
        if self.board.is_simulated() && self.real_outputs().is_empty() {
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
    ///
    /// # Errors
    ///
    /// [`Refusal::StillPressed`] if the guardian does not release it.
    pub fn reset(&self) -> Result<(), Refusal> {
        #[cfg(target_os = "linux")]
        if let Some(guardian) = &self.guardian {
            let released = !self.board.safety().is_estopped() || guardian.reset();
            return if released {
                Ok(())
            } else {
                Err(Refusal::StillPressed)
            };
        }
        self.board.safety().reset_estop();
        Ok(())
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

    fn real_outputs(&self) -> Vec<String> {
        let motion = self.board.motion().into_iter();
        let real = motion.filter(|output| output.is_real);
        real.map(|output| output.part).collect()
    }

    /// What the board itself gives as reasons.
    fn about_the_board(&self) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let outputs = self.real_outputs();
        if !outputs.is_empty() {
            let inputs: Vec<String> = (self.board.claims().iter())
                .filter(|claim| claim.simulated && claim.rest.is_none())
                .map(|claim| format!("{} on {}", claim.part, claim.what))
                .collect();
            if !inputs.is_empty() && !self.allowances.simulated_inputs {
                let outputs = outputs.clone();
                refusals.push(Refusal::SimulatedInputs { outputs, inputs });
            }
            refusals.extend(self.about_the_guardian(outputs));
            refusals.extend(self.about_buses());
        }
        refusals.extend(self.board.motion().into_iter().filter_map(|output| {
            Some(Refusal::Output {
                why: output.trouble?,
                output: output.part,
            })
        }));
        refusals
    }

    /// What is on a bus cannot be stopped through it when it hangs.
    fn about_buses(&self) -> Option<Refusal> {
        let plans = self.board.bridges().into_iter().map(|it| it.plan());
        let on_a_bus =
            plans.filter(|it| it.is_real && matches!(it.wiring, MotorWiring::Chip { .. }));
        let outputs: Vec<String> = on_a_bus.map(|it| it.part).collect();
        let accepted = outputs.is_empty() || self.has_heartbeat() || self.allowances.uncovered_bus;
        (!accepted).then_some(Refusal::UncoveredBus { outputs })
    }

    fn has_heartbeat(&self) -> bool {
        #[cfg(target_os = "linux")]
        if let Some(guardian) = &self.guardian {
            return guardian.state().has_heartbeat;
        }
        false
    }

    #[cfg(target_os = "linux")]
    fn about_the_guardian(&self, outputs: Vec<String>) -> Option<Refusal> {
        let Some(guardian) = &self.guardian else {
            return Some(Refusal::NoGuardian { outputs });
        };
        if let Some(why) = guardian.trouble() {
            let why = why.to_owned();
            return Some(Refusal::GuardianLost { why });
        }
        let state = guardian.state();
        let lacks = [
            (state.runs_first, "it has no real-time priority"),
            (state.is_locked, "its memory may be swapped out"),
            (
                state.is_spared,
                "the kernel may end it when memory runs out",
            ),
        ];
        let lacks = lacks.iter().filter(|(given, _)| !given);
        let lacks: Vec<String> = lacks.map(|(_, lack)| (*lack).to_owned()).collect();
        let accepted = lacks.is_empty() || self.allowances.unprivileged_guardian;
        (!accepted).then_some(Refusal::GuardianUnprivileged { lacks })
    }

    #[cfg(not(target_os = "linux"))]
    fn about_the_guardian(&self, outputs: Vec<String>) -> Option<Refusal> {
        Some(Refusal::NoGuardian { outputs })
    }
}
