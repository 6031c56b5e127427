//! A motion output: its lease, its safe actions, and who may write it.

use crate::backend::{Backends, Clock};
use crate::claim::Claim;
use crate::drive::Drive;
use crate::gate::Seen;
use crate::motor_wiring::Wired;
use crate::page::SafetyPage;
use crate::sync::{lock, try_lock};
use crate::{
    Applied, BoardError, Cause, Duty, LONGEST_LEASE, MotionInfo, MotionSafety, RampDown, Refused,
    SafeAction, Timestamp,
};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// One motor of the board. It outlives the handles that write it, and so do its lines: a line that is
/// closed and opened again glitches.
#[derive(Debug)]
pub(crate) struct MotionOutput {
    claim: Claim,
    wired: Wired,
    safety: MotionSafety,
    page: Arc<SafetyPage>,
    /// Its place on the page, where its lease stands: beside the lock, so that looking for the next deadline takes none.
    place: usize,
    board_clock: Arc<dyn Clock>,
    real: Option<Real>,
    state: Mutex<State>,
}

/// What a real output has that a simulated one has not.
#[derive(Debug)]
pub(crate) struct Real {
    /// The clock of its leases, which is the guardian's too: `CLOCK_MONOTONIC`.
    pub(crate) clock: Arc<dyn Clock>,
    /// The lines that a guardian holds and gave, until they are opened.
    #[cfg(target_os = "linux")]
    pub(crate) given: Mutex<Option<crate::GivenWires>>,
}

#[derive(Debug, Default)]
struct State {
    lines: Option<Box<dyn Drive>>,
    /// Counts openings; only the newest handle may write.
    opening: u64,
    duty: Duty,
    /// On its way to rest.
    ramp: Option<RampDown>,
    last_safe: Option<Cause>,
    /// When its newest command ended, by its lease or by a stop.
    ended_at: Option<Timestamp>,
    /// When it was last disarmed or e-stopped.
    stopped_at: Option<Timestamp>,
    trouble: Option<String>,
}

impl MotionOutput {
    pub(crate) fn new(
        claim: Claim,
        wired: Wired,
        safety: MotionSafety,
        page: (Arc<SafetyPage>, usize),
        board_clock: Arc<dyn Clock>,
        real: Option<Real>,
    ) -> Self {
        Self {
            claim,
            wired,
            safety,
            page: page.0,
            place: page.1,
            board_clock,
            real,
            state: Mutex::default(),
        }
    }

    pub(crate) fn safety(&self) -> MotionSafety {
        self.safety
    }

    pub(crate) fn wired(&self) -> &Wired {
        &self.wired
    }

    /// When its newest command expires, on its own clock.
    pub(crate) fn lease(&self) -> Option<Timestamp> {
        self.page.lease(self.place)
    }

    /// Whether its leases end by a clock of their own, which is not the board's.
    pub(crate) fn is_real(&self) -> bool {
        self.real.is_some()
    }

    /// How long its newest command still stands.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        Some(self.lease()?.since(self.now()))
    }

    /// Now, on its own clock.
    fn now(&self) -> Timestamp {
        match &self.real {
            Some(real) => real.clock.now(),
            None => self.board_clock.now(),
        }
    }

    /// A moment of the board's clock on its own. They differ where a simulated board has real motors: there the time of
    /// commands is the simulation's.
    fn on_own_clock(&self, moment: Timestamp) -> Timestamp {
        match &self.real {
            Some(real) => real.clock.now() + moment.since(self.board_clock.now()),
            None => moment,
        }
    }

    pub(crate) fn info(&self) -> MotionInfo {
        let claim = self.claim.info();
        let state = lock(&self.state);
        MotionInfo {
            part: claim.part,
            owner: claim.owner,
            is_real: self.is_real(),
            duty: state.duty,
            valid_until: match (&self.real, self.time_left()) {
                (_, None) => Timestamp::ZERO,
                (None, _) => self.lease().unwrap_or_default(),
                (Some(_), Some(left)) => self.board_clock.now() + left,
            },
            ended_at: match (&self.real, state.ended_at) {
                (_, None) => Timestamp::ZERO,
                (None, Some(at)) => at,
                (Some(real), Some(at)) => {
                    let since = real.clock.now().since(at).as_nanos();
                    let since = u64::try_from(since).unwrap_or(u64::MAX);
                    let now = self.board_clock.now().nanos();
                    Timestamp::from_nanos(now.saturating_sub(since))
                }
            },
            last_safe: state.last_safe,
            trouble: state.trouble.clone(),
            ramps: state.ramp.is_some(),
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
        if state.trouble.is_some() && self.real.is_none() {
            // Closed before they are opened again.
            state.lines = None;
        }
        if state.lines.is_none() {
            state.lines = Some(self.lines(backends)?);
        }
        state.trouble = None;
        let cause = if state.opening == 1 {
            Cause::Disarm
        } else {
            Cause::Death
        };
        self.rest(&mut state, cause)?;
        Ok(state.opening)
    }

    /// The lines: opened, or those that the guardian gave, which it holds open for as long as it lives.
    fn lines(&self, backends: &Backends) -> Result<Box<dyn Drive>, BoardError> {
        let part = self.claim.info().part;
        if self.real.is_none() {
            return self.wired.open(&part, backends);
        }
        #[cfg(target_os = "linux")]
        if let Some(given) = self.real.as_ref().and_then(|it| lock(&it.given).take()) {
            return self.wired.take(&part, given);
        }
        let board = backends.name;
        Err(BoardError::NoGuardian { part, board })
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
        let valid_until = self.on_own_clock(valid_until);
        let may_precede_the_stop = state.may_precede_the_stop(valid_until);
        let driven = state.duty;
        let lines = self.lines_of(&mut state, opening)?;
        let seen = self.page.gate().look();
        if let Some(refused) = refusal(seen) {
            return Ok(Applied::Refused(refused));
        }
        let now = self.now();
        let until = valid_until.min(now + self.safety.longest_lease());
        if until <= now {
            return Ok(Applied::Refused(Refused::Expired));
        }
        if may_precede_the_stop {
            return Ok(Applied::Refused(Refused::BeforeTheStop));
        }
        if lines.is_busy() {
            return Ok(Applied::Refused(Refused::Busy));
        }
        self.page.set_lease(self.place, Some(until));
        // Of a change the page has what is surely driven: a ramp begins with no more.
        self.page.set_duty(self.place, lesser(driven, duty));
        match lines.drive(duty, &|| self.page.gate().look() == seen) {
            // A stop that came with the last write, on this very thread, found the output being written.
            Ok(true) if self.page.gate().look() == seen => {
                self.page.set_duty(self.place, duty);
                (state.duty, state.ramp) = (duty, None);
                Ok(Applied::Driven(duty))
            }
            Ok(_) => {
                let refused = refusal(self.page.gate().look()).unwrap_or(Refused::Disarmed);
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
        self.act(&mut state, |lines| lines.stop(action))
    }

    /// Does what has to be done before each arming; nothing of an output that was never opened.
    pub(crate) fn prepare(&self) -> Result<(), BoardError> {
        let mut state = lock(&self.state);
        let longest = self.safety.longest_lease();
        match &mut state.lines {
            Some(lines) => lines.prepare(longest),
            None => Ok(()),
        }
    }

    /// The end of a handle; an older one changes nothing.
    pub(crate) fn close(&self, opening: u64) {
        let mut state = lock(&self.state);
        if state.opening == opening {
            // A failure stands in `state`: nobody is left here who could be told.
            let _ = self.rest(&mut state, Cause::Death);
        }
    }

    /// Ends the lease if it is over at `now`, of a real output on its own clock; `false` if the output could not be made safe.
    pub(crate) fn enforce(&self, now: Timestamp) -> bool {
        self.end_lease(now, || Some(lock(&self.state)))
    }

    /// The same, unless it is being written: then nothing.
    pub(crate) fn enforce_unless_written(&self, now: Timestamp) -> bool {
        self.end_lease(now, || try_lock(&self.state))
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
        let done = match state.ramp {
            Some(ramp) => self.go_on(&mut state, ramp),
            None => self.rest(&mut state, Cause::LeaseEnd),
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

    fn lines_of<'a>(
        &self,
        state: &'a mut State,
        opening: u64,
    ) -> Result<&'a mut dyn Drive, BoardError> {
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
        match &mut state.lines {
            Some(lines) => Ok(lines.as_mut()),
            None => Err(lost("its lines are not open")),
        }
    }

    /// Takes the safe action for a stop by a person or by the board, after which older commands are void.
    fn stop(&self, state: &mut State, cause: Cause) -> Result<(), BoardError> {
        state.stopped_at = Some(self.now());
        self.rest(state, cause)
    }

    /// Takes the safe action for a cause. An output whose lines were never opened has none to take.
    fn rest(&self, state: &mut State, cause: Cause) -> Result<(), BoardError> {
        if state.lines.is_some() {
            state.last_safe = Some(cause);
        }
        let action = self.safety.on(cause);
        if action == SafeAction::Ramp && state.duty != Duty::ZERO {
            let begins = || RampDown::new(state.duty, self.now(), self.safety.ramp());
            let ramp = state.ramp.unwrap_or_else(begins);
            return self.go_on(state, ramp);
        }
        self.act(state, |lines| lines.rest(action))
    }

    /// Goes on with a ramp, and lets go at its end. Until the next step a lease stands: who hangs now is seen to by the guardian.
    fn go_on(&self, state: &mut State, ramp: RampDown) -> Result<(), BoardError> {
        let now = self.now();
        let (Some(duty), Some(lines)) = (ramp.duty(now), &mut state.lines) else {
            return self.act(state, |lines| lines.rest(SafeAction::Ramp));
        };
        self.page.set_duty(self.place, duty);
        if let Err(error) = lines.drive(duty, &|| true) {
            let _ = self.act(state, |lines| lines.rest(SafeAction::Ramp));
            state.trouble = Some(error.to_string());
            return Err(error);
        }
        (state.duty, state.ramp) = (duty, Some(ramp));
        self.page.set_lease(self.place, Some(now + RampDown::STEP));
        Ok(())
    }

    fn act(
        &self,
        state: &mut State,
        act: impl FnOnce(&mut dyn Drive) -> Result<(), BoardError>,
    ) -> Result<(), BoardError> {
        self.page.set_lease(self.place, None);
        self.page.set_duty(self.place, Duty::ZERO);
        (state.duty, state.ramp) = (Duty::ZERO, None);
        state.ended_at = Some(self.now());
        let Some(lines) = &mut state.lines else {
            return Ok(());
        };
        act(lines.as_mut()).inspect_err(|error| {
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

/// The duty that is not exceeded while one follows the other.
fn lesser(one: Duty, other: Duty) -> Duty {
    if one.ratio() * other.ratio() <= 0.0 {
        Duty::ZERO
    } else if one.magnitude() < other.magnitude() {
        one
    } else {
        other
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
