//! Topics pass messages to whoever subscribed at run time, wait for nobody, and count each loss.

use crate::common::{Doer, Log, at_ms, job, made, simulated};
use sinew_patterns::{SubscriberStatus, Topic, TopicError, TopicStatus, TopicStatuses, Topics};
use sinew_runtime::{
    Actor, Address, AskError, Context, Failure, Graph, Handler, Injection, Node, System,
};

const VOLTAGE: Topic<u32> = Topic::named("battery/voltage");
const STATE: Topic<String> = Topic::named("state");

/// Notes what it is told.
struct Gauge(Log<String>);

impl Actor for Gauge {}

impl Handler<u32> for Gauge {
    type Reply = ();
    async fn handle(&mut self, it: u32, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(format!("{}: {it}", ctx.name()));
        Ok(())
    }
}

impl Handler<String> for Gauge {
    type Reply = ();
    async fn handle(&mut self, it: String, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(format!("{}: {it}", ctx.name()));
        Ok(())
    }
}

/// Topics, two gauges, and somebody who asks.
struct House {
    system: System,
    topics: Address<Topics>,
    first: Node<Gauge>,
    second: Node<Gauge>,
    asker: Node<Doer>,
    log: Log<String>,
}

fn house(topics: Topics) -> House {
    let mut graph = Graph::new("topics");
    let topics = graph.add("topics", topics);
    let log = Log::new();
    let mut gauge = |name: &str| {
        let notes = log.clone();
        graph.add(name, made(move || Gauge(notes.clone())))
    };
    let (first, second) = (gauge("first"), gauge("second"));
    graph.capacity(&second, 2);
    let asker = graph.add("asker", Doer);
    House {
        system: simulated(graph),
        topics: topics.address(),
        first,
        second,
        asker,
        log,
    }
}

impl House {
    /// Asks the topics, and lets all that follows from it happen.
    fn ask<M: Send + 'static>(
        &mut self,
        message: M,
    ) -> Result<<Topics as Handler<M>>::Reply, AskError>
    where
        Topics: Handler<M>,
    {
        let answers = Log::new();
        let (notes, topics) = (answers.clone(), self.topics.clone());
        let ask = move || async move { notes.add(topics.ask(message).await) };
        self.asker.address().try_tell(job(ask)).expect("room");
        let now = self.system.now();
        self.system.run_until(now + crate::common::ms(1));
        answers.take().remove(0)
    }

    fn subscribe(&mut self, topic: &Topic<u32>, second: bool) -> Result<(), TopicError> {
        let who = if second { &self.second } else { &self.first };
        let message = topic.subscribe(&who.address());
        self.ask(message).expect("topics answer")
    }

    fn status(&mut self) -> Vec<TopicStatus> {
        self.ask(TopicStatuses).expect("topics answer")
    }

    /// What was heard, whoever heard it first.
    fn heard(&self) -> Vec<String> {
        let mut heard = self.log.take();
        heard.sort();
        heard
    }
}

#[test]
fn who_subscribed_gets_what_is_announced_and_nobody_else_does() {
    let mut house = house(Topics::new());
    assert_eq!(house.ask(VOLTAGE.announce(1)), Ok(Ok(0)), "nobody listens");
    house.subscribe(&VOLTAGE, false).unwrap();
    assert_eq!(house.ask(VOLTAGE.announce(2)), Ok(Ok(1)));
    house.subscribe(&VOLTAGE, true).unwrap();
    let state = STATE.subscribe(&house.first.address());
    house.ask(state).unwrap().unwrap();
    assert_eq!(house.ask(VOLTAGE.announce(3)), Ok(Ok(2)));
    assert_eq!(house.ask(STATE.announce("armed".to_owned())), Ok(Ok(1)));
    let wanted = ["first: 2", "first: 3", "first: armed", "second: 3"];
    assert_eq!(house.heard(), wanted);
}

#[test]
fn who_subscribes_twice_hears_once_and_who_unsubscribes_no_more() {
    let mut house = house(Topics::new());
    house.subscribe(&VOLTAGE, false).unwrap();
    house.subscribe(&VOLTAGE, false).unwrap();
    assert_eq!(house.ask(VOLTAGE.announce(1)), Ok(Ok(1)));
    let leave = |house: &House| VOLTAGE.unsubscribe(&house.first.address());
    let message = leave(&house);
    assert_eq!(house.ask(message), Ok(true));
    let message = leave(&house);
    assert_eq!(house.ask(message), Ok(false));
    assert_eq!(house.ask(VOLTAGE.announce(2)), Ok(Ok(0)));
    assert_eq!(house.heard(), ["first: 1"]);
}

#[test]
fn nobody_waits_for_a_subscriber_and_each_loss_is_counted() {
    let mut house = house(Topics::new());
    house.subscribe(&VOLTAGE, false).unwrap();
    house.subscribe(&VOLTAGE, true).unwrap();
    let topics = house.topics.clone();
    // The asker announces five at once; the second subscriber has room for two.
    let stop = house.second.address();
    let flood = move || async move {
        for number in 1..=5 {
            topics.try_tell(VOLTAGE.announce(number)).expect("room");
        }
        stop.try_tell(9).expect("room");
        stop.try_tell(9).expect("room");
    };
    house.asker.address().try_tell(job(flood)).unwrap();
    house.system.run_until(at_ms(50));
    let status = house.status();
    let [it] = &status[..] else {
        panic!("{status:?}");
    };
    assert_eq!((it.name.as_str(), it.kind), ("battery/voltage", "u32"));
    assert_eq!((it.announced, it.refused), (5, 0));
    let [first, second] = &it.subscribers[..] else {
        panic!("{it:?}");
    };
    assert_eq!(
        (first.name.as_str(), first.delivered, first.lost),
        ("first", 5, 0)
    );
    assert_eq!(
        (second.name.as_str(), second.delivered + second.lost),
        ("second", 5)
    );
    assert!(second.lost > 0 && it.lost == second.lost, "{it:?}");
    let heard = house.heard();
    let of_second = heard.iter().filter(|it| it.starts_with("second")).count();
    assert_eq!(of_second as u64, second.delivered + 2);
    // What was lost stays counted when the one who lost it leaves.
    let (lost, leave) = (it.lost, VOLTAGE.unsubscribe(&house.second.address()));
    house.ask(leave).unwrap();
    assert_eq!(house.status()[0].lost, lost);
}

#[test]
fn who_has_ended_is_gone_from_a_quiet_topic_as_well_and_makes_room() {
    let mut house = house(Topics::with_room(2, 1));
    let quiet = Topic::of("quiet");
    house.subscribe(&quiet, false).unwrap();
    assert!(house.subscribe(&quiet, true).is_err());
    house.first.address().stop();
    house.system.run_until(at_ms(50));
    house.subscribe(&quiet, true).unwrap();
    assert_eq!(house.status()[0].subscribers.len(), 1);
}

#[test]
fn a_restart_ends_no_subscription() {
    let mut house = house(Topics::new());
    house.subscribe(&VOLTAGE, false).unwrap();
    assert!(house.system.handle().inject("first", Injection::Panic));
    house.system.run_until(at_ms(20));
    assert_eq!(house.ask(VOLTAGE.announce(1)), Ok(Ok(1)));
    house.system.run_until(at_ms(500));
    assert_eq!(house.heard(), ["first: 1"]);
}

#[test]
fn who_has_ended_is_gone() {
    let mut house = house(Topics::new());
    house.subscribe(&VOLTAGE, false).unwrap();
    house.subscribe(&VOLTAGE, true).unwrap();
    house.first.address().stop();
    house.system.run_until(at_ms(100));
    assert_eq!(house.ask(VOLTAGE.announce(1)), Ok(Ok(1)));
    let subscribers: Vec<SubscriberStatus> = house.status().remove(0).subscribers;
    let names: Vec<_> = subscribers.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["second"]);
    assert_eq!(house.heard(), ["second: 1"]);
}

#[test]
fn one_name_has_one_type() {
    let mut house = house(Topics::new());
    house.subscribe(&VOLTAGE, false).unwrap();
    let other: Topic<String> = Topic::of("battery/voltage");
    let wanted = TopicError::OtherType {
        topic: "battery/voltage".to_owned(),
        found: "u32",
        wanted: "alloc::string::String",
    };
    let message = other.subscribe(&house.first.address());
    assert_eq!(house.ask(message), Ok(Err(wanted.clone())));
    assert_eq!(house.ask(other.announce("7.4".to_owned())), Ok(Err(wanted)));
    let status = house.status().remove(0);
    assert_eq!((status.announced, status.refused), (0, 1));
    assert_eq!(house.heard(), [""; 0]);
}

#[test]
fn there_is_room_for_so_many_topics_and_so_many_subscribers_and_no_more() {
    let mut house = house(Topics::with_room(1, 1));
    house.subscribe(&VOLTAGE, false).unwrap();
    let error = house.subscribe(&VOLTAGE, true).unwrap_err();
    let text = "`second` would be subscriber number 2 of `battery/voltage`; make room for it: Topics::with_room";
    assert_eq!(error.to_string(), text);
    let current = Topic::of("battery/current");
    let error = house.subscribe(&current, true).unwrap_err();
    let text = "`battery/current` would be topic number 2; make room for it: Topics::with_room";
    assert_eq!(error.to_string(), text);
    house.subscribe(&VOLTAGE, false).unwrap();
    assert_eq!(house.ask(VOLTAGE.announce(1)), Ok(Ok(1)));
}
