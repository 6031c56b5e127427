//! Where a twin sits: its name, whether it is plugged in, and how it plans.

use crate::agenda::{Happening, Plan};
use crate::random::Random;
use crate::wires::Wires;
use sinew_board::{Level, Pin};
use sinew_messages::Timestamp;

/// The number of a twin on its mock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TwinId(pub(crate) usize);

/// What is wrong with a twin that has power and answers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ills {
    /// A chip that does not acknowledge its address.
    pub(crate) deaf: bool,
    /// A chip that lets go of the data line after the first byte of each message.
    pub(crate) falls_silent: bool,
}

/// What every twin has.
#[derive(Debug)]
pub(crate) struct Socket {
    /// Its number.
    pub(crate) id: TwinId,
    /// What the user calls it.
    pub(crate) name: String,
    /// What it is: `HC-SR04`.
    pub(crate) part: &'static str,
    /// What it uses, in the form of claims: `GPIO17`, `I2C1:0x40`, `PWM0`, `port gnss`.
    pub(crate) resources: Vec<String>,
    /// Whether it has power and wires.
    pub(crate) plugged: bool,
    /// Whether it keeps its last answer.
    pub(crate) frozen: bool,
    /// What is wrong with it besides.
    pub(crate) ills: Ills,
    /// Its own randomness.
    pub(crate) random: Random,
    generation: u32,
}

impl Socket {
    /// A socket with a part plugged in.
    pub(crate) fn new(
        id: TwinId,
        name: &str,
        part: &'static str,
        resources: Vec<String>,
        seed: u64,
    ) -> Self {
        Self {
            id,
            name: name.to_owned(),
            part,
            resources,
            plugged: true,
            frozen: false,
            ills: Ills::default(),
            random: Random::new(seed, name),
            generation: 0,
        }
    }

    /// Plans something of this twin.
    pub(crate) fn plan(&self, wires: &mut Wires, at: Timestamp, what: Plan) {
        let what = Happening::Twin {
            id: self.id,
            generation: self.generation,
            what,
        };
        wires.agenda.plan(at.max(wires.now), what);
    }

    /// Whether something planned in this generation still counts.
    pub(crate) fn is_current(&self, generation: u32) -> bool {
        self.generation == generation
    }

    /// Everything planned so far happens no more.
    pub(crate) fn forget_plans(&mut self) {
        self.generation = self.generation.wrapping_add(1);
    }

    /// Drives a wire, or lets go of it, at `at`.
    pub(crate) fn drive(&self, wires: &mut Wires, pin: Pin, level: Option<Level>, at: Timestamp) {
        let (net, wakes) = wires.net_and_wakes(pin);
        let was_short = net.is_short();
        let changed = net.drive_twin(level, at, wakes);
        let is_short = net.is_short();
        if changed {
            wires.note_level(pin, at);
        }
        if is_short && !was_short {
            self.complain_of_short(wires, pin);
        }
    }

    /// Says that the board drives against this twin.
    pub(crate) fn complain_of_short(&self, wires: &mut Wires, pin: Pin) {
        self.complain(wires, || {
            format!("{pin} is driven by the board and by the {} against each other, which can destroy both; open it as an input", self.part)
        });
    }

    /// Adds a complaint of this twin.
    pub(crate) fn complain(&self, wires: &mut Wires, text: impl FnOnce() -> String) {
        wires.complaints.add(wires.now, &self.name, text);
    }
}
