//! The real boards by the name that a user writes.

use crate::{Backends, linux};

/// A board that a user asked for by name.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Named {
    /// What it got.
    pub backends: Backends,
    /// What the user should be told, if it is not what the name says.
    pub note: Option<String>,
}

/// The real board called `name`: `linux`, or `pi`, which falls back to `linux` on a computer that it does not know and says
/// so. `None` for any other name; the mock stands in its own crate.
#[must_use]
pub fn named(name: &str) -> Option<Named> {
    match name {
        "linux" => Some(Named {
            backends: linux::backends(),
            note: None,
        }),
        "pi" => Some(pi()),
        _ => None,
    }
}

#[cfg(target_os = "linux")]
fn pi() -> Named {
    match crate::pi::backends() {
        Ok(backends) => Named {
            backends,
            note: None,
        },
        Err(why) => instead(&why),
    }
}

#[cfg(not(target_os = "linux"))]
fn pi() -> Named {
    instead(&"this computer does not run Linux")
}

fn instead(why: &dyn std::fmt::Display) -> Named {
    let note = format!("{why}; using `linux`, the kernel's own interfaces, instead of `pi`");
    Named {
        backends: linux::backends(),
        note: Some(note),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pi_falls_back_to_linux_and_says_so() {
        let pi = named("pi").unwrap();
        // On a Raspberry Pi it is what it says, and silent.
        match pi.note {
            Some(note) => assert!(
                pi.backends.name == "linux" && note.contains("`linux`"),
                "{note}"
            ),
            None => assert_eq!(pi.backends.name, "pi"),
        }
        assert_eq!(named("linux").unwrap().note, None);
        assert!(named("mock").is_none());
    }
}
