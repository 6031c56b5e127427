//! What belongs to a state of an actor ends with it.

use crate::common::{Log, at_ms, in_ms, made, ms, simulated};
use sinew_patterns::{Machine, Stateful};
use sinew_runtime::{Actor, Context, Failure, Graph, Handler, Injection, Node, System};

/// What a gripper may be doing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Grip {
    Open,
    Closing {
        force: u32,
    },
    Holding {
        force: u32,
    },
    Failed,
    /// A state that is left as soon as it is entered.
    Resetting,
}

/// What was noted, and when.
type Note = (&'static str, Grip, u64);

struct Gripper {
    grip: Machine<Grip>,
    log: Log<Note>,
}

/// Become this.
struct Become(Grip);

/// The gripper is late.
struct Late;

/// The gripper looks.
#[derive(Clone)]
struct Look;

/// Take longer over a state that is entered already.
struct MoreTime;

impl Gripper {
    fn note(&self, what: &'static str, ctx: &Context<Self>) {
        self.log.add((what, *self.grip.state(), in_ms(ctx.now())));
    }
}

impl Actor for Gripper {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.begins(ctx)
    }
}

impl Stateful for Gripper {
    type State = Grip;

    fn machine(&mut self) -> &mut Machine<Grip> {
        &mut self.grip
    }

    fn entered(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.note("entered", ctx);
        match self.grip.state() {
            Grip::Closing { .. } => self.grip.deadline(ms(100), Late, ctx),
            Grip::Holding { .. } => self.grip.tick(ms(30), Look, ctx),
            Grip::Resetting => return self.becomes(Grip::Open, ctx),
            Grip::Open | Grip::Failed => {}
        }
        Ok(())
    }

    fn leaving(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.note("left", ctx);
        match self.grip.state() {
            Grip::Failed => Err(Failure::new("it has failed")),
            _ => Ok(()),
        }
    }
}

impl Handler<Become> for Gripper {
    type Reply = ();
    async fn handle(&mut self, it: Become, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.becomes(it.0, ctx)
    }
}

impl Handler<Late> for Gripper {
    type Reply = ();
    async fn handle(&mut self, _: Late, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.note("late", ctx);
        Ok(())
    }
}

impl Handler<Look> for Gripper {
    type Reply = ();
    async fn handle(&mut self, _: Look, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.note("looked", ctx);
        Ok(())
    }
}

impl Handler<MoreTime> for Gripper {
    type Reply = ();
    async fn handle(&mut self, _: MoreTime, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.grip.deadline(ms(100), Late, ctx);
        Ok(())
    }
}

fn gripper() -> (System, Node<Gripper>, Log<Note>) {
    let mut graph = Graph::new("machine");
    let log = Log::new();
    let notes = log.clone();
    let make = move || Gripper {
        grip: Machine::new(Grip::Open),
        log: notes.clone(),
    };
    let gripper = graph.add("gripper", made(make));
    (simulated(graph), gripper, log)
}

/// Has the gripper become this at a moment.
fn become_at(system: &mut System, at: u64, gripper: &Node<Gripper>, grip: Grip) {
    system.run_until(at_ms(at));
    gripper.address().try_tell(Become(grip)).expect("room");
}

#[test]
fn each_change_leaves_one_state_and_enters_the_next_the_first_one_as_well() {
    let (mut system, gripper, log) = gripper();
    become_at(&mut system, 10, &gripper, Grip::Closing { force: 7 });
    become_at(&mut system, 20, &gripper, Grip::Holding { force: 7 });
    become_at(&mut system, 30, &gripper, Grip::Resetting);
    system.run_until(at_ms(500));
    let (closing, holding) = (Grip::Closing { force: 7 }, Grip::Holding { force: 7 });
    let wanted = [
        ("entered", Grip::Open, 0),
        ("left", Grip::Open, 10),
        ("entered", closing, 10),
        ("left", closing, 20),
        ("entered", holding, 20),
        ("left", holding, 30),
        ("entered", Grip::Resetting, 30),
        ("left", Grip::Resetting, 30),
        ("entered", Grip::Open, 30),
    ];
    assert_eq!(log.take(), wanted);
}

#[test]
fn a_deadline_comes_once_if_the_state_still_stands_and_never_after_it() {
    let (mut system, gripper, log) = gripper();
    let closing = Grip::Closing { force: 1 };
    become_at(&mut system, 0, &gripper, closing);
    system.run_until(at_ms(400));
    assert_eq!(log.take().last(), Some(&("late", closing, 100)));
    become_at(&mut system, 400, &gripper, closing);
    // At 500 ms the change and the deadline are both due; whichever comes first, nothing ticks after the change.
    become_at(&mut system, 499, &gripper, Grip::Open);
    system.run_until(at_ms(1_000));
    assert!(log.take().iter().all(|(what, ..)| *what != "late"));
}

#[test]
fn an_equal_state_is_entered_anew_with_a_new_deadline_and_another_deadline_takes_the_place_of_the_first()
 {
    let (mut system, gripper, log) = gripper();
    let closing = Grip::Closing { force: 1 };
    become_at(&mut system, 0, &gripper, closing);
    become_at(&mut system, 60, &gripper, closing);
    system.run_until(at_ms(120));
    gripper.address().try_tell(MoreTime).unwrap();
    system.run_until(at_ms(1_000));
    let late = log.take().into_iter().filter(|(what, ..)| *what == "late");
    assert_eq!(late.collect::<Vec<_>>(), [("late", closing, 220)]);
}

#[test]
fn a_tick_goes_on_while_the_state_stands() {
    let (mut system, gripper, log) = gripper();
    let holding = Grip::Holding { force: 1 };
    become_at(&mut system, 0, &gripper, holding);
    become_at(&mut system, 100, &gripper, Grip::Open);
    system.run_until(at_ms(500));
    let looked = log
        .take()
        .into_iter()
        .filter(|(what, ..)| *what == "looked");
    let wanted = [30, 60, 90].map(|at| ("looked", holding, at));
    assert_eq!(looked.collect::<Vec<_>>(), wanted);
}

#[test]
fn a_failure_while_it_leaves_ends_the_actor_and_a_restart_begins_in_the_first_state() {
    let (mut system, gripper, log) = gripper();
    become_at(&mut system, 0, &gripper, Grip::Failed);
    become_at(&mut system, 10, &gripper, Grip::Open);
    system.run_until(at_ms(300));
    let notes = log.take();
    let wanted = [
        ("left", Grip::Failed, 10),
        ("entered", Grip::Open, notes[4].2),
    ];
    assert_eq!(notes[3..], wanted);
    assert!(notes[4].2 > 100, "after its pause");
    assert!(system.handle().inject("gripper", Injection::Panic));
    system.run_until(at_ms(900));
    assert_eq!(log.take().len(), 1);
}

#[test]
fn a_machine_tells_since_when_and_how_often() {
    struct Watch(Machine<u8>, Log<(u8, u64, u64)>);
    impl Actor for Watch {}
    impl Stateful for Watch {
        type State = u8;
        fn machine(&mut self) -> &mut Machine<u8> {
            &mut self.0
        }
        fn entered(&mut self, _: &mut Context<Self>) -> Result<(), Failure> {
            let it = &self.0;
            self.1.add((*it.state(), in_ms(it.since()), it.changes()));
            Ok(())
        }
    }
    impl Handler<u8> for Watch {
        type Reply = ();
        async fn handle(&mut self, next: u8, ctx: &mut Context<Self>) -> Result<(), Failure> {
            *self.0.state_mut() += 100;
            self.becomes(next, ctx)
        }
    }
    let mut graph = Graph::new("machine");
    let log = Log::new();
    let notes = log.clone();
    let make = move || Watch(Machine::new(0), notes.clone());
    let watch = graph.add("watch", made(make));
    let mut system = simulated(graph);
    for at in [5, 9] {
        system.run_until(at_ms(at));
        watch.address().try_tell(u8::try_from(at).unwrap()).unwrap();
    }
    system.run_until(at_ms(10));
    assert_eq!(log.take(), [(5, 5, 1), (9, 9, 2)]);
}
