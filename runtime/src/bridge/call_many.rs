//! Many calls at once: their results are taken as they come.

use super::sleeper::after;
use super::{CannotWait, Sleeper};
use crate::{Address, AskError, Handler, Time};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// Calls of several actors, or several calls of one, whose results have one type.
///
/// ```no_run
/// # use sinew_runtime::{Actor, Address, CallMany, CannotWait, Context, Failure, Handler};
/// # use std::time::Duration;
/// # struct Wheel;
/// # impl Actor for Wheel {}
/// # struct ReadSpeed;
/// # impl Handler<ReadSpeed> for Wheel {
/// #     type Reply = f64;
/// #     async fn handle(&mut self, _: ReadSpeed, _: &mut Context<Self>) -> Result<f64, Failure> { Ok(0.0) }
/// # }
/// fn report(wheels: &[Address<Wheel>]) -> Result<(), CannotWait> {
///     let mut calls = CallMany::new();
///     for wheel in wheels {
///         calls.add(wheel, ReadSpeed, f64::NAN);
///     }
///     for answer in calls.send(Duration::from_millis(50))? {
///         println!("{}: {} m/s", answer.from, answer.value);
///     }
///     Ok(())
/// }
/// ```
#[must_use = "nothing is sent before `send`"]
pub struct CallMany<'a, R> {
    calls: Vec<Call<'a, R>>,
    refused: Option<CannotWait>,
}

/// One call that waits for its reply.
struct Call<'a, R> {
    from: &'a str,
    default: R,
    ask: Pin<Box<dyn Future<Output = Result<R, AskError>> + 'a>>,
}

/// What one call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer<R> {
    /// The number of the call, as [`CallMany::add`] gave it.
    pub call: usize,
    /// The name of the actor's node.
    pub from: String,
    /// The reply, or the call's default.
    pub value: R,
    /// Why it is the default; `None`: it is the reply.
    pub failed: Option<AskError>,
}

impl<'a, R> CallMany<'a, R> {
    /// No calls yet.
    pub const fn new() -> Self {
        Self {
            calls: Vec::new(),
            refused: None,
        }
    }

    /// Adds a call; `default` stands for its reply if there is none in time. Returns its number, counted from zero.
    pub fn add<A, M>(&mut self, to: &'a Address<A>, message: M, default: R) -> usize
    where
        A: Handler<M, Reply = R>,
        M: Send + 'static,
    {
        if let Err(refused) = CannotWait::check_for(to) {
            self.refused.get_or_insert(refused);
        }
        self.calls.push(Call {
            from: to.name(),
            default,
            ask: Box::pin(to.ask(message).within(Duration::MAX)),
        });
        self.calls.len() - 1
    }

    /// Sends all messages, in the order in which they were added, and returns their answers as they come. `within` is
    /// for all of them together, from now on; it is the time of this thread that counts.
    ///
    /// # Errors
    ///
    /// [`CannotWait`] if this thread must not wait for one of them; nothing was sent then.
    pub fn send(self, within: Duration) -> Result<Answers<'a, R>, CannotWait> {
        CannotWait::check()?;
        if let Some(refused) = self.refused {
            return Err(refused);
        }
        let arrivals = Arc::new(Arrivals {
            queue: Mutex::default(),
            sleeper: Sleeper::here(),
        });
        let calls = self.calls.into_iter().enumerate();
        let mut answers = Answers {
            calls: calls
                .map(|(number, call)| Some((call, CallWaker::of(number, &arrivals))))
                .collect(),
            early: VecDeque::new(),
            arrivals,
            until: after(within),
        };
        for number in 0..answers.calls.len() {
            let early = answers.look_at(number);
            answers.early.extend(early);
        }
        Ok(answers)
    }
}

impl<R> Default for CallMany<'_, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> fmt::Debug for CallMany<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallMany({} calls)", self.calls.len())
    }
}

/// The answers of several calls, as they come; it blocks the thread until the next one does. Once the time is up all
/// that are missing come at once, in the order of their calls, with their defaults. Dropped, it waits for no more
/// of them; late replies count for no other call.
pub struct Answers<'a, R> {
    /// The calls that have no answer yet.
    calls: Vec<Option<(Call<'a, R>, Waker)>>,
    /// What was answered while the messages were sent.
    early: VecDeque<Answer<R>>,
    arrivals: Arc<Arrivals>,
    until: Time,
}

impl<R> Answers<'_, R> {
    /// The answer of one call, if it is there.
    fn look_at(&mut self, number: usize) -> Option<Answer<R>> {
        let (call, waker) = self.calls[number].as_mut()?;
        let polled = call.ask.as_mut().poll(&mut Context::from_waker(waker));
        match polled {
            Poll::Ready(reply) => self.take(number, reply),
            Poll::Pending => None,
        }
    }

    /// Ends one call with this reply.
    fn take(&mut self, number: usize, reply: Result<R, AskError>) -> Option<Answer<R>> {
        let (call, _) = self.calls[number].take()?;
        let (value, failed) = match reply {
            Ok(value) => (value, None),
            Err(why) => (call.default, Some(why)),
        };
        Some(Answer {
            call: number,
            from: call.from.to_owned(),
            value,
            failed,
        })
    }
}

impl<R> Iterator for Answers<'_, R> {
    type Item = Answer<R>;

    fn next(&mut self) -> Option<Answer<R>> {
        if let Some(early) = self.early.pop_front() {
            return Some(early);
        }
        loop {
            let missing = self.calls.iter().position(Option::is_some)?;
            while let Some(number) = self.arrivals.next() {
                let answer = self.look_at(number);
                if answer.is_some() {
                    return answer;
                }
            }
            if !self.arrivals.sleeper.slept_until(self.until) {
                return self.take(missing, Err(AskError::TimedOut));
            }
        }
    }
}

impl<R> fmt::Debug for Answers<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing = self.calls.iter().flatten().count();
        write!(f, "Answers({missing} missing)")
    }
}

/// The calls that have something new, in the order in which it came, and the thread that waits for them.
struct Arrivals {
    queue: Mutex<VecDeque<usize>>,
    sleeper: Arc<Sleeper>,
}

impl Arrivals {
    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<usize>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<usize> {
        self.lock().pop_front()
    }

    /// Notes that a call has something new; it stands in the queue once, however often it has.
    fn push(&self, number: usize) {
        let mut queue = self.lock();
        if !queue.contains(&number) {
            queue.push_back(number);
        }
        drop(queue);
        self.sleeper.rouse();
    }
}

/// Says that one call has something new.
struct CallWaker {
    number: usize,
    arrivals: Arc<Arrivals>,
}

impl CallWaker {
    fn of(number: usize, arrivals: &Arc<Arrivals>) -> Waker {
        let arrivals = Arc::clone(arrivals);
        Waker::from(Arc::new(Self { number, arrivals }))
    }
}

impl Wake for CallWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.arrivals.push(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_is_woken_again_and_again_stands_in_the_queue_once() {
        let arrivals = Arc::new(Arrivals {
            queue: Mutex::default(),
            sleeper: Sleeper::here(),
        });
        let wakers = [0, 1].map(|number| CallWaker::of(number, &arrivals));
        for _ in 0..3 {
            wakers[1].wake_by_ref();
            wakers[0].wake_by_ref();
        }
        assert!(arrivals.sleeper.slept_until(Time::ZERO));
        assert_eq!(
            [arrivals.next(), arrivals.next(), arrivals.next()],
            [Some(1), Some(0), None]
        );
    }
}
