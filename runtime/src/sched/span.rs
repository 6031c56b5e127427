//! The span of an actor: all that is logged while it takes its turn stands in it.

use tracing::Span;
use tracing::span::Entered;

/// The span of an actor, made once for all its turns; whoever subscribes later is not asked for it any more. Without a
/// subscriber there is none, and no room for it.
pub(super) fn of_actor(name: &str, id: u64) -> Option<Box<Span>> {
    let span = tracing::info_span!("actor", name, id);
    (!span.is_disabled()).then(|| Box::new(span))
}

/// Enters the span until what comes back is dropped; without a subscriber this is one comparison.
pub(super) fn enter(span: Option<&Span>) -> Option<Entered<'_>> {
    span.map(Span::enter)
}
