//! What is urgent is handled before all that waits, and so is a stop.

use crate::common::{Gate, Log, at_ms, made, simulated};
use sinew_runtime::{Actor, Context, Failure, Graph, Handler, Leased, Node, Reason, TryTellError};

/// Notes what it gets; its first message waits at a gate.
struct Worker {
    gate: Gate,
    log: Log<&'static str>,
}

impl Actor for Worker {
    async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add("stopped");
        Ok(())
    }
}

impl Handler<&'static str> for Worker {
    type Reply = ();
    async fn handle(&mut self, word: &'static str, _: &mut Context<Self>) -> Result<(), Failure> {
        if word == "first" {
            self.gate.passed().await;
        }
        self.log.add(word);
        Ok(())
    }
}

impl Handler<Leased<u8>> for Worker {
    type Reply = ();
    async fn handle(&mut self, _: Leased<u8>, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add("command");
        Ok(())
    }
}

fn worker(graph: &mut Graph) -> (Node<Worker>, Gate, Log<&'static str>) {
    let (gate, log) = (Gate::default(), Log::new());
    let (waits, notes) = (gate.clone(), log.clone());
    let node = graph.add(
        "worker",
        made(move || Worker {
            gate: waits.clone(),
            log: notes.clone(),
        }),
    );
    (node, gate, log)
}

#[test]
fn an_urgent_message_is_handled_after_none_of_a_thousand_that_wait() {
    let mut graph = Graph::new("urgent");
    let (worker, gate, log) = worker(&mut graph);
    graph.capacity(&worker, 1_000);
    let worker = worker.address();
    worker.try_tell("first").unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    for _ in 0..1_000 {
        worker.try_tell("waits").unwrap();
    }
    worker.try_tell_urgent("urgent").unwrap();
    gate.open();
    system.run_until(at_ms(2));
    let log = log.take();
    assert_eq!(log[..3], ["first", "urgent", "waits"]);
    assert_eq!(log.len(), 1_002);
}

#[test]
fn a_stop_is_obeyed_after_none_of_a_thousand_that_wait() {
    let mut graph = Graph::new("urgent");
    let (worker, gate, log) = worker(&mut graph);
    graph.capacity(&worker, 1_000);
    let worker = worker.address();
    worker.try_tell("one").unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    for _ in 0..1_000 {
        worker.try_tell("waits").unwrap();
    }
    worker.stop();
    gate.open();
    system.run_until(at_ms(2));
    assert_eq!(log.take(), ["one", "stopped"]);
    assert_eq!(system.report().nodes[0].undelivered, 1_000);
}

#[test]
fn a_stop_drops_a_handler_that_waits() {
    let mut graph = Graph::new("urgent");
    let (worker, _, log) = worker(&mut graph);
    worker.address().try_tell("first").unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    worker.address().stop();
    system.run_until(at_ms(1));
    assert_eq!(log.take(), ["stopped"]);
}

#[test]
fn a_graph_says_how_many_messages_may_wait_and_sixty_four_if_it_says_nothing() {
    let mut graph = Graph::new("urgent");
    let (few, _, _) = worker(&mut graph);
    let (many, _, _) = worker(&mut graph);
    graph.capacity(&many, 1_000);
    let room = |node: &Node<Worker>| {
        let told = (0..2_000).take_while(|_| node.address().try_tell("waits").is_ok());
        told.count()
    };
    assert_eq!((room(&few), room(&many)), (64, 1_000));
}

#[test]
fn sixteen_urgent_messages_may_wait_and_ordinary_ones_take_no_room_from_them() {
    let mut graph = Graph::new("urgent");
    let (worker, _, log) = worker(&mut graph);
    graph.capacity(&worker, 1);
    let worker = worker.address();
    worker.try_tell("waits").unwrap();
    for _ in 0..16 {
        worker.try_tell_urgent("urgent").unwrap();
    }
    let refused = worker.try_tell_urgent("more");
    assert!(matches!(refused, Err(TryTellError::Full("more"))));
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    let log = log.take();
    assert_eq!(log[..16], ["urgent"; 16]);
    assert_eq!(log[16..], ["waits"]);
    worker.try_tell("there is room again").unwrap();
    worker.try_tell_urgent("here too").unwrap();
}
