//! What a file leaves unsaid is as the robot's own defaults say it, not as the part's.
//!
//! A robot has two encoders of one type on different pins: a section that gives one of them a new number of
//! counts must not move it to the pins of the other.

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

/// The configuration that `said` makes of the robot's defaults; `None` if both together are none.
pub(super) fn over_defaults<C: Default + DeserializeOwned + Serialize>(said: Table) -> Option<C> {
    over(&C::default(), said)
}

/// The configuration that `said` makes of `below`; `None` if both together are none.
pub(super) fn over<C: DeserializeOwned + Serialize>(below: &C, said: Table) -> Option<C> {
    let mut whole = Value::try_from(below).ok()?;
    lay_over(&mut whole, Value::Table(said));
    whole.try_into().ok()
}

/// Lays one value over another: tables key by key, all else as a whole.
fn lay_over(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Table(below), Value::Table(above)) => {
            for (key, value) in above {
                match below.get_mut(&key) {
                    Some(there) => lay_over(there, value),
                    None => drop(below.insert(key, value)),
                }
            }
        }
        (below, above) => *below = above,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Encoder {
        pin: u8,
        counts: u32,
    }

    impl Default for Encoder {
        fn default() -> Self {
            Self {
                pin: 5,
                counts: 1000,
            }
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Robot {
        left: Encoder,
        right: Encoder,
    }

    impl Default for Robot {
        fn default() -> Self {
            let right = Encoder {
                pin: 19,
                ..Encoder::default()
            };
            Self {
                left: Encoder::default(),
                right,
            }
        }
    }

    #[test]
    fn a_section_changes_what_it_says_and_leaves_the_robots_own_defaults() {
        let said = "[right]\ncounts = 20".parse::<Table>().unwrap();
        let robot = over_defaults::<Robot>(said).unwrap();
        assert_eq!(
            robot.right,
            Encoder {
                pin: 19,
                counts: 20
            }
        );
        assert_eq!(robot.left, Encoder::default());
    }

    #[test]
    fn what_does_not_fit_is_no_configuration() {
        let said = "[right]\ncounts = \"many\"".parse::<Table>().unwrap();
        assert_eq!(over_defaults::<Robot>(said), None);
    }
}
