//! What is repeated runs again only when what came of it was handled.

use crate::common::{Gate, Log, at_ms, made, ms, simulated};
use sinew_runtime::{
    Actor, Address, Context, Failure, Graph, Handler, Injection, InputId, System, Time,
};
use std::rc::Rc;

/// How a sensor is read.
#[derive(Clone, Copy)]
struct How {
    /// How long a reading takes, and how long it is handled, in milliseconds.
    reads_for: u64,
    handles_for: u64,
    times: u64,
}

/// What a reading gave.
struct Reading(u64);
struct Done;

/// What a sensor's actor is told.
enum Order {
    Wait,
    Close,
    Again,
}

/// Reads its sensor again and again, and notes when a reading begins and when it is handled.
struct Sensor {
    how: How,
    log: Log<(Time, String)>,
    gate: Gate,
    input: Option<InputId>,
}

impl Sensor {
    fn note(&self, what: impl Into<String>, ctx: &Context<Self>) {
        self.log.add((ctx.now(), what.into()));
    }

    fn read(&mut self, ctx: &mut Context<Self>) {
        let How {
            reads_for, times, ..
        } = self.how;
        let log = self.log.clone();
        let start = tokio::time::Instant::now();
        let offset = ctx.now();
        // It owns what it counts, and lends it to each run.
        let mut count = 0;
        let read = async move || {
            let now = offset + start.elapsed();
            log.add((now, format!("reads {count}")));
            tokio::time::sleep(ms(reads_for)).await;
            count += 1;
            Reading(count - 1)
        };
        self.input = Some(ctx.repeat("sensor", read).times(times).on_end(Done).id());
    }
}

impl Actor for Sensor {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.read(ctx);
        Ok(())
    }
}

impl Handler<Reading> for Sensor {
    type Reply = ();
    async fn handle(
        &mut self,
        Reading(number): Reading,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.note(format!("has {number}"), ctx);
        tokio::time::sleep(ms(self.how.handles_for)).await;
        Ok(())
    }
}

impl Handler<Done> for Sensor {
    type Reply = ();
    async fn handle(&mut self, _: Done, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.note("done", ctx);
        Ok(())
    }
}

impl Handler<Order> for Sensor {
    type Reply = ();
    async fn handle(&mut self, order: Order, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match order {
            Order::Wait => self.gate.passed().await,
            Order::Again => self.read(ctx),
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
    sensor: Address<Sensor>,
    log: Log<(Time, String)>,
    gate: Gate,
}

fn stand(how: How) -> Stand {
    let mut graph = Graph::new("repeat");
    let (log, gate) = (Log::new(), Gate::default());
    let (notes, waits) = (log.clone(), gate.clone());
    let make = move || Sensor {
        how,
        log: notes.clone(),
        gate: waits.clone(),
        input: None,
    };
    let sensor = graph.add("sensor", made(make)).address();
    let system = simulated(graph);
    Stand {
        system,
        sensor,
        log,
        gate,
    }
}

fn words(log: &Log<(Time, String)>) -> Vec<String> {
    log.take().into_iter().map(|(_, what)| what).collect()
}

#[test]
fn it_runs_again_only_when_what_came_of_it_was_handled() {
    let how = How {
        reads_for: 10,
        handles_for: 5,
        times: 3,
    };
    let mut stand = stand(how);
    stand.system.run_until(at_ms(1_000));
    let wanted = [
        (0, "reads 0"),
        (10, "has 0"),
        (15, "reads 1"),
        (25, "has 1"),
        (30, "reads 2"),
        (40, "has 2"),
        (45, "done"),
    ];
    let wanted = wanted.map(|(at, what)| (at_ms(at), what.to_owned()));
    assert_eq!(stand.log.take(), wanted);
}

#[test]
fn a_busy_actor_slows_it_down() {
    let how = How {
        reads_for: 0,
        handles_for: 0,
        times: u64::MAX,
    };
    let mut stand = stand(How {
        reads_for: 10,
        ..how
    });
    stand.system.run_until(at_ms(15));
    stand.sensor.try_tell(Order::Wait).unwrap();
    stand.system.run_until(at_ms(500));
    assert_eq!(words(&stand.log), ["reads 0", "has 0", "reads 1"]);
    stand.gate.open();
    stand.system.run_until(at_ms(501));
    assert_eq!(words(&stand.log), ["has 1", "reads 2"]);
}

#[test]
fn it_is_added_and_removed_while_the_actor_runs() {
    let how = How {
        reads_for: 10,
        handles_for: 0,
        times: u64::MAX,
    };
    let mut stand = stand(how);
    stand.system.run_until(at_ms(15));
    stand.sensor.try_tell(Order::Close).unwrap();
    stand.system.run_until(at_ms(100));
    assert_eq!(words(&stand.log), ["reads 0", "has 0", "reads 1"]);
    stand.sensor.try_tell(Order::Again).unwrap();
    stand.system.run_until(at_ms(115));
    assert_eq!(words(&stand.log), ["reads 0", "has 0", "reads 1"]);
}

#[test]
fn what_it_owns_goes_with_its_incarnation() {
    let how = How {
        reads_for: 10,
        handles_for: 0,
        times: u64::MAX,
    };
    let mut stand = stand(how);
    stand.system.run_until(at_ms(15));
    let fault = Injection::Fail("a test".into());
    assert!(stand.system.handle().inject("sensor", fault));
    stand.system.run_until(at_ms(50));
    words(&stand.log);
    stand.system.run_until(at_ms(80));
    assert_eq!(stand.log.len(), 0, "nothing runs while nobody lives");
    stand.system.run_until(at_ms(1_000));
    let begun = words(&stand.log);
    assert_eq!(&begun[..3], ["reads 0", "has 0", "reads 1"]);
}

/// Repeats what fails now and then.
struct Shaky {
    log: Log<String>,
    told: bool,
}

struct Trouble(String);

impl Actor for Shaky {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let runs = Rc::new(std::cell::Cell::new(0));
        let read = move || {
            let runs = Rc::clone(&runs);
            async move {
                runs.set(runs.get() + 1);
                tokio::time::sleep(ms(10)).await;
                match runs.get() {
                    run if run % 2 == 0 => Err(Failure::new(format!("run {run} failed"))),
                    run => Ok(Reading(run)),
                }
            }
        };
        let input = ctx.try_repeat("shaky", read);
        if self.told {
            input.on_error(|failure| Trouble(failure.to_string()));
        }
        Ok(())
    }
}

impl Handler<Reading> for Shaky {
    type Reply = ();
    async fn handle(
        &mut self,
        Reading(run): Reading,
        _: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.log.add(format!("run {run}"));
        Ok(())
    }
}

impl Handler<Trouble> for Shaky {
    type Reply = ();
    async fn handle(
        &mut self,
        Trouble(what): Trouble,
        _: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.log.add(what);
        Ok(())
    }
}

#[test]
fn a_run_that_fails_fails_the_actor_by_name_or_is_told() {
    for told in [false, true] {
        let mut graph = Graph::new("repeat");
        let log = Log::new();
        let notes = log.clone();
        let make = move || Shaky {
            log: notes.clone(),
            told,
        };
        graph.add("shaky", made(make));
        let mut system = simulated(graph);
        system.run_until(at_ms(35));
        let node = system.report().nodes.remove(0);
        if told {
            assert_eq!(log.take(), ["run 1", "run 2 failed", "run 3"]);
            assert_eq!(node.failures, 0);
        } else {
            assert_eq!(log.take(), ["run 1"]);
            let wanted = "failed: input shaky: run 2 failed";
            assert_eq!(node.last_failure.as_deref(), Some(wanted));
        }
    }
}
