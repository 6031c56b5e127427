//! The room of a mailbox: who waits for it goes on as soon as there is some.

use super::{Bell, Log, Stage, join_all, model, poll_once, wait_for};
use crate::sync::Lock;
use crate::{Actor, Address, Context, Factory, Failure, Graph, Handler, TellError};
use loom::thread;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};

/// What a handler waits at, closed until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<Lock<(bool, Option<Waker>)>>);

impl Gate {
    fn open(&self) {
        let mut state = self.0.lock();
        state.0 = true;
        let waiting = state.1.take();
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    async fn passed(&self) {
        poll_fn(|cx| {
            let mut state = self.0.lock();
            if state.0 {
                return Poll::Ready(());
            }
            state.1 = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// Waits at the gate in the middle of its first message.
struct Waiter {
    gate: Gate,
    log: Log<u8>,
}

impl Actor for Waiter {}

impl Handler<u8> for Waiter {
    type Reply = ();
    async fn handle(&mut self, number: u8, _: &mut Context<Self>) -> Result<(), Failure> {
        if self.log.len() == 0 {
            self.gate.passed().await;
        }
        self.log.add(number);
        Ok(())
    }
}

/// A stage with an actor that has room for one message, which is there already.
fn stage() -> (Stage, Address<Waiter>, Gate, Log<u8>) {
    let (gate, log) = (Gate::default(), Log::new());
    let mut graph = Graph::new("model");
    let made = (gate.clone(), log.clone());
    let factory = Factory::new(move || {
        let (gate, log) = made.clone();
        Ok(Waiter { gate, log })
    });
    let node = graph.add("waiter", factory);
    graph.capacity(&node, 1);
    let address = node.address();
    address.try_tell(1).unwrap();
    (Stage::of(graph), address, gate, log)
}

/// The owner takes the first message and waits in its middle for what can only come if the second finds its room.
///
/// Fails without either of the two fences (`wait`, `let_in_before_pause`); if `wait` does not look at the room again;
/// if `pause` lets nobody in; if `crowded` is set after that look.
#[test]
fn who_waits_for_room_goes_on_while_the_owner_waits_in_the_middle_of_a_message() {
    model(|| {
        let (mut stage, address, gate, log) = stage();
        let sender = thread::spawn(move || {
            wait_for(address.tell(2)).unwrap();
            gate.open();
        });
        stage.run_until(|| log.len() == 2);
        sender.join().unwrap();
    });
}

/// Fails if `let_in` lets in one more than there is room for, or keeps no room for whom it lets in; if `has_room` lets one
/// in that is not the first.
#[test]
fn two_that_wait_for_room_both_go_in() {
    model(|| {
        let (mut stage, address, gate, log) = stage();
        gate.open();
        let senders = [2, 3].map(|number| {
            let address = address.clone();
            thread::spawn(move || wait_for(address.tell(number)).unwrap())
        });
        stage.run_until(|| log.len() == 3);
        join_all(senders);
    });
}

/// Fails if `leave` lets the next one in no more, or keeps the room of one that was let in; if a sender that begins to wait
/// does not wake an owner that fell asleep as it took its last message; if `Tell` keeps its place when it is dropped.
#[test]
fn one_that_gives_up_leaves_its_room_to_the_next() {
    model(|| {
        let (mut stage, address, gate, log) = stage();
        gate.open();
        let quitter = address.clone();
        let quitter = thread::spawn(move || {
            let waker = Waker::from(Arc::new(Bell::default()));
            poll_once(&mut quitter.tell(2), &waker).is_ready()
        });
        let stayer = thread::spawn(move || wait_for(address.tell(3)).unwrap());
        stage.run_until(|| log.all().contains(&3));
        stayer.join().unwrap();
        let went_in = quitter.join().unwrap();
        stage.run_until(|| log.len() == 2 + usize::from(went_in));
    });
}

/// Fails if `close` does not wake those who wait for room.
#[test]
fn one_that_waits_for_room_hears_that_the_actor_has_ended() {
    model(|| {
        let (mut stage, address, gate, _) = stage();
        let mailbox = Arc::clone(&address.mailbox);
        drop(gate);
        let sender = thread::spawn(move || {
            address.stop();
            let told = wait_for(address.tell(2));
            assert!(matches!(told, Ok(()) | Err(TellError::Closed(2))));
        });
        stage.run_until(|| mailbox.record.has_ended());
        sender.join().unwrap();
    });
}
