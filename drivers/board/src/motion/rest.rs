//! How a motion output comes to rest, and who sees to it.

use super::{MotionOutput, State};
use crate::drive::Drive;
use crate::sync::{lock, try_lock};
use crate::{BoardError, Cause, Duty, RampDown, SafeAction, Timestamp};
use std::sync::MutexGuard;
use std::time::Duration;

/// How long a stop may take until the guardian takes it for one that hangs, and when one that failed is tried again.
const AGAIN: Duration = Duration::from_millis(50);

impl MotionOutput {
    /// Ends the lease if it is over at `now`, of a real output on its own clock; `false` if the output could not be made safe.
    pub(crate) fn enforce(&self, now: Timestamp) -> bool {
        self.end_lease(now, || Some(lock(&self.state)))
    }

    /// The same, unless it is being written: then nothing.
    pub(crate) fn enforce_unless_written(&self, now: Timestamp) -> bool {
        self.end_lease(now, || self.state_if_free())
    }

    /// Its state, unless somebody writes it or what it shares with other outputs: that may be this very thread.
    fn state_if_free(&self) -> Option<MutexGuard<'_, State>> {
        let state = try_lock(&self.state)?;
        let is_free = state.lines.as_ref().is_none_or(|lines| lines.is_free());
        is_free.then_some(state)
    }

    /// Makes it safe, unless it is being written: then nothing.
    pub(crate) fn make_safe_unless_written(&self, cause: Cause) {
        if let Some(mut state) = self.state_if_free() {
            // A failure stands in `state`, and the gate is closed already.
            let _ = self.stop(&mut state, cause);
        }
    }

    fn end_lease<'a>(
        &'a self,
        now: Timestamp,
        lock: impl FnOnce() -> Option<MutexGuard<'a, State>>,
    ) -> bool {
        let now = if self.is_real() { self.now() } else { now };
        let over = || self.lease().is_some_and(|until| until <= now);
        if !over() {
            return true;
        }
        let Some(mut state) = lock() else {
            return true;
        };
        // Another thread may have renewed it meanwhile.
        if !over() {
            return true;
        }
        let done = match (state.owed, state.ramp) {
            (Some(action), _) => self.act(&mut state, action, |lines| lines.rest(action)),
            (None, Some(ramp)) => self.go_on(&mut state, ramp),
            (None, None) => self.rest(&mut state, Cause::LeaseEnd),
        };
        done.is_ok()
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

    /// Takes the safe action for a stop by a person or by the board, after which older commands are void.
    pub(super) fn stop(&self, state: &mut State, cause: Cause) -> Result<(), BoardError> {
        state.stopped_at = Some(self.now());
        self.rest(state, cause)
    }

    /// Takes the safe action for a cause. An output whose lines were never opened has none to take.
    pub(super) fn rest(&self, state: &mut State, cause: Cause) -> Result<(), BoardError> {
        if state.lines.is_some() {
            state.last_safe = Some(cause);
        }
        let action = self.safety.on(cause);
        if action == SafeAction::Ramp && state.duty != Duty::ZERO {
            let begins = || RampDown::new(state.duty, self.now(), self.safety.ramp());
            let ramp = state.ramp.unwrap_or_else(begins);
            return self.go_on(state, ramp);
        }
        self.act(state, action, |lines| lines.rest(action))
    }

    /// Goes on with a ramp, and lets go at its end. Until the next step a lease stands: who hangs now is seen to by the guardian.
    fn go_on(&self, state: &mut State, ramp: RampDown) -> Result<(), BoardError> {
        let now = self.now();
        let (Some(duty), Some(lines)) = (ramp.duty(now), &mut state.lines) else {
            return self.let_go(state);
        };
        // The guardian may have e-stopped meanwhile, whose page this is.
        let is_over =
            || self.page.gate().look().is_estopped() && state.last_safe != Some(Cause::EStop);
        self.page.set_duty(self.place, duty);
        match lines.drive(duty, &|| !is_over()) {
            Ok(true) => {}
            Ok(false) => return self.stop(state, Cause::EStop),
            Err(error) => {
                let _ = self.let_go(state);
                state.trouble = Some(error.to_string());
                return Err(error);
            }
        }
        (state.duty, state.ramp) = (duty, Some(ramp));
        self.page.set_lease(self.place, Some(now + RampDown::STEP));
        Ok(())
    }

    /// The end of a ramp.
    fn let_go(&self, state: &mut State) -> Result<(), BoardError> {
        self.act(state, SafeAction::Ramp, |lines| {
            lines.rest(SafeAction::Ramp)
        })
    }

    /// Carries an action out. One that fails is owed: it is tried again when the lease ends that stands until then, and whoever hangs in
    /// the middle of it is seen to by the guardian.
    pub(super) fn act(
        &self,
        state: &mut State,
        action: SafeAction,
        act: impl FnOnce(&mut dyn Drive) -> Result<(), BoardError>,
    ) -> Result<(), BoardError> {
        (state.duty, state.ramp) = (Duty::ZERO, None);
        state.ended_at = Some(self.now());
        let Some(lines) = &mut state.lines else {
            self.page.set_lease(self.place, None);
            self.page.set_duty(self.place, Duty::ZERO);
            return Ok(());
        };
        self.page.set_lease(self.place, Some(self.now() + AGAIN));
        let done = act(lines.as_mut());
        self.page.set_unsafe(self.place, done.is_err());
        match &done {
            Ok(()) => {
                state.owed = None;
                self.page.set_lease(self.place, None);
                self.page.set_duty(self.place, Duty::ZERO);
            }
            Err(error) => {
                state.owed = Some(action);
                state.trouble = Some(error.to_string());
                self.page.set_lease(self.place, Some(self.now() + AGAIN));
            }
        }
        done
    }
}
