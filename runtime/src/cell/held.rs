//! An actor on loan to the future that handles its message.

use crate::edge::count;
use crate::sched::here::NOBODY;
use crate::tap::Delivery;
use crate::{Actor, Context};
use std::any::type_name;
use std::cell::Cell;
use std::rc::Rc;

/// An actor with its context: what a handler borrows.
pub(crate) struct State<A: Actor> {
    pub(crate) actor: A,
    pub(crate) ctx: Context<A>,
}

impl<A: Actor> State<A> {
    /// The actor begins with a message of type `M`: the tap is shown it, if there is one.
    #[inline]
    pub(crate) fn begins_with<M>(&self) {
        if self.ctx.hub.is_tapped() {
            self.show(type_name::<M>());
        }
    }

    fn show(&self, message: &'static str) {
        let mailbox = &self.ctx.address.mailbox;
        let sender = self.ctx.sender;
        // Numbers begin at one, places at zero.
        let delivery = Delivery {
            receiver: mailbox.id - 1,
            sender: (sender != NOBODY).then(|| sender - 1),
            message,
            sequence: count(&mailbox.record.owner.begun),
        };
        self.ctx.hub.tap_delivery(&delivery);
    }
}

/// Where the state is while no future holds it.
pub(crate) type Home<A> = Rc<Cell<Option<Box<State<A>>>>>;

/// The state on loan; dropped, it goes home, also when the future that held it was cancelled.
pub(crate) struct Held<A: Actor> {
    state: Option<Box<State<A>>>,
    home: Home<A>,
}

impl<A: Actor> Held<A> {
    /// Takes the state, if it is at home, for what nobody sent.
    pub(crate) fn take(home: &Home<A>) -> Option<Self> {
        let mut state = home.take()?;
        state.ctx.sender = NOBODY;
        Some(Self {
            state: Some(state),
            home: Rc::clone(home),
        })
    }

    /// The state.
    pub(crate) fn state(&mut self) -> &mut State<A> {
        self.state.as_mut().expect("it is on loan until the drop")
    }
}

impl<A: Actor> Drop for Held<A> {
    fn drop(&mut self) {
        self.home.set(self.state.take());
    }
}
