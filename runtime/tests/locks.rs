//! A panic on one thread makes nothing unusable for the others.

use crate::common::{Log, at_ms, made, simulated};
use sinew_runtime::{Actor, Address, Context, Failure, Graph, Handler, TryTellError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context as TaskContext, Wake, Waker};

/// Notes what it gets.
struct Noter(Log<u32>);

impl Actor for Noter {}

impl Handler<u32> for Noter {
    type Reply = u32;
    async fn handle(&mut self, number: u32, _: &mut Context<Self>) -> Result<u32, Failure> {
        self.0.add(number);
        Ok(number)
    }
}

fn noter(graph: &mut Graph) -> (Address<Noter>, Log<u32>) {
    let log = Log::new();
    let notes = log.clone();
    let node = graph.add("noter", made(move || Noter(notes.clone())));
    graph.capacity(&node, 1);
    (node.address(), log)
}

/// A waker whose last drop panics: the only code of others that runs while a mailbox is locked.
struct Bad;

impl Wake for Bad {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Bad {
    fn drop(&mut self) {
        panic!("a bad waker");
    }
}

/// Polls with a bad waker, then with another one, so that the bad one is dropped under the lock.
fn poison<F: Future>(future: F) {
    let mut future = Box::pin(future);
    {
        let bad = Waker::from(Arc::new(Bad));
        assert!(
            future
                .as_mut()
                .poll(&mut TaskContext::from_waker(&bad))
                .is_pending()
        );
    }
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let mut cx = TaskContext::from_waker(Waker::noop());
        let _ = future.as_mut().poll(&mut cx);
    }));
    assert!(caught.is_err(), "the bad waker panicked");
    drop(future);
}

#[test]
fn a_panic_under_the_lock_of_a_mailbox_leaves_it_usable() {
    let mut graph = Graph::new("locks");
    let (noter, log) = noter(&mut graph);
    noter.try_tell(1).unwrap();
    poison(noter.tell(2));
    assert!(matches!(noter.try_tell(3), Err(TryTellError::Full(3))));
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    noter.try_tell(4).unwrap();
    system.run_until(at_ms(2));
    assert_eq!(log.take(), [1, 4]);
}

#[test]
fn a_panic_over_an_answer_leaves_the_mailbox_usable() {
    let mut graph = Graph::new("locks");
    let (noter, log) = noter(&mut graph);
    poison(noter.ask(1));
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    noter.try_tell(2).unwrap();
    system.run_until(at_ms(2));
    assert_eq!(
        log.take(),
        [1, 2],
        "the ask was sent; its answer went nowhere"
    );
}

#[test]
fn many_threads_may_tell_and_ask_at_once_and_nothing_is_lost() {
    let mut graph = Graph::new("locks");
    let log = Log::new();
    let notes = log.clone();
    let node = graph.add("noter", made(move || Noter(notes.clone())));
    graph.capacity(&node, 3);
    let mut system = sinew_runtime::System::real(graph, None).unwrap();
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let noter = node.address();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build();
                runtime.expect("a runtime").block_on(async {
                    for count in 0..500 {
                        let number = thread * 1_000 + count;
                        // The last one is an ask: once it is answered, the stop overtakes nothing.
                        if count % 3 == 0 || count == 499 {
                            assert_eq!(noter.ask(number).await, Ok(number));
                        } else {
                            noter.tell(number).await.expect("it is open");
                        }
                    }
                });
            })
        })
        .collect();
    let waiter = std::thread::spawn({
        let noter = node.address();
        move || {
            let ended: Vec<_> = threads
                .into_iter()
                .map(std::thread::JoinHandle::join)
                .collect();
            noter.stop();
            ended.into_iter().for_each(|it| it.expect("it did well"));
        }
    });
    let until = system.now() + crate::common::ms(60_000);
    system.run_until(until);
    waiter.join().unwrap();
    let numbers = log.take();
    assert_eq!(numbers.len(), 2_000);
    for thread in 0..4 {
        let of_one: Vec<_> = numbers.iter().filter(|it| **it / 1_000 == thread).collect();
        assert!(of_one.is_sorted() && of_one.len() == 500);
    }
}
