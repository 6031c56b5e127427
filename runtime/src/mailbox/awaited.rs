//! A mailbox as those see it who look for deadlines and deadlocks.

use super::Mailbox;
use crate::waits::{Awaited, Wait, WaitsOn};
use crate::{Actor, AskError, Time};
use std::task::Waker;

impl<A: Actor> Awaited for Mailbox<A> {
    fn id(&self) -> u64 {
        self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn sweep(&self, now: Time, found: &mut Vec<Wait>) -> bool {
        let mut wakers = Vec::new();
        let mut inner = self.lock();
        let before = found.len();
        for (place, port) in inner.ports.iter_mut().enumerate() {
            port.ring.sweep(now, &mut wakers, &mut |waiter, ticket| {
                let on = WaitsOn::Answer(place, ticket);
                found.push(Wait::new(waiter, self.id, on));
            });
        }
        inner.room.name_waiting(&mut |waiter, place| {
            found.push(Wait::new(waiter, self.id, WaitsOn::Room(place)));
        });
        inner.listed = found.len() > before;
        let listed = inner.listed;
        drop(inner);
        wakers.into_iter().for_each(Waker::wake);
        listed
    }

    fn doom(&self, on: WaitsOn, why: &str) {
        let mut wakers = Vec::new();
        let mut inner = self.lock();
        match on {
            WaitsOn::Answer(port, ticket) => {
                let error = AskError::WouldDeadlock(why.to_owned());
                inner.ports[port].ring.end_ask(ticket, error, &mut wakers);
            }
            WaitsOn::Room(place) => wakers.extend(inner.room.doom(place, why)),
        }
        drop(inner);
        wakers.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    struct Idle;

    impl Actor for Idle {}

    #[test]
    fn one_that_nobody_waits_for_leaves_the_list() {
        let mailbox = Mailbox::<Idle>::new("idle", Arc::default());
        let mut place = None;
        let sweep = || mailbox.sweep(Time::ZERO, &mut vec![Wait::new(1, 2, WaitsOn::Room(0))]);
        assert!(!sweep());
        mailbox.lock().room.wait(&mut place, Waker::noop());
        assert!(sweep());
        mailbox.leave(&mut mailbox.lock(), place);
        assert!(!sweep());
    }
}
