//! Ticks come when they are due, to the nanosecond, and never pile up.

use crate::common::{Log, at_ms, made, ms, simulated};
use sinew_runtime::{
    Actor, Address, Context, Failure, Graph, Handler, Injection, System, Time, TimerId,
};
use std::time::Duration;

/// A tick of a timer, by its name.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Tick(&'static str);

/// A tick that knows how many periods it stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Counted(sinew_runtime::Tick);

/// What a clock is told to do.
enum Set {
    Every(Duration, &'static str),
    /// With a count.
    Ticks(Duration),
    After(Duration, &'static str),
    /// Cancel the timer that was set so many places before the last.
    Cancel(usize),
    /// Take so long.
    Wait(Duration),
}

/// Notes its ticks; a tick may take its time too.
struct Clock {
    log: Log<(&'static str, Time)>,
    /// When counted ticks were due, and their counts.
    counted: Log<(Time, u64)>,
    timers: Vec<TimerId>,
}

impl Actor for Clock {}

impl Handler<Tick> for Clock {
    type Reply = ();
    async fn handle(&mut self, Tick(name): Tick, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add((name, ctx.now()));
        match name {
            "slow" => tokio::time::sleep(ms(3)).await,
            "cancels itself" => self.timers.iter().for_each(|timer| ctx.cancel(*timer)),
            _ => {}
        }
        Ok(())
    }
}

impl Handler<Counted> for Clock {
    type Reply = ();
    async fn handle(
        &mut self,
        Counted(tick): Counted,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.log.add(("counted", ctx.now()));
        self.counted.add((tick.due, tick.count));
        Ok(())
    }
}

impl Handler<Set> for Clock {
    type Reply = ();
    async fn handle(&mut self, set: Set, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match set {
            Set::Every(period, name) => self.timers.push(ctx.every(period, Tick(name))),
            Set::Ticks(period) => self.timers.push(ctx.ticks(period, Counted)),
            Set::After(delay, name) => self.timers.push(ctx.after(delay, Tick(name))),
            Set::Cancel(before) => ctx.cancel(self.timers[self.timers.len() - 1 - before]),
            Set::Wait(time) => tokio::time::sleep(time).await,
        }
        Ok(())
    }
}

struct Stand {
    system: System,
    clock: Address<Clock>,
    log: Log<(&'static str, Time)>,
    counted: Log<(Time, u64)>,
}

fn stand(orders: Vec<Set>) -> Stand {
    let mut graph = Graph::new("timers");
    let (log, counted) = (Log::new(), Log::new());
    let (notes, counts) = (log.clone(), counted.clone());
    let make = move || Clock {
        log: notes.clone(),
        counted: counts.clone(),
        timers: Vec::new(),
    };
    let clock = graph.add("clock", made(make)).address();
    for order in orders {
        clock.try_tell(order).expect("there is room");
    }
    let system = simulated(graph);
    Stand {
        system,
        clock,
        log,
        counted,
    }
}

fn nanos(count: u64) -> Duration {
    Duration::from_nanos(count)
}

#[test]
fn a_period_ticks_at_each_of_its_ends_to_the_nanosecond_and_never_drifts() {
    let period = nanos(313_001);
    let mut stand = stand(vec![Set::Every(period, "tick")]);
    stand.system.run_until(Time::from_nanos(1_000 * 313_001));
    let wanted: Vec<_> = (1..=1_000)
        .map(|tick| ("tick", Time::from_nanos(tick * 313_001)))
        .collect();
    assert_eq!(stand.log.take(), wanted);
}

#[test]
fn a_tick_that_takes_its_time_does_not_shift_the_next_one() {
    let mut stand = stand(vec![Set::Every(ms(10), "slow")]);
    stand.system.run_until(at_ms(100));
    let wanted: Vec<_> = (1..=10).map(|tick| ("slow", at_ms(10 * tick))).collect();
    assert_eq!(stand.log.take(), wanted);
}

#[test]
fn a_delay_ticks_once() {
    let mut stand = stand(vec![Set::After(nanos(5_000_001), "once")]);
    stand.system.run_until(at_ms(1_000));
    assert_eq!(stand.log.take(), [("once", Time::from_nanos(5_000_001))]);
}

#[test]
fn missed_ticks_are_one_tick_and_the_next_comes_in_step() {
    let mut stand = stand(vec![Set::Every(ms(10), "tick"), Set::Wait(ms(55))]);
    stand.system.run_until(at_ms(80));
    let wanted = [55, 60, 70, 80].map(|at| ("tick", at_ms(at)));
    assert_eq!(stand.log.take(), wanted);
}

#[test]
fn a_tick_knows_when_it_was_due_and_how_many_periods_it_stands_for() {
    let mut stand = stand(vec![Set::Ticks(ms(10)), Set::Wait(ms(55))]);
    stand.system.run_until(at_ms(75));
    stand.clock.try_tell(Set::Wait(ms(25))).unwrap();
    stand.system.run_until(at_ms(110));
    let handled: Vec<_> = stand.log.take().iter().map(|(_, at)| *at).collect();
    assert_eq!(handled, [55, 60, 70, 100, 110].map(at_ms));
    let wanted = [(50, 5), (60, 1), (70, 1), (100, 3), (110, 1)];
    let wanted = wanted.map(|(due, count)| (at_ms(due), count));
    assert_eq!(stand.counted.take(), wanted);
}

#[test]
fn whatever_is_missed_the_counts_of_all_ticks_are_all_periods() {
    for seed in 0..20 {
        let mut random = sinew_runtime::Random::new(seed);
        let period = nanos(1_000 + random.next() % 3_000_000);
        let mut stand = stand(vec![Set::Ticks(period)]);
        for _ in 0..50 {
            let wait = nanos(random.next() % 10_000_000);
            stand.clock.try_tell(Set::Wait(wait)).unwrap();
            let now = stand.system.now();
            stand
                .system
                .run_until(now + nanos(random.next() % 20_000_000));
        }
        let now = stand.system.now() + ms(600);
        stand.system.run_until(now);
        let mut ended = 0;
        for (due, count) in stand.counted.take() {
            ended += count;
            assert_eq!(
                due.since(Time::ZERO).as_nanos(),
                u128::from(ended) * period.as_nanos()
            );
        }
        assert_eq!(
            u128::from(ended),
            now.since(Time::ZERO).as_nanos() / period.as_nanos()
        );
    }
}

#[test]
fn two_hours_of_missed_microseconds_are_one_tick() {
    let hours = Duration::from_secs(2 * 3_600);
    let mut stand = stand(vec![Set::Every(nanos(1_000), "tick"), Set::Wait(hours)]);
    let until = Time::ZERO + hours;
    stand.system.run_until(until + nanos(2_500));
    let wanted = [0, 1_000, 2_000].map(|more| ("tick", until + nanos(more)));
    assert_eq!(stand.log.take(), wanted);
}

#[test]
fn a_cancelled_timer_never_ticks_again() {
    let mut stand = stand(vec![
        Set::Every(ms(10), "period"),
        Set::After(ms(25), "delay"),
        Set::Every(ms(20), "other"),
    ]);
    stand.system.run_until(at_ms(20));
    stand.clock.try_tell(Set::Cancel(1)).unwrap();
    stand.clock.try_tell(Set::Cancel(2)).unwrap();
    stand.clock.try_tell(Set::Cancel(2)).unwrap();
    stand.system.run_until(at_ms(45));
    let names: Vec<_> = stand.log.take().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["period", "period", "other", "other"]);
}

#[test]
fn a_timer_can_be_cancelled_by_its_own_tick() {
    let mut stand = stand(vec![Set::Every(ms(10), "cancels itself")]);
    stand.system.run_until(at_ms(100));
    assert_eq!(stand.log.take(), [("cancels itself", at_ms(10))]);
}

#[test]
fn of_timers_due_at_one_moment_the_one_due_first_ticks_first_and_of_those_the_one_made_first() {
    let mut stand = stand(vec![
        Set::After(ms(20), "last"),
        Set::After(ms(10), "first"),
        Set::After(ms(10), "second"),
        Set::After(ms(10), "third"),
        Set::Wait(ms(30)),
    ]);
    stand.system.run_until(at_ms(40));
    let names: Vec<_> = stand.log.take().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["first", "second", "third", "last"]);
}

#[test]
fn a_period_of_zero_counts_as_a_microsecond() {
    let mut stand = stand(vec![Set::Every(Duration::ZERO, "tick")]);
    stand.system.run_until(Time::from_nanos(10_000));
    assert_eq!(stand.log.len(), 10);
}

#[test]
fn periods_and_delays_beyond_all_time_never_end() {
    let mut stand = stand(vec![
        Set::Every(Duration::MAX, "period"),
        Set::After(Duration::MAX, "delay"),
    ]);
    stand.system.run_until(at_ms(1_000_000_000));
    stand.system.run_until(Time::NEVER);
    assert_eq!(stand.log.len(), 0);
}

/// Ticks from its start on.
struct Ticker(Log<(&'static str, Time)>);

impl Actor for Ticker {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(10), Tick("tick"));
        Ok(())
    }
}

impl Handler<Tick> for Ticker {
    type Reply = ();
    async fn handle(&mut self, Tick(name): Tick, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add((name, ctx.now()));
        Ok(())
    }
}

#[test]
fn timers_end_with_their_incarnation() {
    let mut graph = Graph::new("timers");
    let log = Log::new();
    let notes = log.clone();
    graph.add("ticker", made(move || Ticker(notes.clone())));
    let mut system = simulated(graph);
    system.run_until(at_ms(15));
    assert!(system.handle().inject("ticker", Injection::Panic));
    system.run_until(at_ms(80));
    assert_eq!(log.take().len(), 1, "none while it waits to be built anew");
    system.run_until(at_ms(1_000));
    let ticks = log.take();
    for pair in ticks.windows(2) {
        assert_eq!(
            pair[1].1.since(pair[0].1),
            ms(10),
            "one period ticks, not two"
        );
    }
    assert!(ticks.len() > 80);
}
