//! A stash holds messages back until its actor is ready, keeps their order, and refuses what it has no room for.

use crate::common::{Log, at_ms, in_ms, made, ms, simulated};
use sinew_patterns::{Admitted, Stash};
use sinew_runtime::{Actor, Context, Failure, Graph, Handler, Injection, Node, System};

/// What an arm did, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Did {
    Reached(u32, u64),
    Refused(u32),
    Urgent(u64),
}

/// Reaches for goals once it is homed; each takes so long.
struct Arm {
    goals: Stash<Goal>,
    takes: u64,
    log: Log<Did>,
}

struct Goal(u32);
struct Homed(bool);
struct Urgent;

impl Actor for Arm {}

impl Handler<Goal> for Arm {
    type Reply = ();
    async fn handle(&mut self, goal: Goal, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match self.goals.admit(goal, ctx) {
            Admitted::Now(Goal(number)) => {
                if self.takes > 0 {
                    tokio::time::sleep(ms(self.takes)).await;
                }
                self.log.add(Did::Reached(number, in_ms(ctx.now())));
            }
            Admitted::Later => {}
            Admitted::Refused(Goal(number)) => self.log.add(Did::Refused(number)),
        }
        Ok(())
    }
}

impl Handler<Homed> for Arm {
    type Reply = ();
    async fn handle(&mut self, it: Homed, _: &mut Context<Self>) -> Result<(), Failure> {
        if it.0 {
            self.goals.open();
        } else {
            self.goals.close();
        }
        Ok(())
    }
}

impl Handler<Urgent> for Arm {
    type Reply = ();
    async fn handle(&mut self, _: Urgent, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(Did::Urgent(in_ms(ctx.now())));
        Ok(())
    }
}

fn arm(room: usize, takes: u64) -> (System, Node<Arm>, Log<Did>) {
    let mut graph = Graph::new("stash");
    let log = Log::new();
    let notes = log.clone();
    let make = move || Arm {
        goals: Stash::new(room),
        takes,
        log: notes.clone(),
    };
    let arm = graph.add("arm", made(make));
    (simulated(graph), arm, log)
}

fn reach(arm: &Node<Arm>, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        arm.address().try_tell(Goal(number)).expect("room");
    }
}

#[test]
fn what_came_too_early_is_handled_in_its_order_once_the_actor_is_ready() {
    let (mut system, arm, log) = arm(8, 0);
    reach(&arm, 1..=3);
    system.run_until(at_ms(10));
    assert_eq!(log.len(), 0);
    arm.address().try_tell(Homed(true)).unwrap();
    system.run_until(at_ms(11));
    reach(&arm, [4]);
    system.run_until(at_ms(12));
    let wanted = [(1, 10), (2, 10), (3, 10), (4, 11)];
    assert_eq!(
        log.take(),
        wanted.map(|(number, at)| Did::Reached(number, at))
    );
}

#[test]
fn a_newer_message_never_overtakes_one_that_is_held() {
    let (mut system, arm, log) = arm(12, 0);
    reach(&arm, 0..8);
    system.run_until(at_ms(1));
    arm.address().try_tell(Homed(true)).unwrap();
    // These are in the mailbox already when the first that is held is given back.
    reach(&arm, 8..40);
    system.run_until(at_ms(2));
    let wanted: Vec<_> = (0..40).map(|number| Did::Reached(number, 1)).collect();
    assert_eq!(log.take(), wanted);
}

#[test]
fn what_it_has_no_room_for_is_given_back() {
    let (mut system, arm, log) = arm(2, 0);
    reach(&arm, 1..=4);
    system.run_until(at_ms(1));
    assert_eq!(log.take(), [Did::Refused(3), Did::Refused(4)]);
    arm.address().try_tell(Homed(true)).unwrap();
    system.run_until(at_ms(2));
    assert_eq!(log.take(), [Did::Reached(1, 1), Did::Reached(2, 1)]);
}

#[test]
fn between_two_that_were_held_an_urgent_message_has_its_turn_and_a_stop_is_obeyed() {
    let (mut system, arm, log) = arm(8, 100);
    reach(&arm, 1..=5);
    system.run_until(at_ms(10));
    arm.address().try_tell(Homed(true)).unwrap();
    system.run_until(at_ms(60));
    arm.address().try_tell_urgent(Urgent).unwrap();
    system.run_until(at_ms(260));
    arm.address().stop();
    system.run_until(at_ms(1_000));
    let wanted = [Did::Reached(1, 110), Did::Urgent(110), Did::Reached(2, 210)];
    assert_eq!(log.take(), wanted);
}

#[test]
fn it_can_be_closed_again_with_some_still_held() {
    let (mut system, arm, log) = arm(8, 100);
    reach(&arm, 1..=3);
    system.run_until(at_ms(10));
    arm.address().try_tell(Homed(true)).unwrap();
    system.run_until(at_ms(60));
    arm.address().try_tell(Homed(false)).unwrap();
    system.run_until(at_ms(1_000));
    let reached = log.take();
    assert!((1..=2).contains(&reached.len()), "{reached:?}");
    arm.address().try_tell(Homed(true)).unwrap();
    system.run_until(at_ms(2_000));
    let rest = log.take();
    let order = reached.iter().chain(&rest).map(|did| match did {
        Did::Reached(number, _) => *number,
        other => panic!("{other:?}"),
    });
    assert_eq!(order.collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_restart_begins_closed_and_with_nothing_held() {
    let (mut system, arm, log) = arm(8, 0);
    reach(&arm, 1..=2);
    system.run_until(at_ms(1));
    assert!(system.handle().inject("arm", Injection::Panic));
    system.run_until(at_ms(500));
    reach(&arm, [3]);
    system.run_until(at_ms(501));
    assert_eq!(log.len(), 0);
    arm.address().try_tell(Homed(true)).unwrap();
    system.run_until(at_ms(502));
    assert_eq!(log.take(), [Did::Reached(3, 501)]);
}

#[test]
fn a_clone_is_empty_and_closed() {
    let mut stash = Stash::<u8>::new(3);
    stash.open();
    assert_eq!(format!("{stash:?}"), "Stash(open, 0 of 3)");
    let clone = stash.clone();
    assert_eq!(format!("{clone:?}"), "Stash(closed, 0 of 3)");
    assert!(clone.is_empty());
}
