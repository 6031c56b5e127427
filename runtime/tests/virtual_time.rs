//! Virtual time moves only when nothing is ready, exactly, and tokio's timers work in it.

use crate::common::{Doer, Feed, Log, at_ms, job, made, ms, simulated};
use futures_core::Stream;
use sinew_runtime::{Actor, Context, Environment, Failure, Graph, Handler, Progress, System, Time};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;

/// Ticks, and notes its own clock beside tokio's.
struct Ticker {
    period: Duration,
    log: Log<(Time, Duration)>,
    origin: Option<Instant>,
}

impl Actor for Ticker {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.origin = Some(Instant::now());
        ctx.every(self.period, ());
        Ok(())
    }
}

impl Handler<()> for Ticker {
    type Reply = ();
    async fn handle(&mut self, (): (), ctx: &mut Context<Self>) -> Result<(), Failure> {
        let tokio = self.origin.map(|origin| origin.elapsed());
        self.log.add((ctx.now(), tokio.unwrap_or_default()));
        Ok(())
    }
}

fn ticker(graph: &mut Graph, name: &str, period: Duration) -> Log<(Time, Duration)> {
    let log = Log::new();
    let notes = log.clone();
    let make = move || Ticker {
        period,
        log: notes.clone(),
        origin: None,
    };
    graph.add(name, made(make));
    log
}

#[test]
fn a_tick_of_313001_ns_hits_every_nanosecond_while_another_handler_sleeps_with_tokio() {
    let mut graph = Graph::new("virtual");
    let log = ticker(&mut graph, "ticker", Duration::from_nanos(313_001));
    let slept = Log::new();
    let (doer, notes) = (graph.add("doer", Doer).address(), slept.clone());
    doer.try_tell(job(move || async move {
        loop {
            let before = Instant::now();
            tokio::time::sleep(Duration::from_micros(1_500)).await;
            notes.add(before.elapsed());
        }
    }))
    .unwrap();
    simulated(graph).run_until(at_ms(1_000));
    let ticks = log.take();
    assert_eq!(ticks.len(), 3_194);
    for (tick, (now, tokio)) in (1..).zip(ticks) {
        assert_eq!(now, Time::from_nanos(tick * 313_001));
        assert_eq!(tokio, now.since(Time::ZERO), "tokio's clock and ours agree");
    }
    let slept = slept.take();
    assert_eq!(
        slept.len(),
        500,
        "from whole to whole millisecond, as tokio rounds"
    );
    assert!(slept.iter().all(|it| *it >= ms(1) && *it <= ms(3)));
}

#[test]
fn a_handler_that_waits_for_a_timer_of_tokio_alone_is_woken_at_its_millisecond() {
    let mut graph = Graph::new("virtual");
    let log = Log::new();
    let (doer, notes) = (graph.add("doer", Doer).address(), log.clone());
    doer.try_tell(job(move || async move {
        let before = Instant::now();
        for wait in [1, 10, 100, 86_400_000] {
            tokio::time::sleep(ms(wait)).await;
            notes.add(before.elapsed());
        }
        let slow = tokio::time::sleep(ms(50));
        assert!(tokio::time::timeout(ms(20), slow).await.is_err());
        notes.add(before.elapsed());
    }))
    .unwrap();
    simulated(graph).run_until(at_ms(100_000_000));
    let wanted = [1, 11, 111, 86_400_111, 86_400_131].map(ms);
    assert_eq!(log.take(), wanted);
}

#[test]
fn a_run_stops_exactly_where_it_was_asked_to_with_all_that_happens_there() {
    let mut graph = Graph::new("virtual");
    let log = ticker(&mut graph, "ticker", Duration::from_nanos(313_001));
    let mut system = simulated(graph);
    for (until, ticks) in [
        (313_000, 0),
        (313_001, 1),
        (626_001, 1),
        (626_002, 2),
        (9, 2),
    ] {
        let moment = Time::from_nanos(until);
        assert_eq!(system.run_until(moment), Progress::Reached);
        assert_eq!(log.len(), ticks, "at {until} ns");
        assert!(system.now() >= moment);
    }
    assert_eq!(
        system.now(),
        Time::from_nanos(626_002),
        "time never runs backwards"
    );
    let status = system.handle().status();
    assert_eq!(status.now, system.now());
}

#[test]
fn a_handler_that_yields_to_tokio_goes_on_in_the_same_nanosecond() {
    let mut graph = Graph::new("virtual");
    let log = Log::new();
    let (doer, notes) = (graph.add("doer", Doer).address(), log.clone());
    let ticks = ticker(&mut graph, "ticker", Duration::from_nanos(700_001));
    let mut system = simulated(graph);
    system.run_until(Time::from_nanos(700_001));
    doer.try_tell(job(move || async move {
        let before = Instant::now();
        for _ in 0..10 {
            tokio::task::yield_now().await;
            notes.add(before.elapsed());
        }
    }))
    .unwrap();
    system.run_until(at_ms(5));
    assert_eq!(log.take(), [Duration::ZERO; 10]);
    assert_eq!(ticks.len(), 7);
}

/// tokio's interval as a stream of ticks.
struct Interval(tokio::time::Interval);

impl Stream for Interval {
    type Item = u8;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Option<u8>> {
        self.0.poll_tick(cx).map(|_| Some(1))
    }
}

/// Listens to an interval of tokio and to a channel of tokio.
struct Listener(Log<(u8, Time)>);

impl Actor for Listener {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let mut interval = tokio::time::interval(ms(20));
        interval.tick().await;
        ctx.input("interval", Interval(interval));
        Ok(())
    }
}

impl Handler<u8> for Listener {
    type Reply = ();
    async fn handle(&mut self, number: u8, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add((number, ctx.now()));
        Ok(())
    }
}

#[test]
fn an_input_that_tokio_wakes_is_heard_when_its_time_has_come() {
    let mut graph = Graph::new("virtual");
    let log = Log::new();
    let notes = log.clone();
    graph.add("listener", made(move || Listener(notes.clone())));
    ticker(&mut graph, "ticker", Duration::from_nanos(313_001));
    simulated(graph).run_until(at_ms(100));
    let wanted = [20, 40, 60, 80, 100].map(|at| (1, at_ms(at)));
    assert_eq!(log.take(), wanted);
}

/// Feeds an input at certain moments; its items say when.
struct Feeder {
    events: VecDeque<Time>,
    feed: Feed<Time>,
    advanced: Log<Time>,
}

impl Environment for Feeder {
    fn next_event(&mut self) -> Option<Time> {
        self.events.front().copied()
    }
    fn advance(&mut self, to: Time) {
        self.advanced.add(to);
        while let Some(event) = self.events.pop_front_if(|event| *event <= to) {
            self.feed.push(event);
        }
    }
}

/// Notes what it was fed, and when.
struct Eater {
    feed: Feed<Time>,
    log: Log<(Time, Time)>,
}

impl Actor for Eater {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.board_input("feed", self.feed.stream());
        Ok(())
    }
}

impl Handler<Time> for Eater {
    type Reply = ();
    async fn handle(&mut self, event: Time, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add((event, ctx.now()));
        Ok(())
    }
}

#[test]
fn the_surroundings_come_to_each_of_their_events_and_wake_who_waits_for_it_there() {
    let mut graph = Graph::new("virtual");
    let (feed, log, advanced) = (Feed::new(), Log::new(), Log::new());
    let events: Vec<_> = (1..200)
        .map(|it| Time::from_nanos(it * it * 1_013))
        .collect();
    let (fed, notes) = (feed.clone(), log.clone());
    let make = move || Eater {
        feed: fed.clone(),
        log: notes.clone(),
    };
    graph.add("eater", made(make));
    let feeder = Feeder {
        events: events.iter().copied().collect(),
        feed,
        advanced: advanced.clone(),
    };
    let mut system = System::simulated(graph, 1, Box::new(feeder)).unwrap();
    system.run_until(at_ms(1_000));
    let wanted: Vec<_> = events.iter().map(|at| (*at, *at)).collect();
    assert_eq!(log.take(), wanted);
    let advanced = advanced.take();
    assert!(advanced.is_sorted(), "never backwards");
}

#[test]
fn a_year_without_events_is_one_jump() {
    let mut graph = Graph::new("virtual");
    let log = ticker(&mut graph, "ticker", ms(365 * 86_400_000));
    let mut system = simulated(graph);
    system.run_until(at_ms(365 * 86_400_000));
    assert_eq!(log.len(), 1);
    let turns = system.report().messages;
    assert_eq!(turns, 1);
}

/// Surroundings that a handler may block in: where they are, in nanoseconds.
#[derive(Clone, Default)]
struct Blocking(Arc<AtomicU64>);

impl Environment for Blocking {
    fn next_event(&mut self) -> Option<Time> {
        None
    }
    fn advance(&mut self, to: Time) {
        self.0.fetch_max(to.nanos(), Ordering::Relaxed);
    }
    fn reached(&self) -> Option<Time> {
        Some(Time::from_nanos(self.0.load(Ordering::Relaxed)))
    }
}

/// Blocks for 3 ms in each of its ticks, and notes when they came.
struct Blocker {
    surroundings: Blocking,
    log: Log<Time>,
}

#[derive(Clone)]
struct Look;

impl Actor for Blocker {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(10), Look);
        Ok(())
    }
}

impl Handler<Look> for Blocker {
    type Reply = ();
    async fn handle(&mut self, _: Look, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(ctx.now());
        self.surroundings.advance(ctx.now() + ms(3));
        Ok(())
    }
}

#[test]
fn time_follows_surroundings_in_which_a_handler_blocked() {
    let mut graph = Graph::new("virtual");
    let (surroundings, log) = (Blocking::default(), Log::new());
    let (shared, notes) = (surroundings.clone(), log.clone());
    let make = move || Blocker {
        surroundings: shared.clone(),
        log: notes.clone(),
    };
    graph.add("blocker", made(make));
    // It is due within the three milliseconds, and late as on a thread that is held.
    let other = ticker(&mut graph, "other", ms(11));
    let mut system = System::simulated(graph, 1, Box::new(surroundings)).unwrap();
    system.run_until(at_ms(22));
    assert_eq!(log.take(), [at_ms(10), at_ms(20)]);
    let heard: Vec<_> = other.take().into_iter().map(|(at, _)| at).collect();
    assert_eq!(heard, [at_ms(13), at_ms(23)]);
    assert_eq!(system.now(), at_ms(23), "the last blocked beyond the end");
}
