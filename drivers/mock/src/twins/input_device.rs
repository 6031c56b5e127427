//! What somebody holds: a gamepad, a keyboard. A test, or a script, is the hand.
//!
//! Source: Linux, Documentation/input/event-codes.rst: each change is an event, and a report ends what changed at one moment; an
//! event that changes nothing of a reader's state is none. What was done before a device was opened is in its state.

use crate::mock::Mock;
use crate::part::{Behaviour, Part};
use crate::socket::{Socket, TwinId};
use crate::state::State;
use crate::twin::handle;
use crate::wires::Wires;
use sinew_board::backend::{InputDeviceLine, InputDevices};
use sinew_board::{BoardError, InputDeviceInfo, InputEvent, InputEventKind};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::task::{Context, Poll, Waker};

handle! {
    /// A fitted input device. Unplugged it is lost to whoever has it open; frozen nothing that is done with it is seen, as when its
    /// radio is out of reach.
    InputDeviceTwin
}

impl InputDeviceTwin {
    /// Presses a key or button, or lets go of it, now.
    ///
    /// # Panics
    ///
    /// If the device has no such key: the test is wrong then.
    pub fn key(&self, code: u16, pressed: bool) {
        self.act(InputEventKind::Key, code, i32::from(pressed));
    }

    /// Moves an axis to a position now, as far as it goes.
    ///
    /// # Panics
    ///
    /// If the device has no such axis: the test is wrong then.
    pub fn axis(&self, code: u16, position: i32) {
        self.act(InputEventKind::Absolute, code, position);
    }

    fn act(&self, kind: InputEventKind, code: u16, value: i32) {
        self.0.mock.with(|state| {
            let (socket, part, wires) = state.twin(self.0.id);
            let Part::InputDevice(device) = part else {
                unreachable!("this handle is made for an input device only")
            };
            device.act(socket, wires, (kind, code, value));
        });
    }
}

impl Mock {
    /// Fits what somebody holds, with these keys and axes. The robot claims it by its name.
    ///
    /// # Panics
    ///
    /// If an axis ends before it begins: the test is wrong then.
    pub fn input_device(&self, name: &str, info: InputDeviceInfo) -> InputDeviceTwin {
        for axis in &info.axes {
            assert!(
                axis.least <= axis.most,
                "{axis:?} of {name:?} ends before it begins"
            );
        }
        let device = InputDevice {
            told: info
                .axes
                .iter()
                .map(|axis| (axis.code, axis.value))
                .collect(),
            info,
            pressed: BTreeSet::new(),
            told_pressed: BTreeSet::new(),
            open: BTreeMap::new(),
            openings: 0,
        };
        let resources = vec![format!("input device {name}")];
        InputDeviceTwin(self.fit(name, "input device", resources, Part::InputDevice(device)))
    }
}

/// The device.
#[derive(Debug)]
pub(crate) struct InputDevice {
    /// What it has, and where its axes are.
    info: InputDeviceInfo,
    /// The keys that are down.
    pressed: BTreeSet<u16>,
    /// Where its axes were when it last said so, and which keys were down.
    told: BTreeMap<u16, i32>,
    told_pressed: BTreeSet<u16>,
    /// What waits for each that has it open, by the number of its opening: as on Linux each hears all.
    open: BTreeMap<u64, Open>,
    openings: u64,
}

/// What waits for one that has it open.
#[derive(Debug, Default)]
struct Open {
    events: VecDeque<InputEvent>,
    waker: Option<Waker>,
}

impl InputDevice {
    fn act(
        &mut self,
        socket: &Socket,
        wires: &mut Wires,
        (kind, code, value): (InputEventKind, u16, i32),
    ) {
        match kind {
            InputEventKind::Absolute => {
                let axis = self.info.axes.iter_mut().find(|axis| axis.code == code);
                let Some(axis) = axis else {
                    panic!("{:?} has no axis {code}", socket.name)
                };
                axis.value = value.clamp(axis.least, axis.most);
            }
            _ if !self.info.keys.contains(&code) => panic!("{:?} has no key {code}", socket.name),
            _ if value == 0 => {
                self.pressed.remove(&code);
            }
            _ => {
                self.pressed.insert(code);
            }
        }
        if socket.plugged && !socket.frozen {
            self.tell(wires);
        }
    }

    /// Says what is otherwise than it said last, and ends it with a report; nothing if nothing is.
    fn tell(&mut self, wires: &mut Wires) {
        let axes = self.info.axes.iter();
        let moved = axes.filter(|axis| self.told.get(&axis.code) != Some(&axis.value));
        let moved = moved.map(|axis| (InputEventKind::Absolute, axis.code, axis.value));
        let released = self.told_pressed.difference(&self.pressed);
        let released = released.map(|key| (InputEventKind::Key, *key, 0));
        let pressed = self.pressed.difference(&self.told_pressed);
        let pressed = pressed.map(|key| (InputEventKind::Key, *key, 1));
        let mut news: Vec<_> = moved.chain(released).chain(pressed).collect();
        if news.is_empty() {
            return;
        }
        news.push((InputEventKind::Report, 0, 0));
        self.remember();
        let at = wires.now;
        for open in self.open.values_mut() {
            let events = news.iter().map(|(kind, code, value)| InputEvent {
                at,
                kind: *kind,
                code: *code,
                value: *value,
            });
            open.events.extend(events);
            wires.wakes.extend(open.waker.take());
        }
    }

    /// What it is at is what it said last.
    fn remember(&mut self) {
        let axes = self.info.axes.iter();
        self.told = axes.map(|axis| (axis.code, axis.value)).collect();
        self.told_pressed.clone_from(&self.pressed);
    }
}

impl Behaviour for InputDevice {
    fn power_off(&mut self, _: &mut Socket, wires: &mut Wires) {
        for open in std::mem::take(&mut self.open).into_values() {
            wires.wakes.extend(open.waker);
        }
    }

    fn power_on(&mut self, _: &mut Socket, _: &mut Wires) {
        self.remember();
    }

    fn thaw(&mut self, _: &mut Socket, wires: &mut Wires) {
        self.tell(wires);
    }
}

/// An open device; closing it is dropping this.
#[derive(Debug)]
struct Handle {
    mock: Mock,
    id: TwinId,
    opening: u64,
    info: InputDeviceInfo,
    name: String,
}

impl Handle {
    /// What waits for this handle; `None` once the device was unplugged.
    fn open<'a>(&self, state: &'a mut State) -> Option<&'a mut Open> {
        match state.twin(self.id).1 {
            Part::InputDevice(device) => device.open.get_mut(&self.opening),
            _ => None,
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.mock.with(|state| {
            if let Part::InputDevice(device) = state.twin(self.id).1 {
                device.open.remove(&self.opening);
            }
        });
    }
}

impl InputDeviceLine for Handle {
    fn info(&self) -> &InputDeviceInfo {
        &self.info
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<InputEvent, BoardError>> {
        let mock = self.mock.clone();
        mock.with(|state| match self.open(state) {
            Some(open) => match open.events.pop_front() {
                Some(event) => Poll::Ready(Ok(event)),
                None => {
                    open.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            },
            None => Poll::Ready(Err(BoardError::Lost {
                what: format!("input device {}", self.name),
                why: "it was unplugged".to_owned(),
            })),
        })
    }
}

impl InputDevices for Mock {
    fn open(&self, name: &str) -> Result<Box<dyn InputDeviceLine>, BoardError> {
        self.with(|state| {
            let is_it = |socket: &Socket, part: &Part| {
                socket.name == name && matches!(part, Part::InputDevice(_))
            };
            let refused = |why: &str| BoardError::Unavailable {
                what: format!("input device {name}"),
                why: why.to_owned(),
            };
            let slot = (state.slots.iter_mut()).find(|slot| is_it(&slot.socket, &slot.part));
            let Some(slot) = slot else {
                return Err(refused(
                    "nothing of this name is fitted to the mock; fit it, or map a real device to it",
                ));
            };
            let (id, is_plugged) = (slot.socket.id, slot.socket.plugged);
            let Part::InputDevice(device) = &mut slot.part else {
                unreachable!("it was looked for")
            };
            if !is_plugged {
                return Err(refused("it is not plugged in"));
            }
            device.openings += 1;
            device.open.insert(device.openings, Open::default());
            Ok((id, device.openings, device.info.clone()))
        })
        .map(|(id, opening, info)| {
            Box::new(Handle {
                mock: self.clone(),
                id,
                opening,
                info,
                name: name.to_owned(),
            }) as Box<dyn InputDeviceLine>
        })
    }

    fn is_simulated(&self) -> bool {
        true
    }
}
