//! When an actor ends, its inputs are closed in reverse order, each by its closer, which sees what the others came to.

use crate::common::{Feed, Log, at_ms, made, ms, simulated};
use sinew_runtime::{
    Actor, Address, Closed, Context, EndActor, Failure, Graph, Handler, Injection, InputId,
    NodeState, NodeStatus, Reason, Report, System,
};

/// How a closer ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    /// After so many milliseconds.
    After(u64),
    Failure,
    Panic,
    PanicWhenDropped,
    Never,
}

/// What is attached to an actor in its `started`, in this order.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// An input without a closer.
    Input(&'static str),
    /// An input with one.
    Closed(&'static str, How),
    /// A closer that stands alone.
    Closer(&'static str, How),
}

/// How the actor itself behaves.
#[derive(Clone, Copy, Debug, Default)]
struct Owner {
    /// `started` attaches all, then waits, fails or panics.
    starts: Option<How>,
    /// How long `stopped` takes.
    stops_for: u64,
}

/// What an owner is told to do.
enum Order {
    Close(usize),
    End,
    Fail,
    Panic,
    /// Attach one more, then do this.
    AttachAndDo(Part, Box<Order>),
    Wait,
}

struct Station {
    how: Owner,
    parts: Vec<Part>,
    attached: Vec<InputId>,
    feed: Feed<u8>,
    log: Log<String>,
}

/// Says when it is dropped, and panics then if it shall.
struct Guard(Log<String>, &'static str, bool);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.add(format!("{} is dropped", self.1));
        assert!(!self.2 || std::thread::panicking(), "dropped badly");
    }
}

/// A feed that says when it is dropped.
fn stream(
    feed: &Feed<u8>,
    log: &Log<String>,
    name: &'static str,
) -> impl futures_core::Stream<Item = u8> + use<> {
    let guard = Guard(log.clone(), name, false);
    let mut stream = feed.stream();
    sinew_runtime::input::poll_fn(move |cx| {
        let _ = &guard;
        futures_core::Stream::poll_next(std::pin::Pin::new(&mut stream), cx)
    })
}

/// Runs as it shall; gives back its name's length.
async fn close(
    name: &'static str,
    how: How,
    log: &Log<String>,
    closed: &Closed,
) -> Result<usize, Failure> {
    let seen: Vec<_> = closed.names().map(|name| seen(closed, name)).collect();
    log.add(format!("{name} sees {seen:?}"));
    let _guard = Guard(log.clone(), name, how == How::PanicWhenDropped);
    match how {
        How::After(time) => tokio::time::sleep(ms(time)).await,
        How::Failure => return Err(Failure::new("no carrier")),
        How::Panic => panic!("closed badly"),
        How::Never | How::PanicWhenDropped => std::future::pending().await,
    }
    Ok(name.len())
}

/// What a closer came to, in words.
fn seen(closed: &Closed, name: &str) -> String {
    match (closed.result::<usize>(name), closed.trouble(name)) {
        (Some(length), None) => format!("{name} {length}"),
        (None, Some(trouble)) => format!("{name} {trouble}"),
        both => panic!("{both:?}"),
    }
}

impl Station {
    fn attach(&mut self, part: Part, ctx: &mut Context<Self>) {
        let log = self.log.clone();
        self.attached.push(match part {
            Part::Input(name) => ctx.input(name, stream(&self.feed, &log, name)).id(),
            Part::Closed(name, how) => ctx
                .input(name, stream(&self.feed, &log, name))
                .closer(async move |closed: &Closed| close(name, how, &log, closed).await)
                .id(),
            Part::Closer(name, how) => ctx.closer(name, async move |closed: &Closed| {
                close(name, how, &log, closed).await
            }),
        });
    }
}

impl Actor for Station {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        for part in self.parts.clone() {
            self.attach(part, ctx);
        }
        match self.how.starts {
            None => {}
            Some(How::After(time)) => tokio::time::sleep(ms(time)).await,
            Some(How::Failure) => return Err(Failure::new("not started")),
            Some(_) => panic!("started badly"),
        }
        Ok(())
    }

    async fn stopped(&mut self, why: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let names = ctx.closed().names();
        let seen: Vec<_> = names.map(|name| seen(ctx.closed(), name)).collect();
        let now = ctx.now().nanos() / 1_000_000;
        self.log.add(format!("{now} {why}, sees {seen:?}"));
        // It is too late for another one.
        self.attach(Part::Closer("late", How::After(0)), ctx);
        if self.how.stops_for > 0 {
            tokio::time::sleep(ms(self.how.stops_for)).await;
            self.log.add("stopped".to_owned());
        }
        Ok(())
    }
}

impl Handler<u8> for Station {
    type Reply = ();
    async fn handle(&mut self, _: u8, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

impl Handler<Order> for Station {
    type Reply = ();
    async fn handle(&mut self, order: Order, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let order = match order {
            Order::AttachAndDo(part, order) => {
                self.attach(part, ctx);
                *order
            }
            order => order,
        };
        match order {
            Order::Close(place) => ctx.close(self.attached[place]),
            Order::End => return Err(EndActor.into()),
            Order::Fail => return Err(Failure::new("told to")),
            Order::Panic => panic!("told to"),
            Order::Wait | Order::AttachAndDo(..) => std::future::pending().await,
        }
        Ok(())
    }
}

struct Stand {
    system: System,
    station: Address<Station>,
    feed: Feed<u8>,
    log: Log<String>,
}

fn stand(how: Owner, parts: &[Part]) -> Stand {
    let mut graph = Graph::new("closers");
    let (feed, log) = (Feed::new(), Log::new());
    let (fed, notes, parts) = (feed.clone(), log.clone(), parts.to_vec());
    let make = move || Station {
        how,
        parts: parts.clone(),
        attached: Vec::new(),
        feed: fed.clone(),
        log: notes.clone(),
    };
    let station = graph.add("station", made(make)).address();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    Stand {
        system,
        station,
        feed,
        log,
    }
}

const SOON: How = How::After(10);
/// Each kind of part.
const THREE: [Part; 4] = [
    Part::Closer("journal", SOON),
    Part::Closed("port", SOON),
    Part::Input("buttons"),
    Part::Closed("pump", SOON),
];
/// How they close.
const IN_ORDER: [&str; 8] = [
    "pump is dropped",
    "pump sees []",
    "pump is dropped",
    "buttons is dropped",
    "port is dropped",
    r#"port sees ["pump 4"]"#,
    "port is dropped",
    r#"journal sees ["pump 4", "port 4"]"#,
];

/// The one node.
fn node(report: &Report) -> &NodeStatus {
    &report.nodes[0]
}

/// Runs until the only node has ended its first incarnation, whatever follows.
fn first_end(stand: &mut Stand) -> Vec<String> {
    stand.system.run_until(at_ms(60));
    stand.log.take()
}

#[test]
fn inputs_are_closed_in_reverse_order_and_each_closer_sees_those_before_it() {
    let mut stand = stand(Owner::default(), &THREE);
    let report = stand.system.shut_down();
    let found = stand.log.take();
    assert_eq!(found[..8], IN_ORDER);
    let seen = r#"["pump 4", "port 4", "journal 7"]"#;
    let last = format!("31 stopped, sees {seen}");
    assert_eq!(found[8..], ["journal is dropped".to_owned(), last]);
    let node = node(&report);
    assert_eq!((node.failures, node.unresponsive), (0, false));
}

#[test]
fn they_are_closed_whatever_ends_the_incarnation() {
    for (order, why) in [(Order::End, "finished"), (Order::Fail, "failed: told to")] {
        let mut stand = stand(Owner::default(), &THREE);
        stand.station.try_tell(order).unwrap();
        let found = first_end(&mut stand);
        assert_eq!(found[..8], IN_ORDER);
        assert!(found[9].contains(why), "{found:?}");
        stand.system.run_until(at_ms(300));
        stand.system.shut_down();
        let found = stand.log.take();
        let late = found.iter().any(|it| it.starts_with("late"));
        assert!(!late, "what `stopped` attached is nothing: {found:?}");
    }
}

#[test]
fn they_are_closed_after_a_panic_too_when_stopped_does_not_run() {
    let mut stand = stand(Owner::default(), &THREE);
    stand.station.try_tell(Order::Panic).unwrap();
    let found = first_end(&mut stand);
    let wanted = [
        // The incarnation goes at once, with its streams.
        "pump is dropped",
        "buttons is dropped",
        "port is dropped",
        "pump sees []",
        "pump is dropped",
        r#"port sees ["pump 4"]"#,
        "port is dropped",
        r#"journal sees ["pump 4", "port 4"]"#,
        "journal is dropped",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn the_next_incarnation_is_built_when_all_are_closed_and_has_its_own() {
    let mut stand = stand(Owner::default(), &[Part::Closer("valve", How::After(300))]);
    stand.station.try_tell(Order::Panic).unwrap();
    stand.system.run_until(at_ms(299));
    let report = stand.system.report();
    assert_eq!(node(&report).state, NodeState::Stopping);
    // 300 ms for the closer, then the pause before the restart.
    stand.system.run_until(at_ms(600));
    let report = stand.system.report();
    assert_eq!(
        (node(&report).state, node(&report).restarts),
        (NodeState::Running, 1)
    );
    assert_eq!(stand.log.take(), ["valve sees []", "valve is dropped"]);
    stand.system.shut_down();
    assert_eq!(
        stand.log.take()[0],
        "valve sees []",
        "nothing is left of the first"
    );
}

#[test]
fn what_started_attached_before_it_failed_panicked_or_was_stopped_is_closed() {
    for starts in [How::Failure, How::Panic, How::After(10_000)] {
        let how = Owner {
            starts: Some(starts),
            ..Owner::default()
        };
        let mut stand = stand(how, &[Part::Closed("port", SOON), Part::Input("buttons")]);
        stand.station.stop();
        stand.system.run_until(at_ms(20));
        let found = stand.log.take();
        let closed = found.iter().position(|it| it == "port sees []");
        let dropped = |name| {
            found
                .iter()
                .position(|it| it == &format!("{name} is dropped"))
        };
        assert!(dropped("buttons") < dropped("port"), "{found:?}");
        assert!(dropped("port") < closed, "{starts:?}: {found:?}");
    }
}

#[test]
fn what_the_last_handler_attached_is_closed_however_it_ended() {
    let parts = [Part::Closer("journal", SOON)];
    for last in [Order::End, Order::Fail, Order::Panic, Order::Wait] {
        let mut stand = stand(Owner::default(), &parts);
        let waits = matches!(last, Order::Wait);
        let order = Order::AttachAndDo(Part::Closed("pump", SOON), Box::new(last));
        stand.station.try_tell(order).unwrap();
        stand.system.run_until(at_ms(2));
        if waits {
            stand.station.stop();
        }
        let found = first_end(&mut stand);
        let wanted = [
            "pump is dropped",
            "pump sees []",
            "pump is dropped",
            r#"journal sees ["pump 4"]"#,
        ];
        assert_eq!(found[..4], wanted);
    }
}

#[test]
fn the_closer_of_an_input_that_was_closed_or_has_ended_does_not_run() {
    let parts = [
        Part::Closed("first", SOON),
        Part::Closed("second", SOON),
        Part::Closer("third", SOON),
        Part::Closer("fourth", SOON),
    ];
    let mut stand = stand(Owner::default(), &parts);
    for place in [0, 3] {
        stand.station.try_tell(Order::Close(place)).unwrap();
    }
    stand.system.run_until(at_ms(2));
    assert_eq!(stand.log.take(), ["first is dropped"]);
    stand.feed.end();
    stand.system.run_until(at_ms(3));
    assert_eq!(stand.log.take(), ["second is dropped"]);
    stand.system.shut_down();
    let found = stand.log.take();
    assert_eq!(found[..2], ["third sees []", "third is dropped"]);
    assert!(
        found[2].ends_with(r#"stopped, sees ["third 5"]"#),
        "{found:?}"
    );
}

#[test]
fn a_closer_that_fails_or_panics_is_a_failure_that_the_others_see() {
    let parts = [
        Part::Closer("last", SOON),
        Part::Closer("panics", How::Panic),
        Part::Closer("fails", How::Failure),
    ];
    let mut stand = stand(Owner::default(), &parts);
    let report = stand.system.shut_down();
    let found = stand.log.take();
    let seen = r#"["fails failed: no carrier", "panics panicked: closed badly"]"#;
    assert_eq!(found[4], format!("last sees {seen}"));
    assert!(found[6].contains(r#""panics panicked: closed badly", "last 4"]"#));
    let node = node(&report);
    assert_eq!((node.failures, node.unresponsive), (2, false));
    let wanted = "stopped; the closer of `panics` panicked: closed badly";
    assert_eq!(node.last_failure.as_deref(), Some(wanted));
}

#[test]
fn one_that_hangs_has_an_equal_share_of_the_time_is_dropped_and_said_and_robs_none_of_the_others() {
    let parts = [
        Part::Closer("first", How::Never),
        Part::Closer("second", How::After(600)),
        Part::Closer("third", How::Never),
    ];
    let how = Owner {
        starts: None,
        stops_for: 100_000,
    };
    let mut stand = stand(how, &parts);
    let before = stand.system.now();
    let report = stand.system.shut_down();
    let found = stand.log.take();
    let late = "took too long and was dropped";
    let wanted = [
        "third sees []".to_owned(),
        // At 500 ms, with a quarter of two seconds.
        "third is dropped".to_owned(),
        format!(r#"second sees ["third {late}"]"#),
        // At 1000 ms: it would have needed 600 of the third of 1500 that it has.
        "second is dropped".to_owned(),
        format!(r#"first sees ["third {late}", "second {late}"]"#),
        "first is dropped".to_owned(),
        format!(r#"1501 stopped, sees ["third {late}", "second {late}", "first {late}"]"#),
    ];
    assert_eq!(found, wanted);
    assert_eq!(
        stand.system.now().since(before),
        ms(2_000),
        "`stopped` has the rest"
    );
    let node = node(&report);
    assert_eq!((node.failures, node.unresponsive), (4, true));
}

#[test]
fn who_needs_little_leaves_more_to_those_after_it() {
    let parts = [
        Part::Closer("slow", How::After(950)),
        Part::Closer("quick", How::After(0)),
    ];
    let mut stand = stand(Owner::default(), &parts);
    let report = stand.system.shut_down();
    let found = stand.log.take();
    assert!(
        found[4].ends_with(r#"sees ["quick 5", "slow 4"]"#),
        "{found:?}"
    );
    assert_eq!(node(&report).failures, 0);
}

#[test]
fn one_that_panics_while_it_is_dropped_harms_nobody() {
    let parts = [
        Part::Closer("last", SOON),
        Part::Closer("bad", How::PanicWhenDropped),
    ];
    let mut stand = stand(Owner::default(), &parts);
    let report = stand.system.shut_down();
    let found = stand.log.take();
    assert_eq!(
        found[2],
        r#"last sees ["bad took too long and was dropped"]"#
    );
    let node = node(&report);
    assert_eq!((node.state, node.unresponsive), (NodeState::Ended, true));
}

#[test]
fn an_input_that_panics_while_it_is_dropped_leaves_the_other_closers_to_run() {
    /// Has a bad stream between two closers.
    struct Bad(Log<String>);
    impl Actor for Bad {
        async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
            let log = self.0.clone();
            ctx.closer("first", async move |closed: &Closed| {
                close("first", How::Never, &log, closed).await
            });
            let guard = Guard(self.0.clone(), "bad", true);
            let never = async move || {
                let _ = &guard;
                std::future::pending().await
            };
            ctx.repeat("bad", never);
            let log = self.0.clone();
            ctx.closer("second", async move |closed: &Closed| {
                close("second", SOON, &log, closed).await
            });
            Ok(())
        }
        async fn stopped(&mut self, why: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
            self.0.add(format!("stopped: {why}"));
            Ok(())
        }
    }
    impl Handler<u8> for Bad {
        type Reply = ();
        async fn handle(&mut self, _: u8, _: &mut Context<Self>) -> Result<(), Failure> {
            Ok(())
        }
    }
    let mut graph = Graph::new("closers");
    let log = Log::new();
    let notes = log.clone();
    graph.add("bad", made(move || Bad(notes.clone())));
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    let before = system.now();
    let report = system.shut_down();
    let took = system.now().since(before);
    assert_eq!(
        took,
        ms(10) + (ms(2_000) - ms(10)) / 2,
        "the time of all is kept"
    );
    let wanted = [
        "second sees []",
        "second is dropped",
        "bad is dropped",
        r#"first sees ["second 6"]"#,
        "first is dropped",
    ];
    assert_eq!(
        log.take(),
        wanted,
        "it is a panic, so that `stopped` does not run"
    );
    let node = node(&report);
    let why = "panicked: dropped badly; the closer of `first` took too long and was dropped";
    assert_eq!(node.last_failure.as_deref(), Some(why));
    assert_eq!(node.failures, 2);
}

#[test]
fn a_system_that_is_dropped_runs_no_more_of_them() {
    let parts = [
        Part::Closer("unrun", SOON),
        Part::Closer("never", How::Never),
    ];
    let mut stand = stand(Owner::default(), &parts);
    stand.station.stop();
    stand.system.run_until(at_ms(500));
    drop(stand.system);
    assert_eq!(stand.log.take(), ["never sees []", "never is dropped"]);
}

#[test]
fn children_end_before_the_inputs_are_closed() {
    /// A child that notes its end.
    #[derive(Clone)]
    struct Child(Log<String>);
    impl Actor for Child {
        async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
            tokio::time::sleep(ms(10)).await;
            self.0.add("child stopped".to_owned());
            Ok(())
        }
    }
    /// Its parent, with a closer.
    #[derive(Clone)]
    struct Parent(Log<String>);
    impl Actor for Parent {
        async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
            let log = self.0.clone();
            ctx.child("child", Child(log.clone())).start()?;
            ctx.closer("port", async move |closed: &Closed| {
                close("port", SOON, &log, closed).await
            });
            Ok(())
        }
    }
    for panics in [false, true] {
        let mut graph = Graph::new("closers");
        let log = Log::new();
        graph.add("parent", Parent(log.clone()));
        let mut system = simulated(graph);
        system.run_until(at_ms(1));
        if panics {
            assert!(system.handle().inject("parent", Injection::Panic));
            system.run_until(at_ms(50));
        } else {
            system.shut_down();
        }
        let wanted = ["child stopped", "port sees []", "port is dropped"];
        assert_eq!(log.take(), wanted);
    }
}
