//! What an actor may do with others: start children.

use super::Context;
use crate::kin::{Child, Nest, Parent};
use crate::{Actor, IntoFactory};
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
        let parent = Parent {
            kin: Arc::clone(&self.address.mailbox) as _,
            incarnation: self.restarts(),
        };
        let nest = Nest::Parent {
            parent,
            family: self.family.get_or_insert_default(),
            hub: &self.hub,
            ending: self.ending,
        };
        Child::new(nest, name, actor.into_factory())
    }
}
