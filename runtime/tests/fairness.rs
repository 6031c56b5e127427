//! Whatever floods an actor, each of its sources has its turn, and time goes on.

use crate::common::{Log, Void, at_ms, made, ms, simulated};
use futures_core::Stream;
use sinew_runtime::{
    Actor, Context, Emits, Environment, Failure, Graph, Handler, Leased, Progress, Reason, System,
    Time,
};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

/// Where a message came from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum From {
    Urgent,
    Command,
    Told,
    Reading,
    Timer,
    InputA,
    InputB,
}

/// So many messages in a row may overtake others.
const OVERTAKERS: usize = 16;
/// So many messages are looked at.
const LOOKED_AT: usize = 1_000;

/// A stream that always has an item.
struct Flood(From);

impl Stream for Flood {
    type Item = From;
    fn poll_next(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<Option<From>> {
        Poll::Ready(Some(self.0))
    }
}

/// Has all of its sources ready all the time: it floods itself with those that it is told to.
struct Flooded {
    sources: Vec<From>,
    log: Log<From>,
}

impl Emits<u8> for Flooded {}
impl Emits<u16> for Flooded {}

impl Flooded {
    /// Notes a message, and sees to it that its source is ready again.
    fn got(&self, from: From, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(from);
        if self.log.len() >= LOOKED_AT {
            ctx.stop();
        }
        self.make_ready(from, ctx)
    }

    fn make_ready(&self, from: From, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match from {
            From::Urgent => ctx.address().try_tell_urgent(from)?,
            From::Told => ctx.address().try_tell(from)?,
            From::Command => ctx.publish(1_u8),
            From::Reading => ctx.publish(1_u16),
            From::Timer => drop(ctx.after(Duration::ZERO, from)),
            From::InputA | From::InputB => {}
        }
        Ok(())
    }
}

impl Actor for Flooded {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        for from in self.sources.clone() {
            match from {
                From::InputA => drop(ctx.input("a", Flood(from))),
                From::InputB => drop(ctx.board_input("b", Flood(from))),
                // Twice each, so that one waits while the other is handled.
                _ => (0..2).try_for_each(|_| self.make_ready(from, ctx))?,
            }
        }
        Ok(())
    }
}

impl Handler<From> for Flooded {
    type Reply = ();
    async fn handle(&mut self, from: From, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.got(from, ctx)
    }
}

impl Handler<Leased<u8>> for Flooded {
    type Reply = ();
    async fn handle(&mut self, _: Leased<u8>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.got(From::Command, ctx)
    }
}

impl Handler<u16> for Flooded {
    type Reply = ();
    async fn handle(&mut self, _: u16, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.got(From::Reading, ctx)
    }
}

/// What a flooded actor handled, in its order.
fn flood(sources: &[From], seed: u64) -> Vec<From> {
    let mut graph = Graph::new("flood");
    let log = Log::new();
    let (notes, sources) = (log.clone(), sources.to_vec());
    let make = move || Flooded {
        sources: sources.clone(),
        log: notes.clone(),
    };
    let node = graph.add("flooded", made(make));
    graph.command(node.out::<u8>(), &node);
    graph.connect(node.out::<u16>(), &node).keep_newest(8);
    let mut system = System::simulated(graph, seed, Box::new(Void)).expect("it is sound");
    system.run_until(at_ms(1));
    log.take()
}

/// The most messages that came between two of one source.
fn longest_wait(log: &[From], from: From) -> usize {
    let mut places = vec![0];
    places.extend((0..log.len()).filter(|place| log[*place] == from));
    places.push(log.len());
    let gaps = places.windows(2).map(|pair| pair[1] - pair[0]);
    gaps.max().unwrap_or(log.len()).saturating_sub(1)
}

#[test]
fn no_ready_source_waits_longer_than_its_bound_whatever_else_is_ready() {
    let all = [
        From::Urgent,
        From::Command,
        From::Told,
        From::Reading,
        From::Timer,
        From::InputA,
        From::InputB,
    ];
    for set in 1..(1_u32 << all.len()) {
        let chosen = |place: &usize| set & (1 << place) != 0;
        let sources: Vec<_> = (0..all.len()).filter(chosen).map(|it| all[it]).collect();
        let log = flood(&sources, u64::from(set));
        assert!(
            log.len() >= LOOKED_AT,
            "{sources:?}: {} messages",
            log.len()
        );
        let overtakers = sources.contains(&From::Urgent) || sources.contains(&From::Command);
        // Between two ordinary messages: those that overtake. One class of sources (mailbox, timers, inputs)
        // waits for two others; within a class, sources alternate with at most one other of each kind.
        let each = if overtakers { OVERTAKERS + 1 } else { 1 };
        let bound = each * 3 * 4;
        for from in sources.iter().filter(|it| **it != From::Command) {
            let waited = longest_wait(&log, *from);
            assert!(
                waited <= bound,
                "{from:?} waited for {waited} of {sources:?}"
            );
        }
    }
}

#[test]
fn sources_that_are_ready_all_the_time_take_turns() {
    let log = flood(&[From::Told, From::Timer, From::InputA], 1);
    for from in [From::Told, From::Timer, From::InputA] {
        assert_eq!(longest_wait(&log, from), 2, "{from:?}");
    }
    let log = flood(&[From::InputA, From::InputB], 1);
    assert_eq!(longest_wait(&log, From::InputA), 1);
}

#[test]
fn a_flood_that_overtakes_lets_one_message_in_seventeen_through() {
    for flooding in [From::Urgent, From::Command] {
        let log = flood(&[flooding, From::Told], 1);
        assert_eq!(longest_wait(&log, From::Told), OVERTAKERS, "{flooding:?}");
    }
}

/// Tells itself, for ever.
#[derive(Clone)]
struct Endless;

/// Whether it waits for tokio between two of its messages.
#[derive(Clone, Copy)]
struct Again;

impl Actor for Endless {}

impl Handler<Again> for Endless {
    type Reply = ();
    async fn handle(&mut self, again: Again, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.address().tell(again).await?;
        Ok(())
    }
}

/// Yields to tokio, for ever.
struct Forever;

impl Handler<Forever> for Endless {
    type Reply = ();
    async fn handle(&mut self, _: Forever, _: &mut Context<Self>) -> Result<(), Failure> {
        loop {
            tokio::task::yield_now().await;
        }
    }
}

/// Notes that it ends in order.
struct Patient(Log<Time>);

impl Actor for Patient {
    async fn stopped(&mut self, _: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        tokio::time::sleep(ms(5)).await;
        self.0.add(ctx.now());
        Ok(())
    }
}

fn stands_still(begin: impl FnOnce(&sinew_runtime::Address<Endless>)) {
    let mut graph = Graph::new("endless");
    let log = Log::new();
    let notes = log.clone();
    graph.add("patient", made(move || Patient(notes.clone())));
    let endless = graph.add("endless", Endless);
    begin(&endless.address());
    let mut system = simulated(graph);
    let Progress::Ended(why) = system.run_until(at_ms(1_000)) else {
        panic!("it must not go on as if nothing were wrong");
    };
    assert!(
        why.starts_with("`endless` took 1000000 turns at 0.000000000 s"),
        "{why}"
    );
    assert!(why.contains("ctx.after"), "the remedy is named: {why}");
    let report = system.shut_down();
    assert_eq!(log.take(), [at_ms(5)], "the others still end in order");
    assert_eq!(report.ended, Some(why));
}

#[test]
fn an_actor_that_sends_to_itself_for_ever_is_named_instead_of_stopping_time() {
    stands_still(|endless| endless.try_tell(Again).expect("there is room"));
}

#[test]
fn an_actor_that_yields_for_ever_is_named_instead_of_stopping_time() {
    stands_still(|endless| endless.try_tell(Forever).expect("there is room"));
}

/// Surroundings that are never done with a moment.
struct Stuck;

impl Environment for Stuck {
    fn next_event(&mut self) -> Option<Time> {
        Some(at_ms(3))
    }
    fn advance(&mut self, _: Time) {}
}

#[test]
fn surroundings_that_are_never_done_are_named_instead_of_stopping_time() {
    let mut graph = Graph::new("stuck");
    let log = Log::new();
    let notes = log.clone();
    graph.add("patient", made(move || Patient(notes.clone())));
    let mut system = System::simulated(graph, 1, Box::new(Stuck)).unwrap();
    let Progress::Ended(why) = system.run_until(at_ms(1_000)) else {
        panic!("it must not go on as if nothing were wrong");
    };
    assert!(
        why.starts_with("the surroundings had 1000000 events at 0.003000000 s"),
        "{why}"
    );
    system.shut_down();
    assert_eq!(log.take(), [at_ms(8)]);
}
