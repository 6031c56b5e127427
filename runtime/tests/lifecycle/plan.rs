//! A sequence: who may live, how each is supervised, and what is done to them, all decided by one seed.

use sinew_runtime::{Lifetime, Random, Restart, Strategy};
use std::fmt;
use std::time::Duration;

/// One who may live: a node of the graph, or a child of another role.
#[derive(Clone, Debug)]
pub(super) struct Role {
    pub(super) parent: Option<usize>,
    /// The full name.
    pub(super) name: String,
    /// How its children are built anew.
    pub(super) children: Strategy,
    pub(super) lifetime: Lifetime,
    pub(super) restart: Restart,
    /// Whether its parent starts it at each of its own starts.
    pub(super) at_start: bool,
    /// How long its `started` and its `stopped` take, in milliseconds.
    pub(super) starts_for: u64,
    pub(super) stops_for: u64,
    pub(super) has_input: bool,
}

/// Where an actor may be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    Make,
    Start,
    Handle,
    Child,
    Stop,
}

/// How it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Fail,
    Panic,
    /// Ends by its own wish.
    End,
    /// Never comes back.
    Hang,
}

/// What one is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Nothing,
    /// Take so many milliseconds.
    Take(u64),
    /// Start the child that has this role.
    Start(usize),
    Watch(usize),
    Unwatch(usize),
    /// `ctx.stop()`.
    Finish,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Tell(usize, Verb),
    /// The next time one of this role comes here, this happens.
    Trap(usize, Hook, How),
    Stop(usize),
    /// A command to all nodes.
    Command,
    /// So many milliseconds pass; zero: all that is ready is done.
    Wait(u64),
}

/// One sequence.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    /// Nodes first, parents before their children.
    pub(super) roles: Vec<Role>,
    /// How the nodes are built anew.
    pub(super) nodes: Strategy,
    pub(super) steps: Vec<Step>,
}

/// Chance, with the shapes in which it is asked for.
struct Dice(Random);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.next() % end as u64).expect("below an usize")
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }
}

const STRATEGIES: [Strategy; 3] = [
    Strategy::OneForOne,
    Strategy::RestForOne,
    Strategy::OneForAll,
];

impl Plan {
    /// The sequence of this seed.
    pub(super) fn of(seed: u64) -> Self {
        let mut dice = Dice(Random::named(seed, "lifecycle"));
        let nodes = 1 + dice.below(3);
        let children = dice.below(5);
        let grandchildren = if children == 0 { 0 } else { dice.below(3) };
        let mut roles: Vec<Role> = Vec::new();
        for place in 0..nodes + children + grandchildren {
            let parent = if place < nodes {
                None
            } else if place < nodes + children {
                // Families of some size, so that strategies have something to do.
                let first = dice.percent(75);
                Some(if first { 0 } else { dice.below(nodes) })
            } else {
                Some(nodes + dice.below(children.min(2)))
            };
            let role = role(&mut dice, parent, &roles);
            roles.push(role);
        }
        let mut plan = Self {
            seed,
            nodes: dice.one_of(&STRATEGIES),
            roles,
            steps: vec![Step::Wait(0)],
        };
        for _ in 0..4 + dice.below(10) {
            plan.add_steps(&mut dice);
        }
        plan.steps.push(Step::Wait(10_000));
        plan
    }

    fn add_steps(&mut self, dice: &mut Dice) {
        let who = dice.below(self.roles.len());
        match dice.below(100) {
            0..30 => {
                let verb = self.verb(dice, who);
                self.steps.push(Step::Tell(who, verb));
            }
            30..60 => {
                let how = [How::Fail, How::Panic, How::Fail, How::End, How::Hang];
                let how = dice.one_of(&how);
                self.steps.push(Step::Trap(who, Hook::Handle, how));
                self.steps.push(Step::Tell(who, Verb::Nothing));
            }
            60..78 => {
                let (hook, how) = trap(dice);
                self.steps.push(Step::Trap(who, hook, how));
            }
            78..86 => self.steps.push(Step::Stop(who)),
            86..92 => self.steps.push(Step::Command),
            _ => {}
        }
        if dice.percent(60) {
            let wait = dice.one_of(&[0, 0, 1, 5, 20, 60, 120, 400, 1_500]);
            self.steps.push(Step::Wait(wait));
        }
    }

    fn verb(&self, dice: &mut Dice, who: usize) -> Verb {
        let other = dice.below(self.roles.len());
        match dice.below(10) {
            0 | 1 => Verb::Nothing,
            2 => Verb::Take(dice.one_of(&[1, 7, 30, 200])),
            3 | 4 => Verb::Watch(other),
            5 => Verb::Unwatch(other),
            6 => Verb::Finish,
            _ => {
                let all = 0..self.roles.len();
                let mine = all.filter(|role| self.roles[*role].parent == Some(who));
                let mine: Vec<usize> = mine.collect();
                if mine.is_empty() {
                    Verb::Nothing
                } else {
                    Verb::Start(dice.one_of(&mine))
                }
            }
        }
    }
}

fn role(dice: &mut Dice, parent: Option<usize>, before: &[Role]) -> Role {
    let own = char::from(b'a' + u8::try_from(before.len()).expect("few"));
    let name = parent.map_or(own.to_string(), |it| format!("{}/{own}", before[it].name));
    let lifetimes = [
        Lifetime::Transient,
        Lifetime::Transient,
        Lifetime::Permanent,
        Lifetime::Temporary,
    ];
    // Nodes of a graph know no other lifetime.
    let lifetime = parent.map_or(Lifetime::Transient, |_| dice.one_of(&lifetimes));
    Role {
        name,
        children: dice.one_of(&STRATEGIES),
        lifetime,
        restart: Restart {
            at_most: dice.one_of(&[None, None, Some(0), Some(1), Some(2), Some(5)]),
            within: Duration::from_millis(dice.one_of(&[50, 1_000, 10_000])),
            first_pause: Duration::from_millis(dice.one_of(&[0, 10, 100])),
            longest_pause: Duration::from_millis(dice.one_of(&[15, 300, 2_000])),
        },
        at_start: parent.is_some() && dice.percent(75),
        starts_for: dice.one_of(&[0, 0, 0, 7]),
        stops_for: dice.one_of(&[0, 0, 0, 9, 150]),
        has_input: dice.percent(40),
        parent,
    }
}

fn trap(dice: &mut Dice) -> (Hook, How) {
    let hook = dice.one_of(&[
        Hook::Make,
        Hook::Start,
        Hook::Start,
        Hook::Child,
        Hook::Stop,
    ]);
    let how = match hook {
        Hook::Make => dice.one_of(&[How::Fail, How::Panic]),
        Hook::Stop => dice.one_of(&[How::Fail, How::Panic, How::Hang]),
        Hook::Start | Hook::Handle | Hook::Child => {
            dice.one_of(&[How::Fail, How::Panic, How::End, How::Hang])
        }
    };
    (hook, how)
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  nodes are built anew with: {:?}", self.nodes)?;
        for role in &self.roles {
            writeln!(f, "  {role}")?;
        }
        for step in &self.steps {
            let name = |role: &usize| &self.roles[*role].name;
            write!(f, "  - ")?;
            match step {
                Step::Tell(who, verb) => {
                    write!(f, "tell `{}`: ", name(who))?;
                    match verb {
                        Verb::Start(it) => writeln!(f, "start `{}`", name(it))?,
                        Verb::Watch(it) => writeln!(f, "watch `{}`", name(it))?,
                        Verb::Unwatch(it) => writeln!(f, "unwatch `{}`", name(it))?,
                        Verb::Nothing | Verb::Take(_) | Verb::Finish => writeln!(f, "{verb:?}")?,
                    }
                }
                Step::Trap(who, hook, how) => {
                    writeln!(f, "the next {hook:?} of `{}`: {how:?}", name(who))?;
                }
                Step::Stop(who) => writeln!(f, "stop `{}`", name(who))?,
                Step::Command => writeln!(f, "command all nodes")?,
                Step::Wait(time) => writeln!(f, "wait {time} ms")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Restart {
            at_most,
            within,
            first_pause,
            longest_pause,
        } = self.restart;
        write!(f, "`{}` {:?}, ", self.name, self.lifetime)?;
        write!(f, "at most {at_most:?} in {within:?}, ")?;
        write!(f, "pauses {first_pause:?} to {longest_pause:?}, ")?;
        write!(f, "starts for {} and ", self.starts_for)?;
        write!(f, "stops for {} ms", self.stops_for)?;
        if self.at_start {
            write!(f, ", at its parent's start")?;
        }
        if self.has_input {
            write!(f, ", an input")?;
        }
        write!(f, ", children with: {:?}", self.children)
    }
}
