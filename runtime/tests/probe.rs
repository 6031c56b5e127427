//! A probe records what came, when and from whom; an expectation that fails says what came instead.

use crate::common::{Doer, at_ms, job, made, ms};
use serde::{Deserialize, Serialize};
use sinew_runtime::testing::{Probe, Received, Trial};
use sinew_runtime::{
    Actor, Address, Context, DeadLetter, Emits, EndActor, Ended, Failure, Graph, Handler, Leased,
    Reason, System, Thread, Undelivered,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Number(u32);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Word(&'static str);

/// Publishes a number every 10 ms.
struct Clock(u32);

impl Emits<Number> for Clock {}

impl Actor for Clock {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(10), ());
        Ok(())
    }
}

impl Handler<()> for Clock {
    type Reply = ();
    async fn handle(&mut self, (): (), ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0 += 1;
        ctx.publish(Number(self.0));
        Ok(())
    }
}

/// A graph with a clock that is connected to a probe, as an event.
fn ticking() -> (Graph, Probe<Number>) {
    let mut graph = Graph::new("ticking");
    let clock = graph.add("clock", made(|| Clock(0)));
    let probe = Probe::new();
    let node = graph.add("probe", probe.clone());
    graph.connect(&clock, &node).keep_newest(4);
    (graph, probe)
}

/// The text that this panics with.
fn failing(code: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(code)).expect_err("it fails");
    let text = panic.downcast::<String>().expect("it fails with a text");
    *text
}

#[test]
fn a_probe_says_what_was_told_when_and_by_whom() {
    let mut graph = Graph::new("told");
    let probe = Probe::<Word>::new();
    let to = graph.add("probe", probe.clone()).address();
    let doer = graph.add("doer", Doer);
    let id = doer.address().id();
    let mut trial = Trial::of(graph);
    to.try_tell(Word("from outside")).unwrap();
    let outside = probe.expect(&mut trial, ms(1));
    assert_eq!((*outside, outside.sender), (Word("from outside"), None));
    let tell = job(move || async move {
        tokio::time::sleep(ms(3)).await;
        to.tell(Word("from an actor")).await.unwrap();
    });
    doer.address().try_tell(tell).unwrap();
    let inside = probe.expect(&mut trial, ms(5));
    assert_eq!((*inside, inside.at), (Word("from an actor"), at_ms(3)));
    assert_eq!(
        (inside.sender, inside.from.as_deref()),
        (Some(id), Some("doer"))
    );
}

#[test]
fn an_expectation_ends_in_the_turn_in_which_its_message_comes() {
    let (graph, probe) = ticking();
    let mut trial = Trial::of(graph);
    for count in 1..=3_u32 {
        let tick = probe.expect(&mut trial, ms(100));
        assert_eq!((*tick, tick.at), (Number(count), trial.now()));
        assert_eq!(trial.now(), at_ms(10 * u64::from(count)));
    }
    assert_eq!(probe.take(), []);
    trial.run_for(ms(25));
    let two: Vec<_> = probe.take().iter().map(|it| it.message.0).collect();
    assert_eq!(two, [4, 5], "those of 40 and 50 ms");
}

#[test]
fn a_message_at_the_very_end_of_the_time_is_in_time() {
    let (graph, probe) = ticking();
    let mut trial = Trial::of(graph);
    assert_eq!(*probe.expect(&mut trial, ms(10)), Number(1));
    probe.expect_silence(&mut trial, ms(9));
    assert_eq!(*probe.expect(&mut trial, ms(1)), Number(2));
    let nothing = failing(|| drop(probe.expect(&mut trial, ms(9))));
    assert!(nothing.contains("none came by 0.029000000 s"), "{nothing}");
}

#[test]
fn waiting_for_a_message_changes_nothing_in_what_happens() {
    let (graph, probe) = ticking();
    let mut trial = Trial::seeded(graph, 3);
    for _ in 0..5 {
        probe.expect(&mut trial, ms(10));
    }
    trial.run_for(ms(1));
    let waited = trial.finish().trace_hash;
    let mut trial = Trial::seeded(ticking().0, 3);
    trial.run_for(ms(51));
    assert_eq!(trial.finish().trace_hash, waited);
}

#[test]
fn what_was_expected_and_did_not_come_is_named_with_what_came_and_when() {
    let (graph, probe) = ticking();
    let mut trial = Trial::seeded(graph, 7);
    let is_ten = |number: &Number| number.0 == 10;
    let text = failing(|| drop(probe.expect_where(&mut trial, ms(25), "a ten", is_ten)));
    let expected = "`probe` expected a ten within 25ms, and none came by 0.025000000 s\n  \
        all that it got: \n    Number(1) at 0.010000000 s\n    Number(2) at 0.020000000 s\n  \
        with seed 7";
    assert_eq!(text, expected);
    assert_eq!(probe.take(), [], "they were passed over");
    let ten = probe.expect_where(&mut trial, ms(100), "a ten", is_ten);
    assert_eq!(ten.at, at_ms(100));
}

#[test]
fn of_many_messages_the_newest_are_shown() {
    let (graph, probe) = ticking();
    let mut trial = Trial::of(graph);
    let text = failing(|| drop(probe.expect_where(&mut trial, ms(200), "none", |_| false)));
    assert!(
        text.contains("\n    12 earlier ones\n    Number(13) at"),
        "{text}"
    );
    assert!(
        text.contains("\n    Number(20) at 0.200000000 s\n"),
        "{text}"
    );
}

#[test]
fn silence_is_broken_by_what_comes_and_by_what_nobody_took() {
    let (graph, probe) = ticking();
    let mut trial = Trial::of(graph);
    probe.expect_silence(&mut trial, ms(9));
    let broken = failing(|| probe.expect_silence(&mut trial, ms(3)));
    let expected = "`probe` expected silence for 3ms, and got Number(1) at 0.010000000 s";
    assert!(broken.starts_with(expected), "{broken}");
    trial.run_for(ms(10));
    let untaken = failing(|| probe.expect_silence(&mut trial, ms(1)));
    assert!(
        untaken.contains("got Number(2) at 0.020000000 s"),
        "{untaken}"
    );
}

/// Moves what it is told to, and ends when it is told to.
#[derive(Clone)]
struct Pilot;

impl Actor for Pilot {}
impl Emits<Number> for Pilot {}

impl Handler<Number> for Pilot {
    type Reply = ();
    async fn handle(&mut self, it: Number, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(it);
        Ok(())
    }
}

impl Handler<Word> for Pilot {
    type Reply = ();
    async fn handle(&mut self, _: Word, _: &mut Context<Self>) -> Result<(), Failure> {
        Err(EndActor.into())
    }
}

#[test]
fn commands_are_expected_with_their_lease() {
    let mut graph = Graph::new("commands");
    let pilot = graph.add("pilot", Pilot);
    let probe = Probe::<Leased<Number>>::new();
    let node = graph.add("wheel", probe.clone());
    graph.command(&pilot, &node).lease(ms(50));
    let mut trial = Trial::of(graph);
    pilot.address().try_tell(Number(3)).unwrap();
    let command = probe.expect(&mut trial, ms(1));
    assert_eq!(
        (command.value(), command.valid_until()),
        (&Number(3), at_ms(50))
    );
}

#[test]
fn the_end_of_another_and_dead_letters_are_expected_like_messages() {
    let mut graph = Graph::new("ends");
    let pilot = graph.add("pilot", Pilot).address();
    let ends = Probe::<Ended>::new().watching(&pilot);
    graph.add("ends", ends.clone());
    let letters = Probe::<DeadLetter>::new();
    let reader = graph.add("letters", letters.clone());
    let mut trial = Trial::of(graph);
    trial
        .handle()
        .read_dead_letters(reader.address().recipient());
    trial.run_for(ms(1));
    for word in ["end", "too late"] {
        pilot.try_tell(Word(word)).unwrap();
    }
    let end = ends.expect(&mut trial, ms(1));
    assert_eq!((&*end.name, &end.reason), ("pilot", &Reason::Finished));
    let letter = letters.expect(&mut trial, ms(1));
    assert_eq!((&*letter.to, letter.why), ("pilot", Undelivered::Ended));
}

/// All that one probe takes.
#[derive(Clone, Debug, PartialEq)]
enum Any {
    Number(Number),
    Word(Word),
    Ended(String),
}

impl From<Number> for Any {
    fn from(it: Number) -> Self {
        Self::Number(it)
    }
}

impl From<Word> for Any {
    fn from(it: Word) -> Self {
        Self::Word(it)
    }
}

impl From<Ended> for Any {
    fn from(it: Ended) -> Self {
        Self::Ended(it.name.to_string())
    }
}

#[test]
fn one_probe_takes_messages_of_several_types_in_their_order() {
    let mut graph = Graph::new("several");
    let pilot = graph.add("pilot", Pilot);
    let probe = Probe::<Any>::new().watching(&pilot.address());
    let node = graph.add("probe", probe.clone());
    graph.connect(pilot.out::<Number>(), &node);
    let mut trial = Trial::of(graph);
    node.address().try_tell(Word("first")).unwrap();
    trial.run_for(ms(1));
    pilot.address().try_tell(Number(2)).unwrap();
    pilot.address().try_tell(Word("end")).unwrap();
    trial.run_for(ms(1));
    let mut came: Vec<_> = probe.take().into_iter().map(|it| it.message).collect();
    assert_eq!(came.remove(0), Any::Word(Word("first")));
    // The end of another overtakes what waits.
    came.sort_by_key(|it| matches!(it, Any::Ended(_)));
    assert_eq!(
        came,
        [Any::Number(Number(2)), Any::Ended("pilot".to_owned())]
    );
}

#[test]
fn a_system_that_has_ended_is_named_where_nothing_can_come() {
    let mut graph = Graph::new("ending");
    let probe = Probe::<Word>::new();
    let node = graph.add("probe", probe.clone());
    let mut trial = Trial::of(graph);
    node.address().try_tell(Word("last")).unwrap();
    assert_eq!(*probe.expect(&mut trial, ms(1)), Word("last"));
    node.address().stop();
    let text = failing(|| drop(probe.expect(&mut trial, ms(10))));
    assert!(
        text.contains("none came by 0.000000000 s: the system has ended, every actor has ended"),
        "{text}"
    );
}

#[test]
fn the_last_message_of_a_system_that_ends_over_it_is_taken() {
    let mut graph = Graph::new("ending");
    let probe = Probe::<Word>::new();
    let node = graph.add("probe", probe.clone());
    let doer = graph.add("doer", Doer);
    let (last, all): (Address<Probe<Word>>, _) = (node.address(), [doer.address().stop_on_drop()]);
    let mut trial = Trial::of(graph);
    let tell = job(move || async move {
        last.try_tell(Word("last")).unwrap();
        last.stop();
        drop(all);
    });
    doer.address().try_tell(tell).unwrap();
    // A stop overtakes what waits: the message is a dead letter, and the wait ends with the system.
    let text = failing(|| drop(probe.expect(&mut trial, ms(10))));
    assert!(text.contains("the system has ended"), "{text}");
    assert_eq!(trial.handle().dead_letters().0, 1);
}

#[test]
fn a_probe_on_another_thread_of_a_real_clock_is_waited_for_as_well() {
    let mut graph = Graph::new("real");
    let probe = Probe::<Word>::new();
    let node = graph.add("probe", probe.clone());
    graph.place(&node, &Thread::named("apart"));
    node.address().try_tell(Word("there")).unwrap();
    let mut trial = Trial::over(System::real(graph, None).unwrap());
    let Received { message, from, .. } = probe.expect(&mut trial, ms(10_000));
    assert_eq!((message, from), (Word("there"), None));
    trial.finish();
}
