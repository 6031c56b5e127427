//! Actors that would wait for each other for ever are told so, with the names of all.

use crate::common::{Log, at_ms, simulated};
use sinew_runtime::{Actor, Address, AskError, Context, Failure, Graph, Handler, TellError};

/// Asks or tells the next one, when it is told to.
#[derive(Clone)]
struct Link {
    next: std::sync::Arc<std::sync::OnceLock<Address<Link>>>,
    log: Log<String>,
}

/// Ask the next one for its answer.
struct Ask(u32);
/// Tell the next one so many times, more than it has room for.
struct Flood;
/// What fills a mailbox.
struct Filler;

impl Link {
    fn new(log: &Log<String>) -> Self {
        Self {
            next: std::sync::Arc::default(),
            log: log.clone(),
        }
    }

    fn next(&self) -> &Address<Link> {
        self.next.get().expect("it is linked")
    }
}

impl Actor for Link {}

impl Handler<Ask> for Link {
    type Reply = u32;
    async fn handle(&mut self, Ask(hops): Ask, ctx: &mut Context<Self>) -> Result<u32, Failure> {
        if hops == 0 {
            return Ok(0);
        }
        match self.next().ask(Ask(hops - 1)).await {
            Ok(answer) => Ok(answer + 1),
            Err(AskError::WouldDeadlock(circle)) => {
                self.log
                    .add(format!("{} {circle} at {}", ctx.name(), ctx.now()));
                Ok(100)
            }
            Err(other) => {
                self.log.add(format!("{} {other}", ctx.name()));
                Ok(1_000)
            }
        }
    }
}

impl Handler<Filler> for Link {
    type Reply = ();
    async fn handle(&mut self, _: Filler, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

impl Handler<Flood> for Link {
    type Reply = ();
    async fn handle(&mut self, _: Flood, ctx: &mut Context<Self>) -> Result<(), Failure> {
        for _ in 0..10 {
            if let Err(TellError::WouldDeadlock(_, circle)) = self.next().tell(Filler).await {
                self.log.add(format!("{} {circle}", ctx.name()));
                return Ok(());
            }
        }
        self.log.add(format!("{} is through", ctx.name()));
        Ok(())
    }
}

/// So many actors in a circle, with room for two messages each.
fn circle(graph: &mut Graph, count: usize, log: &Log<String>) -> Vec<Address<Link>> {
    let links: Vec<_> = (0..count).map(|_| Link::new(log)).collect();
    let nodes: Vec<_> = links
        .iter()
        .enumerate()
        .map(|(place, link)| graph.add(&format!("link-{place}"), link.clone()))
        .collect();
    for (place, link) in links.iter().enumerate() {
        graph.capacity(&nodes[place], 2);
        let next = nodes[(place + 1) % count].address();
        link.next.set(next).expect("it is linked once");
    }
    nodes.iter().map(sinew_runtime::Node::address).collect()
}

#[test]
fn a_circle_of_asks_is_named_and_one_of_them_ends_so_that_the_others_are_answered() {
    for count in [1, 2, 5] {
        let (mut graph, log) = (Graph::new("circle"), Log::new());
        let links = circle(&mut graph, count, &log);
        // Once around: the last of the asks comes back to the first, which waits.
        links[0].try_tell(Ask(count as u32)).unwrap();
        let mut system = simulated(graph);
        system.run_until(at_ms(200));
        let said = log.take();
        assert_eq!(said.len(), 1, "one of {count}: {said:?}");
        for place in 0..count {
            assert!(said[0].contains(&format!("link-{place}")), "{}", said[0]);
        }
        let report = system.shut_down();
        assert_eq!(
            report.messages,
            count as u64 + 1,
            "the ask that was given up is handled too"
        );
        assert_eq!(report.failures, 0);
    }
}

#[test]
fn a_circle_is_found_within_75_ms() {
    let (mut graph, log) = (Graph::new("circle"), Log::new());
    circle(&mut graph, 2, &log)[0].try_tell(Ask(2)).unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(75));
    assert_eq!(log.len(), 1);
}

#[test]
fn a_chain_that_is_only_slow_is_none() {
    let (mut graph, log) = (Graph::new("chain"), Log::new());
    let links = circle(&mut graph, 5, &log);
    links[0].try_tell(Ask(4)).unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(6_000));
    assert_eq!(log.take(), Vec::<String>::new());
    assert_eq!(system.shut_down().messages, 5);
}

#[test]
fn a_circle_of_tells_that_wait_for_room_is_named_and_the_others_go_on() {
    for count in [1, 3] {
        let (mut graph, log) = (Graph::new("circle"), Log::new());
        let links = circle(&mut graph, count, &log);
        links.iter().for_each(|link| link.try_tell(Flood).unwrap());
        let mut system = simulated(graph);
        system.run_until(at_ms(500));
        let said = log.take();
        assert_eq!(said.len(), count, "each says how it ended: {said:?}");
        let circles = said.iter().filter(|line| line.contains("->")).count();
        assert_eq!(
            circles, 1,
            "one gives up, the others get their room: {said:?}"
        );
        assert_eq!(system.shut_down().failures, 0);
    }
}

#[test]
fn two_that_ask_each_other_at_once_are_a_circle() {
    let (mut graph, log) = (Graph::new("circle"), Log::new());
    let links = circle(&mut graph, 2, &log);
    links.iter().for_each(|link| link.try_tell(Ask(1)).unwrap());
    let mut system = simulated(graph);
    system.run_until(at_ms(100));
    assert_eq!(log.len(), 1);
    assert!(system.shut_down().failures == 0);
}
