//! What one sender sends in one lane is handled in that order, whatever its types.

use crate::common::{Doer, Log, at_ms, job, made, simulated};
use sinew_runtime::{Actor, Address, Context, Emits, Failure, Graph, Handler};

/// Notes what it gets.
struct Noter(Log<String>);

impl Actor for Noter {}

macro_rules! notes {
    ($($type:ty),+) => {
        $(impl Handler<$type> for Noter {
            type Reply = ();
            async fn handle(&mut self, it: $type, _: &mut Context<Self>) -> Result<(), Failure> {
                self.0.add(it.to_string());
                Ok(())
            }
        })+
    };
}

notes!(u8, char, String);

/// Publishes two types in turn.
#[derive(Clone)]
struct Source;

impl Actor for Source {}
impl Emits<u8> for Source {}
impl Emits<char> for Source {}

impl Handler<()> for Source {
    type Reply = ();
    async fn handle(&mut self, (): (), ctx: &mut Context<Self>) -> Result<(), Failure> {
        for (number, letter) in (0..9_u8).zip('a'..) {
            ctx.publish(number);
            ctx.publish(letter);
        }
        Ok(())
    }
}

fn noter(graph: &mut Graph) -> (Address<Noter>, Log<String>) {
    let log = Log::new();
    let seen = log.clone();
    let node = graph.add("noter", made(move || Noter(seen.clone())));
    graph.capacity(&node, 1_000);
    (node.address(), log)
}

#[test]
fn messages_of_many_types_are_handled_in_the_order_in_which_one_sender_told_them() {
    let mut graph = Graph::new("order");
    let (noter, log) = noter(&mut graph);
    let mut wanted = Vec::new();
    for (number, letter) in (0..20_u8).zip('a'..) {
        noter.try_tell(number).unwrap();
        noter.try_tell(letter).unwrap();
        noter.try_tell(format!("word {number}")).unwrap();
        wanted.extend([
            number.to_string(),
            letter.to_string(),
            format!("word {number}"),
        ]);
    }
    simulated(graph).run_until(at_ms(1));
    assert_eq!(log.take(), wanted);
}

#[test]
fn asks_and_tells_of_one_sender_keep_their_order() {
    let mut graph = Graph::new("order");
    let (noter, log) = noter(&mut graph);
    let doer = graph.add("doer", Doer).address();
    doer.try_tell(job(move || async move {
        for round in 0..10_u8 {
            noter.tell(round).await.unwrap();
            noter.tell(format!("told {round}")).await.unwrap();
            noter.ask(format!("asked {round}")).await.unwrap();
        }
    }))
    .unwrap();
    simulated(graph).run_until(at_ms(1));
    let wanted: Vec<_> = (0..10)
        .flat_map(|round| {
            [
                round.to_string(),
                format!("told {round}"),
                format!("asked {round}"),
            ]
        })
        .collect();
    assert_eq!(log.take(), wanted);
}

#[test]
fn values_on_edges_of_many_types_arrive_in_the_order_in_which_they_were_published() {
    let mut graph = Graph::new("order");
    let log = Log::new();
    let seen = log.clone();
    let source = graph.add("source", Source);
    let noter = graph.add("noter", made(move || Noter(seen.clone())));
    graph.connect(source.out::<u8>(), &noter).keep_newest(100);
    graph.connect(source.out::<char>(), &noter).keep_oldest(100);
    source.address().try_tell(()).unwrap();
    simulated(graph).run_until(at_ms(1));
    let wanted: Vec<_> = (0..9_u8)
        .zip('a'..)
        .flat_map(|(number, letter)| [number.to_string(), letter.to_string()])
        .collect();
    assert_eq!(log.take(), wanted);
}

#[test]
fn each_of_many_senders_keeps_its_own_order_under_every_seed() {
    for seed in 0..50 {
        let mut graph = Graph::new("order");
        let (noter, log) = noter(&mut graph);
        for sender in 0..4 {
            let noter = noter.clone();
            let doer = graph.add(&format!("doer {sender}"), Doer).address();
            let tells = job(move || async move {
                for count in 0..10 {
                    noter.tell(format!("{sender} {count}")).await.unwrap();
                    tokio::task::yield_now().await;
                }
            });
            doer.try_tell(tells).unwrap();
        }
        let mut system =
            sinew_runtime::System::simulated(graph, seed, Box::new(crate::common::Void)).unwrap();
        system.run_until(at_ms(1));
        let seen = log.take();
        assert_eq!(seen.len(), 40);
        for sender in 0..4 {
            let of_one = seen.iter().filter(|it| it.starts_with(&sender.to_string()));
            let wanted = (0..10).map(|count| format!("{sender} {count}"));
            assert!(
                of_one.eq(wanted.collect::<Vec<_>>().iter()),
                "seed {seed}: {seen:?}"
            );
        }
    }
}
