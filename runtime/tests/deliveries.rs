//! All that happens can be seen by a tap and is in the trace, also what has no bytes.

use crate::common::{Doer, Feed, Log, at_ms, job, made, ms, simulated};
use sinew_runtime::{
    Actor, AnyMessage, ChildStopped, Context, Delivery, Emits, EndActor, Ended, Failure, Graph,
    Handler, Leased, Silence, Tap, Time,
};
use std::any::type_name;

/// What is no data: nothing of it can be encoded.
struct Left;
struct Right;

/// Takes both.
#[derive(Clone)]
struct Sink;

impl Actor for Sink {}

macro_rules! takes {
    ($($type:ty),+) => {
        $(impl Handler<$type> for Sink {
            type Reply = ();
            async fn handle(&mut self, _: $type, _: &mut Context<Self>) -> Result<(), Failure> {
                Ok(())
            }
        })+
    };
}

takes!(Left, Right);

/// A doer that tells a sink one of each.
fn teller(left_first: bool) -> Graph {
    let mut graph = Graph::new("told");
    let sink = graph.add("sink", Sink);
    let doer = graph.add("doer", Doer);
    let to = sink.address();
    let tell = job(move || async move {
        if left_first {
            to.try_tell(Left).unwrap();
        }
        to.try_tell(Right).unwrap();
        if !left_first {
            to.try_tell(Left).unwrap();
        }
    });
    doer.address().try_tell(tell).unwrap();
    graph
}

#[test]
fn the_order_of_told_messages_changes_the_trace_though_they_have_no_bytes() {
    let run = |left_first| {
        let mut system = simulated(teller(left_first));
        system.run_until(at_ms(1));
        let report = system.shut_down();
        assert_eq!(report.messages, 3);
        report.trace_hash
    };
    assert_eq!(run(true), run(true));
    assert_ne!(run(true), run(false));
}

/// Keeps all that actors begin with.
struct Deliveries(Log<(Time, Delivery)>);

impl Tap for Deliveries {
    fn edge(&mut self, _: Time, _: u32, _: u64, _: &[u8]) {}
    fn turn(&mut self, _: Time, _: u64) {}
    fn delivery(&mut self, time: Time, delivery: &Delivery) {
        self.0.add((time, *delivery));
    }
}

/// Ends at once.
#[derive(Clone)]
struct Brief;

impl Actor for Brief {
    async fn started(&mut self, _: &mut Context<Self>) -> Result<(), Failure> {
        Err(EndActor.into())
    }
}

/// Is sent something in every way that there is.
struct Ear(Feed<char>);

impl Actor for Ear {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.input("letters", self.0.stream());
        ctx.after(ms(5), true);
        let child = ctx.child("child", Brief).start()?;
        ctx.watch(&child);
        Ok(())
    }

    async fn on_other(&mut self, _: AnyMessage, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

macro_rules! hears {
    ($($type:ty),+) => {
        $(impl Handler<$type> for Ear {
            type Reply = ();
            async fn handle(&mut self, _: $type, _: &mut Context<Self>) -> Result<(), Failure> {
                Ok(())
            }
        })+
    };
}

hears!(
    u8,
    u16,
    u32,
    i32,
    Leased<u32>,
    Silence<u32>,
    char,
    bool,
    Ended
);

/// Publishes once.
#[derive(Clone)]
struct Mouth;

impl Actor for Mouth {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(1_u32);
        Ok(())
    }
}

impl Emits<u32> for Mouth {}

#[test]
fn a_tap_sees_every_message_that_an_actor_begins_with_and_who_sent_it() {
    let (log, letters) = (Log::new(), Feed::new());
    letters.push('a');
    let mut graph = Graph::new("heard");
    let ear = graph.add("ear", made(move || Ear(letters.clone())));
    let mouth = graph.add("mouth", Mouth);
    let doer = graph.add("doer", Doer);
    graph.connect(&mouth, &ear).silence_after(ms(7));
    graph.command(&mouth, &ear);
    let to = ear.address();
    to.try_tell(1_u8).unwrap();
    let talk = job(move || async move {
        to.try_tell(2_u8).unwrap();
        to.try_tell_urgent(3_i32).unwrap();
        to.any().try_tell(Box::new("any")).unwrap();
        to.ask(4_u16).await.unwrap();
    });
    doer.address().try_tell(talk).unwrap();
    let mut system = simulated(graph);
    system.tap(Box::new(Deliveries(log.clone())));
    system.run_until(at_ms(10));
    let messages = system.shut_down().messages;
    let seen = log.take();
    assert_eq!(seen.len() as u64, messages);
    let heard: Vec<_> = seen.iter().filter(|(_, it)| it.receiver == 0).collect();
    assert!(heard.iter().map(|(_, it)| it.sequence).eq(1..=12));
    let mut heard: Vec<_> = heard
        .into_iter()
        .map(|(time, it)| (it.message, it.sender, time.nanos() / 1_000_000))
        .collect();
    heard.sort_unstable();
    let by_doer = Some(2);
    let mut expected = [
        (type_name::<u8>(), None, 0),
        (type_name::<u8>(), by_doer, 0),
        (type_name::<i32>(), by_doer, 0),
        (type_name::<AnyMessage>(), by_doer, 0),
        (type_name::<u16>(), by_doer, 0),
        (type_name::<u32>(), None, 0),
        (type_name::<Leased<u32>>(), None, 0),
        (type_name::<char>(), None, 0),
        (type_name::<ChildStopped>(), None, 0),
        (type_name::<Ended>(), None, 0),
        (type_name::<bool>(), None, 5),
        (type_name::<Silence<u32>>(), None, 7),
    ];
    expected.sort_unstable();
    assert_eq!(heard, expected);
}
