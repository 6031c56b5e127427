//! What becomes of an input's errors and of its end is for its actor to say.

use crate::common::{Feed, Log, at_ms, made, simulated};
use sinew_runtime::{
    Actor, Address, Context, EndActor, Failure, Graph, Handler, InputId, NodeState, Reason, System,
};

type Item = Result<u8, Failure>;

/// What a port's actor says about its port.
#[derive(Clone, Copy, Default)]
struct Said {
    end: bool,
    error: bool,
    times: Option<u64>,
}

/// The port's end, and trouble at it.
struct Gone;
struct Trouble(String);

/// Close the port.
struct Close;

/// Notes what its port brings.
struct Owner {
    said: Said,
    feed: Feed<Item>,
    log: Log<String>,
    port: Option<InputId>,
}

impl Owner {
    fn open(&mut self, ctx: &mut Context<Self>) {
        let mut port = ctx.try_input("port", self.feed.stream());
        if self.said.end {
            port = port.on_end(Gone);
        }
        if self.said.error {
            port = port.on_error(|failure| Trouble(failure.to_string()));
        }
        if let Some(times) = self.said.times {
            port = port.times(times);
        }
        self.port = Some(port.id());
    }
}

impl Actor for Owner {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.open(ctx);
        Ok(())
    }
}

impl Handler<u8> for Owner {
    type Reply = ();
    async fn handle(&mut self, number: u8, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(number.to_string());
        Ok(())
    }
}

impl Handler<Trouble> for Owner {
    type Reply = ();
    async fn handle(
        &mut self,
        Trouble(what): Trouble,
        _: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.log.add(what.clone());
        match what.as_str() {
            "fatal" => Err(Failure::new("it was fatal")),
            _ => Ok(()),
        }
    }
}

impl Handler<Gone> for Owner {
    type Reply = ();
    async fn handle(&mut self, _: Gone, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let streams = self.feed.streams();
        self.log.add(format!("gone, {streams} streams"));
        // Twice, so that the test ends.
        if self.feed.len() > 0 {
            self.open(ctx);
        }
        Ok(())
    }
}

impl Handler<Close> for Owner {
    type Reply = ();
    async fn handle(&mut self, _: Close, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if let Some(port) = self.port {
            ctx.close(port);
        }
        Ok(())
    }
}

struct Stand {
    system: System,
    owner: Address<Owner>,
    feed: Feed<Item>,
    log: Log<String>,
}

fn stand(said: Said) -> Stand {
    let mut graph = Graph::new("ends");
    let (feed, log) = (Feed::new(), Log::new());
    let (fed, notes) = (feed.clone(), log.clone());
    let make = move || Owner {
        said,
        feed: fed.clone(),
        log: notes.clone(),
        port: None,
    };
    let owner = graph.add("owner", made(make)).address();
    let system = simulated(graph);
    Stand {
        system,
        owner,
        feed,
        log,
    }
}

impl Stand {
    /// Runs for a millisecond.
    fn run(&mut self) {
        let until = self.system.now() + crate::common::ms(1);
        self.system.run_until(until);
    }
}

const END: Said = Said {
    end: true,
    error: false,
    times: None,
};
const ERROR: Said = Said {
    end: false,
    error: true,
    times: None,
};

#[test]
fn an_end_that_shall_be_told_is_told_once_after_all_items_and_when_the_stream_is_dropped() {
    let mut stand = stand(END);
    stand.feed.push(Ok(1));
    stand.feed.push(Ok(2));
    stand.feed.end();
    stand.system.run_until(at_ms(100));
    assert_eq!(stand.log.take(), ["1", "2", "gone, 0 streams"]);
}

#[test]
fn whoever_hears_of_the_end_may_open_the_input_anew() {
    let mut stand = stand(Said {
        times: Some(2),
        ..END
    });
    for number in 0..5 {
        stand.feed.push(Ok(number));
    }
    stand.run();
    let wanted = [
        "0",
        "1",
        "gone, 0 streams",
        "2",
        "3",
        "gone, 0 streams",
        "4",
    ];
    assert_eq!(stand.log.take(), wanted);
    assert_eq!(stand.feed.streams(), 1);
}

#[test]
fn an_input_ends_after_as_many_items_as_it_was_said() {
    for (times, wanted) in [
        (0, &["gone, 0 streams"][..]),
        (1, &["1", "gone, 0 streams"]),
        (3, &["1", "2", "3", "gone, 0 streams"]),
    ] {
        let mut stand = stand(Said {
            times: Some(times),
            ..END
        });
        for number in 1..=times {
            stand.feed.push(Ok(u8::try_from(number).unwrap()));
        }
        stand.run();
        assert_eq!(stand.log.take(), wanted);
        let report = stand.system.report();
        assert_eq!(report.nodes[0].state, NodeState::Running);
    }
}

#[test]
fn errors_that_are_told_are_messages_in_their_order_and_the_input_goes_on() {
    let mut stand = stand(ERROR);
    for item in [Ok(1), Err(Failure::new("noise")), Ok(2)] {
        stand.feed.push(item);
    }
    stand.feed.push(Err(EndActor.into()));
    stand.run();
    stand.feed.push(Ok(3));
    stand.run();
    let wanted = ["1", "noise", "2", "ended by its own wish", "3"];
    assert_eq!(stand.log.take(), wanted);
    let node = stand.system.report().nodes.remove(0);
    assert_eq!((node.failures, node.handled), (0, 5));
}

#[test]
fn errors_that_are_told_count_as_items() {
    let mut stand = stand(Said {
        end: true,
        error: true,
        times: Some(2),
    });
    for item in [Ok(1), Err(Failure::new("noise")), Ok(2)] {
        stand.feed.push(item);
    }
    stand.run();
    let found = stand.log.take();
    assert_eq!(&found[..3], ["1", "noise", "gone, 0 streams"]);
}

#[test]
fn whoever_hears_of_an_error_may_fail_of_it() {
    let mut stand = stand(ERROR);
    stand.feed.push(Err(Failure::new("fatal")));
    stand.run();
    let node = stand.system.report().nodes.remove(0);
    assert_eq!(node.last_failure.as_deref(), Some("failed: it was fatal"));
}

#[test]
fn an_input_that_is_closed_tells_no_end() {
    let mut stand = stand(END);
    stand.run();
    stand.owner.try_tell(Close).unwrap();
    stand.run();
    stand.feed.end();
    stand.run();
    assert_eq!(stand.feed.streams(), 0);
    assert_eq!(stand.log.len(), 0);
}

#[test]
fn a_stop_drops_an_end_that_is_being_handled() {
    /// Waits for ever once its input has ended.
    struct Waits(Feed<u8>, Log<&'static str>);
    impl Actor for Waits {
        async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
            ctx.input("feed", self.0.stream()).on_end(Gone);
            Ok(())
        }
        async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
            self.1.add("stopped");
            Ok(())
        }
    }
    /// What the handler that waits has started, so that it is seen to be over before all else.
    #[derive(Clone)]
    struct Child(Log<&'static str>);
    impl Actor for Child {
        async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
            self.0.add("child stopped");
            Ok(())
        }
    }
    impl Handler<u8> for Waits {
        type Reply = ();
        async fn handle(&mut self, _: u8, _: &mut Context<Self>) -> Result<(), Failure> {
            Ok(())
        }
    }
    impl Handler<Gone> for Waits {
        type Reply = ();
        async fn handle(&mut self, _: Gone, ctx: &mut Context<Self>) -> Result<(), Failure> {
            self.1.add("begun");
            ctx.child("child", Child(self.1.clone())).start()?;
            std::future::pending().await
        }
    }
    let mut graph = Graph::new("ends");
    let (feed, log) = (Feed::new(), Log::new());
    let (fed, notes) = (feed.clone(), log.clone());
    graph.add("waits", made(move || Waits(fed.clone(), notes.clone())));
    let mut system = simulated(graph);
    feed.end();
    system.run_until(at_ms(1));
    assert_eq!(log.take(), ["begun"]);
    let report = system.shut_down();
    assert_eq!(log.take(), ["child stopped", "stopped"]);
    assert_eq!(report.nodes[0].state, NodeState::Ended);
}
