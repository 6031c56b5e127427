//! A router chooses in turn, by a key, the least loaded, or all, and leaves out whoever has ended.

use crate::common::{Doer, Log, job, made, ms, simulated};
use sinew_patterns::{Router, Told};
use sinew_runtime::{
    Actor, AskError, Context, Failure, Graph, Handler, Node, System, TryTellError,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Notes its name and what it got; takes so many milliseconds over it.
struct Leg {
    log: Log<(String, u64)>,
    takes: u64,
}

impl Actor for Leg {}

impl Handler<u64> for Leg {
    type Reply = String;
    async fn handle(&mut self, it: u64, ctx: &mut Context<Self>) -> Result<String, Failure> {
        if self.takes > 0 {
            tokio::time::sleep(ms(self.takes)).await;
        }
        self.log.add((ctx.name().to_owned(), it));
        Ok(ctx.name().to_owned())
    }
}

struct Legs {
    system: System,
    nodes: Vec<Node<Leg>>,
    askers: [Node<Doer>; 3],
    log: Log<(String, u64)>,
}

/// Legs called a, b, c, and so on, that take so long, with room for two messages each.
fn legs(count: u8, takes: u64) -> Legs {
    let mut graph = Graph::new("router");
    let log = Log::new();
    let mut leg = |number: u8| {
        let notes = log.clone();
        let make = move || Leg {
            log: notes.clone(),
            takes,
        };
        let name = char::from(b'a' + number).to_string();
        let node = graph.add(&name, made(make));
        graph.capacity(&node, 2);
        node
    };
    let nodes = (0..count).map(&mut leg).collect();
    let askers = ["x", "y", "z"].map(|name| graph.add(name, Doer));
    Legs {
        system: simulated(graph),
        nodes,
        askers,
        log,
    }
}

impl Legs {
    fn router(&self) -> Router<Leg> {
        Router::to(self.nodes.iter().map(Node::address))
    }

    fn run_for(&mut self, milliseconds: u64) {
        let now = self.system.now();
        self.system.run_until(now + ms(milliseconds));
    }

    /// What each got so far, by name.
    fn got(&self) -> BTreeMap<String, Vec<u64>> {
        let mut got = BTreeMap::<_, Vec<_>>::new();
        for (name, it) in self.log.take() {
            got.entry(name).or_default().push(it);
        }
        got
    }
}

fn got<const N: usize>(wanted: [(&str, &[u64]); N]) -> BTreeMap<String, Vec<u64>> {
    let wanted = wanted.into_iter();
    wanted
        .map(|(name, them)| (name.to_owned(), them.to_vec()))
        .collect()
}

#[test]
fn each_has_its_turn() {
    let mut legs = legs(3, 0);
    let mut router = legs.router();
    for number in 0..6 {
        router.tell_next(number).unwrap();
    }
    legs.run_for(1);
    assert_eq!(
        legs.got(),
        got([("a", &[0, 3]), ("b", &[1, 4]), ("c", &[2, 5])])
    );
}

#[test]
fn one_without_room_is_passed_over_and_a_message_comes_back_only_if_nobody_has_room() {
    let mut legs = legs(2, 0);
    let mut router = legs.router();
    let first = legs.nodes[0].address();
    first.try_tell(90).unwrap();
    first.try_tell(91).unwrap();
    router.tell_next(1).unwrap();
    router.tell_next(2).unwrap();
    let back = router.tell_next(3);
    assert!(matches!(back, Err(TryTellError::Full(3))));
    legs.run_for(1);
    assert_eq!(legs.got(), got([("a", &[90, 91]), ("b", &[1, 2])]));
}

#[test]
fn whoever_has_ended_is_left_out() {
    let mut legs = legs(3, 0);
    let mut router = legs.router();
    legs.run_for(1);
    legs.nodes[1].address().stop();
    legs.run_for(1);
    for number in 0..4 {
        router.tell_next(number).unwrap();
    }
    assert_eq!(router.len(), 2);
    legs.run_for(1);
    assert_eq!(legs.got(), got([("a", &[0, 2]), ("c", &[1, 3])]));
    legs.nodes[0].address().stop();
    legs.nodes[2].address().stop();
    legs.run_for(1);
    assert!(matches!(router.tell_next(9), Err(TryTellError::Closed(9))));
    assert!(router.is_empty());
    let back = router.tell_by_key("x", 9);
    assert!(matches!(back, Err(TryTellError::Closed(9))));
}

#[test]
fn the_turn_goes_on_where_one_has_ended() {
    let mut legs = legs(3, 0);
    let mut router = legs.router();
    for number in 0..3 {
        router.tell_next(number).unwrap();
    }
    legs.run_for(1);
    legs.nodes[0].address().stop();
    legs.run_for(1);
    legs.log.take();
    router.tell_next(3).unwrap();
    legs.run_for(1);
    assert_eq!(legs.got(), got([("b", &[3])]));
}

#[test]
fn equal_keys_go_to_one_and_when_one_ends_only_its_own_keys_move() {
    let mut legs = legs(4, 0);
    let mut router = legs.router();
    let owners = |legs: &mut Legs, router: &mut Router<Leg>| -> BTreeMap<u64, String> {
        for key in 0..40 {
            router.tell_by_key(&key, key).unwrap();
            router.tell_by_key(&key, key).unwrap();
            legs.run_for(1);
        }
        let mut owners = BTreeMap::new();
        for (name, key) in legs.log.take() {
            let before = owners.insert(key, name.clone());
            assert!(before.is_none_or(|before| before == name), "{key}");
        }
        owners
    };
    let before = owners(&mut legs, &mut router);
    for node in &legs.nodes {
        let keys = before.values().filter(|name| *name == node.name()).count();
        assert!((4..=20).contains(&keys), "{} has {keys} of 40", node.name());
    }
    legs.nodes[2].address().stop();
    legs.run_for(1);
    let after = owners(&mut legs, &mut router);
    for (key, name) in &before {
        assert_eq!(name == "c", after[key] != *name, "{key}");
    }
}

#[test]
fn a_message_whose_owner_has_no_room_comes_back() {
    let mut legs = legs(3, 0);
    let mut router = legs.router();
    router.tell_by_key("north", 1).unwrap();
    router.tell_by_key("north", 2).unwrap();
    let back = router.tell_by_key("north", 3);
    assert!(matches!(back, Err(TryTellError::Full(3))));
    legs.run_for(1);
    assert_eq!(legs.got().into_values().collect::<Vec<_>>(), [[1, 2]]);
}

#[test]
fn all_are_told_and_those_without_room_are_counted() {
    let mut legs = legs(3, 0);
    let mut router = legs.router();
    legs.run_for(1);
    legs.nodes[0].address().stop();
    legs.run_for(1);
    let full = legs.nodes[1].address();
    full.try_tell(90).unwrap();
    full.try_tell(91).unwrap();
    let told = router.tell_all(&7);
    assert_eq!(
        told,
        Told {
            reached: 1,
            lost: 1
        }
    );
    legs.run_for(1);
    assert_eq!(legs.got(), got([("b", &[90, 91]), ("c", &[7])]));
    assert_eq!(
        router.tell_all(&8),
        Told {
            reached: 2,
            lost: 0
        }
    );
}

#[test]
fn the_one_with_the_fewest_open_asks_is_asked_and_of_equal_ones_the_first() {
    let mut legs = legs(2, 100);
    let router = Arc::new(legs.router());
    let answers = Log::new();
    let ask_after = |pause: u64, number: u64| {
        let (router, answers) = (Arc::clone(&router), answers.clone());
        job(move || async move {
            tokio::time::sleep(ms(pause)).await;
            answers.add((number, router.ask_least_loaded(number).await));
        })
    };
    // The first asker asks again 15 ms after its first answer, when b has answered and a has not.
    let jobs = [(0, 0, 1), (1, 10, 2), (2, 20, 3), (0, 15, 4)];
    for (asker, pause, number) in jobs {
        let job = ask_after(pause, number);
        legs.askers[asker].address().try_tell(job).unwrap();
    }
    legs.run_for(1_000);
    let mut answers = answers.take();
    answers.sort_by_key(|(number, _)| *number);
    let wanted = [(1, "a"), (2, "b"), (3, "a"), (4, "b")];
    assert_eq!(answers, wanted.map(|(it, name)| (it, Ok(name.to_owned()))));
}

#[test]
fn whoever_has_answered_is_as_free_as_before() {
    let mut legs = legs(2, 10);
    let router = Arc::new(legs.router());
    for number in 1..=3 {
        let router = Arc::clone(&router);
        let ask = move || async move { drop(router.ask_least_loaded(number).await) };
        legs.askers[0].address().try_tell(job(ask)).unwrap();
    }
    legs.run_for(100);
    assert_eq!(legs.got(), got([("a", &[1, 2, 3])]));
}

#[test]
fn who_asks_nobody_hears_so() {
    let mut legs = legs(0, 0);
    let nobody = legs.router();
    let answers: Log<Result<String, AskError>> = Log::new();
    let notes = answers.clone();
    let ask = move || async move { notes.add(nobody.ask_least_loaded(1).await) };
    legs.askers[0].address().try_tell(job(ask)).unwrap();
    legs.run_for(10);
    assert_eq!(answers.take(), [Err(AskError::Closed)]);
}
