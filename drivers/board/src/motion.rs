//! A motion output: its lease, its safe actions, and who may write it.

mod rest;

use crate::backend::{Backends, Clock};
use crate::claim::Claim;
use crate::drive::Drive;
use crate::gate::Seen;
use crate::motor_wiring::Wired;
use crate::page::SafetyPage;
use crate::sync::lock;
use crate::{
    Applied, BoardError, Cause, Duty, LONGEST_LEASE, MotionInfo, MotionSafety, RampDown, Refused,
    SafeAction, Timestamp,
};
use std::sync::{Arc, Mutex};
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
    /// A safe action that could not be carried out, and is tried again.
    owed: Option<SafeAction>,
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
        if let Some(given) = self
            .real
            .as_ref()
            .and_then(|it| lock(&it.given).as_ref().map(crate::GivenWires::try_clone))
        {
            // A duplicate: an opening that fails is tried again.
            let given = given.map_err(|source| BoardError::System {
                doing: "take over",
                what: part.clone(),
                remedy: "too many files may be open".to_owned(),
                source,
            })?;
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
        let may_move = || self.page.gate().look() == seen && self.now() < until;
        match lines.drive(duty, &may_move) {
            // A stop may have come with the last write, and a write may have waited for longer than the command stands.
            Ok(true) if may_move() => {
                self.page.set_duty(self.place, duty);
                (state.duty, state.ramp) = (duty, None);
                Ok(Applied::Driven(duty))
            }
            Ok(_) if self.page.gate().look() == seen => {
                state.duty = lesser(driven, duty);
                self.rest(&mut state, Cause::LeaseEnd)?;
                Ok(Applied::Refused(Refused::Expired))
            }
            Ok(_) => {
                let refused = refusal(self.page.gate().look()).unwrap_or(Refused::Disarmed);
                let cause = match refused {
                    Refused::EStop => Cause::EStop,
                    _ => Cause::Disarm,
                };
                // A ramp begins with no more than what is surely driven.
                state.duty = lesser(driven, duty);
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

    /// Rests at the wish of its owner: needs no lease, and ends it. What rests already for a cause, or is on its way to, does so as that
    /// cause has it.
    pub(crate) fn rest_now(&self, opening: u64, action: SafeAction) -> Result<(), BoardError> {
        let mut state = lock(&self.state);
        self.lines_of(&mut state, opening)?;
        let is_stopped = refusal(self.page.gate().look()).is_some() && state.duty == Duty::ZERO;
        if state.ramp.is_some() || is_stopped {
            return Ok(());
        }
        self.act(&mut state, action, |lines| lines.stop(action))
    }

    /// Whether the newest handle has lost it.
    pub(crate) fn is_lost_by(&self, opening: u64) -> bool {
        let state = lock(&self.state);
        state.opening == opening && state.trouble.is_some()
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
