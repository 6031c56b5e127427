//! What came of the closers of an actor.

use crate::few::Few;
use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

/// What came of the closers that ran so far, each under the name of its input: shown to those that run after them, and
/// to [`Actor::stopped`](crate::Actor::stopped) by [`Context::closed`](crate::Context::closed).
#[derive(Clone, Default)]
pub struct Closed(Few<(Cow<'static, str>, Outcome)>);

/// What a closer gave back, or why it did not come to its end.
#[derive(Clone)]
enum Outcome {
    Well(Rc<dyn Any>),
    Badly(Rc<str>),
}

impl Closed {
    /// What the closer of this name gave back; `None` if it has not run, did not end well, or gave something of
    /// another type. Of several with one name the last that ran counts.
    #[must_use]
    pub fn result<R: 'static>(&self, name: &str) -> Option<&R> {
        match self.outcome(name)? {
            Outcome::Well(result) => result.downcast_ref(),
            Outcome::Badly(_) => None,
        }
    }

    /// Why the closer of this name did not end well, if it has run and did not.
    #[must_use]
    pub fn trouble(&self, name: &str) -> Option<&str> {
        match self.outcome(name)? {
            Outcome::Well(_) => None,
            Outcome::Badly(why) => Some(why),
        }
    }

    /// The names, in the order in which they were closed.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_ref())
    }

    fn outcome(&self, name: &str) -> Option<&Outcome> {
        let mut known = self.0.iter().rev();
        let (_, outcome) = known.find(|(known, _)| known == name)?;
        Some(outcome)
    }

    /// Notes that one ended well.
    pub(crate) fn add_result(&mut self, name: Cow<'static, str>, result: Rc<dyn Any>) {
        self.0.push((name, Outcome::Well(result)));
    }

    /// Notes that one did not.
    pub(crate) fn add_trouble(&mut self, name: Cow<'static, str>, why: &str) {
        self.0.push((name, Outcome::Badly(Rc::from(why))));
    }
}

impl fmt::Debug for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.0.iter().map(|(name, outcome)| match outcome {
            Outcome::Well(_) => (name, "closed"),
            Outcome::Badly(why) => (name, why.as_ref()),
        });
        f.debug_map().entries(entries).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_known_by_its_name_and_type_and_of_two_with_one_name_the_last() {
        let mut closed = Closed::default();
        closed.add_result("valve".into(), Rc::new(3_u8));
        closed.add_trouble("port".into(), "no carrier");
        assert_eq!(closed.result::<u8>("valve"), Some(&3));
        assert_eq!(closed.result::<u16>("valve"), None);
        assert_eq!(closed.result::<u8>("port"), None);
        assert_eq!(closed.result::<u8>("pump"), None);
        let troubles = ["valve", "port", "pump"].map(|name| closed.trouble(name));
        assert_eq!(troubles, [None, Some("no carrier"), None]);
        closed.add_trouble("valve".into(), "stuck");
        assert_eq!(closed.result::<u8>("valve"), None);
        assert_eq!(closed.trouble("valve"), Some("stuck"));
        assert!(closed.names().eq(["valve", "port", "valve"]));
        let text = r#"{"valve": "closed", "port": "no carrier", "valve": "stuck"}"#;
        assert_eq!(format!("{closed:?}"), text);
    }
}
