//! The mailbox: what is pushed is handled, whenever its owner falls asleep.

use super::{Log, Reader, Stage, join_all, model, reader};
use crate::mailbox::{Injection, Order};
use crate::{Address, Graph};
use loom::thread;

/// A stage with a reader.
fn stage() -> (Stage, Address<Reader>, Log<u8>) {
    let log = Log::new();
    let mut graph = Graph::new("model");
    let address = graph.add("reader", reader(&log)).address();
    (Stage::of(graph), address, log)
}

/// Fails if `take_batch` falls asleep under another lock than the one under which it saw nothing; if `unlock_and_wake`
/// does not wake; if the lock is given back between value and token; if `answer` falls asleep without the lock.
#[test]
fn what_is_pushed_from_two_threads_is_handled_in_each_ones_order() {
    model(|| {
        let (mut stage, address, log) = stage();
        let senders = [[1, 2], [3, 4]].map(|numbers| {
            let address = address.clone();
            thread::spawn(move || {
                for number in numbers {
                    address.try_tell(number).unwrap();
                }
            })
        });
        stage.run_until(|| log.len() == 4);
        join_all(senders);
        let came = log.all();
        let place = |number| came.iter().position(|it| *it == number).unwrap();
        assert!(place(1) < place(2) && place(3) < place(4), "{came:?}");
    });
}

/// Fails if `next_overtaker` clears `overtaken` after it gave the lock back; if `push_token` sets it after that.
#[test]
fn what_is_urgent_is_handled_also_if_it_comes_while_its_owner_falls_asleep() {
    model(|| {
        let (mut stage, address, log) = stage();
        let sender = thread::spawn(move || {
            address.try_tell(1).unwrap();
            address.try_tell_urgent(2).unwrap();
        });
        stage.run_until(|| log.len() == 2);
        sender.join().unwrap();
    });
}

/// Fails if `take_orders` clears `ordered` after it gave the lock back; if `order` does not wake.
#[test]
fn an_order_is_obeyed_also_if_it_comes_while_another_is_read() {
    model(|| {
        let (mut stage, address, _) = stage();
        let mailbox = std::sync::Arc::clone(&address.mailbox);
        let orderer = thread::spawn(move || {
            let fault = Injection::Fail("injected".to_owned());
            address.mailbox.order(Order::Fault(fault));
            address.stop();
        });
        stage.run_until(|| mailbox.record.has_ended());
        orderer.join().unwrap();
    });
}

/// Fails if `close` gives the lock back before the queues are empty.
#[test]
fn what_is_sent_while_the_actor_ends_is_handled_or_given_back_or_counted() {
    model(|| {
        let (mut stage, address, log) = stage();
        let mailbox = std::sync::Arc::clone(&address.mailbox);
        address.try_tell(1).unwrap();
        let sender = thread::spawn(move || {
            address.stop();
            u64::from(address.try_tell(2).is_err())
        });
        stage.run_until(|| mailbox.record.has_ended());
        let given_back = sender.join().unwrap();
        let undelivered = mailbox.shared.dead_letters.newest().0;
        assert_eq!(log.len() as u64 + given_back + undelivered, 2);
    });
}
