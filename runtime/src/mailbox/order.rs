//! What the next turn of an actor is told from outside.

/// A fault that a test puts into an actor before its next message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Injection {
    /// The actor panics.
    Panic,
    /// The actor fails with this text.
    Fail(String),
}

/// The orders that stand; however often one is given, it stands once.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    /// End in order.
    pub(crate) stop: bool,
    /// A test's fault, the newest if there were several.
    pub(crate) fault: Option<Injection>,
}
