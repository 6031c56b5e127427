//! Carries a plan out, in virtual time.

use super::event::{Event, Log};
use super::plan::{Plan, Step, Verb};
use super::player::{Player, Someone, Speed, Stage, Told, with};
use crate::common::{Void, ms};
use sinew_runtime::{
    Actor, Context, Emits, Failure, Graph, Handler, Node, Progress, Strategy, System,
};
use std::sync::Arc;
use std::time::Duration;

/// Commands all nodes.
#[derive(Clone)]
struct Commander(Log);

impl Actor for Commander {}
impl Emits<Speed> for Commander {}

impl Handler<Speed> for Commander {
    type Reply = ();
    async fn handle(&mut self, speed: Speed, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(Event::Commanded(speed.0));
        ctx.publish(speed);
        Ok(())
    }
}

/// A node of any strategy.
enum Place {
    OneForOne(Node<Player<0>>),
    RestForOne(Node<Player<1>>),
    OneForAll(Node<Player<2>>),
}

/// What came of a sequence.
pub(super) struct Outcome {
    pub(super) events: Vec<(Duration, Event)>,
    /// Whether the system ended by itself, before it was shut down.
    pub(super) ended_by_itself: bool,
}

/// Carries a plan out, and shuts the system down.
pub(super) fn run(plan: &Arc<Plan>) -> Outcome {
    let stage = Stage::new(plan);
    let mut graph = Graph::new("lifecycle");
    let commander = graph.add("commander", Commander(stage.log.clone()));
    let mut nodes = Vec::new();
    for (role, it) in plan.roles.iter().enumerate() {
        if it.parent.is_none() {
            nodes.push(add(&mut graph, &stage, role, &commander));
        }
    }
    let members: Vec<&dyn sinew_runtime::AsMember> = nodes.iter().map(Place::member).collect();
    match members[..] {
        [a] => graph.supervise_together(plan.nodes, [a]),
        [a, b] => graph.supervise_together(plan.nodes, [a, b]),
        [a, b, c] => graph.supervise_together(plan.nodes, [a, b, c]),
        _ => unreachable!("a plan has one to three nodes"),
    }
    let commander = commander.address();
    let system = System::simulated(graph, plan.seed, Box::new(Void));
    let mut system = system.expect("the graph is sound");
    let mut messages = 0;
    let mut ended_by_itself = false;
    for step in &plan.steps {
        match *step {
            Step::Tell(role, verb) => {
                messages += 1;
                tell(&stage, role, messages, verb);
            }
            Step::Trap(role, hook, how) => stage.set_trap(role, hook, how),
            Step::Stop(role) => {
                if let Some((number, someone)) = stage.current(role) {
                    stage.log.add(Event::Asked(number));
                    with!(someone, address => address.stop());
                }
            }
            Step::Command => {
                messages += 1;
                // Refused once the system has ended.
                let _ = commander.try_tell(Speed(messages));
            }
            Step::Wait(time) => {
                let until = system.now() + ms(time);
                if matches!(system.run_until(until), Progress::Ended(_)) {
                    ended_by_itself = true;
                    break;
                }
            }
        }
    }
    stage.log.add(Event::Over);
    system.shut_down();
    drop(system);
    Outcome {
        events: stage.log.take(),
        ended_by_itself,
    }
}

impl Place {
    fn member(&self) -> &dyn sinew_runtime::AsMember {
        match self {
            Self::OneForOne(node) => node,
            Self::RestForOne(node) => node,
            Self::OneForAll(node) => node,
        }
    }
}

fn add(graph: &mut Graph, stage: &Stage, role: usize, commander: &Node<Commander>) -> Place {
    let parent = None;
    let number = stage.next_number();
    let (someone, place) = match stage.role(role).children {
        Strategy::OneForOne => {
            let node = add_node::<0>(graph, stage, role, number, commander);
            (Someone::OneForOne(node.address()), Place::OneForOne(node))
        }
        Strategy::RestForOne => {
            let node = add_node::<1>(graph, stage, role, number, commander);
            (Someone::RestForOne(node.address()), Place::RestForOne(node))
        }
        Strategy::OneForAll => {
            let node = add_node::<2>(graph, stage, role, number, commander);
            (Someone::OneForAll(node.address()), Place::OneForAll(node))
        }
    };
    stage.log.add(Event::Spawned {
        number,
        role,
        parent,
    });
    stage.enter(role, number, someone);
    place
}

fn add_node<const S: u8>(
    graph: &mut Graph,
    stage: &Stage,
    role: usize,
    number: usize,
    commander: &Node<Commander>,
) -> Node<Player<S>> {
    let it = stage.role(role);
    let node = graph.add(&it.name, stage.factory::<S>(role, number));
    graph.supervise(&node, it.restart);
    graph.command(commander, &node);
    node
}

fn tell(stage: &Stage, role: usize, message: u64, verb: Verb) {
    let Some((number, someone)) = stage.current(role) else {
        return;
    };
    let whom = match verb {
        Verb::Watch(role) | Verb::Unwatch(role) => stage.current(role),
        Verb::Nothing | Verb::Take(_) | Verb::Start(_) | Verb::Finish => None,
    };
    let (whom, address) = whom.unzip();
    let told = Told {
        message,
        verb,
        whom: address,
    };
    let taken = with!(someone, address => address.try_tell(told).is_ok());
    stage.log.add(Event::Told {
        number,
        message,
        verb,
        whom,
        taken,
    });
}
