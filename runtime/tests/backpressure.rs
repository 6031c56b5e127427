//! A full mailbox says so, or has its senders wait, in their order.

use crate::common::{Doer, Gate, Log, at_ms, job, made, ms, poll_once, simulated};
use sinew_runtime::{Actor, Address, Failure, Graph, Handler, TellError, TryTellError};
use std::task::{Context, Waker};

/// Notes what it gets once its gate is open.
struct Slow {
    gate: Gate,
    log: Log<u32>,
}

impl Actor for Slow {}

impl Handler<u32> for Slow {
    type Reply = ();
    async fn handle(
        &mut self,
        number: u32,
        _: &mut sinew_runtime::Context<Self>,
    ) -> Result<(), Failure> {
        self.gate.passed().await;
        self.log.add(number);
        Ok(())
    }
}

/// A slow actor in a graph, with room for so many.
fn slow(graph: &mut Graph, room: usize) -> (Address<Slow>, Gate, Log<u32>) {
    let (gate, log) = (Gate::default(), Log::new());
    let (waits, notes) = (gate.clone(), log.clone());
    let node = graph.add(
        "slow",
        made(move || Slow {
            gate: waits.clone(),
            log: notes.clone(),
        }),
    );
    graph.capacity(&node, room);
    (node.address(), gate, log)
}

#[test]
fn a_full_mailbox_gives_the_message_back() {
    let mut graph = Graph::new("room");
    let (slow, _, _) = slow(&mut graph, 2);
    slow.try_tell(1).unwrap();
    slow.try_tell(2).unwrap();
    let refused = slow.try_tell(3).unwrap_err();
    assert!(matches!(refused, TryTellError::Full(3)));
    assert_eq!(refused.to_string(), "the mailbox is full");
    assert_eq!(refused.into_message(), 3);
}

#[test]
fn an_ended_actor_gives_the_message_back() {
    let mut graph = Graph::new("room");
    let (slow, _, _) = slow(&mut graph, 2);
    let log = Log::new();
    let told = log.clone();
    let (doer, to) = (graph.add("doer", Doer).address(), slow.clone());
    doer.try_tell(job(move || async move {
        if let Err(TellError::Closed(message)) = to.tell(4).await {
            told.add(message);
        }
    }))
    .unwrap();
    slow.stop();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    assert!(matches!(slow.try_tell(3), Err(TryTellError::Closed(3))));
    assert!(matches!(
        slow.try_tell_urgent(5),
        Err(TryTellError::Closed(5))
    ));
    let told = log.take();
    assert!(
        told == [4] || told.is_empty(),
        "it was told before the end, or came back"
    );
    assert_eq!(
        system.report().nodes[0].undelivered,
        u64::from(told.is_empty())
    );
}

#[test]
fn a_tell_waits_until_there_is_room() {
    let mut graph = Graph::new("room");
    let (slow, gate, log) = slow(&mut graph, 2);
    let told = Log::new();
    let (doer, tells, to) = (
        graph.add("doer", Doer).address(),
        told.clone(),
        slow.clone(),
    );
    doer.try_tell(job(move || async move {
        for number in 0..10 {
            to.tell(number).await.unwrap();
            tells.add(number);
        }
    }))
    .unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(5));
    assert_eq!(told.len(), 3, "one is in hand, two wait in the mailbox");
    assert!(matches!(slow.try_tell(99), Err(TryTellError::Full(99))));
    gate.open();
    system.run_until(at_ms(6));
    assert_eq!(told.len(), 10);
    assert_eq!(log.take(), (0..10).collect::<Vec<_>>());
}

#[test]
fn senders_that_wait_are_served_in_the_order_in_which_they_came() {
    let mut graph = Graph::new("room");
    let (slow, gate, log) = slow(&mut graph, 1);
    slow.try_tell(100).unwrap();
    for number in 0..8 {
        let (doer, to) = (
            graph.add(&format!("doer {number}"), Doer).address(),
            slow.clone(),
        );
        // Each comes a little later than the one before, the last numbered first.
        doer.try_tell(job(move || async move {
            tokio::time::sleep(ms(10 - u64::from(number))).await;
            to.tell(number).await.unwrap();
        }))
        .unwrap();
    }
    let mut system = simulated(graph);
    system.run_until(at_ms(20));
    gate.open();
    system.run_until(at_ms(21));
    assert_eq!(log.take(), [100, 7, 6, 5, 4, 3, 2, 1, 0]);
}

#[test]
fn a_newcomer_does_not_take_the_room_that_a_waiting_sender_was_woken_for() {
    let mut graph = Graph::new("room");
    let (slow, gate, log) = slow(&mut graph, 1);
    gate.open();
    slow.try_tell(0).unwrap();
    let mut waiting = Box::pin(slow.tell(1));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(waiting.as_mut().poll(&mut cx).is_pending());
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    // There is room now, and nobody but the one who waits may have it.
    assert!(matches!(slow.try_tell(2), Err(TryTellError::Full(2))));
    assert!(waiting.as_mut().poll(&mut cx).is_ready());
    system.run_until(at_ms(2));
    slow.try_tell(3).unwrap();
    system.run_until(at_ms(3));
    assert_eq!(log.take(), [0, 1, 3]);
}

/// Polls a tell so that it waits for room, then gives it up.
async fn give_up(to: &Address<Slow>, number: u32) {
    let mut tell = to.tell(number);
    poll_once(&mut tell).await;
    tokio::time::sleep(ms(1)).await;
}

#[test]
fn a_tell_that_was_given_up_takes_no_room_and_lets_the_next_sender_in() {
    let mut graph = Graph::new("room");
    let (slow, gate, log) = slow(&mut graph, 3);
    for number in 0..4 {
        let (doer, to) = (
            graph.add(&format!("doer {number}"), Doer).address(),
            slow.clone(),
        );
        doer.try_tell(job(move || async move {
            tokio::time::sleep(ms(u64::from(number) + 1)).await;
            give_up(&to, 90).await;
            to.tell(number).await.unwrap();
        }))
        .unwrap();
    }
    let mut system = simulated(graph);
    (10..13).for_each(|number| slow.try_tell(number).unwrap());
    system.run_until(at_ms(0));
    slow.try_tell(13).unwrap();
    system.run_until(at_ms(20));
    gate.open();
    system.run_until(at_ms(30));
    let handled = log.take();
    assert_eq!(
        handled[..5],
        [10, 11, 12, 13, 0],
        "the gate was closed for all but the first"
    );
    // Those who are let in at one moment send as their turns come.
    let mut rest = handled[5..].to_vec();
    rest.sort_unstable();
    assert_eq!(rest, [1, 2, 3]);
    // All room is there again: a closed gate, one in hand, three in the mailbox.
    let free = (0..9).take_while(|number| slow.try_tell(*number).is_ok());
    assert_eq!(free.count(), 3);
}

#[test]
fn who_waits_for_room_at_an_actor_that_ends_gets_the_message_back() {
    let mut graph = Graph::new("room");
    let (slow, _, _) = slow(&mut graph, 1);
    let back = Log::new();
    let (doer, to, given) = (
        graph.add("doer", Doer).address(),
        slow.clone(),
        back.clone(),
    );
    doer.try_tell(job(move || async move {
        for number in 0..3 {
            if let Err(TellError::Closed(message)) = to.tell(number).await {
                given.add(message);
            }
        }
    }))
    .unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    assert_eq!(back.len(), 0);
    slow.stop();
    system.run_until(at_ms(2));
    assert_eq!(back.take(), [2]);
}
