//! Holds messages back until their actor is ready for them.

use futures_core::Stream;
use sinew_runtime::{Context, Handler};
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context as TaskContext, Poll, Waker};

/// Holds messages of one type back while it is closed, so many at most, and gives them to their actor one by one, in
/// their order, once it is opened.
///
/// For whoever is asked before it can: an arm that gets goals while it homes, a planner that gets waypoints before the
/// first fix. The messages come back to the same handler as if they had just arrived, one at a time, so that a stop, an
/// urgent message and all else of the actor have their turn between them. A newer message never overtakes one that
/// is held. It begins closed. Hold no commands: their leases end meanwhile, and an old wish to move is none.
///
/// What it holds dies with the incarnation, as all state of an actor does: a clone of it is empty and closed.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Failure, Handler};
/// use sinew_patterns::{Admitted, Stash};
///
/// #[derive(Clone)]
/// struct Arm { goals: Stash<Goal>, reached: Vec<f64> }
/// struct Goal(f64);
/// struct Homed;
///
/// # impl Actor for Arm {}
/// impl Handler<Goal> for Arm {
///     type Reply = bool;
///     async fn handle(&mut self, goal: Goal, ctx: &mut Context<Self>) -> Result<bool, Failure> {
///         match self.goals.admit(goal, ctx) {
///             Admitted::Now(Goal(angle)) => self.reached.push(angle),
///             Admitted::Later => {}
///             Admitted::Refused(_) => return Ok(false),
///         }
///         Ok(true)
///     }
/// }
///
/// impl Handler<Homed> for Arm {
///     type Reply = ();
///     async fn handle(&mut self, _: Homed, _: &mut Context<Self>) -> Result<(), Failure> {
///         self.goals.open();
///         Ok(())
///     }
/// }
/// ```
pub struct Stash<M> {
    room: usize,
    held: Arc<Mutex<Held<M>>>,
    /// Whether the input runs that gives back what is held.
    attached: bool,
}

/// What may become of a message that came to a [`Stash`].
#[derive(Debug)]
#[must_use = "a message that is admitted now is the actor's to handle"]
pub enum Admitted<M> {
    /// It is its turn: handle it.
    Now(M),
    /// It is held, and comes again when its turn has come.
    Later,
    /// There is no room: tell whoever sent it.
    Refused(M),
}

/// What the actor and its input share.
struct Held<M> {
    queue: VecDeque<M>,
    open: bool,
    /// Whether the message that the actor is about to handle comes from here.
    given_back: bool,
    waker: Option<Waker>,
}

impl<M: Send + 'static> Stash<M> {
    /// A stash that holds at most so many messages.
    #[must_use]
    pub fn new(room: usize) -> Self {
        let held = Held {
            queue: VecDeque::new(),
            open: false,
            given_back: false,
            waker: None,
        };
        Self {
            room,
            held: Arc::new(Mutex::new(held)),
            attached: false,
        }
    }

    /// Asks what to do with a message. Let each message of this type ask first, in its handler.
    pub fn admit<A: Handler<M>>(&mut self, message: M, ctx: &mut Context<A>) -> Admitted<M> {
        let mut held = self.lock();
        let given_back = std::mem::take(&mut held.given_back);
        if given_back || held.open && held.queue.is_empty() {
            return Admitted::Now(message);
        }
        if held.queue.len() >= self.room {
            return Admitted::Refused(message);
        }
        held.queue.push_back(message);
        drop(held);
        if !std::mem::replace(&mut self.attached, true) {
            ctx.board_input("stash", GivenBack(Arc::clone(&self.held)));
        }
        Admitted::Later
    }

    /// Lets messages through, those that are held first.
    pub fn open(&mut self) {
        let waker = {
            let mut held = self.lock();
            held.open = true;
            held.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    /// Holds messages back from now on.
    pub fn close(&mut self) {
        self.lock().open = false;
    }

    /// How many messages are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().queue.len()
    }

    /// Whether no message is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<M> Stash<M> {
    fn lock(&self) -> MutexGuard<'_, Held<M>> {
        lock(&self.held)
    }
}

/// Locks. Nobody panics under the lock, so poison is no news.
fn lock<M>(held: &Mutex<Held<M>>) -> MutexGuard<'_, Held<M>> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<M: Send + 'static> Clone for Stash<M> {
    fn clone(&self) -> Self {
        Self::new(self.room)
    }
}

impl<M> fmt::Debug for Stash<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.lock();
        let state = if held.open { "open" } else { "closed" };
        write!(f, "Stash({state}, {} of {})", held.queue.len(), self.room)
    }
}

/// The input of what is held, in its order, while the stash is open.
struct GivenBack<M>(Arc<Mutex<Held<M>>>);

impl<M> Stream for GivenBack<M> {
    type Item = M;

    fn poll_next(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<M>> {
        let mut held = lock(&self.0);
        let next = if held.open {
            held.queue.pop_front()
        } else {
            None
        };
        if next.is_some() {
            held.given_back = true;
            return Poll::Ready(next);
        }
        held.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}
