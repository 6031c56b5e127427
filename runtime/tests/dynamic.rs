//! Messages of any type find their handlers, and what nobody handles becomes a dead letter.

use crate::common::{Log, at_ms, made, ms, simulated};
use sinew_runtime::{
    Accepts, Actor, Address, AnyMessage, Context, DeadLetter, EndActor, Failure, Graph, Handler,
    TryTellError, Undelivered,
};

/// Takes numbers and words, and what else it is sent if it is curious.
struct Reader {
    curious: bool,
    log: Log<String>,
}

impl Actor for Reader {
    fn dynamic(accepts: &mut Accepts<Self>) {
        accepts.on::<u32>().on::<String>().on::<u32>();
    }

    async fn on_other(
        &mut self,
        message: AnyMessage,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        if self.curious {
            self.log
                .add(format!("other, a float: {}", message.is::<f32>()));
        } else {
            ctx.dead_letter(message);
        }
        Ok(())
    }
}

impl Handler<u32> for Reader {
    type Reply = ();
    async fn handle(&mut self, number: u32, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(number.to_string());
        Ok(())
    }
}

impl Handler<String> for Reader {
    type Reply = ();
    async fn handle(&mut self, word: String, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(word);
        Ok(())
    }
}

/// Takes nothing, and says nothing about it.
#[derive(Clone)]
struct Deaf;
impl Actor for Deaf {}
impl Handler<u8> for Deaf {
    type Reply = ();
    async fn handle(&mut self, _: u8, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

/// Notes dead letters.
struct Undertaker(Log<DeadLetter>);
impl Actor for Undertaker {}
impl Handler<DeadLetter> for Undertaker {
    type Reply = ();
    async fn handle(&mut self, letter: DeadLetter, _: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(letter);
        Ok(())
    }
}

fn reader(curious: bool) -> (Graph, Address<Reader>, Log<String>) {
    let mut graph = Graph::new("library");
    let log = Log::new();
    let notes = log.clone();
    let make = made(move || Reader {
        curious,
        log: notes.clone(),
    });
    let reader = graph.add("reader", make).address();
    (graph, reader, log)
}

#[test]
fn a_message_of_any_type_goes_to_its_handler_in_one_order_with_what_is_told() {
    let (graph, reader, log) = reader(true);
    let any = reader.any();
    any.try_tell(Box::new(1_u32)).unwrap();
    reader.try_tell(2_u32).unwrap();
    any.try_tell(Box::new("three".to_owned())).unwrap();
    any.try_tell(Box::new(4.0_f32)).unwrap();
    reader.try_tell(5_u32).unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    assert_eq!(log.take(), ["1", "2", "three", "other, a float: true", "5"]);
    assert_eq!(system.handle().dead_letters().0, 0);
    assert_eq!(any.name(), "reader");
}

#[test]
fn a_message_that_nobody_handles_becomes_a_dead_letter_and_harms_nobody() {
    let (mut graph, reader, log) = reader(false);
    let deaf = graph.add("deaf", Deaf).address();
    for address in [reader.any(), deaf.any()] {
        address.try_tell(Box::new('x')).unwrap();
    }
    reader.try_tell(1_u32).unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    assert_eq!(log.take(), ["1"]);
    let (count, letters) = system.handle().dead_letters();
    let found: Vec<_> = letters.iter().map(|it| (&*it.to, it.why)).collect();
    assert_eq!(count, 2);
    assert!(
        found.contains(&("reader", Undelivered::Unhandled)),
        "{found:?}"
    );
    assert!(
        found.contains(&("deaf", Undelivered::Unhandled)),
        "{found:?}"
    );
    assert_eq!(system.shut_down().failures, 0);
}

#[test]
fn the_dynamic_path_has_the_same_bound_and_gives_the_message_back() {
    let mut graph = Graph::new("library");
    let log = Log::new();
    let make = made(move || Reader {
        curious: true,
        log: log.clone(),
    });
    let node = graph.add("reader", make);
    graph.capacity(&node, 1);
    let any = node.address().any();
    any.try_tell(Box::new(1_u32)).unwrap();
    for message in [Box::new(2_u32) as AnyMessage, Box::new('x')] {
        assert!(matches!(any.try_tell(message), Err(TryTellError::Full(_))));
    }
    let mut system = simulated(graph);
    system.shut_down();
    let back = any.try_tell(Box::new(3_u32)).unwrap_err();
    assert!(back.is_closed());
    assert_eq!(back.into_message().downcast_ref::<u32>(), Some(&3));
}

#[test]
fn what_waits_at_an_end_and_what_is_sent_later_to_one_that_has_ended_are_dead_letters() {
    let (mut graph, reader, _) = reader(true);
    let dead = Log::new();
    let notes = dead.clone();
    let undertaker = graph.add("undertaker", made(move || Undertaker(notes.clone())));
    /// Sends later.
    struct Late(Address<Reader>);
    impl Actor for Late {
        async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
            ctx.tell_after(ms(50), &self.0, 9_u32);
            Ok(())
        }
    }
    let to = reader.clone();
    graph.add("late", made(move || Late(to.clone())));
    let mut system = simulated(graph);
    system
        .handle()
        .read_dead_letters(undertaker.address().recipient());
    system.run_until(at_ms(10));
    for number in 0..3 {
        reader.try_tell(number).unwrap();
    }
    reader.stop();
    system.run_until(at_ms(100));
    let dead: Vec<_> = dead
        .take()
        .into_iter()
        .map(|it| (it.to.to_string(), it.message, it.why, it.count, it.at))
        .collect();
    assert_eq!(
        dead,
        [
            ("reader".to_owned(), "u32", Undelivered::Ended, 3, at_ms(10)),
            ("reader".to_owned(), "u32", Undelivered::Ended, 1, at_ms(50))
        ]
    );
    assert_eq!(system.report().nodes[0].undelivered, 3);
}

/// Ends over its first message.
#[derive(Clone)]
struct Brief;
impl Actor for Brief {}
impl Handler<u16> for Brief {
    type Reply = ();
    async fn handle(&mut self, _: u16, _: &mut Context<Self>) -> Result<(), Failure> {
        Err(EndActor.into())
    }
}

#[test]
fn what_an_actor_took_out_of_its_mailbox_and_did_not_begin_with_is_a_dead_letter_as_well() {
    let mut graph = Graph::new("brief");
    let brief = graph.add("brief", Brief).address();
    for number in 0..3 {
        brief.try_tell(number).unwrap();
    }
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    let (count, letters) = system.handle().dead_letters();
    assert_eq!((count, letters.len()), (2, 1));
    assert_eq!((&*letters[0].to, letters[0].message), ("brief", "u16"));
    assert_eq!(system.report().nodes[0].undelivered, 2);
}

#[test]
fn a_node_is_reached_from_outside_by_its_name_alone() {
    let (graph, _, log) = reader(true);
    let name = graph.nodes()[0].name.clone();
    let mut system = simulated(graph);
    let handle = system.handle();
    let reader = handle.any(&name).unwrap();
    assert_eq!(reader.name(), name);
    reader.try_tell(Box::new(7_u32)).unwrap();
    system.run_until(at_ms(1));
    assert_eq!(log.len(), 1);
    assert!(handle.any("nobody").is_none());
}
