//! After which ends a child is built anew.

use crate::Reason;

/// After which ends a child is built anew, in the words of OTP. One that was told to stop never is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// After each end that was its own, a normal one included. Each counts against its limit.
    Permanent,
    /// After a failure, as a node of the graph is. This is the default.
    #[default]
    Transient,
    /// Never: its failure is told to its parent and to whoever watches, and that is all.
    Temporary,
}

impl Lifetime {
    /// Whether an actor that ended so is built anew.
    pub(crate) fn goes_on_after(self, why: &Reason) -> bool {
        match self {
            Self::Permanent => *why != Reason::Stopped,
            Self::Transient => why.is_failure() || matches!(why, Reason::StoppedWith(_)),
            Self::Temporary => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_built_anew_after_which_end() {
        let ends = [
            Reason::Finished,
            Reason::Stopped,
            Reason::Failed("so".to_owned()),
            Reason::Panicked("so".to_owned()),
            Reason::StoppedWith("sibling".to_owned()),
        ];
        let goes_on = |lifetime: Lifetime| ends.clone().map(|why| lifetime.goes_on_after(&why));
        assert_eq!(
            goes_on(Lifetime::Permanent),
            [true, false, true, true, true]
        );
        assert_eq!(
            goes_on(Lifetime::Transient),
            [false, false, true, true, true]
        );
        assert_eq!(goes_on(Lifetime::Temporary), [false; 5]);
    }
}
