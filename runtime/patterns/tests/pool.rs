//! A pool shares work out among workers that come and go with it.

use crate::common::{Doer, Log, at_ms, in_ms, job, made, ms, simulated};
use sinew_patterns::{Finished, Pool, PoolReport, PoolStatus, ToAll, Told, Work};
use sinew_runtime::{
    Actor, Address, AskError, Context, EndActor, Failure, Graph, Handler, Injection, Node, Restart,
    System,
};
use std::collections::BTreeSet;

/// What a worker is told to do.
#[derive(Clone, Copy)]
enum Task {
    /// Take so many milliseconds, and answer with the number.
    Take(u64, u32),
    Fail,
    Panic,
    End,
    Hang,
}

/// What was done by whom, and from when to when, in milliseconds.
#[derive(Debug)]
struct Did {
    worker: String,
    number: u32,
    begun: u64,
    ended: u64,
}

/// Notes what it did.
struct Worker(Log<Did>);

impl Actor for Worker {}

impl Handler<Task> for Worker {
    type Reply = u32;
    async fn handle(&mut self, task: Task, ctx: &mut Context<Self>) -> Result<u32, Failure> {
        match task {
            Task::Take(time, number) => {
                let begun = in_ms(ctx.now());
                if time > 0 {
                    tokio::time::sleep(ms(time)).await;
                }
                self.0.add(Did {
                    worker: ctx.name().to_owned(),
                    number,
                    begun,
                    ended: in_ms(ctx.now()),
                });
                Ok(number)
            }
            Task::Fail => Err(Failure::new("told to")),
            Task::Panic => panic!("told to"),
            Task::End => Err(EndActor.into()),
            Task::Hang => std::future::pending().await,
        }
    }
}

/// Notes what is reported to it, and when.
struct Boss(Log<(Finished<u32>, u64)>);

impl Actor for Boss {}

impl Handler<Finished<u32>> for Boss {
    type Reply = ();
    async fn handle(&mut self, it: Finished<u32>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add((it, in_ms(ctx.now())));
        Ok(())
    }
}

struct House {
    system: System,
    pool: Address<Pool<Worker, Task>>,
    boss: Node<Boss>,
    asker: Node<Doer>,
    worked: Log<Did>,
    reports: Log<(Finished<u32>, u64)>,
}

/// A pool on these terms, somebody who hears of its jobs, and somebody who asks it.
fn house(terms: impl FnOnce(Pool<Worker, Task>) -> Pool<Worker, Task>) -> House {
    let mut graph = Graph::new("pool");
    let (worked, reports) = (Log::new(), Log::new());
    let (notes, heard) = (worked.clone(), reports.clone());
    let pool = Pool::of(move || Ok(Worker(notes.clone())));
    let pool = graph.add("pool", terms(pool)).address();
    let boss = graph.add("boss", made(move || Boss(heard.clone())));
    let asker = graph.add("asker", Doer);
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    House {
        system,
        pool,
        boss,
        asker,
        worked,
        reports,
    }
}

impl House {
    /// Asks the pool, and lets all that follows from it at once happen.
    fn ask<M: Send + 'static>(&mut self, message: M) -> <Pool<Worker, Task> as Handler<M>>::Reply
    where
        Pool<Worker, Task>: Handler<M>,
    {
        let answers = Log::new();
        let (notes, pool) = (answers.clone(), self.pool.clone());
        let ask = move || async move { notes.add(pool.ask(message).await) };
        self.asker.address().try_tell(job(ask)).expect("room");
        self.run_for_nanos(1_000);
        answers.take().remove(0).expect("a pool answers")
    }

    fn run_for_nanos(&mut self, nanos: u64) {
        let now = self.system.now();
        self.system
            .run_until(now + std::time::Duration::from_nanos(nanos));
    }

    fn work(&self, task: Task) -> Work<Task, u32> {
        Work::of(task).report_to(self.boss.address().recipient())
    }

    /// Sends work; the number of the job, or `None` if there was no room.
    fn send(&mut self, task: Task) -> Option<u64> {
        let work = self.work(task);
        self.ask(work).ok()
    }

    fn status(&mut self) -> PoolReport {
        self.ask(PoolStatus)
    }

    fn worked(&self) -> Vec<Did> {
        self.worked.take()
    }

    /// The results that were reported, by number of the job.
    fn reports(&self) -> Vec<(u64, Result<u32, AskError>)> {
        let reports = self.reports.take().into_iter();
        let mut reports: Vec<_> = reports.map(|(it, _)| (it.job, it.result)).collect();
        reports.sort_by_key(|(job, _)| *job);
        reports
    }
}

#[test]
fn a_job_goes_to_whoever_is_free_and_its_reply_to_whoever_was_named() {
    let mut house = house(|pool| pool.at_least(2));
    for number in 1..=4 {
        assert_eq!(house.send(Task::Take(100, number)), Some(u64::from(number)));
    }
    house.system.run_until(at_ms(1_000));
    let mut worked = house.worked();
    worked.sort_by_key(|it| it.number);
    // Two at once, and the others when those are done.
    let begun = worked.iter().map(|it| it.begun);
    assert!(begun.eq([1, 1, 101, 102]), "{worked:?}");
    let workers: BTreeSet<_> = worked.iter().map(|it| &it.worker).collect();
    assert_eq!(workers.len(), 2);
    assert_eq!(
        house.reports(),
        [(1, Ok(1)), (2, Ok(2)), (3, Ok(3)), (4, Ok(4))]
    );
}

#[test]
fn it_grows_while_work_waits_up_to_its_most_and_shrinks_to_its_least_as_workers_rest() {
    let mut house = house(|pool| pool.at_least(1).at_most(3).rest(ms(500)));
    assert_eq!(house.status().workers, 1);
    for number in 1..=6 {
        house.send(Task::Take(100, number));
    }
    let status = house.status();
    assert_eq!((status.workers, status.working, status.waiting), (3, 3, 3));
    house.system.run_until(at_ms(250));
    let status = house.status();
    assert_eq!((status.workers, status.working, status.hired), (3, 0, 3));
    // All have rested since 201 ms; one that is used meanwhile stays.
    house.system.run_until(at_ms(600));
    house.send(Task::Take(10, 7));
    house.system.run_until(at_ms(700));
    assert_eq!(house.status().workers, 3);
    house.system.run_until(at_ms(750));
    assert_eq!(house.status().workers, 1);
    house.system.run_until(at_ms(20_000));
    let status = house.status();
    assert_eq!((status.workers, status.hired), (1, 3), "so many it keeps");
    assert_eq!(house.worked().len(), 7);
    // It grows and shrinks again as often as there is cause.
    for number in 1..=3 {
        house.send(Task::Take(100, number));
    }
    assert_eq!(house.status().workers, 3);
    house.system.run_until(at_ms(21_000));
    assert_eq!(house.status().workers, 1);
}

#[test]
fn who_worked_last_gets_the_next_job_so_that_the_others_come_to_rest() {
    let mut house = house(|pool| pool.at_least(1).at_most(3).rest(ms(500)));
    for number in 1..=3 {
        house.send(Task::Take(10, number));
    }
    for at in (100..2_000).step_by(100) {
        house.system.run_until(at_ms(at));
        house.send(Task::Take(10, 0));
    }
    let status = house.status();
    assert_eq!((status.workers, status.hired), (1, 3));
}

#[test]
fn without_work_there_is_nobody_and_a_new_one_is_taken_on_for_the_next_job() {
    let mut house = house(|pool| pool.rest(ms(50)));
    assert_eq!(house.status().workers, 0);
    house.send(Task::Take(10, 1));
    assert_eq!(house.status().workers, 1);
    house.system.run_until(at_ms(200));
    assert_eq!(house.status().workers, 0);
    house.send(Task::Take(10, 2));
    house.system.run_until(at_ms(300));
    let worked = house.worked();
    let worked: Vec<_> = worked
        .iter()
        .map(|it| (it.worker.as_str(), it.number))
        .collect();
    assert_eq!(worked, [("pool/1", 1), ("pool/2", 2)]);
}

#[test]
fn work_that_there_is_no_room_for_comes_back() {
    let mut house = house(|pool| pool.room(2));
    for number in 1..=3 {
        assert!(house.send(Task::Take(100, number)).is_some());
    }
    let work = house.work(Task::Take(0, 77));
    let back = house.ask(work).expect_err("there is no room");
    assert!(matches!(back.into_message(), Task::Take(0, 77)));
    assert_eq!((house.status().refused, house.status().accepted), (1, 3));
    house.system.run_until(at_ms(150));
    assert_eq!(house.send(Task::Take(0, 4)), Some(4));
    house.system.run_until(at_ms(1_000));
    assert_eq!(house.reports().len(), 4);
}

#[test]
fn a_job_that_fails_is_reported_and_the_pool_goes_on() {
    let mut house = house(|pool| pool.at_most(2));
    house.send(Task::Fail);
    house.send(Task::Panic);
    house.send(Task::Take(10, 3));
    house.system.run_until(at_ms(2_000));
    let [failed, panicked, ok] = &house.reports()[..] else {
        panic!("three jobs");
    };
    assert_eq!(failed.1, Err(AskError::Failed("told to".to_owned())));
    assert!(matches!(&panicked.1, Err(AskError::Failed(why)) if why.contains("told to")));
    assert_eq!(ok.1, Ok(3));
    let status = house.status();
    assert_eq!((status.failed, status.hired, status.workers), (2, 2, 2));
    let restarts = house.system.report().restarts;
    assert_eq!(restarts, 2, "each was built anew once");
}

#[test]
fn a_worker_that_was_built_anew_works_again_and_one_that_is_well_comes_before_it() {
    let mut house = house(|pool| pool.at_least(2));
    house.send(Task::Fail);
    house.system.run_until(at_ms(5));
    for number in 1..=2 {
        house.send(Task::Take(10, number));
    }
    house.system.run_until(at_ms(1_000));
    let worked = house.worked();
    assert_eq!(
        (worked[0].number, worked[0].begun),
        (1, 5),
        "at once, by the one that is well"
    );
    assert_ne!(worked[0].worker, worked[1].worker);
    assert!(worked[1].begun >= 95, "after its pause: {worked:?}");
}

#[test]
fn a_limit_of_restarts_ends_the_pool_with_the_worker() {
    let mut house = house(|pool| pool.restart(Restart::never()));
    house.send(Task::Fail);
    house.system.run_until(at_ms(50));
    let nodes = house.system.report().nodes;
    assert_eq!(nodes[0].failures, 1, "{nodes:?}");
}

#[test]
fn a_job_that_takes_too_long_is_reported_and_its_worker_replaced() {
    let mut house = house(|pool| pool.limit(ms(200)));
    house.send(Task::Hang);
    house.send(Task::Take(10, 2));
    house.system.run_until(at_ms(2_000));
    assert_eq!(house.reports(), [(1, Err(AskError::TimedOut)), (2, Ok(2))]);
    let worked = house.worked();
    assert_eq!(worked[0].worker, "pool/2");
    assert!((201..=252).contains(&worked[0].begun), "{worked:?}");
    assert_eq!(house.status().workers, 1);
}

#[test]
fn a_worker_that_ends_by_itself_is_replaced_and_its_job_reported() {
    let mut house = house(|pool| pool.at_least(1));
    house.send(Task::End);
    house.send(Task::Take(10, 2));
    house.system.run_until(at_ms(500));
    let [ended, ok] = &house.reports()[..] else {
        panic!("two jobs");
    };
    assert!(ended.1.is_err() && ok.1 == Ok(2), "{ended:?}");
    assert_eq!((house.status().workers, house.status().hired), (1, 2));
    house.send(Task::End);
    house.system.run_until(at_ms(600));
    let status = house.status();
    assert_eq!(
        (status.workers, status.hired),
        (1, 3),
        "without work as well"
    );
}

#[test]
fn jobs_of_one_key_never_overlap_and_keep_their_order() {
    let mut house = house(|pool| pool.at_most(4));
    for number in 0..12 {
        let (key, takes) = (["x", "y"][number as usize % 2], 40 - 3 * u64::from(number));
        let work = Work::of(Task::Take(takes, number)).in_order_of(key);
        assert!(house.ask(work).is_ok());
    }
    house.send(Task::Take(1, 99));
    house.system.run_until(at_ms(2_000));
    let worked = house.worked();
    assert_eq!(worked.len(), 13);
    for parity in [0, 1] {
        let of_key = worked
            .iter()
            .filter(|it| it.number != 99 && it.number % 2 == parity);
        let of_key: Vec<_> = of_key.collect();
        assert!(
            of_key.is_sorted_by(|a, b| a.number < b.number && a.ended <= b.begun),
            "{of_key:?}"
        );
    }
    let other = worked.iter().find(|it| it.number == 99);
    assert_eq!(other.map(|it| it.begun), Some(1), "it waited for no key");
}

#[test]
fn what_is_for_all_reaches_each_worker_that_there_is() {
    let mut house = house(|pool| pool.at_least(3));
    let told = house.ask(ToAll(Task::Take(0, 5)));
    assert_eq!(
        told,
        Told {
            reached: 3,
            lost: 0
        }
    );
    house.system.run_until(at_ms(10));
    let mut names: Vec<_> = house.worked().into_iter().map(|it| it.worker).collect();
    names.sort();
    assert_eq!(names, ["pool/1", "pool/2", "pool/3"]);
}

#[test]
fn a_report_that_nobody_has_room_for_is_counted() {
    let mut house = house(|pool| pool);
    house.send(Task::Take(100, 1));
    house.boss.address().stop();
    house.system.run_until(at_ms(200));
    assert_eq!(house.status().unheard, 1);
}

#[test]
fn a_restart_begins_with_new_workers_and_without_jobs() {
    let mut house = house(|pool| pool.at_least(1));
    house.send(Task::Take(100, 1));
    house.send(Task::Take(100, 2));
    house.system.run_until(at_ms(50));
    assert!(house.system.handle().inject("pool", Injection::Panic));
    house.system.run_until(at_ms(1_000));
    assert!(
        house.worked().is_empty(),
        "they were dropped where they waited"
    );
    let status = house.status();
    assert_eq!((status.workers, status.working, status.waiting), (1, 0, 0));
    house.send(Task::Take(10, 3));
    house.system.run_until(at_ms(2_000));
    assert_eq!(house.worked().len(), 1);
}

#[test]
fn at_most_is_kept_while_a_worker_that_hung_is_not_gone_yet() {
    let mut house = house(|pool| pool.at_least(1).limit(ms(50)));
    for _ in 0..3 {
        house.send(Task::Hang);
    }
    let living = |house: &House| {
        let nodes = house.system.report().nodes.into_iter();
        nodes.filter(|node| node.name.starts_with("pool/")).count()
    };
    for at in (10..400).step_by(5) {
        house.system.run_until(at_ms(at));
        assert!(living(&house) <= 1, "{} at {at} ms", living(&house));
    }
    assert_eq!(house.reports().len(), 3);
}
