//! An end can be waited for from anywhere, and can be given to a scope.

use crate::common::{Doer, Gate, Log, at_ms, job, made, ms, simulated};
use sinew_runtime::{Actor, Address, Context, EndActor, Failure, Graph, Handler, Reason, System};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Wake, Waker};
use std::time::Duration;

/// Ends as it is told to.
#[derive(Clone)]
struct Mortal;

impl Actor for Mortal {}

impl Handler<&'static str> for Mortal {
    type Reply = ();
    async fn handle(&mut self, how: &'static str, _: &mut Context<Self>) -> Result<(), Failure> {
        match how {
            "fail" => Err(Failure::new("told to")),
            "end" => Err(EndActor.into()),
            _ => Ok(()),
        }
    }
}

fn mortal() -> (System, Address<Mortal>) {
    let mut graph = Graph::new("mortal");
    let mortal = graph.add("mortal", Mortal);
    graph.add("other", Doer);
    (simulated(graph), mortal.address())
}

/// Counts its wakes.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn the_future_ends_with_the_reason_and_at_once_if_it_has_come() {
    let (mut system, mortal) = mortal();
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut cx = std::task::Context::from_waker(&waker);
    let mut ended = pin!(mortal.ended());
    assert_eq!(ended.as_mut().poll(&mut cx), Poll::Pending);
    assert!(mortal.is_running());
    mortal.try_tell("fail").unwrap();
    system.run_until(at_ms(1_000));
    assert_eq!(count.0.load(Ordering::SeqCst), 0, "a restart is no end");
    assert!(mortal.is_running());
    mortal.try_tell("end").unwrap();
    system.run_until(at_ms(1_001));
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert!(!mortal.is_running());
    assert_eq!(ended.as_mut().poll(&mut cx), Poll::Ready(Reason::Finished));
    let mut again = pin!(mortal.ended());
    assert_eq!(again.as_mut().poll(&mut cx), Poll::Ready(Reason::Finished));
}

#[test]
fn a_future_that_is_dropped_is_not_woken_and_the_others_are() {
    let (mut system, mortal) = mortal();
    let counts = [(); 3].map(|()| Arc::new(Count::default()));
    let mut waiting: Vec<_> = counts.iter().map(|_| Box::pin(mortal.ended())).collect();
    for (future, count) in waiting.iter_mut().zip(&counts) {
        let waker = Waker::from(Arc::clone(count));
        let mut cx = std::task::Context::from_waker(&waker);
        assert!(future.as_mut().poll(&mut cx).is_pending());
        assert!(future.as_mut().poll(&mut cx).is_pending(), "twice is once");
    }
    drop(waiting.remove(1));
    mortal.stop();
    system.run_until(at_ms(1));
    let wakes = counts.map(|count| count.0.load(Ordering::SeqCst));
    assert_eq!(wakes, [1, 0, 1]);
}

#[test]
fn an_actor_waits_for_the_end_of_another() {
    let mut graph = Graph::new("waits");
    let mortal = graph.add("mortal", Mortal).address();
    let doer = graph.add("doer", made(|| Doer)).address();
    let log = Log::new();
    let (notes, whom) = (log.clone(), mortal.clone());
    doer.try_tell(job(move || async move { notes.add(whom.ended().await) }))
        .unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(5));
    assert_eq!(log.len(), 0);
    mortal.stop();
    system.run_until(at_ms(5));
    assert_eq!(log.take(), [Reason::Stopped]);
}

#[test]
fn another_thread_waits_for_the_end_with_an_executor_of_its_own() {
    let mut system = System::real(Graph::new("real"), None).unwrap();
    let mortal = system.spawn("mortal", Mortal).unwrap();
    let whom = mortal.clone();
    let waits = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        whom.try_tell("end").unwrap();
        runtime.unwrap().block_on(whom.ended())
    });
    let limit = system.now() + Duration::from_secs(60);
    while mortal.is_running() && system.now() < limit {
        let soon = system.now() + ms(1);
        system.run_until(soon);
    }
    assert_eq!(waits.join().unwrap(), Reason::Finished);
}

#[test]
fn a_guard_stops_its_actor_when_it_is_dropped_and_not_before() {
    let (mut system, mortal) = mortal();
    let guard = mortal.stop_on_drop();
    guard.try_tell("go on").unwrap();
    system.run_until(at_ms(10));
    assert!(mortal.is_running());
    drop(guard);
    system.run_until(at_ms(10));
    assert!(!mortal.is_running());
}

#[test]
fn actors_that_a_handler_guards_end_with_it_even_if_it_is_given_up() {
    let mut graph = Graph::new("scope");
    let doer = graph.add("doer", made(|| Doer)).address();
    let mut system = simulated(graph);
    let (one, gate) = (system.spawn("one", Mortal).unwrap(), Gate::default());
    let guarded = one.clone();
    doer.try_tell(job(move || async move {
        let _guard = guarded.stop_on_drop();
        gate.passed().await;
    }))
    .unwrap();
    system.run_until(at_ms(5));
    assert!(one.is_running());
    doer.stop();
    system.run_until(at_ms(5));
    assert!(!one.is_running());
}

/// Notes the numbers that it is told, each after it has waited a millisecond.
struct Slow(Log<u64>);

impl Actor for Slow {}

impl Handler<u64> for Slow {
    type Reply = u64;
    async fn handle(&mut self, number: u64, _: &mut Context<Self>) -> Result<u64, Failure> {
        tokio::time::sleep(ms(1)).await;
        self.0.add(number);
        match number {
            13 => Err(Failure::new("told to")),
            _ => Ok(number),
        }
    }
}

fn slow() -> (System, Address<Slow>, Log<u64>) {
    let log = Log::new();
    let notes = log.clone();
    let mut graph = Graph::new("slow");
    let slow = graph.add("slow", made(move || Slow(notes.clone())));
    graph.add("other", Doer);
    (simulated(graph), slow.address(), log)
}

#[test]
fn a_stop_when_idle_comes_after_all_that_was_sent_before_and_nothing_comes_after_it() {
    let (mut system, slow, log) = slow();
    for number in 0..10 {
        slow.try_tell(number).unwrap();
    }
    slow.stop_when_idle();
    slow.stop_when_idle();
    assert!(slow.try_tell(99).is_err(), "it is refused, not lost");
    slow.try_tell_urgent(77)
        .expect("an alarm still comes through");
    assert!(slow.is_running());
    system.run_until(at_ms(100));
    let numbers = log.take();
    assert_eq!(numbers[0], 77);
    assert!(numbers[1..].iter().copied().eq(0..10), "{numbers:?}");
    assert!(!slow.is_running());
    let report = system.report();
    assert_eq!((report.nodes[0].undelivered, report.messages), (0, 11));
}

#[test]
fn a_stop_when_idle_survives_a_restart_and_a_stop_overtakes_it() {
    let (mut system, one, log) = slow();
    for number in [1, 13, 3] {
        one.try_tell(number).unwrap();
    }
    one.stop_when_idle();
    system.run_until(at_ms(1_000));
    assert_eq!(log.take(), [1, 13, 3]);
    assert!(!one.is_running());

    let (mut system, one, log) = slow();
    one.try_tell(1).unwrap();
    one.try_tell(2).unwrap();
    one.stop_when_idle();
    one.stop();
    system.run_until(at_ms(1_000));
    assert_eq!((log.len(), one.is_running()), (0, false));
}

#[test]
fn who_waits_for_room_hears_at_once_that_there_will_be_none() {
    let (mut system, slow, log) = slow();
    system.run_until(at_ms(1));
    for number in 0..64 {
        slow.try_tell(number).unwrap();
    }
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut cx = std::task::Context::from_waker(&waker);
    let mut tell = pin!(slow.tell(99));
    assert!(tell.as_mut().poll(&mut cx).is_pending());
    slow.stop_when_idle();
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert!(matches!(tell.as_mut().poll(&mut cx), Poll::Ready(Err(_))));
    system.run_until(at_ms(200));
    assert_eq!(log.len(), 64);
}

#[test]
fn an_actor_that_is_idle_stops_at_once_when_it_may() {
    let (mut system, slow, _) = slow();
    system.run_until(at_ms(1));
    slow.stop_when_idle();
    system.run_until(at_ms(1));
    assert!(!slow.is_running());
}
