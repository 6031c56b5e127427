//! The span of an actor: all that is logged while it takes its turn stands in it.

use tracing::Span;
use tracing::span::Entered;

/// The span of an actor, made once for all its turns; whoever subscribes later is not asked for it any more.
pub(super) fn of_actor(name: &str, id: u64) -> Span {
    tracing::info_span!("actor", name, id)
}

/// Enters the span until what comes back is dropped; without a subscriber this is one comparison.
pub(super) fn enter(span: &Span) -> Option<Entered<'_>> {
    (!span.is_disabled()).then(|| span.enter())
}
