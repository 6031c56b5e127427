//! A motion output: its lease, its safe actions, and who may write it.

use crate::backend::{Backends, Clock};
use crate::claim::Claim;
use crate::h_bridge::HBridge;
use crate::safety::{Gate, Seen};
use crate::sync::{lock, try_lock};
use crate::{
    Applied, BoardError, BridgePins, Cause, Duty, LONGEST_LEASE, Level, MotionSafety, Refused,
    SafeAction, Timestamp,
};
use serde::Serialize;
use sinew_messages::Hertz;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Above hearing and within what common bridges switch: TB6612FNG up to 100 kHz, L298 up to 40 kHz
/// (their datasheets, "PWM frequency" and "commutation frequency").
const PWM_FREQUENCY: Hertz = Hertz(20_000.0);

/// What a motion output does now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MotionInfo {
    /// The part, such as `left motor`.
    pub part: String,
    /// The node that drives it, once the graph has named it.
    pub owner: Option<String>,
    /// How hard it is driven; zero while it rests.
    pub duty: Duty,
    /// When its newest command expires; [`Timestamp::ZERO`] while no command stands.
    pub valid_until: Timestamp,
    /// Why it took its last safe action, if it took any.
    pub last_safe: Option<Cause>,
    /// Why it could not be written or made safe, until it is opened again.
    pub trouble: Option<String>,
}

/// No lease stands.
const NO_LEASE: u64 = 0;

/// One H-bridge of the board. It outlives the handles that write it, and so do its lines: a line that is
/// closed and opened again glitches.
#[derive(Debug)]
pub(crate) struct MotionOutput {
    claim: Claim,
    pins: BridgePins,
    safety: MotionSafety,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
    /// Nanoseconds; beside the lock so that looking for the next deadline takes none.
    lease: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    lines: Option<HBridge>,
    /// Counts openings; only the newest handle may write.
    opening: u64,
    duty: Duty,
    last_safe: Option<Cause>,
    /// When it was last disarmed or e-stopped.
    stopped_at: Option<Timestamp>,
    trouble: Option<String>,
}

impl MotionOutput {
    pub(crate) fn new(
        claim: Claim,
        pins: BridgePins,
        safety: MotionSafety,
        gate: Arc<Gate>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            claim,
            pins,
            safety,
            gate,
            clock,
            lease: AtomicU64::new(NO_LEASE),
            state: Mutex::default(),
        }
    }

    /// When its newest command expires.
    pub(crate) fn lease(&self) -> Option<Timestamp> {
        match self.lease.load(Ordering::SeqCst) {
            NO_LEASE => None,
            nanos => Some(Timestamp::from_nanos(nanos)),
        }
    }

    pub(crate) fn info(&self) -> MotionInfo {
        let claim = self.claim.info();
        let state = lock(&self.state);
        MotionInfo {
            part: claim.part,
            owner: claim.owner,
            duty: state.duty,
            valid_until: self.lease().unwrap_or_default(),
            last_safe: state.last_safe,
            trouble: state.trouble.clone(),
        }
    }

    pub(crate) fn was_opened(&self) -> bool {
        lock(&self.state).opening > 0
    }

    /// Opens the lines, unless they are open and well, takes the safe action and takes the output away from
    /// any older handle. Gives the number of this opening.
    pub(crate) fn open(&self, backends: &Backends) -> Result<u64, BoardError> {
        let mut state = lock(&self.state);
        state.opening += 1;
        if state.trouble.is_some() {
            // Closed before they are opened again.
            state.lines = None;
        }
        if state.lines.is_none() {
            state.lines = Some(self.pins.open(backends)?);
            state.trouble = None;
        }
        let cause = if state.opening == 1 {
            Cause::Disarm
        } else {
            Cause::Death
        };
        self.rest(&mut state, cause)?;
        Ok(state.opening)
    }

    /// Carries out a command, or says why not. The lease stands before the first write, so that a thread that
    /// stops in the middle is covered by it.
    pub(crate) fn drive(
        &self,
        opening: u64,
        duty: Duty,
        valid_until: Timestamp,
    ) -> Result<Applied, BoardError> {
        let mut state = lock(&self.state);
        let may_precede_the_stop = state.may_precede_the_stop(valid_until);
        let lines = self.lines_of(&mut state, opening)?;
        let seen = self.gate.look();
        if let Some(refused) = refusal(seen) {
            return Ok(Applied::Refused(refused));
        }
        let now = self.clock.now();
        let until = valid_until.min(now + self.safety.longest_lease());
        if until <= now {
            return Ok(Applied::Refused(Refused::Expired));
        }
        if may_precede_the_stop {
            return Ok(Applied::Refused(Refused::BeforeTheStop));
        }
        self.lease.store(until.nanos(), Ordering::SeqCst);
        match lines.drive(duty, || self.gate.look() == seen) {
            Ok(true) => {
                state.duty = duty;
                Ok(Applied::Driven(duty))
            }
            Ok(false) => {
                let refused = refusal(self.gate.look()).unwrap_or(Refused::Disarmed);
                let cause = match refused {
                    Refused::EStop => Cause::EStop,
                    _ => Cause::Disarm,
                };
                self.stop(&mut state, cause)?;
                Ok(Applied::Refused(refused))
            }
            Err(error) => {
                // The write's own failure is what the actor hears; the attempt to rest is recorded in `state`.
                let _ = self.rest(&mut state, Cause::Death);
                state.trouble = Some(error.to_string());
                Err(error)
            }
        }
    }

    /// Rests at the wish of its owner: needs no arming and no lease, and ends the lease.
    pub(crate) fn rest_now(&self, opening: u64, action: SafeAction) -> Result<(), BoardError> {
        let mut state = lock(&self.state);
        self.lines_of(&mut state, opening)?;
        self.act(&mut state, action)
    }

    /// The end of a handle; an older one changes nothing.
    pub(crate) fn close(&self, opening: u64) {
        let mut state = lock(&self.state);
        if state.opening == opening {
            // A failure stands in `state`: nobody is left here who could be told.
            let _ = self.rest(&mut state, Cause::Death);
        }
    }

    /// Ends the lease if it is over at `now`; `false` if the output could not be made safe.
    pub(crate) fn enforce(&self, now: Timestamp) -> bool {
        let over = || self.lease().is_some_and(|until| until <= now);
        if !over() {
            return true;
        }
        let mut state = lock(&self.state);
        // Another thread may have renewed it meanwhile.
        !over() || self.rest(&mut state, Cause::LeaseEnd).is_ok()
    }

    pub(crate) fn make_safe(&self, cause: Cause) {
        // A failure stands in `state`, and the gate is closed already.
        let _ = self.stop(&mut lock(&self.state), cause);
    }

    /// The same, unless a thread is writing this output now: then `false`.
    pub(crate) fn try_make_safe(&self, cause: Cause) -> bool {
        let Some(mut state) = try_lock(&self.state) else {
            return false;
        };
        let _ = self.stop(&mut state, cause);
        true
    }

    fn lines_of<'a>(
        &self,
        state: &'a mut State,
        opening: u64,
    ) -> Result<&'a mut HBridge, BoardError> {
        let lost = |why: &str| BoardError::Lost {
            what: self.claim.info().part,
            why: why.to_owned(),
        };
        if state.opening != opening {
            return Err(lost(
                "it was opened again since, and only the newest opening may drive it",
            ));
        }
        if let Some(trouble) = &state.trouble {
            return Err(lost(trouble));
        }
        state
            .lines
            .as_mut()
            .ok_or_else(|| lost("its lines are not open"))
    }

    /// Takes the safe action for a stop by a person or by the board, after which older commands are void.
    fn stop(&self, state: &mut State, cause: Cause) -> Result<(), BoardError> {
        state.stopped_at = Some(self.clock.now());
        self.rest(state, cause)
    }

    /// Takes the safe action for a cause. An output whose lines were never opened has none to take.
    fn rest(&self, state: &mut State, cause: Cause) -> Result<(), BoardError> {
        if state.lines.is_some() {
            state.last_safe = Some(cause);
        }
        self.act(state, self.safety.on(cause))
    }

    fn act(&self, state: &mut State, action: SafeAction) -> Result<(), BoardError> {
        self.lease.store(NO_LEASE, Ordering::SeqCst);
        state.duty = Duty::ZERO;
        let Some(lines) = &mut state.lines else {
            return Ok(());
        };
        lines.rest(action).inspect_err(|error| {
            state.trouble = Some(error.to_string());
        })
    }
}

impl State {
    /// Whether a command that is valid so long may have been issued before the last stop: no command is valid for
    /// longer than [`LONGEST_LEASE`] from its source, so one that ends later than that after the stop was not.
    fn may_precede_the_stop(&self, valid_until: Timestamp) -> bool {
        self.stopped_at
            .is_some_and(|stopped| valid_until <= stopped + LONGEST_LEASE)
    }
}

impl BridgePins {
    /// Direction lines first, low; the PWM last, at 0.
    fn open(self, backends: &Backends) -> Result<HBridge, BoardError> {
        let forward = backends.motion.output(self.forward, Level::Low)?;
        let backward = backends.motion.output(self.backward, Level::Low)?;
        let pwm = backends.pwm.channel(self.pwm, PWM_FREQUENCY)?;
        Ok(HBridge::new(pwm, forward, backward))
    }
}

fn refusal(seen: Seen) -> Option<Refused> {
    if seen.is_estopped() {
        Some(Refused::EStop)
    } else if !seen.is_armed() {
        Some(Refused::Disarmed)
    } else {
        None
    }
}
