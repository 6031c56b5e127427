//! What can build a node's actor again at each start.

use crate::{Actor, Failure, Parameter};
use std::fmt;

/// Builds an actor at each start of its node: what exists once (a claim) is kept here, what is opened anew
/// (a port) is opened in it.
pub struct Factory<A> {
    make: Make<A>,
    named: Vec<TellName>,
    parameters: Vec<Parameter>,
}

/// Builds an actor, or says why it cannot now.
pub(crate) type Make<A> = Box<dyn FnMut() -> Result<A, Failure> + Send>;

/// Is told the name of the node.
type TellName = Box<dyn FnOnce(&str) + Send>;

impl<A> Factory<A> {
    /// A factory from a closure that builds the actor, or says why it cannot now.
    pub fn new(make: impl FnMut() -> Result<A, Failure> + Send + 'static) -> Self {
        Self {
            make: Box::new(make),
            named: Vec::new(),
            parameters: Vec::new(),
        }
    }

    /// Has `tell_name` called with the node's name when the factory is added to a graph, so that claims can be
    /// named after their owner.
    #[must_use]
    pub fn named(mut self, tell_name: impl FnOnce(&str) + Send + 'static) -> Self {
        self.named.push(Box::new(tell_name));
        self
    }

    /// Declares a number that may be changed while the actor, a node of a graph, runs; the closure hands it a clone.
    #[must_use]
    pub fn parameter(mut self, parameter: &Parameter) -> Self {
        self.parameters.push(parameter.clone());
        self
    }

    /// Takes out what may be changed while the actor runs.
    pub(crate) fn take_parameters(&mut self) -> Vec<Parameter> {
        std::mem::take(&mut self.parameters)
    }

    /// Tells the node's name to whoever wanted to know; what builds the actor.
    pub(crate) fn into_make(self, name: &str) -> Make<A> {
        self.named.into_iter().for_each(|tell| tell(name));
        self.make
    }
}

impl<A> fmt::Debug for Factory<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Factory<{}>", std::any::type_name::<A>())
    }
}

/// What [`Graph::add`](crate::Graph::add) takes: a [`Factory`], or an actor that is `Clone`, which is its own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be built again at a restart",
    label = "neither a `Factory` nor an actor that is `Clone`",
    note = "derive `Clone` for the actor, or wrap what builds it: `Factory::new(move || Ok(..))`"
)]
pub trait IntoFactory<A, Kind> {
    /// The factory.
    fn into_factory(self) -> Factory<A>;
}

/// Marks a factory.
#[derive(Debug)]
pub struct IsFactory;

/// Marks an actor that is `Clone`.
#[derive(Debug)]
pub struct IsActor;

impl<A: Actor> IntoFactory<A, IsFactory> for Factory<A> {
    fn into_factory(self) -> Factory<A> {
        self
    }
}

impl<A: Actor + Clone + Send> IntoFactory<A, IsActor> for A {
    fn into_factory(self) -> Factory<A> {
        Factory::new(move || Ok(self.clone()))
    }
}
