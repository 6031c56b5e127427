//! An ask gets the handler's reply, or why there is none, in time.

use crate::common::{Doer, Gate, Log, at_ms, job, ms, poll_once, simulated};
use sinew_runtime::{Actor, Address, AskError, Context, Failure, Graph, Handler, Node, Restart};
use tokio::time::Instant;

/// Answers in many ways.
#[derive(Clone)]
struct Oracle(Gate);

impl Actor for Oracle {}

/// What is asked.
#[derive(Clone, Debug)]
enum Question {
    Double(u32),
    Fail,
    Panic,
    /// Answered so many milliseconds later.
    Late(u64, u32),
    /// Answered when the gate is open.
    Gated(u32),
    /// Asks itself, which cannot end well.
    Myself,
}

impl Handler<Question> for Oracle {
    type Reply = u32;
    async fn handle(&mut self, it: Question, ctx: &mut Context<Self>) -> Result<u32, Failure> {
        match it {
            Question::Double(number) => Ok(number * 2),
            Question::Fail => Err(Failure::new("no oil")),
            Question::Panic => panic!("no clue"),
            Question::Late(delay, number) => {
                tokio::time::sleep(ms(delay)).await;
                Ok(number)
            }
            Question::Gated(number) => {
                self.0.passed().await;
                Ok(number)
            }
            Question::Myself => {
                let me = ctx.address();
                let answer = me.ask(Question::Double(1)).within(ms(100)).await;
                let circle = "oracle -> oracle".to_owned();
                assert_eq!(answer, Err(AskError::WouldDeadlock(circle)));
                Ok(7)
            }
        }
    }
}

/// An oracle and somebody who asks it.
struct Stand {
    graph: Graph,
    oracle: Node<Oracle>,
    doer: Address<Doer>,
    gate: Gate,
}

fn stand() -> Stand {
    let mut graph = Graph::new("asking");
    let gate = Gate::default();
    let oracle = graph.add("oracle", Oracle(gate.clone()));
    graph.supervise(&oracle, Restart::patient());
    let doer = graph.add("doer", Doer).address();
    Stand {
        graph,
        oracle,
        doer,
        gate,
    }
}

/// Asks one after the other, and notes the answers.
fn answers(questions: Vec<Question>) -> Vec<Result<u32, AskError>> {
    let stand = stand();
    let log = Log::new();
    let (notes, oracle) = (log.clone(), stand.oracle.address());
    let asks = job(move || async move {
        for question in questions {
            notes.add(oracle.ask(question).within(ms(1_000)).await);
        }
    });
    stand.doer.try_tell(asks).expect("there is room");
    simulated(stand.graph).run_until(at_ms(60_000));
    log.take()
}

#[test]
fn an_ask_gets_the_reply_of_the_handler() {
    assert_eq!(answers(vec![Question::Double(4)]), [Ok(8)]);
    assert_eq!(answers(vec![Question::Late(900, 3)]), [Ok(3)]);
}

#[test]
fn an_ask_hears_that_the_handler_failed_or_panicked_and_the_next_one_is_answered_after_the_restart()
{
    let found = answers(vec![
        Question::Fail,
        Question::Double(1),
        Question::Panic,
        Question::Double(2),
    ]);
    let failed = |why: &str| Err(AskError::Failed(why.to_owned()));
    assert_eq!(
        found,
        [failed("no oil"), Ok(2), failed("panicked: no clue"), Ok(4)]
    );
}

#[test]
fn an_ask_of_an_ended_actor_is_closed() {
    let stand = stand();
    let log = Log::new();
    let (notes, oracle) = (log.clone(), stand.oracle.address());
    let asks = job(move || async move {
        oracle.stop();
        // Behind the stop in the mailbox, and after the end.
        notes.add(oracle.ask(Question::Double(1)).await);
        notes.add(oracle.ask(Question::Double(1)).await);
    });
    stand.doer.try_tell(asks).unwrap();
    simulated(stand.graph).run_until(at_ms(10));
    assert_eq!(log.take(), [Err(AskError::Closed), Err(AskError::Closed)]);
}

#[test]
fn an_ask_in_hand_when_its_actor_is_stopped_hears_so_at_once() {
    let stand = stand();
    let log = Log::new();
    let (notes, oracle) = (log.clone(), stand.oracle.address());
    let asks = job(move || async move { notes.add(oracle.ask(Question::Gated(1)).await) });
    stand.doer.try_tell(asks).unwrap();
    let mut system = simulated(stand.graph);
    system.run_until(at_ms(10));
    stand.oracle.address().stop();
    system.run_until(at_ms(11));
    let why = "the actor was stopped".to_owned();
    assert_eq!(log.take(), [Err(AskError::Failed(why))]);
}

#[test]
fn an_ask_ends_at_its_deadline_or_at_most_fifty_milliseconds_later() {
    let stand = stand();
    let log = Log::new();
    let (notes, oracle) = (log.clone(), stand.oracle.address());
    let asks = job(move || async move {
        for step in 0..40 {
            let within = ms(step * 7);
            let before = Instant::now();
            let answer = oracle.ask(Question::Gated(1)).within(within).await;
            assert_eq!(answer, Err(AskError::TimedOut));
            notes.add((within, before.elapsed()));
            tokio::time::sleep(ms(step % 5)).await;
        }
    });
    stand.doer.try_tell(asks).unwrap();
    simulated(stand.graph).run_until(at_ms(60_000));
    let found = log.take();
    assert_eq!(found.len(), 40);
    for (within, took) in found {
        assert!(
            took >= within && took <= within + ms(50),
            "{within:?}: {took:?}"
        );
    }
}

#[test]
fn an_ask_without_a_word_about_time_ends_after_five_seconds() {
    let stand = stand();
    let log = Log::new();
    let (notes, oracle) = (log.clone(), stand.oracle.address());
    let asks = job(move || async move { notes.add(oracle.ask(Question::Gated(1)).await) });
    stand.doer.try_tell(asks).unwrap();
    let mut system = simulated(stand.graph);
    system.run_until(at_ms(4_999));
    assert_eq!(log.len(), 0);
    system.run_until(at_ms(5_050));
    assert_eq!(log.take(), [Err(AskError::TimedOut)]);
}

#[test]
fn a_late_answer_never_reaches_a_new_ask() {
    let stand = stand();
    let log = Log::new();
    let (notes, oracle) = (log.clone(), stand.oracle.address());
    let asks = job(move || async move {
        for round in 0..5 {
            // Timed out while it was handled, and given up by its asker.
            notes.add(oracle.ask(Question::Late(150, 10)).within(ms(1)).await);
            let mut given_up = oracle.ask(Question::Late(20, 20));
            poll_once(&mut given_up).await;
            drop(given_up);
            notes.add(oracle.ask(Question::Double(round)).await);
        }
    });
    stand.doer.try_tell(asks).unwrap();
    simulated(stand.graph).run_until(at_ms(60_000));
    let wanted = (0..5).flat_map(|round| [Err(AskError::TimedOut), Ok(round * 2)]);
    assert_eq!(log.take(), wanted.collect::<Vec<_>>());
}

#[test]
fn asks_that_wait_over_a_restart_are_answered_by_the_next_incarnation() {
    let stand = stand();
    let log = Log::new();
    let (notes, oracle) = (log.clone(), stand.oracle.address());
    oracle.try_tell(Question::Gated(0)).unwrap();
    oracle.try_tell(Question::Panic).unwrap();
    let asks = job(move || async move { notes.add(oracle.ask(Question::Double(21)).await) });
    stand.doer.try_tell(asks).unwrap();
    let mut system = simulated(stand.graph);
    system.run_until(at_ms(5));
    stand.gate.open();
    system.run_until(at_ms(500));
    assert_eq!(log.take(), [Ok(42)]);
    assert_eq!(system.report().restarts, 1);
}

#[test]
fn an_actor_that_asks_itself_hears_so_and_lives_on() {
    assert_eq!(
        answers(vec![Question::Myself, Question::Double(2)]),
        [Ok(7), Ok(4)]
    );
}

#[test]
fn an_ask_waits_for_room_like_a_tell_and_can_be_given_up_there() {
    let mut stand = stand();
    stand.graph.capacity(&stand.oracle, 1);
    let log = Log::new();
    let (notes, oracle) = (log.clone(), stand.oracle.address());
    oracle.try_tell(Question::Gated(0)).unwrap();
    let asks = job(move || async move {
        tokio::time::sleep(ms(1)).await;
        oracle
            .try_tell(Question::Double(0))
            .expect("one is in hand, there is room for one");
        {
            let mut given_up = oracle.ask(Question::Double(1));
            poll_once(&mut given_up).await;
        }
        notes.add(oracle.ask(Question::Double(2)).await);
    });
    stand.doer.try_tell(asks).unwrap();
    let mut system = simulated(stand.graph);
    system.run_until(at_ms(10));
    stand.gate.open();
    system.run_until(at_ms(20));
    assert_eq!(log.take(), [Ok(4)]);
    assert_eq!(
        system.report().nodes[0].handled,
        3,
        "the one given up was never sent"
    );
}
