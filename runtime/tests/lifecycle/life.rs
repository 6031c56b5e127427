//! What the model knows of one actor.

use super::event::{Begin, Number, Piece};
use sinew_runtime::Restart;
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

/// What is known of one actor.
#[derive(Debug, Default)]
pub(super) struct Life {
    pub(super) role: usize,
    pub(super) parent: Option<Number>,
    /// In the order of their start; those that have ended are taken out.
    pub(super) children: Vec<Number>,
    /// How often it was tried to be built.
    pub(super) built: u64,
    /// What of its incarnation is there.
    pub(super) pieces: Vec<Piece>,
    /// The hook or handler that runs.
    pub(super) open: Option<Begin>,
    /// Whether its `started` came out well.
    pub(super) runs: bool,
    /// Whether its last word was begun with.
    pub(super) said_good_bye: bool,
    /// Why its incarnation ends, as far as it is its own doing.
    pub(super) own_end: Option<Cause>,
    /// Whether it was asked to stop from outside. Whether it may have been by its parent or the system: `may_be_asked`.
    pub(super) asked: bool,
    /// What follows its last incarnation, if that is over.
    pub(super) next: Option<Next>,
    pub(super) freed: bool,
    /// Whether it hears of a child that has exceeded its limit.
    pub(super) escalates: Escalates,
    /// Whether it has heard of one: it may begin with nothing but its last word.
    pub(super) doomed: Escalates,
    pub(super) failures: Vec<Duration>,
    pub(super) last_failure: Option<Duration>,
    pub(super) in_a_row: u32,
    /// The earliest and the latest moment at which it may be built anew.
    pub(super) due: Option<(Duration, Option<Duration>)>,
    /// Incarnations that have to be wholly gone before it is built anew.
    pub(super) first_gone: Vec<(Number, u64)>,
    /// When its incarnation was built.
    pub(super) built_at: Duration,
    pub(super) waiting: VecDeque<u64>,
    /// Of which ends of children and of watched ones it has yet to hear.
    pub(super) news: Vec<News>,
    /// Whether its group is being built anew, and it with it.
    pub(super) regroups: bool,
    pub(super) watchers: BTreeSet<Number>,
    /// Why its last incarnation ended.
    pub(super) reason: String,
    pub(super) obeyed: u64,
    /// The newest command that it has to obey.
    pub(super) command: Option<u64>,
}

/// What follows an incarnation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Another,
    End,
    /// It may have been asked to stop by then.
    Either,
}

/// Whether a parent fails with its child.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Escalates {
    #[default]
    No,
    /// Unless the child was asked to stop by then.
    Maybe,
    Yes,
}

/// An end that one hears of.
#[derive(Debug)]
pub(super) struct News {
    pub(super) begin: Begin,
    /// Whether it has to hear of it.
    pub(super) certain: bool,
    /// Whether it fails once it has.
    pub(super) escalates: Escalates,
}

/// Why an incarnation ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Finished,
    Failed,
    Panicked,
}

impl Life {
    pub(super) fn expect(&mut self, begin: Begin, certain: bool, escalates: Escalates) {
        self.news.push(News {
            begin,
            certain,
            escalates,
        });
    }

    /// Counts a failure; from when until when it may be built anew, unless it has failed too often.
    pub(super) fn note_failure(
        &mut self,
        now: Duration,
        restart: &Restart,
    ) -> Option<(Duration, Option<Duration>)> {
        if let Some(last) = self.last_failure {
            let calm = now - last > restart.within;
            self.in_a_row = if calm { 0 } else { self.in_a_row + 1 };
        }
        self.last_failure = Some(now);
        if let Some(limit) = restart.at_most {
            self.failures
                .retain(|earlier| now - *earlier < restart.within);
            self.failures.push(now);
            if self.failures.len() > limit as usize {
                return None;
            }
        }
        let doubled = restart
            .first_pause
            .saturating_mul(1 << self.in_a_row.min(20));
        let pause = doubled.min(restart.longest_pause);
        let least = Duration::from_millis(1);
        let shortest = pause.mul_f64(0.949).max(least);
        let longest = pause.mul_f64(1.051).min(restart.longest_pause).max(least);
        Some((now + shortest, Some(now + longest)))
    }
}
