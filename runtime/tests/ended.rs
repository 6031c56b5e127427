//! An end can be waited for from anywhere, and can be given to a scope.

mod common;

use common::{Doer, Gate, Log, at_ms, job, made, ms, simulated};
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
