//! Whatever commands go through, no lease is ever lengthened and nothing old comes after something new.

use crate::common::{Ear, Heard, Log, Mouth, Say, at_ms, ear, mouth, ms, simulated};
use sinew_patterns::{Arbiter, Filter, Map, Throttle};
use sinew_runtime::{Graph, Leased, Node, Random, System};
use std::collections::BTreeMap;
use std::time::Duration;

/// Chance of one seed.
struct Chance(Random);

impl Chance {
    fn below(&mut self, count: u64) -> u64 {
        self.0.next() % count
    }

    fn lease(&mut self) -> Duration {
        ms(1 + self.below(1_000))
    }
}

/// A chain of all that takes commands, with random leases and a random period.
struct Chain {
    system: System,
    source: Node<Mouth<u64>>,
    /// The lease of its first edge.
    first: Duration,
    log: Log<Heard<u64>>,
}

fn chain(chance: &mut Chance) -> Chain {
    let mut graph = Graph::new("leases");
    let source = mouth(&mut graph, "source");
    let (sink, log): (Node<Ear<u64>>, _) = ear(&mut graph, "sink");
    let map = graph.add("map", Map::new(|number: u64| number));
    let filter = Filter::new(|number: &u64| !number.is_multiple_of(5));
    let filter = graph.add("filter", filter);
    let throttle = graph.add("throttle", Throttle::every(ms(1 + chance.below(120))));
    let arbiter = Arbiter::add_to(&mut graph, "arbiter");
    let first = chance.lease();
    graph.command(&source, &map).lease(first);
    graph.command(&map, &filter).lease(chance.lease());
    graph.command(&filter, &throttle).lease(chance.lease());
    let edge = arbiter.obey(&mut graph, &throttle, 1, ms(200));
    edge.lease(chance.lease());
    graph.command(&arbiter, &sink).lease(chance.lease());
    Chain {
        system: simulated(graph),
        source,
        first,
        log,
    }
}

/// Sends 60 commands at random moments; returns until when each may stand at most, in milliseconds.
fn command(chain: &mut Chain, chance: &mut Chance) -> BTreeMap<u64, u64> {
    let mut allowed = BTreeMap::new();
    let mut now = 0;
    for number in 0..60 {
        now += chance.below(60);
        chain.system.run_until(at_ms(now));
        let said = now + 1 + chance.below(400);
        let first = u64::try_from(chain.first.as_millis()).expect("a second");
        allowed.insert(number, said.min(now + first));
        let command = Say(Leased::new(number, at_ms(said)));
        chain.source.address().try_tell(command).expect("room");
    }
    chain.system.run_until(at_ms(now + 2_000));
    allowed
}

#[test]
fn no_chain_of_operators_lengthens_a_lease() {
    let (mut heard, mut expired) = (0, 0);
    for seed in 0..100 {
        let mut chance = Chance(Random::new(seed));
        let mut chain = chain(&mut chance);
        let allowed = command(&mut chain, &mut chance);
        let mut newest = None;
        for it in chain.log.take() {
            let Heard::Command(number, at, until) = it else {
                panic!("seed {seed}: {it:?}");
            };
            assert!(until <= allowed[&number], "seed {seed}: {it:?} {allowed:?}");
            assert!(at < until, "seed {seed}: {it:?} came at its end");
            assert!(Some(number) > newest, "seed {seed}: {it:?}, {newest:?}");
            newest = Some(number);
            heard += 1;
        }
        let edges = chain.system.report().edges;
        expired += edges.iter().map(|edge| edge.expired).sum::<u64>();
    }
    assert!(heard > 1_000, "{heard} commands arrived");
    assert_eq!(expired, 0, "what ends while it is held is not sent on");
}
