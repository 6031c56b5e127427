//! What was sent and nobody will handle: kept, counted, told to whoever wants to know, and logged at a bounded rate.

use crate::{Recipient, Time};
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many of the newest are kept for whoever asks.
const KEPT: usize = 64;
/// How often they are logged at most; those in between are counted in the next line.
const LOG_PAUSE: Duration = Duration::from_secs(1);

/// Why nobody handles a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undelivered {
    /// Its receiver ended for good before its turn came, or had ended already.
    Ended,
    /// Its receiver takes no messages of this type.
    Unhandled,
    /// There was no room for it, and its sender could not be told.
    Full,
}

impl Undelivered {
    const fn words(self) -> &'static str {
        match self {
            Self::Ended => "its receiver has ended",
            Self::Unhandled => "its receiver takes no such message",
            Self::Full => "there was no room for it",
        }
    }
}

impl fmt::Display for Undelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// Messages of one type that nobody will handle.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The name of the actor that they were sent to.
    pub to: Arc<str>,
    /// The type of the message, as the compiler names it.
    pub message: &'static str,
    /// Why nobody handles them.
    pub why: Undelivered,
    /// How many.
    pub count: usize,
    /// When they were given up.
    pub at: Time,
}

/// The dead letters of a system.
#[derive(Default)]
pub(crate) struct DeadLetters(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    newest: VecDeque<DeadLetter>,
    count: u64,
    readers: Vec<Recipient<DeadLetter>>,
    logged_at: Option<Time>,
    since_logged: usize,
}

impl DeadLetters {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes messages that nobody will handle.
    pub(crate) fn post(
        &self,
        to: &Arc<str>,
        message: &'static str,
        why: Undelivered,
        count: usize,
        at: Time,
    ) {
        let letter = DeadLetter {
            to: Arc::clone(to),
            message,
            why,
            count,
            at,
        };
        let mut inner = self.lock();
        inner.count += count as u64;
        if inner.newest.len() == KEPT {
            inner.newest.pop_front();
        }
        inner.newest.push_back(letter.clone());
        let readers = inner.readers.clone();
        let to_log = inner.due_in_log(count, at);
        drop(inner);
        if let Some(all) = to_log {
            let why = why.words();
            tracing::warn!(%to, message, why, count = all, "dead letters");
        }
        let gone: Vec<_> = readers
            .into_iter()
            .filter(|reader| {
                reader
                    .try_tell(letter.clone())
                    .is_err_and(|error| error.is_closed())
            })
            .collect();
        if !gone.is_empty() {
            self.lock()
                .readers
                .retain(|reader| !gone.iter().any(|it| it.is(reader)));
        }
    }

    /// Tells this reader of each dead letter from here on, until it has ended.
    pub(crate) fn read_by(&self, reader: Recipient<DeadLetter>) {
        self.lock().readers.push(reader);
    }

    /// How many there were, and the newest of them.
    pub(crate) fn newest(&self) -> (u64, Vec<DeadLetter>) {
        let inner = self.lock();
        (inner.count, inner.newest.iter().cloned().collect())
    }
}

impl Inner {
    /// How many dead letters the log is to speak of now; `None`: it spoke less than a pause ago.
    fn due_in_log(&mut self, count: usize, at: Time) -> Option<usize> {
        self.since_logged += count;
        let quiet = self
            .logged_at
            .is_some_and(|last| at.since(last) < LOG_PAUSE);
        if quiet {
            return None;
        }
        self.logged_at = Some(at);
        Some(std::mem::take(&mut self.since_logged))
    }
}

impl fmt::Debug for DeadLetters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeadLetters({})", self.lock().count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_speaks_once_a_second_and_forgets_none() {
        let mut inner = Inner::default();
        let at = |ms: u64| Time::from_nanos(ms * 1_000_000);
        let spoken = [(1, 0), (2, 10), (3, 999), (4, 1_000), (5, 1_001)];
        let spoken = spoken.map(|(count, ms)| inner.due_in_log(count, at(ms)));
        assert_eq!(spoken, [Some(1), None, None, Some(9), None]);
    }

    #[test]
    fn the_newest_are_kept_and_all_are_counted() {
        let letters = DeadLetters::default();
        let to = Arc::from("gone");
        for number in 0..100 {
            letters.post(&to, "u8", Undelivered::Full, 2, Time::from_nanos(number));
        }
        let (count, newest) = letters.newest();
        assert_eq!((count, newest.len()), (200, KEPT));
        assert_eq!(newest[KEPT - 1].at, Time::from_nanos(99));
    }
}
