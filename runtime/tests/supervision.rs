//! A failure ends an incarnation, wholly, and the next one is built after a pause, within a limit.

use crate::common::{Log, at_ms, job, made, ms, simulated};
use sinew_runtime::{
    Actor, Address, Context, EndActor, Factory, Failure, Graph, Handler, NodeState, Progress,
    Reason, Restart, System, Time,
};
use std::time::Duration;

/// Where an actor breaks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Nowhere,
    FactoryErr,
    FactoryPanic,
    StartedErr,
    StartedPanic,
    HandleErr,
    HandlePanic,
    StoppedErr,
    StoppedPanic,
    Drop,
}

use Place::{
    Drop as DropPanic, FactoryErr, FactoryPanic, HandleErr, HandlePanic, Nowhere, StartedErr,
    StartedPanic, StoppedErr, StoppedPanic,
};

/// What happened to an actor, and when.
type Happened = (&'static str, Time);

/// Breaks where it is told to, at its first incarnation or at all.
struct Fragile {
    breaks: Place,
    log: Log<Happened>,
    now: Time,
    _held: Held,
}

/// What an incarnation holds: its drop is noted.
struct Held(Log<&'static str>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.add("dropped");
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        self.log.add(("dropped", self.now));
        if self.breaks == DropPanic {
            panic!("broke: Drop");
        }
    }
}

impl Fragile {
    fn at(&self, err: Place, panics: Place) -> Result<(), Failure> {
        if self.breaks == panics {
            panic!("broke: {panics:?}");
        }
        if self.breaks == err {
            return Err(Failure::new(format!("broke: {err:?}")));
        }
        Ok(())
    }
}

impl Actor for Fragile {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.now = ctx.now();
        self.log.add(("started", ctx.now()));
        self.at(StartedErr, StartedPanic)
    }

    async fn stopped(&mut self, _: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.now = ctx.now();
        self.log.add(("stopped", ctx.now()));
        self.at(StoppedErr, StoppedPanic)
    }
}

/// Something to handle; the word is noted.
struct Word(&'static str);

impl Handler<Word> for Fragile {
    type Reply = ();
    async fn handle(&mut self, Word(word): Word, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.now = ctx.now();
        self.log.add((word, ctx.now()));
        if word == "end" {
            return Err(EndActor.into());
        }
        if word == "fail" {
            return Err(Failure::new("told to"));
        }
        self.at(HandleErr, HandlePanic)
    }
}

struct Stand {
    system: System,
    fragile: Address<Fragile>,
    log: Log<Happened>,
    drops: Log<&'static str>,
}

/// An actor that breaks so often at this place.
fn breaks(place: Place, times: u32, restart: Restart) -> Stand {
    let mut graph = Graph::new("fragile");
    let (log, drops) = (Log::new(), Log::new());
    let (notes, held) = (log.clone(), drops.clone());
    let mut left = times;
    let make = move || {
        let breaks = if left > 0 { place } else { Nowhere };
        left = left.saturating_sub(1);
        notes.add(("built", Time::ZERO));
        held.add("built");
        match breaks {
            FactoryErr => Err(Failure::new("broke: FactoryErr")),
            FactoryPanic => panic!("broke: FactoryPanic"),
            _ => Ok(Fragile {
                breaks,
                log: notes.clone(),
                now: Time::ZERO,
                _held: Held(held.clone()),
            }),
        }
    };
    let node = graph.add("fragile", Factory::new(make));
    graph.supervise(&node, restart);
    Stand {
        fragile: node.address(),
        system: simulated(graph),
        log,
        drops,
    }
}

impl Stand {
    fn words(&self) -> Vec<&'static str> {
        self.log.take().into_iter().map(|(what, _)| what).collect()
    }
}

#[test]
fn a_broken_actor_is_built_anew_and_its_address_stays_valid_wherever_it_broke() {
    let places = [
        FactoryErr,
        FactoryPanic,
        StartedErr,
        StartedPanic,
        HandleErr,
        HandlePanic,
        StoppedErr,
        StoppedPanic,
        DropPanic,
    ];
    for place in places {
        let mut stand = breaks(place, 1, Restart::DEFAULT);
        stand.system.run_until(at_ms(1));
        // Those that break late need a reason to stop.
        let first = if matches!(place, StoppedErr | StoppedPanic | DropPanic) {
            "fail"
        } else {
            "first"
        };
        stand.fragile.try_tell(Word(first)).unwrap();
        stand.system.run_until(at_ms(1_000));
        stand.log.take();
        stand.fragile.try_tell(Word("after")).unwrap();
        let progress = stand.system.run_until(at_ms(1_001));
        assert_eq!(progress, Progress::Reached, "{place:?}");
        assert_eq!(stand.words(), ["after"], "{place:?}");
        let node = &stand.system.report().nodes[0];
        assert_eq!(
            (node.restarts, node.state),
            (1, NodeState::Running),
            "{place:?}"
        );
        let last = node.last_failure.as_ref().unwrap();
        assert!(last.contains("broke: "), "{place:?}: {last}");
    }
}

#[test]
fn stopped_runs_after_a_failure_and_not_after_a_panic() {
    for (place, wanted) in [
        (
            HandleErr,
            vec!["built", "started", "word", "stopped", "dropped"],
        ),
        (HandlePanic, vec!["built", "started", "word", "dropped"]),
        (StartedErr, vec!["built", "started", "stopped", "dropped"]),
        (StartedPanic, vec!["built", "started", "dropped"]),
        (StoppedErr, vec!["built", "started", "word"]),
    ] {
        let mut stand = breaks(place, 1, Restart::DEFAULT);
        stand.fragile.try_tell(Word("word")).unwrap();
        stand.system.run_until(at_ms(50));
        assert_eq!(stand.words(), wanted, "{place:?}");
    }
}

#[test]
fn the_old_incarnation_is_wholly_dropped_before_the_new_one_is_built() {
    for place in [
        StartedErr,
        StartedPanic,
        HandleErr,
        HandlePanic,
        StoppedPanic,
        DropPanic,
    ] {
        let mut stand = breaks(place, 3, Restart::DEFAULT);
        for _ in 0..6 {
            let late = matches!(place, StoppedPanic | DropPanic);
            let word = Word(if late { "fail" } else { "word" });
            stand.fragile.try_tell(word).unwrap();
            let now = stand.system.now();
            stand.system.run_until(now + ms(3_000));
        }
        let drops = stand.drops.take();
        assert!(drops.len() >= 7, "{place:?}: {drops:?}");
        for pair in drops.chunks(2) {
            assert!(
                matches!(pair, ["built", "dropped"] | ["built"]),
                "{place:?}: {drops:?}"
            );
        }
    }
}

#[test]
fn a_message_over_which_an_actor_broke_is_gone_and_the_next_ones_are_handled_in_their_order() {
    let mut stand = breaks(HandlePanic, 1, Restart::DEFAULT);
    for word in ["breaks", "two", "three"] {
        stand.fragile.try_tell(Word(word)).unwrap();
    }
    stand.system.run_until(at_ms(1_000));
    let wanted = [
        "built", "started", "breaks", "dropped", "built", "started", "two", "three",
    ];
    assert_eq!(stand.words(), wanted);
}

/// The moments at which an actor that always breaks was started.
fn starts(restart: Restart, seconds: u64) -> (Vec<Time>, Progress) {
    let mut stand = breaks(StartedErr, u32::MAX, restart);
    let progress = stand.system.run_until(at_ms(seconds * 1_000));
    let happened = stand.log.take().into_iter();
    let starts = happened.filter(|(what, _)| *what == "started");
    (starts.map(|(_, at)| at).collect(), progress)
}

#[test]
fn the_pause_before_a_restart_doubles_from_a_tenth_of_a_second_to_two_seconds() {
    let (starts, _) = starts(Restart::patient(), 20);
    let wanted = [100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000];
    for (pair, wanted) in starts.windows(2).zip(wanted) {
        let pause = pair[1].since(pair[0]);
        assert!(pause >= ms(wanted * 95 / 100) && pause <= ms(wanted * 105 / 100));
        assert!(
            pause <= ms(2_000),
            "never longer than the longest: {pause:?}"
        );
    }
    assert!(starts.len() > 10);
}

#[test]
fn a_long_time_without_a_failure_makes_the_pause_short_again() {
    let mut stand = breaks(Nowhere, 0, Restart::DEFAULT);
    let mut pauses = Vec::new();
    for wait in [1_000, 1_000, 11_000] {
        let now = stand.system.now();
        stand.system.run_until(now + ms(wait));
        stand.log.take();
        stand.fragile.try_tell(Word("fail")).unwrap();
        let failed = stand.system.now();
        stand.system.run_until(failed + ms(900));
        let happened = stand.log.take();
        let (_, started) = happened
            .iter()
            .find(|(what, _)| *what == "started")
            .unwrap();
        pauses.push(started.since(failed).as_millis() / 90);
    }
    assert_eq!(pauses, [1, 2, 1], "a tenth of a second, two, one again");
}

#[test]
fn one_failure_above_the_limit_ends_the_system_with_the_node_and_the_reason() {
    let (starts, progress) = starts(Restart::DEFAULT, 60);
    assert_eq!(starts.len(), 6, "five failures in ten seconds are borne");
    let why = "`fragile` failed: broke: StartedErr; its restart limit is exceeded";
    assert_eq!(progress, Progress::Ended(why.to_owned()));
}

#[test]
fn failures_spread_over_time_are_borne_for_ever() {
    let mut stand = breaks(Nowhere, 0, Restart::DEFAULT);
    for _ in 0..50 {
        stand.fragile.try_tell(Word("fail")).unwrap();
        let now = stand.system.now();
        assert_eq!(stand.system.run_until(now + ms(2_500)), Progress::Reached);
    }
    assert_eq!(stand.system.report().restarts, 50);
}

#[test]
fn patience_never_gives_up() {
    let (starts, progress) = starts(Restart::patient(), 3_600);
    assert_eq!(progress, Progress::Reached);
    assert!(starts.len() >= 1_800, "at least every two seconds");
}

#[test]
fn what_must_not_fail_ends_the_system_at_its_first_failure() {
    for (place, why) in [
        (HandleErr, "failed: broke: HandleErr"),
        (HandlePanic, "panicked: broke: HandlePanic"),
        (FactoryErr, "failed: broke: FactoryErr"),
        (FactoryPanic, "panicked: broke: FactoryPanic"),
    ] {
        let mut stand = breaks(place, 1, Restart::never());
        stand.fragile.try_tell(Word("word")).unwrap();
        let why = format!("`fragile` {why}; its restart limit is exceeded");
        let progress = stand.system.run_until(at_ms(10));
        assert_eq!(progress, Progress::Ended(why.clone()));
        assert_eq!(stand.system.now(), at_ms(0), "at once");
        assert_eq!(stand.system.report().ended, Some(why));
    }
}

#[test]
fn an_actor_that_wants_to_end_ends_and_is_not_built_anew() {
    let mut stand = breaks(Nowhere, 0, Restart::DEFAULT);
    stand.fragile.try_tell(Word("end")).unwrap();
    let progress = stand.system.run_until(at_ms(5_000));
    assert_eq!(
        stand.words(),
        ["built", "started", "end", "stopped", "dropped"]
    );
    let report = stand.system.report();
    assert_eq!((report.failures, report.restarts), (0, 0));
    assert_eq!(
        progress,
        Progress::Ended("every actor has ended".to_owned())
    );
}

#[test]
fn no_pause_at_all_is_a_millisecond_and_one_beyond_all_time_never_ends() {
    let pauses = |pause: Duration| Restart {
        first_pause: pause,
        longest_pause: pause,
        ..Restart::patient()
    };
    let (found, _) = starts(pauses(Duration::ZERO), 1);
    assert_eq!(found.len(), 1_001);
    let (found, progress) = starts(pauses(Duration::MAX), 1_000_000);
    assert_eq!((found.len(), progress), (1, Progress::Reached));
    let endless = Restart {
        at_most: Some(u32::MAX),
        within: Duration::MAX,
        ..Restart::DEFAULT
    };
    assert!(starts(endless, 60).0.len() > 30);
}

#[test]
fn others_go_on_while_one_is_built_anew() {
    let mut graph = Graph::new("two");
    let (log, notes) = (Log::new(), Log::new());
    let failing = Factory::<Fragile>::new(|| Err(Failure::new("not there")));
    let fragile = graph.add("fragile", failing);
    graph.supervise(&fragile, Restart::patient());
    let doer = graph.add("doer", made(|| crate::common::Doer)).address();
    let ticks = notes.clone();
    doer.try_tell(job(move || async move {
        for tick in 0..100 {
            tokio::time::sleep(ms(10)).await;
            ticks.add(tick);
        }
    }))
    .unwrap();
    fragile.address().try_tell(Word("kept")).unwrap();
    let mut system = simulated(graph);
    log.add(system.run_until(at_ms(2_000)));
    assert_eq!(notes.len(), 100);
    assert!(system.report().restarts > 3);
    assert_eq!(log.take(), [Progress::Reached]);
}
