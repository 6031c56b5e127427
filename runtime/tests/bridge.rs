//! A plain thread calls an actor and gets its reply, or why there is none, in time.

use crate::common::elsewhere::{Elsewhere, LONG};
use crate::common::{Doer, Gate, Log, at_ms, job, made, ms, simulated};
use sinew_runtime::{
    Actor, Address, AskError, CallError, CannotWait, Context, Failure, Graph, Handler, Node,
    Restart, System, Thread,
};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// What is asked.
#[derive(Clone)]
enum Question {
    Double(u32),
    Fail,
    /// Answered when the gate is open.
    Gated(u32, Gate),
}

/// Answers, and says when it begins with what is gated.
struct Oracle(mpsc::Sender<()>);

impl Actor for Oracle {}

impl Handler<Question> for Oracle {
    type Reply = u32;
    async fn handle(&mut self, it: Question, _: &mut Context<Self>) -> Result<u32, Failure> {
        match it {
            Question::Double(number) => Ok(number * 2),
            Question::Fail => Err(Failure::new("no oil")),
            Question::Gated(number, gate) => {
                // A test that does not care does not listen.
                let _ = self.0.send(());
                gate.passed().await;
                Ok(number)
            }
        }
    }
}

/// An oracle as the test sees it.
struct Stand {
    oracle: Address<Oracle>,
    begun: mpsc::Receiver<()>,
}

fn stand(graph: &mut Graph) -> Stand {
    let (node, begun) = oracle(graph);
    Stand {
        oracle: node.address(),
        begun,
    }
}

fn oracle(graph: &mut Graph) -> (Node<Oracle>, mpsc::Receiver<()>) {
    let (sender, begun) = mpsc::channel();
    let node = graph.add("oracle", made(move || Oracle(sender.clone())));
    graph.supervise(&node, Restart::patient());
    graph.capacity(&node, 2);
    (node, begun)
}

fn no_reply<T>(why: AskError) -> Result<T, CallError> {
    let node = "oracle".to_owned();
    Err(CallError::NoReply { node, why })
}

#[test]
fn a_call_gets_the_reply_or_hears_that_the_handler_failed() {
    let (system, stand) = Elsewhere::run(stand);
    let oracle = &stand.oracle;
    assert_eq!(oracle.call(Question::Double(4)), Ok(8));
    let failed = oracle.call_within(Question::Fail, LONG);
    assert_eq!(failed, no_reply(AskError::Failed("no oil".to_owned())));
    assert_eq!(oracle.call_within(Question::Double(5), LONG), Ok(10));
    let (_, report) = system.stop();
    assert_eq!((report.messages, report.restarts), (3, 1));
    assert_eq!(oracle.call(Question::Double(1)), no_reply(AskError::Closed));
}

#[test]
fn a_late_reply_never_counts_for_a_later_call() {
    let (system, stand) = Elsewhere::run(stand);
    for round in 0..200 {
        let gate = Gate::default();
        let gated = Question::Gated(1_000_000 + round, gate.clone());
        let late = stand.oracle.call_within(gated, Duration::ZERO);
        assert_eq!(late, no_reply(AskError::TimedOut));
        gate.open();
        let reply = stand.oracle.call_within(Question::Double(round), LONG);
        assert_eq!(reply, Ok(round * 2));
    }
    assert_eq!(system.stop().1.messages, 400);
}

#[test]
fn the_time_of_a_call_counts_while_it_waits_for_room_and_what_found_none_was_never_sent() {
    let (system, stand) = Elsewhere::run(stand);
    let (oracle, at_once) = (&stand.oracle, Duration::ZERO);
    let gate = Gate::default();
    let gated = Question::Gated(0, gate.clone());
    oracle.try_tell(gated).expect("there is room");
    stand.begun.recv().expect("it is in hand");
    for number in 0..3 {
        let reply = oracle.call_within(Question::Double(number), at_once);
        assert_eq!(reply, no_reply(AskError::TimedOut));
    }
    gate.open();
    assert_eq!(oracle.call_within(Question::Double(9), LONG), Ok(18));
    let (_, report) = system.stop();
    assert_eq!(
        report.messages, 4,
        "one in hand, two that had room, the last"
    );
}

#[test]
fn a_call_of_a_system_that_nobody_runs_ends_by_the_time_of_the_thread_that_calls() {
    let (kept, keeps) = mpsc::channel::<()>();
    let (sender, receiver) = mpsc::channel();
    let idle = thread::spawn(move || {
        let mut graph = Graph::new("idle");
        let stand = stand(&mut graph);
        let _system = simulated(graph);
        sender.send(stand.oracle).expect("the test listens");
        // Virtual time stands still until the test is done.
        let _ = keeps.recv();
    });
    let oracle = receiver.recv().expect("it was made");
    let reply = oracle.call_within(Question::Double(1), Duration::from_millis(1));
    assert_eq!(reply, no_reply(AskError::TimedOut));
    drop(kept);
    idle.join().expect("it only waits");
}

#[test]
fn a_call_of_a_simulated_system_goes_by_the_time_of_its_thread_however_fast_virtual_time_flies() {
    let mut graph = Graph::new("fast");
    let stand = stand(&mut graph);
    let mut system = simulated(graph);
    let gate = Gate::default();
    let (oracle, gated) = (stand.oracle, Question::Gated(7, gate.clone()));
    let caller = thread::spawn(move || oracle.call_within(gated, LONG));
    let mut pass = |time| {
        let until = system.now() + time;
        system.run_until(until);
    };
    while stand.begun.try_recv().is_err() {
        pass(ms(1));
        thread::yield_now();
    }
    pass(ms(10_000));
    gate.open();
    pass(ms(1));
    assert_eq!(caller.join().expect("it only calls"), Ok(7));
}

#[test]
fn a_call_in_hand_when_its_system_is_stopped_hears_so() {
    let (system, stand) = Elsewhere::run(stand);
    let oracle = stand.oracle.clone();
    let caller =
        thread::spawn(move || oracle.call_within(Question::Gated(0, Gate::default()), LONG));
    stand.begun.recv().expect("it is in hand");
    system.stop();
    let why = AskError::Failed("the actor was stopped".to_owned());
    assert_eq!(caller.join().expect("it only calls"), no_reply(why));
}

#[test]
fn a_call_in_a_handler_is_refused_sends_nothing_and_harms_nobody() {
    let notes = Log::new();
    let log = notes.clone();
    let fill = move |graph: &mut Graph| {
        let oracle = stand(graph).oracle;
        let doer = graph.add("doer", Doer).address();
        let calls = job(move || async move {
            log.add(oracle.call(Question::Double(1)));
        });
        doer.try_tell(calls).expect("there is room");
        doer
    };
    let refused = [Err(CallError::CannotWait(CannotWait::RunsASystem))];

    let mut graph = Graph::new("simulated");
    fill.clone()(&mut graph);
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    assert_eq!(notes.take(), refused);
    assert_eq!(system.report().messages, 1, "only the doer's");

    let (system, doer) = Elsewhere::run(fill);
    let nothing = job(|| async {});
    assert_eq!(doer.call_within(nothing, LONG), Ok(()), "it lives on");
    assert_eq!(notes.take(), refused);
    let (_, report) = system.stop();
    assert_eq!((report.messages, report.failures), (2, 0));
}

#[test]
fn a_call_on_the_thread_that_would_have_to_answer_is_refused_and_says_what_to_do_instead() {
    let mut graph = Graph::new("own");
    let oracle = stand(&mut graph).oracle;
    let mut system = simulated(graph);
    let error = oracle
        .call(Question::Double(1))
        .expect_err("nobody answers");
    let node = "oracle".to_owned();
    assert_eq!(
        error,
        CallError::CannotWait(CannotWait::SimulatedHere { node })
    );
    let text = error.to_string();
    assert!(
        text.contains("`oracle`") && text.contains("simulated") && text.contains("run_until"),
        "{text}"
    );
    system.run_until(at_ms(1));
    assert_eq!(system.report().messages, 0, "nothing was sent");
    drop(system);
    let closed = oracle.call(Question::Double(1));
    assert_eq!(
        closed,
        no_reply(AskError::Closed),
        "it keeps nobody waiting"
    );

    let mut graph = Graph::new("own");
    let oracle = stand(&mut graph).oracle;
    let _system = System::real(graph, None).expect("the graph is sound");
    let error = oracle
        .call(Question::Double(1))
        .expect_err("nobody answers");
    let node = "oracle".to_owned();
    assert_eq!(error, CallError::CannotWait(CannotWait::RunHere { node }));
}

#[test]
fn an_actor_on_a_thread_of_its_own_answers_also_while_nobody_runs_the_system_here() {
    let mut graph = Graph::new("placed");
    let (node, _begun) = oracle(&mut graph);
    graph.place(&node, &Thread::named("bus"));
    let doing = graph.add("doer", Doer);
    graph.place(&doing, &Thread::named("bus"));
    let (oracle, doer) = (node.address(), doing.address());
    let mut system = System::real(graph, None).expect("the graph is sound");
    let early = oracle.call(Question::Double(1));
    let node = "oracle".to_owned();
    let refused = CallError::CannotWait(CannotWait::RunHere { node });
    assert_eq!(early, Err(refused), "its thread starts with the first run");
    while oracle.call(Question::Double(2)).is_err() {
        system.run_until(system.now() + ms(1));
    }
    assert_eq!(oracle.call_within(Question::Double(3), LONG), Ok(6));
    let (log, asked) = (Log::new(), oracle.clone());
    let notes = log.clone();
    let calls = job(move || async move { notes.add(asked.call(Question::Double(4))) });
    assert_eq!(doer.call_within(calls, LONG), Ok(()));
    let refused = Err(CallError::CannotWait(CannotWait::RunsASystem));
    assert_eq!(log.take(), [refused], "in a handler, on whatever thread");
    assert_eq!(system.shut_down().messages, 3);
}
