//! An input is polled by its actor alone, while it is idle and if it woke, and lives as long as its incarnation.

use crate::common::{Feed, FeedStream, Gate, Log, at_ms, made, ms, simulated};
use futures_core::Stream;
use sinew_runtime::{
    Actor, Address, Context, EndActor, Factory, Failure, Graph, Handler, Injection, InputId,
    NodeState, System,
};
use std::pin::Pin;
use std::task::Poll;

/// An item of an input: a word, or the port's end.
type Item = Result<&'static str, Failure>;

/// What an actor with inputs is told to do.
enum Order {
    /// Wait at the gate.
    Wait,
    /// Close the first input.
    Close,
    /// Attach the other inputs.
    Attach,
}

/// Notes the words of its inputs.
struct Reader {
    log: Log<&'static str>,
    gate: Gate,
    feeds: [Feed<Item>; 3],
    input: Option<InputId>,
}

impl Actor for Reader {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.input = Some(ctx.try_input("port", self.feeds[0].stream()).id());
        Ok(())
    }
}

impl Handler<&'static str> for Reader {
    type Reply = ();
    async fn handle(&mut self, word: &'static str, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(word);
        Ok(())
    }
}

impl Handler<Order> for Reader {
    type Reply = ();
    async fn handle(&mut self, order: Order, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match order {
            Order::Wait => self.gate.passed().await,
            Order::Attach => {
                ctx.try_board_input("second", self.feeds[1].stream());
                ctx.try_input("third", self.feeds[2].stream());
            }
            Order::Close => {
                if let Some(input) = self.input {
                    ctx.close(input);
                }
            }
        }
        Ok(())
    }
}

struct Stand {
    system: System,
    reader: Address<Reader>,
    log: Log<&'static str>,
    gate: Gate,
    feeds: [Feed<Item>; 3],
    /// How many streams of the first input lived whenever a reader was built.
    lived: Log<u64>,
}

fn stand() -> Stand {
    let mut graph = Graph::new("inputs");
    let (log, gate, lived) = (Log::new(), Gate::default(), Log::new());
    let feeds = [Feed::new(), Feed::new(), Feed::new()];
    let (notes, waits, fed, lives) = (log.clone(), gate.clone(), feeds.clone(), lived.clone());
    let make = move || {
        lives.add(fed[0].streams());
        Reader {
            log: notes.clone(),
            gate: waits.clone(),
            feeds: fed.clone(),
            input: None,
        }
    };
    let reader = graph.add("reader", made(make)).address();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    Stand {
        system,
        reader,
        log,
        gate,
        feeds,
        lived,
    }
}

#[test]
fn items_are_handled_in_their_order_one_by_one() {
    let mut stand = stand();
    for word in ["one", "two", "three"] {
        stand.feeds[0].push(Ok(word));
    }
    stand.system.run_until(at_ms(2));
    stand.feeds[0].push(Ok("four"));
    stand.system.run_until(at_ms(3));
    assert_eq!(stand.log.take(), ["one", "two", "three", "four"]);
}

#[test]
fn a_busy_actor_does_not_poll_its_inputs() {
    let mut stand = stand();
    stand.reader.try_tell(Order::Wait).unwrap();
    stand.system.run_until(at_ms(2));
    let polls = stand.feeds[0].polls();
    for word in ["one", "two", "three"] {
        stand.feeds[0].push(Ok(word));
        let now = stand.system.now();
        stand.system.run_until(now + ms(10));
    }
    assert_eq!(stand.feeds[0].polls(), polls);
    assert_eq!(stand.feeds[0].len(), 3, "all items wait in their source");
    stand.gate.open();
    stand.system.run_until(at_ms(100));
    assert_eq!(stand.log.take(), ["one", "two", "three"]);
}

#[test]
fn only_an_input_that_woke_is_polled() {
    let mut stand = stand();
    stand.reader.try_tell(Order::Attach).unwrap();
    stand.system.run_until(at_ms(2));
    let polls = |stand: &Stand| stand.feeds.each_ref().map(Feed::polls);
    assert_eq!(polls(&stand), [1, 1, 1], "each waits since its first poll");
    // Messages and items of others are no reason to poll.
    for _ in 0..10 {
        stand.reader.try_tell("told").unwrap();
        let now = stand.system.now();
        stand.system.run_until(now + ms(1));
    }
    assert_eq!(polls(&stand), [1, 1, 1]);
    for _ in 0..10 {
        stand.feeds[1].push(Ok("item"));
        let now = stand.system.now();
        stand.system.run_until(now + ms(1));
    }
    assert_eq!(polls(&stand), [1, 21, 1], "once for an item, once for more");
    assert_eq!(stand.log.len(), 20);
}

#[test]
fn an_input_that_woke_while_the_actor_was_busy_is_polled_once_it_is_idle() {
    let mut stand = stand();
    stand.reader.try_tell(Order::Wait).unwrap();
    stand.system.run_until(at_ms(2));
    stand.feeds[0].push(Ok("meanwhile"));
    stand.system.run_until(at_ms(3));
    stand.reader.try_tell("told").unwrap();
    stand.gate.open();
    stand.system.run_until(at_ms(4));
    let mut found = stand.log.take();
    found.sort_unstable();
    assert_eq!(found, ["meanwhile", "told"]);
    assert_eq!(stand.feeds[0].polls(), 3);
}

#[test]
fn an_input_that_wakes_itself_is_polled_again_and_no_more_often() {
    /// Yields so often before its only item.
    struct Yields {
        left: u32,
        polls: Log<u32>,
    }
    impl Stream for Yields {
        type Item = &'static str;
        fn poll_next(
            mut self: Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> Poll<Option<&'static str>> {
            self.polls.add(self.left);
            if self.left == 0 {
                return Poll::Ready(None);
            }
            self.left -= 1;
            if self.left == 0 {
                return Poll::Ready(Some("at last"));
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    }
    let mut graph = Graph::new("inputs");
    let (log, polls) = (Log::new(), Log::new());
    let (notes, polled) = (log.clone(), polls.clone());
    let make = move || Yielding {
        log: notes.clone(),
        make: Some(Yields {
            left: 5,
            polls: polled.clone(),
        }),
    };
    graph.add("yielding", made(make));
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    assert_eq!(log.take(), ["at last"]);
    assert_eq!(polls.take(), [5, 4, 3, 2, 1, 0]);
}

/// Notes what its stream brings.
struct Yielding<S> {
    log: Log<&'static str>,
    make: Option<S>,
}

impl<S: Stream<Item = &'static str> + 'static> Actor for Yielding<S> {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let stream = self.make.take().ok_or(EndActor)?;
        ctx.input(format!("stream of {}", ctx.name()), stream);
        Ok(())
    }
}

impl<S: Stream<Item = &'static str> + 'static> Handler<&'static str> for Yielding<S> {
    type Reply = ();
    async fn handle(&mut self, word: &'static str, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(word);
        Ok(())
    }
}

#[test]
fn an_err_ends_the_actor_and_names_the_input() {
    let mut stand = stand();
    stand.feeds[0].push(Ok("last"));
    stand.feeds[0].push(Err(Failure::new("the cable is gone")));
    stand.system.run_until(at_ms(2));
    let node = stand.system.report().nodes.remove(0);
    assert_eq!(node.failures, 1);
    assert_eq!(
        node.last_failure.as_deref(),
        Some("failed: input port: the cable is gone")
    );
    assert_eq!(stand.log.take(), ["last"]);
}

#[test]
fn an_err_that_wants_the_end_ends_the_actor_normally() {
    let mut stand = stand();
    stand.feeds[0].push(Err(EndActor.into()));
    stand.system.run_until(at_ms(2));
    let node = stand.system.report().nodes.remove(0);
    assert_eq!((node.failures, node.state), (0, NodeState::Ended));
}

#[test]
fn the_end_of_an_input_leaves_the_actor_alive() {
    let mut stand = stand();
    stand.feeds[0].end();
    stand.system.run_until(at_ms(2));
    assert_eq!(stand.feeds[0].streams(), 0, "the stream is dropped");
    stand.reader.try_tell("told").unwrap();
    stand.system.run_until(at_ms(3));
    assert_eq!(stand.log.take(), ["told"]);
}

#[test]
fn an_input_that_ends_leaves_no_other_one_unheard() {
    for (first, ends, speaks) in (0..27).map(|it| (it % 3, it / 3 % 3, it / 9)) {
        if ends == speaks || ends == first {
            continue;
        }
        let mut stand = stand();
        stand.reader.try_tell(Order::Attach).unwrap();
        stand.feeds[first].push(Ok("first"));
        stand.system.run_until(at_ms(2));
        stand.feeds[speaks].push(Ok("second"));
        stand.feeds[ends].end();
        stand.system.run_until(at_ms(3));
        stand.feeds[speaks].push(Ok("third"));
        stand.system.run_until(at_ms(4));
        let found = stand.log.take();
        assert_eq!(
            found,
            ["first", "second", "third"],
            "{first} {ends} {speaks}"
        );
    }
}

#[test]
fn an_input_is_dropped_with_its_incarnation_before_the_next_is_built() {
    let mut stand = stand();
    for fault in [Injection::Fail("a test".into()), Injection::Panic] {
        assert!(stand.system.handle().inject("reader", fault));
        let now = stand.system.now();
        stand.system.run_until(now + ms(10));
        assert_eq!(stand.feeds[0].streams(), 0, "no stream outlives its actor");
        stand.system.run_until(now + ms(1_000));
        assert_eq!(stand.feeds[0].streams(), 1, "the new one has its own");
    }
    assert_eq!(stand.lived.take(), [0, 0, 0]);
    stand.system.shut_down();
    assert_eq!(stand.feeds[0].streams(), 0);
}

#[test]
fn an_input_is_closed_by_its_number() {
    let mut stand = stand();
    stand.reader.try_tell(Order::Close).unwrap();
    stand.reader.try_tell(Order::Close).unwrap();
    stand.system.run_until(at_ms(2));
    assert_eq!(stand.feeds[0].streams(), 0);
    stand.feeds[0].push(Ok("unheard"));
    stand.system.run_until(at_ms(3));
    assert_eq!(stand.log.len(), 0);
}

/// A stream that panics when it is polled, or when it is dropped.
struct Bad {
    inner: FeedStream<&'static str>,
    polled: bool,
    dropped: bool,
}

impl Stream for Bad {
    type Item = &'static str;
    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> Poll<Option<&'static str>> {
        assert!(!self.polled, "polled badly");
        Pin::new(&mut self.inner).poll_next(cx)
    }
}

impl Drop for Bad {
    fn drop(&mut self) {
        assert!(!self.dropped, "dropped badly");
    }
}

/// Has a bad stream at its first start, a good one at the next.
struct Owner {
    log: Log<&'static str>,
    feed: Feed<&'static str>,
    bad: (bool, bool),
}

impl Actor for Owner {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let first = ctx.restarts() == 0;
        let (polled, dropped) = self.bad;
        let bad = Bad {
            inner: self.feed.stream(),
            polled: first && polled,
            dropped: first && dropped,
        };
        ctx.input("bad", bad);
        Ok(())
    }
}

impl Handler<&'static str> for Owner {
    type Reply = ();
    async fn handle(&mut self, word: &'static str, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(word);
        Ok(())
    }
}

#[test]
fn an_input_that_panics_polled_or_dropped_is_its_actors_panic_and_no_more() {
    for (bad, texts) in [
        (
            (true, false),
            ["panicked: polled badly", "panicked: polled badly"],
        ),
        // The fault of the test comes first, then the drop of what it leaves.
        ((false, true), ["failed: a test", "panicked: dropped badly"]),
    ] {
        let mut graph = Graph::new("inputs");
        let (log, feed) = (Log::new(), Feed::new());
        let (notes, fed) = (log.clone(), feed.clone());
        let make = move || {
            Ok(Owner {
                log: notes.clone(),
                feed: fed.clone(),
                bad,
            })
        };
        graph.add("owner", Factory::new(make));
        let mut system = simulated(graph);
        system.run_until(at_ms(1));
        if bad.1 {
            let fault = Injection::Fail("a test".into());
            assert!(system.handle().inject("owner", fault));
        }
        system.run_until(at_ms(2));
        let told = system.report().nodes[0].last_failure.clone().unwrap();
        assert!(texts.iter().any(|text| told.starts_with(text)), "{told}");
        feed.push("well");
        system.run_until(at_ms(1_000));
        assert_eq!(log.take(), ["well"]);
        assert_eq!(feed.streams(), 1);
    }
}
