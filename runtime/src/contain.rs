//! Panics in code that is not ours, kept where they happen.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls `code`; a panic in it comes back as its text.
///
/// Only for code whose state is dropped after a panic: nobody looks at what it left half done.
pub(crate) fn contain<T>(code: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| {
        let text = text(panic.as_ref());
        // What was panicked with may itself panic when it is dropped; a second one is given up.
        if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            std::mem::forget(second);
        }
        text
    })
}

/// The text of a caught panic.
fn text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_as_its_text() {
        assert_eq!(contain(|| 3), Ok(3));
        assert_eq!(contain(|| panic!("plain")), Err::<(), _>("plain".into()));
        let made: Result<(), _> = contain(|| panic!("made of {}", 2));
        assert_eq!(made, Err("made of 2".into()));
    }

    #[test]
    fn what_was_panicked_with_may_panic_once_more() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("again");
            }
        }
        let bomb: Result<(), _> = contain(|| std::panic::panic_any(Bomb));
        assert_eq!(bomb, Err("a panic without a text".into()));
    }
}
