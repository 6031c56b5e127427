//! A plain thread stops several actors at once, waits for their ends, and learns who did not end.

use crate::common::elsewhere::{Elsewhere, LONG};
use crate::common::{Doer, Gate, Log, at_ms, job, made, simulated};
use sinew_runtime::{
    Actor, Address, CannotWait, Context, Failure, Graph, Inbox, Reason, Recipient, StopError,
    StopMany,
};
use std::time::Duration;

/// Says when it is there, ends when its gate is open, and notes its drop.
struct Worker {
    name: &'static str,
    gate: Gate,
    there: Recipient<()>,
    log: Log<&'static str>,
}

impl Actor for Worker {
    async fn started(&mut self, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(self.there.try_tell(())?)
    }

    async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        self.gate.passed().await;
        Ok(())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.log.add(self.name);
    }
}

/// Two workers, one of which ends at once, and a doer.
struct Stand {
    quick: Address<Worker>,
    slow: Address<Worker>,
    doer: Address<Doer>,
    gate: Gate,
    there: Inbox<()>,
    dropped: Log<&'static str>,
}

impl Stand {
    /// Waits until both workers were built: who is stopped before never is.
    fn are_there(&mut self) {
        for _ in 0..2 {
            assert_eq!(self.there.recv_timeout(LONG), Ok(()));
        }
    }
}

fn stand(graph: &mut Graph) -> Stand {
    let (gate, dropped) = (Gate::default(), Log::new());
    let open = Gate::default();
    open.open();
    let there = Inbox::keep_oldest(2);
    let mut worker = |name, gate: Gate| {
        let (log, there) = (dropped.clone(), there.recipient());
        let make = move || Worker {
            name,
            gate: gate.clone(),
            there: there.clone(),
            log: log.clone(),
        };
        graph.add(name, made(make)).address()
    };
    Stand {
        quick: worker("quick", open),
        slow: worker("slow", gate.clone()),
        doer: graph.add("doer", Doer).address(),
        gate,
        there,
        dropped,
    }
}

fn stopped<'a>(workers: impl IntoIterator<Item = &'a Address<Worker>>) -> StopMany<'a> {
    let mut actors = StopMany::new();
    for worker in workers {
        actors.add(worker);
    }
    actors
}

#[test]
fn all_have_ended_and_are_dropped_when_the_wait_is_over() {
    let (system, mut stand) = Elsewhere::run(stand);
    stand.are_there();
    stand.gate.open();
    let mut actors = stopped([&stand.slow, &stand.quick]);
    actors.add(&stand.doer);
    assert_eq!(actors.wait(LONG), Ok(()));
    let mut dropped = stand.dropped.take();
    dropped.sort_unstable();
    assert_eq!(dropped, ["quick", "slow"]);
    let (progress, _) = system.ended();
    let all = "every actor has ended".to_owned();
    assert_eq!(progress, sinew_runtime::Progress::Ended(all));
}

#[test]
fn who_has_not_ended_in_time_is_named_and_may_be_waited_for_again() {
    let (system, mut stand) = Elsewhere::run(stand);
    stand.are_there();
    assert_eq!(stopped([&stand.quick]).wait(LONG), Ok(()));
    let both = || stopped([&stand.quick, &stand.slow]);
    let late = both().wait(Duration::ZERO).expect_err("one waits");
    assert_eq!(late.to_string(), "still running: slow");
    assert_eq!(stand.dropped.take(), ["quick"]);
    stand.gate.open();
    assert_eq!(both().wait(LONG), Ok(()));
    assert_eq!(stand.dropped.take(), ["slow"]);
    system.stop();
}

#[test]
fn a_wait_that_would_wait_for_itself_is_refused_and_stops_nobody() {
    let mut graph = Graph::new("own");
    let stand = stand(&mut graph);
    let log = Log::new();
    let (notes, quick) = (log.clone(), stand.quick.clone());
    let stops = job(move || async move { notes.add(stopped([&quick]).wait(LONG)) });
    stand.doer.try_tell(stops).expect("there is room");
    let (elsewhere, other) = Elsewhere::run(self::stand);
    let mut system = simulated(graph);
    let refused = stopped([&other.quick, &stand.quick]).wait(LONG);
    let node = "quick".to_owned();
    assert_eq!(refused, Err(CannotWait::SimulatedHere { node }.into()));
    system.run_until(at_ms(1));
    assert_eq!(
        log.take(),
        [Err(StopError::CannotWait(CannotWait::RunsASystem))]
    );
    assert_eq!((stand.dropped.len(), other.dropped.len()), (0, 0));

    stand.gate.open();
    system.shut_down();
    let ended = stopped([&stand.quick, &stand.slow]).wait(Duration::ZERO);
    assert_eq!(ended, Ok(()), "those that have ended keep nobody waiting");
    other.gate.open();
    elsewhere.stop();
}
