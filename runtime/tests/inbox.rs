//! Code that is no actor receives what actors and threads send it, and nobody loses a message without a word.

use crate::common::elsewhere::{Elsewhere, LONG};
use crate::common::{Doer, Gate, Log, at_ms, job, made, ms, poll_once, simulated};
use sinew_runtime::{
    Actor, CannotWait, Context, Failure, Graph, Handler, Inbox, Recipient, RecvError, TryTellError,
};
use std::pin::pin;
use std::thread;
use std::time::Duration;

#[test]
fn an_actor_sends_to_an_inbox_and_the_messages_come_out_in_their_order() {
    let mut graph = Graph::new("outside");
    let doer = graph.add("doer", Doer).address();
    let mut inbox = Inbox::keep_oldest(8);
    let to = inbox.recipient();
    let sends = job(move || async move {
        for number in 0..5 {
            to.try_tell(number).expect("there is room");
        }
    });
    doer.try_tell(sends).expect("there is room");
    assert_eq!(inbox.try_recv(), None);
    simulated(graph).run_until(at_ms(1));
    let found: Vec<_> = std::iter::from_fn(|| inbox.try_recv()).collect();
    assert_eq!((found, inbox.lost()), (vec![0, 1, 2, 3, 4], 0));
}

#[test]
fn what_finds_no_room_goes_back_to_its_sender_or_displaces_the_oldest_and_is_counted() {
    let mut oldest = Inbox::keep_oldest(2);
    let mut newest = Inbox::keep_newest(2);
    let (to_oldest, to_newest) = (oldest.recipient(), newest.recipient());
    for number in 0..5 {
        let told = to_oldest.try_tell(number);
        match told {
            Ok(()) => assert!(number < 2),
            Err(TryTellError::Full(back)) => assert!(number >= 2 && back == number),
            Err(TryTellError::Closed(_)) => panic!("it is open"),
        }
        assert!(to_newest.try_tell(number).is_ok());
    }
    assert_eq!((oldest.lost(), newest.lost()), (3, 3));
    let mut pairs = std::iter::from_fn(|| oldest.try_recv().zip(newest.try_recv()));
    assert_eq!(pairs.by_ref().collect::<Vec<_>>(), [(0, 3), (1, 4)]);
    assert!(to_oldest.try_tell(9).is_ok(), "there is room again");
}

#[test]
fn a_dropped_inbox_gives_each_sender_its_message_back() {
    let inbox = Inbox::keep_newest(0);
    let to: Recipient<String> = inbox.recipient();
    assert!(to.try_tell("in".to_owned()).is_ok(), "one has room always");
    drop(inbox);
    let back = to.clone().try_tell("out".to_owned());
    assert!(matches!(back, Err(TryTellError::Closed(text)) if text == "out"));
}

#[test]
fn an_inbox_is_at_its_end_once_it_is_empty_and_no_recipient_is_left() {
    let mut inbox = Inbox::<u8>::keep_oldest(4);
    let nobody = inbox.recv_timeout(LONG);
    assert_eq!(nobody, Err(RecvError::Closed), "nobody could send");
    let to = inbox.recipient();
    let (first, second) = (to.clone(), inbox.recipient());
    drop(to);
    assert_eq!(
        inbox.recv_timeout(Duration::ZERO),
        Err(RecvError::TimedOut),
        "two are left"
    );
    first.try_tell(1).expect("there is room");
    drop((first, second));
    assert_eq!(inbox.recv_timeout(LONG), Ok(1), "what came is not lost");
    assert_eq!(inbox.recv_timeout(LONG), Err(RecvError::Closed));
}

#[test]
fn a_thread_that_waits_is_woken_by_a_message_and_by_the_end_of_the_last_recipient() {
    let mut inbox = Inbox::keep_oldest(1);
    let to = inbox.recipient();
    let sender = thread::spawn(move || {
        for mut number in 0..1_000 {
            // The receiver takes each in turn; there is room for one.
            while let Err(TryTellError::Full(back)) = to.try_tell(number) {
                number = back;
                thread::yield_now();
            }
        }
    });
    for number in 0..1_000 {
        assert_eq!(inbox.recv_timeout(LONG), Ok(number));
    }
    assert_eq!(inbox.recv_timeout(LONG), Err(RecvError::Closed));
    sender.join().expect("it only sends");
}

#[test]
fn an_inbox_can_be_awaited_and_a_wait_that_is_given_up_takes_nothing() {
    let mut graph = Graph::new("awaited");
    let waiting = graph.add("waiting", Doer).address();
    let sending = graph.add("sending", Doer).address();
    let mut inbox = Inbox::keep_oldest(2);
    let (to, gate, log) = (inbox.recipient(), Gate::default(), Log::new());
    let (notes, go) = (log.clone(), gate.clone());
    let waits = job(move || async move {
        {
            let mut given_up = pin!(inbox.recv());
            poll_once(&mut given_up).await;
            go.open();
            tokio::time::sleep(ms(2)).await;
        }
        while let Some(number) = inbox.recv().await {
            notes.add(number);
        }
    });
    let sends = job(move || async move {
        gate.passed().await;
        for number in 0..3 {
            to.try_tell(number).expect("there is room");
            tokio::time::sleep(ms(5)).await;
        }
    });
    waiting.try_tell(waits).expect("there is room");
    sending.try_tell(sends).expect("there is room");
    let mut system = simulated(graph);
    system.run_until(at_ms(8));
    assert_eq!(log.take(), [0, 1]);
    system.run_until(at_ms(50));
    assert_eq!(log.take(), [2]);
    assert_eq!(
        system.report().messages,
        2,
        "the wait ended with the sender"
    );
}

/// Handles what its input brings.
struct Listener(Option<Inbox<u8>>, Log<u8>);

impl Actor for Listener {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if let Some(inbox) = self.0.take() {
            ctx.board_input("inbox", inbox);
        }
        Ok(())
    }
}

impl Handler<u8> for Listener {
    type Reply = ();
    async fn handle(&mut self, number: u8, _: &mut Context<Self>) -> Result<(), Failure> {
        self.1.add(number);
        Ok(())
    }
}

#[test]
fn an_inbox_can_be_the_input_of_an_actor() {
    let mut graph = Graph::new("input");
    let inbox = Inbox::keep_oldest(4);
    let (to, log) = (inbox.recipient(), Log::new());
    let (mut inbox, notes) = (Some(inbox), log.clone());
    let make = move || Listener(inbox.take(), notes.clone());
    graph.add("listener", made(make));
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    for number in [1, 2] {
        to.try_tell(number).expect("there is room");
        system.run_until(at_ms(1 + u64::from(number)));
    }
    assert_eq!(log.take(), [1, 2]);
}

#[test]
fn a_blocking_wait_is_refused_in_a_handler_and_takes_nothing() {
    let (to, from) = std::sync::mpsc::channel();
    let (system, doer) = Elsewhere::run(|graph| graph.add("doer", Doer).address());
    let waits = job(move || async move {
        let mut inbox = Inbox::keep_oldest(1);
        inbox.recipient().try_tell(7).expect("there is room");
        let refused = inbox.recv_timeout(LONG);
        let sent = to.send((refused, inbox.try_recv()));
        sent.expect("the test listens");
    });
    doer.try_tell(waits).expect("there is room");
    let refused = Err(RecvError::CannotWait(CannotWait::RunsASystem));
    assert_eq!(from.recv(), Ok((refused, Some(7))));
    system.stop();
}
