//! The words that a robot shares with its guardian: arm state, epoch, and the lease of every motion output.

#[cfg(target_os = "linux")]
mod mapping;

use crate::gate::Gate;
use crate::{Duty, Timestamp};
#[cfg(target_os = "linux")]
use mapping::Mapping;
use std::sync::atomic::{AtomicU64, Ordering};

/// A board has at most so many motion outputs: each has a place on the page.
pub const MOST_OUTPUTS: usize = 32;

/// Written first on a page that is shared; another form of page has another number.
#[cfg(target_os = "linux")]
const FORM: u64 = u64::from_le_bytes(*b"sinew/p3");

/// No lease stands.
const NO_LEASE: u64 = 0;

/// What a board and whoever watches over it agree on, without a lock: everything is one word.
///
/// A board that is simulated has a page to itself. A board under a guardian has one in memory that both map, so that
/// what the guardian says there stops the robot's very next write, and what the robot was allowed to do is known after it
/// has died.
#[derive(Debug)]
pub struct SafetyPage {
    memory: Memory,
}

#[derive(Debug)]
enum Memory {
    Own(Box<Words>),
    #[cfg(target_os = "linux")]
    Shared(Mapping),
}

/// The words in their order; zeros are a valid page.
#[derive(Debug, Default)]
#[repr(C)]
struct Words {
    form: AtomicU64,
    gate: Gate,
    /// When the guardian looked last; nanoseconds of `CLOCK_MONOTONIC`.
    beat: AtomicU64,
    guardian: AtomicU64,
    places: [Place; MOST_OUTPUTS],
}

/// One motion output.
#[derive(Debug, Default)]
#[repr(C)]
struct Place {
    /// Nanoseconds on the output's clock, or [`NO_LEASE`].
    valid_until: AtomicU64,
    /// How hard it is driven at least, as the bits of an `f64`; less while that changes.
    duty: AtomicU64,
    /// Whether it could not be made safe: 1, until it was.
    unsafe_now: AtomicU64,
}

/// What a guardian says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GuardianState {
    /// It looks at the outputs.
    pub watches: bool,
    /// Its thread runs before every other (`SCHED_FIFO`).
    pub runs_first: bool,
    /// Its memory cannot be swapped out.
    pub is_locked: bool,
    /// The kernel does not end it when memory runs out.
    pub is_spared: bool,
    /// A line of its own changes with each look, for a relay that cuts the motors' supply when it stands still.
    pub has_heartbeat: bool,
}

impl GuardianState {
    fn word(self) -> u64 {
        let bits = [
            self.watches,
            self.runs_first,
            self.is_locked,
            self.is_spared,
            self.has_heartbeat,
        ];
        bits.iter()
            .rev()
            .fold(0, |word, bit| word << 1 | u64::from(*bit))
    }

    fn from_word(word: u64) -> Self {
        let bit = |number: u32| word >> number & 1 == 1;
        Self {
            watches: bit(0),
            runs_first: bit(1),
            is_locked: bit(2),
            is_spared: bit(3),
            has_heartbeat: bit(4),
        }
    }
}

impl SafetyPage {
    /// A page of this process alone.
    #[must_use]
    pub fn private() -> Self {
        Self {
            memory: Memory::Own(Box::default()),
        }
    }

    /// A page to be shared, and the file by which another process maps it.
    ///
    /// # Errors
    ///
    /// What the system said.
    #[cfg(target_os = "linux")]
    pub fn shared() -> std::io::Result<(Self, std::os::fd::OwnedFd)> {
        let (mapping, file) = Mapping::new()?;
        let page = Self {
            memory: Memory::Shared(mapping),
        };
        page.words().form.store(FORM, Ordering::SeqCst);
        Ok((page, file))
    }

    /// The page that another process shares by this file.
    ///
    /// # Errors
    ///
    /// What the system said, or that it is no such page, or one of another release.
    #[cfg(target_os = "linux")]
    pub fn of(file: std::os::fd::BorrowedFd<'_>) -> std::io::Result<Self> {
        let page = Self {
            memory: Memory::Shared(Mapping::of(file)?),
        };
        if page.words().form.load(Ordering::SeqCst) == FORM {
            Ok(page)
        } else {
            Err(std::io::Error::other("it is a page of another release"))
        }
    }

    fn words(&self) -> &Words {
        match &self.memory {
            Memory::Own(words) => words,
            #[cfg(target_os = "linux")]
            Memory::Shared(mapping) => mapping.words(),
        }
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.words().gate
    }

    /// Whether motion outputs follow commands now.
    #[must_use]
    pub fn is_armed(&self) -> bool {
        self.gate().look().is_armed()
    }

    /// Whether the e-stop is latched.
    #[must_use]
    pub fn is_estopped(&self) -> bool {
        self.gate().look().is_estopped()
    }

    /// Counts every change of the two.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.gate().look().epoch()
    }

    /// Disarms, and begins a new epoch: no write that has begun goes on. Writes nothing itself.
    pub fn disarm(&self) {
        self.gate().disarm();
    }

    /// Latches the e-stop, and begins a new epoch. Writes nothing itself.
    pub fn estop(&self) {
        self.gate().estop();
    }

    /// Releases the e-stop, if it is latched; what was armed before stays disarmed.
    pub fn reset_estop(&self) {
        self.gate().reset_estop();
    }

    /// The same, unless anything changed since this epoch, such as that it was pressed again; whether it is released.
    #[must_use]
    pub fn reset_estop_in(&self, epoch: u64) -> bool {
        self.gate().reset_estop_in(epoch)
    }

    /// When the newest command of an output expires, on that output's clock.
    #[must_use]
    pub fn lease(&self, output: usize) -> Option<Timestamp> {
        let place = self.words().places.get(output)?;
        match place.valid_until.load(Ordering::SeqCst) {
            NO_LEASE => None,
            nanos => Some(Timestamp::from_nanos(nanos)),
        }
    }

    /// Ends all leases and forgets all duties: those of a robot that is no more.
    pub fn end_leases(&self) {
        for output in 0..MOST_OUTPUTS {
            self.set_lease(output, None);
            self.set_duty(output, Duty::ZERO);
        }
    }

    /// How hard an output is driven, and forgets it: whoever ramps it down from there does so once.
    #[must_use]
    pub fn take_duty(&self, output: usize) -> Duty {
        let place = self.words().places.get(output);
        let bits = place.map_or(0, |place| place.duty.swap(0, Ordering::SeqCst));
        Duty::nearest(f64::from_bits(bits))
    }

    pub(crate) fn set_duty(&self, output: usize, duty: Duty) {
        if let Some(place) = self.words().places.get(output) {
            place.duty.store(duty.ratio().to_bits(), Ordering::SeqCst);
        }
    }

    pub(crate) fn set_lease(&self, output: usize, until: Option<Timestamp>) {
        if let Some(place) = self.words().places.get(output) {
            let nanos = until.map_or(NO_LEASE, Timestamp::nanos);
            place.valid_until.store(nanos, Ordering::SeqCst);
        }
    }

    /// Says whether an output could not be made safe.
    pub fn set_unsafe(&self, output: usize, is_unsafe: bool) {
        if let Some(place) = self.words().places.get(output) {
            place
                .unsafe_now
                .store(u64::from(is_unsafe), Ordering::SeqCst);
        }
    }

    /// Whether any output could not be made safe, as far as its owner or the guardian knows.
    #[must_use]
    pub fn is_any_unsafe(&self) -> bool {
        let mut places = self.words().places.iter();
        places.any(|place| place.unsafe_now.load(Ordering::SeqCst) != 0)
    }

    /// Says that the guardian looked at `now`, and how it stands with it.
    pub fn beat(&self, now: Timestamp, state: GuardianState) {
        self.words().guardian.store(state.word(), Ordering::SeqCst);
        self.words().beat.store(now.nanos(), Ordering::SeqCst);
    }

    /// When the guardian looked last, and how it stood with it.
    #[must_use]
    pub fn last_beat(&self) -> (Timestamp, GuardianState) {
        let beat = self.words().beat.load(Ordering::SeqCst);
        let state = self.words().guardian.load(Ordering::SeqCst);
        (Timestamp::from_nanos(beat), GuardianState::from_word(state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_guardian_says_of_itself_is_what_is_read() {
        for number in 0..32 {
            let state = GuardianState::from_word(number);
            assert_eq!(state.word(), number);
            let page = SafetyPage::private();
            page.beat(Timestamp::from_nanos(7), state);
            assert_eq!(page.last_beat(), (Timestamp::from_nanos(7), state));
        }
    }

    #[test]
    fn an_estop_that_is_pressed_while_it_is_reset_is_not_released() {
        let page = SafetyPage::private();
        page.estop();
        let seen = page.epoch();
        page.estop();
        assert!(!page.reset_estop_in(seen));
        assert!(page.is_estopped());
        assert!(page.reset_estop_in(page.epoch()));
        assert!(!page.is_estopped());
    }

    #[test]
    fn an_output_without_a_place_has_no_lease() {
        let page = SafetyPage::private();
        page.set_lease(MOST_OUTPUTS, Some(Timestamp::from_nanos(1)));
        assert_eq!(page.lease(MOST_OUTPUTS), None);
        page.set_lease(MOST_OUTPUTS - 1, Some(Timestamp::from_nanos(1)));
        assert_eq!(page.lease(MOST_OUTPUTS - 1), Some(Timestamp::from_nanos(1)));
    }

    #[cfg(target_os = "linux")]
    mod shared {
        use super::*;
        use std::os::fd::AsFd;

        #[test]
        fn two_mappings_of_one_file_are_one_page() {
            let (ours, file) = SafetyPage::shared().expect("a page");
            let theirs = SafetyPage::of(file.as_fd()).expect("the same");
            theirs.gate().arm(None);
            assert!(ours.is_armed());
            ours.disarm();
            assert!(!theirs.is_armed());
            assert_eq!(ours.epoch(), theirs.epoch());
            theirs.set_lease(3, Some(Timestamp::from_nanos(9)));
            drop(theirs);
            assert_eq!(ours.lease(3), Some(Timestamp::from_nanos(9)));
        }

        #[test]
        fn a_file_that_is_no_page_is_refused() {
            let file = tempfile::tempfile().expect("a file");
            SafetyPage::of(file.as_fd()).expect_err("it is empty");
            file.set_len(4096).expect("room");
            SafetyPage::of(file.as_fd()).expect_err("it may shrink");
        }

        #[test]
        fn a_page_that_is_shared_cannot_shrink() {
            let (_page, file) = SafetyPage::shared().expect("a page");
            let file = std::fs::File::from(file);
            file.set_len(0).expect_err("it is sealed");
        }
    }
}
