//! What an actor has against arming.

use crate::sync::lock;
use std::sync::{Arc, Mutex};

/// All objections of a board, in the order in which they were declared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Objections(Arc<Mutex<Vec<Declared>>>);

/// Which check, and why it objects now, if it does.
type Declared = (String, Option<String>);

impl Objections {
    pub(crate) fn declare(&self, check: &str, why: &str) -> Objection {
        let mut all = lock(&self.0);
        all.push((check.to_owned(), Some(why.to_owned())));
        Objection {
            all: self.clone(),
            place: all.len() - 1,
        }
    }

    /// Those that stand: which check, and why.
    pub(crate) fn standing(&self) -> Vec<(String, String)> {
        let all = lock(&self.0);
        let standing = all
            .iter()
            .filter_map(|(check, why)| Some((check.clone(), why.clone()?)));
        standing.collect()
    }
}

/// One thing that may stand against arming: that a balancer does not stand upright, that an arm is not in its rest pose. It is
/// declared while the graph is wired, stands until it is withdrawn, and may be raised again; it keeps a robot from being armed
/// and disarms none.
#[derive(Clone, Debug)]
pub struct Objection {
    all: Objections,
    place: usize,
}

impl Objection {
    /// It stands, for this reason; the text says what to do.
    pub fn raise(&self, why: &str) {
        let mut all = lock(&self.all.0);
        let known = &mut all[self.place].1;
        if known.as_deref() != Some(why) {
            *known = Some(why.to_owned());
        }
    }

    /// It stands no more.
    pub fn withdraw(&self) {
        lock(&self.all.0)[self.place].1 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objection_stands_until_it_is_withdrawn_and_may_be_raised_again() {
        let all = Objections::default();
        let (first, second) = (all.declare("pose", "it lies"), all.declare("tool", "none"));
        second.withdraw();
        assert_eq!(all.standing(), [("pose".to_owned(), "it lies".to_owned())]);
        first.withdraw();
        assert_eq!(all.standing(), []);
        second.raise("it is loose");
        assert_eq!(
            all.standing(),
            [("tool".to_owned(), "it is loose".to_owned())]
        );
    }
}
