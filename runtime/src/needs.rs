//! What an actor must be sent to be of use.

use crate::{Message, message_name};

/// Collects what an actor needs; [`Graph::findings`](crate::Graph::findings) compares it with the edges.
#[derive(Debug, Default)]
pub struct Needs {
    pub(crate) values: Vec<&'static str>,
    pub(crate) commands: Vec<&'static str>,
}

impl Needs {
    /// At least one edge of readings or events of type `M` must end at this actor.
    pub fn value<M: Message>(&mut self) -> &mut Self {
        self.values.push(message_name::<M>());
        self
    }

    /// One edge of commands of type `M` must end at this actor.
    pub fn command<M: Message>(&mut self) -> &mut Self {
        self.commands.push(message_name::<M>());
        self
    }
}
