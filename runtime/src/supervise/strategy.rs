//! Who is built anew with one that failed.

/// Who is built anew with one that failed, in the words of OTP. All that are affected are wholly gone, in reverse
/// order of their start, before the first of them is opened again, after the pause, in the order of their start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// It alone: the others owe it nothing. This is the default.
    #[default]
    OneForOne,
    /// It and those that were started after it: each was built upon those before it.
    RestForOne,
    /// It and all others: none is of use without the rest.
    OneForAll,
}
