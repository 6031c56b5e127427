//! Messages whose sender wants to hear if they end their receiver.

use super::LocalPort;
use super::direct::port;
use crate::cell::held::Held;
use crate::cell::service::{Served, build};
use crate::edge::EdgeMeta;
use crate::{Handler, Poison, Reason, Recipient};
use std::sync::Arc;

/// A message, and whom to give it back to.
pub(crate) struct Tracked<M> {
    pub(crate) message: M,
    pub(crate) sender: Recipient<Poison<M>>,
}

/// Builds the local half of the port of such messages.
pub(crate) fn tracked_port<A, M>(number: u16, _: Option<&Arc<EdgeMeta>>) -> Box<dyn LocalPort<A>>
where
    A: Handler<M>,
    M: Clone + Send + 'static,
{
    port(number, build(serve::<A, M>))
}

async fn serve<A, M>(mut held: Held<A>, tracked: Tracked<M>) -> Served<A, ()>
where
    A: Handler<M>,
    M: Clone + Send + 'static,
{
    let state = held.state();
    state.begins_with::<M>();
    let mut copy = Copy {
        message: Some(tracked.message.clone()),
        sender: tracked.sender,
        receiver: Arc::clone(&state.ctx.address.mailbox.name),
    };
    let result = state.actor.handle(tracked.message, &mut state.ctx).await;
    match &result {
        Err(failure) if !failure.is_end() => {
            copy.give_back(Reason::Failed(failure.to_string()));
        }
        _ => copy.message = None,
    }
    (held, result.map(drop))
}

/// The copy that goes back. A handler that is only cancelled, by a stop, has not been ended by its message.
struct Copy<M: Send + 'static> {
    message: Option<M>,
    sender: Recipient<Poison<M>>,
    receiver: Arc<str>,
}

impl<M: Send + 'static> Copy<M> {
    fn give_back(&mut self, reason: Reason) {
        let Some(message) = self.message.take() else {
            return;
        };
        let poison = Poison {
            message,
            receiver: Arc::clone(&self.receiver),
            reason,
        };
        if self.sender.try_tell(poison).is_err() {
            tracing::warn!(receiver = %self.receiver, "a message that ended its receiver could not be given back");
        }
    }
}

impl<M: Send + 'static> Drop for Copy<M> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.give_back(Reason::Panicked("over this message".to_owned()));
        }
    }
}
