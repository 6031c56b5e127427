//! What a device was said to be at, so that nothing is missed of what the kernel had to drop.
//!
//! A reader that is late loses events: the kernel says so (`SYN_DROPPED`), after which all up to the next report is void and the state
//! has to be asked for (Linux, Documentation/input/event-codes.rst). evdev 0.13.2 does that, and loses what it found where nothing
//! else is to be read; a stick would stay where it was.

use crate::{InputEvent, InputEventKind};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;

/// `SYN_REPORT` and `SYN_DROPPED` (include/uapi/linux/input-event-codes.h).
const REPORT: u16 = 0;
const DROPPED: u16 = 3;

/// Where axes are and which keys are down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// The positions, by the kernel's numbers.
    pub(super) axes: BTreeMap<u16, i32>,
    /// Those that are pressed.
    pub(super) keys: BTreeSet<u16>,
}

/// Follows the events of one reader.
#[derive(Debug, Default)]
pub(super) struct Follower {
    /// As they were handed out.
    told: Held,
    /// What waits to be handed out.
    waiting: VecDeque<InputEvent>,
    /// Whether all up to the next report is void.
    is_void: bool,
}

impl From<Held> for Follower {
    fn from(told: Held) -> Self {
        Self {
            told,
            ..Self::default()
        }
    }
}

impl Follower {
    /// The next event to hand out.
    pub(super) fn next(&mut self) -> Option<InputEvent> {
        self.waiting.pop_front()
    }

    /// Takes an event of the kernel; `held` asks it for the state.
    ///
    /// # Errors
    ///
    /// That of `held`.
    pub(super) fn take(
        &mut self,
        event: InputEvent,
        held: impl FnOnce() -> io::Result<Held>,
    ) -> io::Result<()> {
        match (event.kind, event.code) {
            (InputEventKind::Report, DROPPED) => self.is_void = true,
            (InputEventKind::Report, REPORT) if self.is_void => {
                self.is_void = false;
                self.catch_up(&held()?, event);
            }
            _ if self.is_void => {}
            _ => self.hand_out(event),
        }
        Ok(())
    }

    fn hand_out(&mut self, event: InputEvent) {
        match event.kind {
            InputEventKind::Absolute => {
                self.told.axes.insert(event.code, event.value);
            }
            InputEventKind::Key if event.value == 0 => {
                self.told.keys.remove(&event.code);
            }
            InputEventKind::Key => {
                self.told.keys.insert(event.code);
            }
            _ => {}
        }
        self.waiting.push_back(event);
    }

    /// Hands out what is otherwise than was told, as of this report.
    fn catch_up(&mut self, now: &Held, report: InputEvent) {
        let was = std::mem::take(&mut self.told);
        let moved = now
            .axes
            .iter()
            .filter(|(axis, value)| was.axes.get(axis) != Some(value));
        let moved = moved.map(|(axis, value)| (InputEventKind::Absolute, *axis, *value));
        let released = was.keys.difference(&now.keys);
        let released = released.map(|key| (InputEventKind::Key, *key, 0));
        let pressed = now.keys.difference(&was.keys);
        let pressed = pressed.map(|key| (InputEventKind::Key, *key, 1));
        for (kind, code, value) in moved.chain(released).chain(pressed) {
            self.waiting.push_back(InputEvent {
                kind,
                code,
                value,
                ..report
            });
        }
        self.waiting.push_back(report);
        self.told = now.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    const STICK: u16 = 1;
    const BUTTON: u16 = 0x130;

    fn said(kind: InputEventKind, code: u16, value: i32) -> InputEvent {
        InputEvent {
            at: Timestamp::from_nanos(12),
            kind,
            code,
            value,
        }
    }

    fn sync(code: u16) -> InputEvent {
        said(InputEventKind::Report, code, 0)
    }

    fn stick(value: i32) -> InputEvent {
        said(InputEventKind::Absolute, STICK, value)
    }

    fn button(value: i32) -> InputEvent {
        said(InputEventKind::Key, BUTTON, value)
    }

    fn at(stick: i32, pressed: bool) -> Held {
        Held {
            axes: [(STICK, stick)].into(),
            keys: pressed.then_some(BUTTON).into_iter().collect(),
        }
    }

    /// What comes out where the state is this when it is asked for.
    fn told(from: Held, events: &[InputEvent], state: &Held) -> Vec<InputEvent> {
        let mut follower = Follower::from(from);
        for event in events {
            follower.take(*event, || Ok(state.clone())).unwrap();
        }
        std::iter::from_fn(|| follower.next()).collect()
    }

    #[test]
    fn without_a_loss_all_is_handed_out_as_it_came() {
        let events = [stick(80), button(1), sync(REPORT), stick(0), sync(REPORT)];
        assert_eq!(told(at(0, false), &events, &at(99, true)), events);
    }

    #[test]
    fn what_was_let_go_of_while_events_were_lost_is_told_though_nothing_follows() {
        let events = [sync(DROPPED), sync(REPORT)];
        let wanted = [stick(0), button(0), sync(REPORT)];
        assert_eq!(told(at(80, true), &events, &at(0, false)), wanted);
    }

    #[test]
    fn a_report_that_was_cut_is_void_and_those_behind_it_are_not() {
        let events = [
            sync(DROPPED),
            button(0),
            sync(REPORT),
            stick(7),
            sync(REPORT),
        ];
        let wanted = [stick(5), button(0), sync(REPORT), stick(7), sync(REPORT)];
        assert_eq!(told(at(80, true), &events, &at(5, false)), wanted);
    }

    #[test]
    fn what_was_held_when_the_device_was_opened_is_known() {
        let events = [sync(DROPPED), sync(REPORT)];
        assert_eq!(
            told(at(80, true), &events, &at(80, true)),
            [sync(REPORT)],
            "nothing changed"
        );
    }
}
