//! Reply slots: each ask gets its own answer or none, once.

use super::{Bell, Log, Reader, Stage, join_all, model, poll_once, reader, wait_for};
use crate::waits::Awaited;
use crate::{Address, AskError, Graph, Time};
use loom::thread;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

/// A stage with a reader.
fn stage() -> (Stage, Address<Reader>, Log<u8>) {
    let log = Log::new();
    let mut graph = Graph::new("model");
    let address = graph.add("reader", reader(&log)).address();
    (Stage::of(graph), address, log)
}

/// Fails if `answer` does not wake; if `collect` does not keep the waker under the lock under which it saw no answer.
#[test]
fn each_of_two_that_ask_at_once_gets_its_own_answer() {
    model(|| {
        let (mut stage, address, log) = stage();
        let askers = [1, 2].map(|number| {
            let address = address.clone();
            thread::spawn(move || assert_eq!(wait_for(address.ask(number)), Ok(number)))
        });
        stage.run_until(|| log.len() == 2);
        join_all(askers);
    });
}

/// Fails if `retire` leaves the turn as it is; if `answer` does not look at the turn; if `retire` frees a slot twice.
#[test]
fn an_answer_to_an_ask_that_was_given_up_reaches_no_later_one() {
    model(|| {
        let (mut stage, address, log) = stage();
        let asker = thread::spawn(move || {
            let waker = Waker::from(Arc::new(Bell::default()));
            assert!(poll_once(&mut address.ask(1), &waker).is_pending());
            assert_eq!(wait_for(address.ask(2)), Ok(2));
            assert_eq!(wait_for(address.ask(3)), Ok(3));
        });
        stage.run_until(|| log.len() == 3);
        asker.join().unwrap();
    });
}

/// Fails if `sweep` does not wake; if `Slot::end` ends one that was answered already.
#[test]
fn an_ask_whose_deadline_passes_as_it_is_answered_ends_once() {
    model(|| {
        let (mut stage, address, log) = stage();
        let mailbox = Arc::clone(&address.mailbox);
        let sweeper = thread::spawn(move || {
            mailbox.sweep(Time::from_nanos(1_000), &mut Vec::new());
        });
        let asker = thread::spawn(move || {
            let answer = wait_for(address.ask(1).within(Duration::from_nanos(1)));
            assert!(matches!(answer, Ok(1) | Err(AskError::TimedOut)));
        });
        stage.run_until(|| log.len() == 1);
        asker.join().unwrap();
        sweeper.join().unwrap();
    });
}

/// Fails if `close` does not end the asks; if it gives the lock back between that and closing.
#[test]
fn an_ask_hears_that_the_actor_has_ended() {
    model(|| {
        let (mut stage, address, _) = stage();
        let mailbox = Arc::clone(&address.mailbox);
        let asker = thread::spawn(move || {
            let mut ask = address.ask(1);
            let waker = Waker::from(Arc::new(Bell::default()));
            let first = poll_once(&mut ask, &waker);
            address.stop();
            let answer = match first {
                Poll::Ready(answer) => answer,
                Poll::Pending => wait_for(ask),
            };
            assert!(
                matches!(answer, Ok(1) | Err(AskError::Closed)),
                "{answer:?}"
            );
        });
        stage.run_until(|| mailbox.record.has_ended());
        asker.join().unwrap();
    });
}
