//! What the owner of a mailbox does: it takes messages out.

use super::{Batch, Inner, LetIn, Mailbox};
use crate::Actor;
use crate::sync::{LockGuard, fence};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::task::Waker;

/// How often the owner of a mailbox looks away while a sender puts something in.
const STAND_BACK: u32 = 100;

impl<A: Actor> Mailbox<A> {
    /// Takes the next token of the lanes that overtake, in their order; the lock is still held, for its value to be
    /// taken.
    #[inline]
    pub(crate) fn next_overtaker(&self) -> Option<(LockGuard<'_, Inner<A>>, u16)> {
        if !self.record.owner.overtaken.load(Ordering::Acquire) {
            return None;
        }
        self.pop_overtaker()
    }

    fn pop_overtaker(&self) -> Option<(LockGuard<'_, Inner<A>>, u16)> {
        let mut inner = self.lock();
        if let Some(port) = inner.lanes.pop_overtaking() {
            return Some((inner, port));
        }
        self.record.owner.overtaken.store(false, Ordering::Release);
        None
    }

    /// Swaps the waiting lane for the owner's batch, which is empty; the lock is still held, for the values to
    /// follow. Falls asleep if no lane holds anything, or, if the owner has time for a `last` message only, nothing but
    /// that: under that lock, so that no push is missed.
    pub(crate) fn take_batch(
        &self,
        batch: &mut VecDeque<u16>,
        last: bool,
    ) -> (Batch, LockGuard<'_, Inner<A>>) {
        let mut inner = self.lock_patiently();
        if inner.lanes.swap_waiting(batch) {
            let asleep = last && batch.len() == 1 && inner.falls_asleep();
            let taken = if asleep {
                Batch::TakenAsleep
            } else {
                Batch::Taken
            };
            return (taken, inner);
        }
        let taken = if inner.falls_asleep() {
            Batch::Asleep
        } else {
            Batch::Overtaken
        };
        (taken, inner)
    }

    /// Locks to take what came. If a sender on another thread is just putting something in, it may well have more: the
    /// owner stands back for about a microsecond, so that it finds a longer batch and takes the lock less often.
    fn lock_patiently(&self) -> LockGuard<'_, Inner<A>> {
        self.inner.try_lock().unwrap_or_else(|| {
            (0..STAND_BACK).for_each(|_| std::hint::spin_loop());
            self.lock()
        })
    }

    /// Has the next push wake the owner, whose hands are empty, if no lane holds anything.
    pub(crate) fn falls_asleep(&self) -> bool {
        self.lock().falls_asleep()
    }

    /// Whether something came that is to be looked at before the next message.
    #[inline]
    pub(crate) fn interrupts(&self) -> bool {
        self.record.owner.ordered.load(Ordering::Acquire)
            || self.record.owner.overtaken.load(Ordering::Acquire)
    }

    /// The owner took a told or asked message into its hands.
    pub(crate) fn count_taken(&self) {
        self.record.owner.leave();
    }

    /// Lets the senders that wait go on, as many as there is room for now. Before the owner pauses in the
    /// middle of a message: one that begins to wait at this very moment either is seen here or sees the room.
    pub(crate) fn let_in_before_pause(&self) {
        fence(Ordering::SeqCst);
        self.let_in();
    }

    /// As [`let_in_before_pause`](Self::let_in_before_pause), where the owner looks again soon.
    #[inline]
    pub(crate) fn let_in(&self) {
        if self.record.owner.crowded.load(Ordering::Relaxed) {
            self.let_in_all();
        }
    }

    #[cold]
    fn let_in_all(&self) {
        let mut more = true;
        while more {
            let mut wakers = LetIn::default();
            more = self.let_in_some(&mut self.lock(), &mut wakers);
            wakers.into_iter().flatten().for_each(Waker::wake);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Envelope, Lane, Order};
    use super::*;
    use crate::{Context, Failure, Handler};
    use std::sync::Arc;

    struct Told;

    impl Actor for Told {}

    impl Handler<u8> for Told {
        type Reply = ();
        async fn handle(&mut self, _: u8, _: &mut Context<Self>) -> Result<(), Failure> {
            Ok(())
        }
    }

    fn mailbox() -> Mailbox<Told> {
        Mailbox::new("told", Arc::default())
    }

    fn tell(mailbox: &Mailbox<Told>, lane: Lane) {
        let mut inner = mailbox.lock();
        let port = inner.direct_port::<u8>(lane);
        mailbox.push::<u8, ()>(&mut inner, port, Envelope::told(1));
    }

    #[test]
    fn it_falls_asleep_over_its_only_message_and_over_none() {
        let taken = |messages: usize, last: bool| {
            let mailbox = mailbox();
            (0..messages).for_each(|_| tell(&mailbox, Lane::User));
            mailbox.take_batch(&mut VecDeque::new(), last).0
        };
        assert_eq!(taken(0, true), Batch::Asleep);
        assert_eq!(taken(1, true), Batch::TakenAsleep);
        assert_eq!(taken(1, false), Batch::Taken);
        assert_eq!(taken(2, true), Batch::Taken, "the second is in its hands");
    }

    #[test]
    fn orders_and_what_is_urgent_interrupt_and_a_told_message_does_not() {
        let (ordered, urgent, told) = (mailbox(), mailbox(), mailbox());
        ordered.order(Order::Stop);
        tell(&urgent, Lane::System);
        tell(&told, Lane::User);
        let interrupts = [&ordered, &urgent, &told].map(Mailbox::interrupts);
        assert_eq!(interrupts, [true, true, false]);
    }
}
