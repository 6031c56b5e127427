//! Who sent a message, when it is sent later, and what comes back when it ended its receiver.

use crate::common::{Log, at_ms, made, ms, simulated};
use sinew_runtime::{Actor, Address, Context, Failure, Graph, Handler, Poison, Restart, TimerId};

/// Notes who sent what, and fails, panics or waits if a message says so.
struct Taker(Log<String>);

#[derive(Clone, Debug, PartialEq)]
enum Dish {
    Plain(u32),
    Spoiled,
    Poisonous,
    Endless,
    Last,
}

impl Actor for Taker {}

impl Handler<Dish> for Taker {
    type Reply = ();
    async fn handle(&mut self, dish: Dish, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let sender = ctx.sender().and_then(|id| ctx.name_of(id));
        let sender = sender.as_deref().unwrap_or("nobody").to_owned();
        self.0.add(format!(
            "{dish:?} from {sender} at {}",
            ctx.now().nanos() / 1_000_000
        ));
        match dish {
            Dish::Plain(_) => Ok(()),
            Dish::Spoiled => Err(Failure::new("it is spoiled")),
            Dish::Poisonous => panic!("it is poisonous"),
            Dish::Endless => std::future::pending().await,
            Dish::Last => Err(sinew_runtime::EndActor.into()),
        }
    }
}

/// Sends what it is told to.
struct Giver {
    to: Address<Taker>,
    back: Log<String>,
    timers: Vec<TimerId>,
}

enum Give {
    Now(Dish),
    Tracked(Dish),
    Later(u64, Dish),
    CancelAll,
    Fail,
}

impl Actor for Giver {}

impl Handler<Give> for Giver {
    type Reply = ();
    async fn handle(&mut self, give: Give, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match give {
            Give::Now(dish) => self.to.try_tell(dish)?,
            Give::Tracked(dish) => ctx.try_tell_tracked(&self.to, dish)?,
            Give::Later(after, dish) => {
                self.timers.push(ctx.tell_after(ms(after), &self.to, dish));
            }
            Give::CancelAll => self.timers.drain(..).for_each(|timer| ctx.cancel(timer)),
            Give::Fail => return Err(Failure::new("tired")),
        }
        Ok(())
    }
}

impl Handler<Poison<Dish>> for Giver {
    type Reply = ();
    async fn handle(&mut self, back: Poison<Dish>, _: &mut Context<Self>) -> Result<(), Failure> {
        let Poison {
            message,
            receiver,
            reason,
            ..
        } = back;
        self.back.add(format!("{message:?} {receiver} {reason}"));
        Ok(())
    }
}

struct Table {
    graph: Graph,
    taker: Address<Taker>,
    giver: Address<Giver>,
    got: Log<String>,
    back: Log<String>,
}

fn table() -> Table {
    let mut graph = Graph::new("table");
    let (got, back) = (Log::new(), Log::new());
    let notes = got.clone();
    let taker = graph.add("taker", made(move || Taker(notes.clone())));
    graph.supervise(&taker, Restart::patient());
    let (to, notes) = (taker.address(), back.clone());
    let giver = graph.add(
        "giver",
        made(move || Giver {
            to: to.clone(),
            back: notes.clone(),
            timers: Vec::new(),
        }),
    );
    Table {
        taker: taker.address(),
        giver: giver.address(),
        graph,
        got,
        back,
    }
}

#[test]
fn a_handler_knows_which_actor_sent_its_message_and_that_no_actor_did() {
    let table = table();
    table.taker.try_tell(Dish::Plain(1)).unwrap();
    table.giver.try_tell(Give::Now(Dish::Plain(2))).unwrap();
    let mut system = simulated(table.graph);
    system.run_until(at_ms(1));
    assert_eq!(
        table.got.take(),
        ["Plain(1) from nobody at 0", "Plain(2) from giver at 0"]
    );
    assert_ne!(table.taker.id(), table.giver.id());
    assert_eq!(table.taker.id(), table.taker.clone().id());
}

#[test]
fn a_message_that_ended_its_receiver_comes_back_once_with_the_reason() {
    let table = table();
    for dish in [
        Dish::Plain(1),
        Dish::Spoiled,
        Dish::Poisonous,
        Dish::Plain(2),
    ] {
        table.giver.try_tell(Give::Tracked(dish)).unwrap();
    }
    let mut system = simulated(table.graph);
    system.run_until(at_ms(5_000));
    assert_eq!(
        table.back.take(),
        [
            "Spoiled taker failed: it is spoiled",
            "Poisonous taker panicked: over this message"
        ]
    );
    let got = table.got.take();
    assert_eq!(got.len(), 4, "nothing is tried again: {got:?}");
    assert!(
        got.iter().all(|line| line.contains("from giver")),
        "{got:?}"
    );
    assert_eq!(system.shut_down().failures, 2);
}

#[test]
fn a_message_that_was_only_told_does_not_come_back_nor_does_one_that_a_stop_cut_short() {
    let table = table();
    table.giver.try_tell(Give::Now(Dish::Spoiled)).unwrap();
    table.giver.try_tell(Give::Tracked(Dish::Endless)).unwrap();
    let mut system = simulated(table.graph);
    system.run_until(at_ms(1_000));
    table.taker.stop();
    system.run_until(at_ms(2_000));
    assert_eq!(table.got.len(), 2);
    assert_eq!(table.back.take(), Vec::<String>::new());
}

#[test]
fn a_message_that_ends_its_receiver_normally_does_not_come_back() {
    let table = table();
    table.giver.try_tell(Give::Tracked(Dish::Last)).unwrap();
    let mut system = simulated(table.graph);
    system.run_until(at_ms(1_000));
    assert_eq!((table.got.len(), table.back.len()), (1, 0));
}

#[test]
fn a_message_for_later_comes_when_it_is_due_with_its_sender_unless_it_is_cancelled() {
    let table = table();
    let give = |give| table.giver.try_tell(give).unwrap();
    give(Give::Later(30, Dish::Plain(3)));
    give(Give::Later(10, Dish::Plain(1)));
    let mut system = simulated(table.graph);
    system.run_until(at_ms(20));
    assert_eq!(table.got.take(), ["Plain(1) from giver at 10"]);
    table.giver.try_tell(Give::CancelAll).unwrap();
    system.run_until(at_ms(100));
    assert_eq!(table.got.take(), Vec::<String>::new());
}

#[test]
fn a_message_for_later_is_gone_with_the_incarnation_that_sent_it() {
    let table = table();
    table
        .giver
        .try_tell(Give::Later(30, Dish::Plain(3)))
        .unwrap();
    table.giver.try_tell(Give::Fail).unwrap();
    let mut system = simulated(table.graph);
    system.run_until(at_ms(1_000));
    assert_eq!(table.got.take(), Vec::<String>::new());
    assert_eq!(system.report().restarts, 1);
}
