//! In the steady state a value that passes costs no heap allocation, and a timer a constant once a period.

mod common;
#[path = "../../tests/common/heap.rs"]
mod heap;

use common::{Log, at_ms, made, ms, simulated};
use heap::allocated;
use sinew_patterns::{Arbiter, Debounce, Filter, Map, Merge, Smooth, Throttle, Topic, Topics, Zip};
use sinew_runtime::{
    Actor, Address, Context, Emits, Failure, Graph, Handler, Leased, Message, Node,
};

/// How many values are published between the two marks, one each millisecond.
const VALUES: u64 = 4_000;

/// What a timer costs at most: itself, and the room in which its message is handled.
const A_TIMER: u64 = 3;

const TOPIC: Topic<u64> = Topic::named("values");

/// Publishes a value each millisecond, and announces it if there are topics.
struct Driver {
    ticks: u64,
    topics: Option<Address<Topics>>,
    /// What was allocated when everything was as large as it ever is, and at the end.
    marks: Log<u64>,
}

#[derive(Clone)]
struct Tick;

impl Actor for Driver {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(1), Tick);
        Ok(())
    }
}

impl Emits<u64> for Driver {}

impl Handler<Tick> for Driver {
    type Reply = ();
    async fn handle(&mut self, _: Tick, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.ticks += 1;
        if [1_000, 1_000 + VALUES].contains(&self.ticks) {
            self.marks.add(allocated());
        }
        match &self.topics {
            Some(topics) => topics.try_tell(TOPIC.announce(self.ticks))?,
            None => ctx.publish(self.ticks),
        }
        Ok(())
    }
}

/// Takes all, keeps nothing.
#[derive(Clone)]
struct Sink {
    topics: Option<Address<Topics>>,
}

impl Actor for Sink {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if let Some(topics) = &self.topics {
            topics.ask(TOPIC.subscribe(&ctx.address())).await??;
        }
        Ok(())
    }
}

impl<M: Message> Handler<Leased<M>> for Sink {
    type Reply = ();
    async fn handle(&mut self, it: Leased<M>, _: &mut Context<Self>) -> Result<(), Failure> {
        std::hint::black_box(&it);
        Ok(())
    }
}

impl Handler<u64> for Sink {
    type Reply = ();
    async fn handle(&mut self, it: u64, _: &mut Context<Self>) -> Result<(), Failure> {
        std::hint::black_box(&it);
        Ok(())
    }
}

/// Allocations of 4,000 values, and how many of them the sink handled.
fn allocations(
    topics: bool,
    wire: impl FnOnce(&mut Graph, &Node<Driver>, &Node<Sink>),
) -> (u64, u64) {
    let mut graph = Graph::new("allocations");
    let topics = topics.then(|| graph.add("topics", Topics::new()).address());
    let marks = Log::new();
    // With the first mark the log has room for the others.
    marks.add(0);
    let (notes, of_driver) = (marks.clone(), topics.clone());
    let driver = made(move || Driver {
        ticks: 0,
        topics: of_driver.clone(),
        marks: notes.clone(),
    });
    let driver = graph.add("driver", driver);
    let sink = graph.add("sink", Sink { topics });
    wire(&mut graph, &driver, &sink);
    let mut system = simulated(graph);
    system.run_until(at_ms(1_001 + VALUES));
    let marks = marks.take();
    let nodes = system.report().nodes;
    let sink = nodes.iter().find(|node| node.name == "sink");
    (marks[2] - marks[1], sink.expect("it was added").handled)
}

#[test]
fn a_value_that_passes_an_operator_without_a_timer_costs_nothing() {
    let map = allocations(false, |graph, driver, sink| {
        let map = graph.add("map", Map::new(|value: u64| value + 1));
        graph.connect(driver, &map);
        graph.connect(&map, sink);
    });
    let filter = allocations(false, |graph, driver, sink| {
        let filter = graph.add("filter", Filter::new(|_: &u64| true));
        graph.command(driver, &filter);
        graph.command(&filter, sink);
    });
    let smooth = allocations(false, |graph, driver, sink| {
        let smooth = Smooth::over(ms(10), |last: u64, new: u64, _| last.midpoint(new));
        let smooth = graph.add("smooth", smooth);
        graph.connect(driver, &smooth);
        graph.connect(&smooth, sink);
    });
    let merge = allocations(false, |graph, driver, sink| {
        let merge = graph.add("merge", Merge::new());
        graph.connect(driver, &merge);
        graph.connect(&merge, sink);
    });
    let zip = allocations(false, |graph, driver, sink| {
        let zip = Zip::of(|first: u64, second: u64| first + second);
        let zip = zip.add_to(graph, "zip", driver, driver);
        graph.connect(&zip, sink);
    });
    for (name, (found, handled)) in [
        ("map", map),
        ("filter", filter),
        ("smooth", smooth),
        ("merge", merge),
        ("zip", zip),
    ] {
        assert_eq!(found, 0, "{name}");
        assert!(handled >= VALUES, "{name}: {handled}");
    }
}

#[test]
fn an_operator_with_a_timer_pays_for_it_once_a_period() {
    let (throttle, handled) = allocations(false, |graph, driver, sink| {
        let throttle = graph.add("throttle", Throttle::every(ms(20)));
        graph.command(driver, &throttle);
        graph.command(&throttle, sink);
    });
    assert!((200..=252).contains(&handled), "{handled}");
    assert!(
        (1..=A_TIMER * VALUES / 20).contains(&throttle),
        "{throttle}"
    );
    let (debounce, handled) = allocations(false, |graph, driver, sink| {
        let debounce = graph.add("debounce", Debounce::rested(ms(20)));
        graph.connect(driver, &debounce);
        graph.connect(&debounce, sink);
    });
    assert_eq!(handled, 0, "the values never rest");
    assert!(
        (1..=A_TIMER * (VALUES / 19 + 1)).contains(&debounce),
        "{debounce}"
    );
}

#[test]
fn a_command_that_passes_an_arbiter_costs_nothing_but_a_look_at_silence_once_a_time_out() {
    let (found, handled) = allocations(false, |graph, driver, sink| {
        let arbiter = Arbiter::<u64>::add_to(graph, "arbiter");
        arbiter.obey(graph, driver, 1, ms(100));
        graph.command(&arbiter, sink);
    });
    assert!(handled >= VALUES, "{handled}");
    assert!(
        (1..=A_TIMER * (VALUES / 99 + 1)).contains(&found),
        "{found}"
    );
}

#[test]
fn a_message_that_passes_a_topic_costs_nothing() {
    let (found, handled) = allocations(true, |_, _, _| {});
    assert!(handled >= VALUES, "{handled}");
    assert_eq!(found, 0);
}

#[test]
fn the_counter_counts() {
    let before = allocated();
    drop(std::hint::black_box(Box::new(5)));
    assert_eq!(allocated() - before, 1);
}
