//! The real boards by the name that a user writes.

use crate::{Backends, linux};

/// A board that a user asked for by name.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Named {
    /// What it got.
    pub backends: Backends,
    /// What the user should be told, if it is not what the name says.
    pub note: Option<&'static str>,
}

/// The real board called `name`: `linux`, or `pi`, which falls back to `linux` in this release and says so. `None` for
/// any other name; the mock stands in its own crate.
#[must_use]
pub fn named(name: &str) -> Option<Named> {
    let note = match name {
        "linux" => None,
        "pi" => Some(
            "the board `pi` comes with a later release; using `linux`, the kernel's own interfaces, instead",
        ),
        _ => return None,
    };
    Some(Named {
        backends: linux::backends(),
        note,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pi_falls_back_to_linux_and_says_so() {
        let pi = named("pi").unwrap();
        assert_eq!(pi.backends.name, "linux");
        assert!(pi.note.unwrap().contains("`linux`"));
        assert_eq!(named("linux").unwrap().note, None);
        assert!(named("mock").is_none());
    }
}
