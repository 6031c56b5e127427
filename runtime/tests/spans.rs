//! What is logged while an actor takes its turn stands in the actor's span, and without a subscriber there is none.

mod common;

use common::{Doer, Log, at_ms, job, made, ms, simulated};
use sinew_runtime::{Actor, Context, Failure, Graph, Handler, Injection, Reason, Report, System};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Span, Subscriber};

/// What a subscriber saw.
#[derive(Default)]
struct Seen {
    /// The spans that were made: their fields, each at the place of its number.
    spans: Vec<String>,
    /// The spans that were entered and not left yet.
    inside: Vec<u64>,
    entered: usize,
    /// Each line with the span in which it was logged.
    lines: Vec<(String, String)>,
}

/// Notes spans and lines; deaf, it wants none.
#[derive(Clone, Default)]
struct Notebook {
    deaf: bool,
    seen: Arc<Mutex<Seen>>,
}

impl Notebook {
    fn with<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.seen.lock().expect("no test panics in it"))
    }

    /// The lines logged so far, as `span: text`.
    fn lines(&self) -> Vec<String> {
        let lines = self.with(|seen| std::mem::take(&mut seen.lines));
        let joined = lines.iter().map(|(span, text)| format!("{span}: {text}"));
        joined.collect()
    }

    /// Runs `code` with this subscriber.
    fn during<T>(&self, code: impl FnOnce() -> T) -> T {
        tracing::subscriber::with_default(self.clone(), code)
    }

    /// Has the other tests of this program wait: while there is one subscriber, tracing asks the thread that comes to a
    /// line first whether anybody wants it, and remembers the answer for all threads.
    fn alone() -> MutexGuard<'static, ()> {
        static ALONE: Mutex<()> = Mutex::new(());
        ALONE.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscriber for Notebook {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        !self.deaf
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = Text(span.metadata().name().to_owned());
        span.record(&mut text);
        self.with(|seen| {
            seen.spans.push(text.0);
            Id::from_u64(seen.spans.len() as u64)
        })
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.with(|seen| {
            let span = seen.inside.last().map(|id| &seen.spans[*id as usize - 1]);
            let span = span.cloned().unwrap_or_else(|| "nowhere".to_owned());
            seen.lines.push((span, text.0.trim().to_owned()));
        });
    }

    fn enter(&self, span: &Id) {
        self.with(|seen| {
            seen.entered += 1;
            seen.inside.push(span.into_u64());
        });
    }

    fn exit(&self, span: &Id) {
        let left = self.with(|seen| seen.inside.pop());
        assert_eq!(left, Some(span.into_u64()), "the last one entered");
    }
}

/// Fields in the order in which they come.
struct Text(String);

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.0.push_str(&format!(" {value:?}")),
            name => self.0.push_str(&format!(" {name}={value:?}")),
        }
    }
}

/// Logs what it does.
#[derive(Clone)]
struct Talker;

impl Actor for Talker {
    async fn started(&mut self, _: &mut Context<Self>) -> Result<(), Failure> {
        tracing::info!("started");
        Ok(())
    }

    async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        tracing::info!("stopped");
        Ok(())
    }
}

impl Handler<u32> for Talker {
    type Reply = ();
    async fn handle(&mut self, number: u32, _: &mut Context<Self>) -> Result<(), Failure> {
        tracing::info!("begins {number}");
        tokio::time::sleep(ms(10)).await;
        tracing::info!("ends {number}");
        Ok(())
    }
}

/// Two talkers in virtual time; the second is told something five milliseconds after the first.
fn talk(more: impl FnOnce(&mut System)) -> Report {
    let mut graph = Graph::new("talk");
    let first = graph.add("first", Talker).address();
    let second = graph.add("second", Talker).address();
    let mut system = simulated(graph);
    first.try_tell(1).expect("there is room");
    system.run_until(at_ms(5));
    second.try_tell(2).expect("there is room");
    system.run_until(at_ms(50));
    more(&mut system);
    system.report()
}

const FIRST: &str = "actor name=first id=1";
const SECOND: &str = "actor name=second id=2";

#[test]
fn each_line_stands_in_the_span_of_its_actor_though_their_handlers_overlap_in_time() {
    let _alone = Notebook::alone();
    let notebook = Notebook::default();
    notebook.during(|| talk(|system| drop(system.shut_down())));
    let lines = notebook.lines();
    let wanted = [
        format!("{FIRST}: begins 1"),
        format!("{SECOND}: begins 2"),
        format!("{FIRST}: ends 1"),
        format!("{SECOND}: ends 2"),
        format!("{SECOND}: stopped"),
        format!("{FIRST}: stopped"),
    ];
    let spoken = lines.iter().filter(|line| !line.ends_with("started"));
    assert_eq!(
        spoken.collect::<Vec<_>>(),
        wanted.iter().collect::<Vec<_>>()
    );
    for span in [FIRST, SECOND] {
        assert!(lines.contains(&format!("{span}: started")));
    }
}

#[test]
fn a_node_has_one_span_for_all_its_turns_and_incarnations_and_each_entry_is_left_again() {
    let _alone = Notebook::alone();
    let notebook = Notebook::default();
    let report = notebook.during(|| {
        talk(|system| {
            notebook.lines();
            system.handle().inject("first", Injection::Panic);
            system.run_until(at_ms(1_000));
        })
    });
    assert_eq!(report.restarts, 1);
    assert_eq!(
        notebook.lines(),
        [
            format!("{FIRST}: failed node=first why=panicked: injected by a test"),
            format!("{FIRST}: started")
        ],
        "what the runtime says of an actor stands there as well"
    );
    notebook.with(|seen| {
        assert_eq!(seen.spans, [FIRST, SECOND]);
        assert_eq!(seen.inside, [0_u64; 0]);
        assert!(seen.entered > 4);
    });
}

/// Speaks when it is dropped.
struct Last(&'static str);

impl Drop for Last {
    fn drop(&mut self) {
        tracing::info!("{} dropped", self.0);
    }
}

#[test]
fn what_is_dropped_by_force_and_what_the_factory_kept_speak_in_the_span_of_their_actor() {
    let _alone = Notebook::alone();
    let notebook = Notebook::default();
    notebook.during(|| {
        let mut graph = Graph::new("force");
        let kept = Last("factory");
        let make = move || {
            let Last("factory") = &kept else {
                panic!("it is kept whole");
            };
            Doer
        };
        let doer = graph.add("doer", made(make)).address();
        let waits = job(|| async {
            let _last = Last("handler");
            std::future::pending::<()>().await;
        });
        doer.try_tell(waits).expect("there is room");
        let mut system = simulated(graph);
        system.run_until(at_ms(1));
    });
    let dropped = ["handler", "factory"].map(|it| format!("actor name=doer id=1: {it} dropped"));
    assert_eq!(notebook.lines(), dropped);
}

#[test]
fn without_a_subscriber_or_with_a_deaf_one_no_span_is_entered_and_nothing_else_changes() {
    let _alone = Notebook::alone();
    let notes = Log::new();
    let current = |notes: &Log<bool>| {
        let mut graph = Graph::new("quiet");
        let doer = graph.add("doer", Doer).address();
        let notes = notes.clone();
        let looks = job(move || async move { notes.add(Span::current().is_disabled()) });
        doer.try_tell(looks).expect("there is room");
        simulated(graph).run_until(at_ms(1));
    };
    let deaf = Notebook {
        deaf: true,
        ..Notebook::default()
    };
    current(&notes);
    deaf.during(|| current(&notes));
    assert_eq!(notes.take(), [true, true]);
    deaf.with(|seen| assert_eq!((seen.spans.len(), seen.entered), (0, 0)));

    let quiet = talk(|_| ()).trace_hash;
    let loud = Notebook::default().during(|| talk(|_| ()).trace_hash);
    assert_eq!(quiet, loud);
}
