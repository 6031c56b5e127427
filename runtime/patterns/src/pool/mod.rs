//! Shares work out among workers that come and go with it.

mod crew;
mod job;
mod terms;

pub use job::{Finished, Work};

use crate::{Router, Told};
use crew::{Crew, State, Worker};
use job::{Done, Job, Once};
use sinew_runtime::{Actor, AskError, ChildStopped, Context, Failure, Handler};
use std::collections::VecDeque;
use std::fmt;
use terms::Terms;

/// Shares work out among workers, which it starts when work waits and lets go when they have rested long enough.
///
/// For work that takes its time while the robot goes on: pictures to be uploaded, places to be looked up, ways to be
/// planned for one goal after the other. (Workers share the pool's thread, so what they do must wait rather than
/// compute.) Each worker has one job at a time, so a job goes to whoever is free, the least loaded; jobs beyond that
/// wait, in their order, as many as there is room for.
///
/// * It grows to [`at_most`](Self::at_most) workers while jobs wait, and shrinks to [`at_least`](Self::at_least) as they
///   come to rest.
/// * A job that fails or panics is reported with its failure, and not tried again; its worker is built anew by its
///   [`restart`](Self::restart), and the pool goes on.
/// * A job that takes longer than its [`limit`](Self::limit) is reported, and its worker ended where it waits.
/// * Jobs of one key ([`Work::in_order_of`]) never overlap and keep their order, however many workers there are.
///
/// What waits dies with the pool's incarnation.
///
/// ```
/// # use sinew_runtime::{Actor, Address, Context, Failure, Graph, Handler};
/// use sinew_patterns::{Finished, Pool, Work};
///
/// struct Uploader;
/// struct Picture(Vec<u8>);
/// # impl Actor for Uploader {}
/// impl Handler<Picture> for Uploader {
///     type Reply = usize;
///     async fn handle(&mut self, it: Picture, _: &mut Context<Self>) -> Result<usize, Failure> {
///         Ok(it.0.len())
///     }
/// }
///
/// # #[derive(Clone)]
/// struct Camera { uploads: Address<Pool<Uploader, Picture>> }
/// impl Actor for Camera {
///     async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
///         let work = Work::of(Picture(vec![0; 9])).report_to(ctx.address().recipient());
///         self.uploads.try_tell(work)?;
///         Ok(())
///     }
/// }
/// impl Handler<Finished<usize>> for Camera {
///     type Reply = ();
///     async fn handle(&mut self, it: Finished<usize>, _: &mut Context<Self>) -> Result<(), Failure> {
///         assert_eq!(it.result, Ok(9));
///         Ok(())
///     }
/// }
///
/// let mut graph = Graph::new("robot");
/// let uploads = graph.add("uploads", Pool::of(|| Ok(Uploader)).at_least(1).at_most(4));
/// graph.add("camera", Camera { uploads: uploads.address() });
/// ```
pub struct Pool<W: Handler<M>, M: Send + 'static> {
    terms: Terms<W>,
    crew: Crew<W>,
    backlog: VecDeque<Job<M, W::Reply>>,
    jobs: u64,
    hired: u64,
    failed: u64,
    refused: u64,
    unheard: u64,
    /// Whether a timer runs that looks who has rested long enough.
    watching: bool,
}

/// A message for all workers that a [`Pool`] has now. Asked, it answers how many got it.
#[derive(Clone, Debug)]
pub struct ToAll<M>(pub M);

/// Asks a [`Pool`] how it stands.
#[derive(Clone, Copy, Debug)]
pub struct PoolStatus;

/// How a [`Pool`] stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolReport {
    /// Workers, those counted that are about to leave.
    pub workers: usize,
    /// Workers that have a job.
    pub working: usize,
    /// Jobs that wait for a worker.
    pub waiting: usize,
    /// Jobs that were accepted since the pool's last start.
    pub accepted: u64,
    /// Jobs that ended without a reply.
    pub failed: u64,
    /// Work that there was no room for.
    pub refused: u64,
    /// Reports that whoever waited for them had no room for, or that came after its end.
    pub unheard: u64,
    /// Workers that were ever taken on.
    pub hired: u64,
}

/// Has the pool look who has rested long enough.
struct LookAgain;

impl<W: Handler<M>, M: Send + 'static> Pool<W, M> {
    fn on(terms: Terms<W>) -> Self {
        Self {
            terms,
            crew: Crew::new(),
            backlog: VecDeque::new(),
            jobs: 0,
            hired: 0,
            failed: 0,
            refused: 0,
            unheard: 0,
            watching: false,
        }
    }

    /// Gives jobs to workers while there are both.
    fn share_out(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        while let Some(place) = self.first_that_may_begin() {
            if self.crew.rested().is_none() {
                self.hire(ctx)?;
            }
            if !self.begin(place, ctx) {
                break;
            }
        }
        Ok(())
    }

    /// Gives the job at this place to a worker. `false`: nobody is free.
    fn begin(&mut self, place: usize, ctx: &mut Context<Self>) -> bool {
        let free = match self.crew.rested() {
            Some(worker) => Some(worker.number),
            None => self.crew.recovering().map(|worker| worker.number),
        };
        let worker = free.and_then(|number| self.crew.get_mut(number));
        let Some(worker) = worker else { return false };
        let Some(Job { number: job, work }) = self.backlog.remove(place) else {
            return false;
        };
        worker.state = State::Works(work.key);
        let (number, address, limit) = (worker.number, worker.address.clone(), self.terms.limit);
        let done = async move {
            let result = address.ask(work.message).within(limit).await;
            Done {
                worker: number,
                finished: Finished { job, result },
                report_to: work.report_to,
            }
        };
        ctx.input("job", Once::of(done));
        true
    }

    /// The place of the oldest job whose key nobody works on.
    fn first_that_may_begin(&self) -> Option<usize> {
        let mut jobs = self.backlog.iter();
        jobs.position(|job| job.work.key.is_none_or(|key| !self.crew.works_on(key)))
    }

    /// Takes a worker on, if there may be one more.
    fn hire(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if self.crew.len() >= self.terms.at_most {
            return Ok(());
        }
        self.hired += 1;
        let name = self.hired.to_string();
        let child = ctx.child(&name, self.terms.factory());
        let address = child.restart(self.terms.restart).start()?;
        self.crew.add(Worker {
            number: self.hired,
            address,
            state: State::Rests(ctx.now()),
        });
        Ok(())
    }

    fn hire_at_least(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        while self.crew.len() < self.terms.at_least {
            self.hire(ctx)?;
        }
        Ok(())
    }

    /// Lets go who has rested long enough, and looks again when the next may have.
    fn let_go(&mut self, ctx: &mut Context<Self>) {
        while self.crew.staying() > self.terms.at_least {
            let Some((since, worker)) = self.crew.most_rested() else {
                return;
            };
            let leaves_at = since + self.terms.rest;
            if leaves_at > ctx.now() {
                if !std::mem::replace(&mut self.watching, true) {
                    ctx.after(leaves_at.since(ctx.now()), LookAgain);
                }
                return;
            }
            worker.leave();
        }
    }
}

impl<W: Handler<M>, M: Send + 'static> Actor for Pool<W, M> {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.hire_at_least(ctx)
    }

    async fn child_stopped(
        &mut self,
        child: &ChildStopped,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        if !child.restarts && self.crew.remove(&child.name) {
            self.hire_at_least(ctx)?;
            self.share_out(ctx)?;
        }
        Ok(())
    }
}

impl<W: Handler<M>, M: Send + 'static> Handler<Work<M, W::Reply>> for Pool<W, M> {
    type Reply = Result<u64, Work<M, W::Reply>>;
    async fn handle(
        &mut self,
        work: Work<M, W::Reply>,
        ctx: &mut Context<Self>,
    ) -> Result<Self::Reply, Failure> {
        self.jobs += 1;
        let number = self.jobs;
        self.backlog.push_back(Job { number, work });
        self.share_out(ctx)?;
        if self.backlog.len() > self.terms.room
            && let Some(last) = self.backlog.pop_back()
        {
            self.jobs -= 1;
            self.refused += 1;
            return Ok(Err(last.work));
        }
        Ok(Ok(number))
    }
}

impl<W: Handler<M>, M: Send + 'static> Handler<Done<W::Reply>> for Pool<W, M> {
    type Reply = ();
    async fn handle(
        &mut self,
        done: Done<W::Reply>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        let result = &done.finished.result;
        self.failed += u64::from(result.is_err());
        if let Some(worker) = self.crew.get_mut(done.worker) {
            match result {
                Ok(_) => worker.state = State::Rests(ctx.now()),
                Err(AskError::Failed(_)) => worker.state = State::Recovers(ctx.now()),
                Err(_) => worker.leave(),
            }
        }
        if let Some(recipient) = done.report_to {
            self.unheard += u64::from(recipient.try_tell(done.finished).is_err());
        }
        self.share_out(ctx)?;
        self.let_go(ctx);
        Ok(())
    }
}

impl<W: Handler<M>, M: Send + 'static> Handler<LookAgain> for Pool<W, M> {
    type Reply = ();
    async fn handle(&mut self, _: LookAgain, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.watching = false;
        self.let_go(ctx);
        Ok(())
    }
}

impl<W, M> Handler<ToAll<M>> for Pool<W, M>
where
    W: Handler<M>,
    M: Clone + Send + 'static,
{
    type Reply = Told;
    async fn handle(&mut self, it: ToAll<M>, _: &mut Context<Self>) -> Result<Told, Failure> {
        let addresses = self.crew.addresses().cloned();
        Ok(Router::to(addresses).tell_all(&it.0))
    }
}

impl<W: Handler<M>, M: Send + 'static> Handler<PoolStatus> for Pool<W, M> {
    type Reply = PoolReport;
    async fn handle(
        &mut self,
        _: PoolStatus,
        _: &mut Context<Self>,
    ) -> Result<PoolReport, Failure> {
        Ok(PoolReport {
            workers: self.crew.len(),
            working: self.crew.working(),
            waiting: self.backlog.len(),
            accepted: self.jobs,
            failed: self.failed,
            refused: self.refused,
            unheard: self.unheard,
            hired: self.hired,
        })
    }
}

/// A clone is what a restart begins with: the same terms, no workers yet, and no jobs.
impl<W: Handler<M>, M: Send + 'static> Clone for Pool<W, M> {
    fn clone(&self) -> Self {
        Self::on(self.terms.clone())
    }
}

impl<W: Handler<M>, M: Send + 'static> fmt::Debug for Pool<W, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("workers", &self.crew.len())
            .field("waiting", &self.backlog.len())
            .finish_non_exhaustive()
    }
}
