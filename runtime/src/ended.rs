//! Waiting for an actor's end, and guarding that it comes.

use crate::kin::Bonds;
use crate::{Actor, Address, Reason};
use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The future of [`Address::ended`].
#[must_use = "nothing is waited for until it is awaited"]
pub struct WhenEnded<'a> {
    bonds: &'a Bonds,
    waiter: Option<u64>,
}

impl<'a> WhenEnded<'a> {
    pub(crate) fn new(bonds: &'a Bonds) -> Self {
        Self {
            bonds,
            waiter: None,
        }
    }
}

impl Future for WhenEnded<'_> {
    type Output = Reason;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reason> {
        let bonds = self.bonds;
        bonds.poll_end(&mut self.waiter, cx.waker())
    }
}

impl Drop for WhenEnded<'_> {
    fn drop(&mut self) {
        if let Some(waiter) = self.waiter {
            self.bonds.give_up(waiter);
        }
    }
}

impl fmt::Debug for WhenEnded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WhenEnded")
    }
}

/// An address whose actor is told to stop when this is dropped: an actor for as long as a scope lasts.
pub struct StopOnDrop<A: Actor>(Address<A>);

impl<A: Actor> StopOnDrop<A> {
    pub(crate) fn new(address: Address<A>) -> Self {
        Self(address)
    }
}

impl<A: Actor> Deref for StopOnDrop<A> {
    type Target = Address<A>;

    fn deref(&self) -> &Address<A> {
        &self.0
    }
}

impl<A: Actor> Drop for StopOnDrop<A> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl<A: Actor> fmt::Debug for StopOnDrop<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StopOnDrop({})", self.0.name())
    }
}
