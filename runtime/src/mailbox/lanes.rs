//! The lanes of a mailbox: tokens that say in which order to look at its ports.

use super::{Lane, URGENT_CAPACITY};
use std::collections::VecDeque;

/// How many lanes overtake inputs, timers and all other messages: those looked at before the last.
const OVERTAKING: usize = Lane::User as usize;

/// The lanes. Few actors are ever sent what overtakes, so those lanes are made at first use.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    waiting: VecDeque<u16>,
    overtaking: Option<Box<[VecDeque<u16>; OVERTAKING]>>,
}

impl Lanes {
    /// Puts a token into a lane; whether it overtakes there.
    #[inline]
    pub(super) fn push(&mut self, lane: Lane, port: u16) -> bool {
        if lane == Lane::User {
            self.waiting.push_back(port);
            return false;
        }
        let made = || {
            Box::new(std::array::from_fn(|_| {
                VecDeque::with_capacity(URGENT_CAPACITY)
            }))
        };
        self.overtaking.get_or_insert_with(made)[lane as usize].push_back(port);
        true
    }

    /// Takes the next token of those that overtake.
    pub(super) fn pop_overtaking(&mut self) -> Option<u16> {
        let mut lanes = self
            .overtaking
            .iter_mut()
            .flat_map(|lanes| lanes.iter_mut());
        lanes.find_map(VecDeque::pop_front)
    }

    /// Swaps the tokens that wait for an empty batch. `false`: there are none.
    #[inline]
    pub(super) fn swap_waiting(&mut self, batch: &mut VecDeque<u16>) -> bool {
        let any = !self.waiting.is_empty();
        if any {
            std::mem::swap(&mut self.waiting, batch);
        }
        any
    }

    /// How many urgent messages wait.
    pub(super) fn urgent(&self) -> usize {
        let lanes = self.overtaking.as_ref();
        lanes.map_or(0, |lanes| lanes[Lane::System as usize].len())
    }

    /// Whether no lane holds anything.
    #[inline]
    pub(super) fn are_empty(&self) -> bool {
        let mut lanes = self.overtaking.iter().flat_map(|lanes| lanes.iter());
        self.waiting.is_empty() && lanes.all(VecDeque::is_empty)
    }

    /// Forgets all tokens.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.overtaking = None;
    }

    /// Forgets the tokens of commands.
    pub(super) fn clear_commands(&mut self) {
        if let Some(lanes) = &mut self.overtaking {
            lanes[Lane::Command as usize].clear();
        }
    }
}
