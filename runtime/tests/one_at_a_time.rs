//! Messages, inputs and timers of one actor never overlap.

use crate::common::{Feed, Log, at_ms, made, ms};
use sinew_runtime::{
    Actor, Context, Emits, Failure, Graph, Handler, Leased, Reason, Silence, System, Time,
};

/// A message that takes a millisecond or two to handle, from whatever source.
#[derive(Clone)]
enum From {
    Told,
    Input,
    Timer,
}

/// Notes when it begins and ends with something.
struct Busy {
    log: Log<(Time, &'static str)>,
    feed: Feed<From>,
}

impl Busy {
    /// Takes its time, and notes it.
    async fn take_time(&self, what: &'static str, ctx: &Context<Self>) {
        self.log.add((ctx.now(), "begins"));
        self.log.add((ctx.now(), what));
        tokio::time::sleep(ms(2)).await;
        self.log.add((ctx.now(), "ends"));
    }
}

impl Actor for Busy {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(5), From::Timer);
        ctx.input("feed", self.feed.stream());
        self.take_time("started", ctx).await;
        Ok(())
    }

    async fn stopped(&mut self, _: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.take_time("stopped", ctx).await;
        Ok(())
    }
}

impl Handler<From> for Busy {
    type Reply = ();
    async fn handle(&mut self, from: From, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let what = match from {
            From::Told => "told",
            From::Input => "input",
            From::Timer => "timer",
        };
        self.take_time(what, ctx).await;
        Ok(())
    }
}

impl Handler<Leased<u8>> for Busy {
    type Reply = ();
    async fn handle(&mut self, _: Leased<u8>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.take_time("command", ctx).await;
        Ok(())
    }
}

impl Handler<u16> for Busy {
    type Reply = ();
    async fn handle(&mut self, _: u16, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.take_time("reading", ctx).await;
        Ok(())
    }
}

impl Handler<Silence<u16>> for Busy {
    type Reply = ();
    async fn handle(&mut self, _: Silence<u16>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.take_time("silence", ctx).await;
        Ok(())
    }
}

/// Commands and reads every few milliseconds.
#[derive(Clone)]
struct Source;

impl Emits<u8> for Source {}
impl Emits<u16> for Source {}

impl Actor for Source {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(7), ());
        Ok(())
    }
}

impl Handler<()> for Source {
    type Reply = ();
    async fn handle(&mut self, (): (), ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(1_u8);
        if ctx.now() < at_ms(100) {
            ctx.publish(1_u16);
        }
        Ok(())
    }
}

#[test]
fn nothing_of_one_actor_ever_overlaps_whatever_the_seed() {
    for seed in 0..20 {
        let (log, feed) = (Log::new(), Feed::new());
        let mut graph = Graph::new("busy");
        let source = graph.add("source", Source);
        let (noted, fed) = (log.clone(), feed.clone());
        let busy = graph.add(
            "busy",
            made(move || Busy {
                log: noted.clone(),
                feed: fed.clone(),
            }),
        );
        graph.command(source.out::<u8>(), &busy);
        graph
            .connect(source.out::<u16>(), &busy)
            .silence_after(ms(20));
        let mut system = System::simulated(graph, seed, Box::new(crate::common::Void)).unwrap();
        for step in 1..60 {
            feed.push(From::Input);
            busy.address().try_tell(From::Told).ok();
            system.run_until(at_ms(step * 4));
        }
        system.shut_down();
        let log = log.take();
        let mut kinds: Vec<_> = log.iter().map(|(_, what)| *what).collect();
        let mut rest = &log[..];
        while let [(begin, "begins"), (_, what), more @ ..] = rest {
            rest = match more {
                [(end, "ends"), more @ ..] => {
                    assert!(
                        end.since(*begin) >= ms(2),
                        "seed {seed}: {what} was cut short"
                    );
                    more
                }
                // Only the stop may cut short what is in hand.
                [_, (_, "stopped"), ..] => more,
                _ => panic!("seed {seed}: {what} overlaps with {more:?}"),
            };
        }
        assert!(rest.is_empty(), "seed {seed}: {rest:?}");
        kinds.sort_unstable();
        kinds.dedup();
        let wanted = [
            "begins", "command", "ends", "input", "reading", "silence", "started", "stopped",
            "timer", "told",
        ];
        assert_eq!(kinds, wanted, "every source had its turn");
    }
}
