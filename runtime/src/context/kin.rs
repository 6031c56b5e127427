//! What an actor may do with others: start them, watch them, share their fate.

use super::Context;
use crate::cell::{Held, Hook};
use crate::kin::{Child, Link, Nest, News, Parent, Watcher, Watching};
use crate::mailbox::Order;
use crate::{Actor, Address, Ended, Handler, IntoFactory};
use std::sync::Arc;

impl<A: Actor> Context<A> {
    /// Describes a child, called `parent/name`. It belongs to this incarnation: before `stopped` runs, its children
    /// are stopped, the last started first, each before the next; after a restart an actor starts them anew. What
    /// becomes of them is told to [`Actor::child_stopped`].
    ///
    /// ```
    /// # use sinew_runtime::{Actor, Context, Failure, Factory};
    /// # struct Reader(std::net::TcpStream);
    /// # impl Actor for Reader {}
    /// # struct Camera;
    /// # impl Actor for Camera {
    /// # async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
    /// let connect = || Ok(Reader(std::net::TcpStream::connect("10.0.0.7:554")?));
    /// let reader = ctx.child("reader", Factory::new(connect)).start()?;
    /// # Ok(())
    /// # }
    /// # }
    /// ```
    pub fn child<'a, C: Actor, Kind>(
        &'a mut self,
        name: &'a str,
        actor: impl IntoFactory<C, Kind>,
    ) -> Child<'a, C> {
        let incarnation = self.restarts();
        let relatives = self.relatives.get_or_insert_default();
        let family = relatives.family(|| Parent {
            kin: Arc::clone(&self.address.mailbox) as _,
            incarnation,
        });
        let nest = Nest::Parent {
            family,
            hub: &self.hub,
            ending: self.ending,
        };
        Child::new(nest, name, actor.into_factory())
    }

    /// Has this actor hear of another's end, once, before all messages that wait: at once if it has ended already. A
    /// restart is no end. Watching it twice is watching it once; an incarnation watches for itself, the next anew.
    pub fn watch<B: Actor>(&mut self, whom: &Address<B>)
    where
        A: Handler<Ended>,
    {
        let relatives = self.relatives.get_or_insert_default();
        if relatives.watch_of(whom.mailbox.id).is_some() {
            return;
        }
        let watch = self.take_id();
        let watcher = Watcher {
            kin: Arc::clone(&self.address.mailbox) as _,
            watch,
        };
        if let Err(reason) = whom.mailbox.record.bonds.watch(watcher) {
            let name = Arc::clone(&whom.mailbox.name);
            let ended = Ended { name, reason };
            let news = News::Watched { watch, ended };
            self.address.mailbox.order(Order::Hear(news));
        }
        let relatives = self.relatives.get_or_insert_default();
        relatives.watching.push(Watching {
            whom: Arc::clone(&whom.mailbox) as _,
            watch,
            hear: hear::<A>,
        });
    }

    /// Hears no more of another's end, not even if it has come already and was not heard of yet.
    pub fn unwatch<B: Actor>(&mut self, whom: &Address<B>) {
        let Some(relatives) = &mut self.relatives else {
            return;
        };
        if let Some(watch) = relatives.watch_of(whom.mailbox.id) {
            relatives.take_watch(watch);
            let me = self.address.mailbox.id;
            whom.mailbox.record.bonds.unwatch(me, watch);
        }
    }

    /// Ties this incarnation and the present one of another actor together: if one fails, the other fails as well,
    /// before its next message, with a reason that names the first. A normal end concerns nobody. To link to one that
    /// has failed for good is to fail.
    pub fn link<B: Actor>(&mut self, with: &Address<B>) {
        let (me, them) = (&self.address.mailbox, &with.mailbox);
        let mine = self.restarts();
        let link = Link {
            peer: Arc::clone(me) as _,
            incarnation: mine,
        };
        let restarts = || them.record.restarts();
        match them.record.bonds.link(link, restarts) {
            Ok(incarnation) => {
                let peer = Arc::clone(them) as _;
                // It has not ended: it runs this very handler.
                let _ = me.record.bonds.link(Link { peer, incarnation }, || mine);
            }
            Err(reason) if reason.is_failure() => {
                let name = Arc::clone(&them.name);
                let ended = Ended { name, reason };
                let incarnation = mine;
                me.order(Order::Hear(News::Linked { incarnation, ended }));
            }
            Err(_) => {}
        }
    }
}

/// Has an actor hear of an end.
fn hear<A: Handler<Ended>>(mut held: Held<A>, ended: Ended) -> Hook {
    Box::pin(async move {
        let state = held.state();
        state.begins_with::<Ended>();
        state.actor.handle(ended, &mut state.ctx).await.map(drop)
    })
}
