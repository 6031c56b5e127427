//! A message is called what serde calls it, everywhere.

use serde::{Deserialize, Serialize};
use sinew_runtime::message_name;

/// The types are never made, only named.
macro_rules! named {
    ($($item:item)+) => {
        $(#[derive(Clone, Serialize, Deserialize)]
        #[allow(dead_code, reason = "only its name is looked at")]
        $item)+
    };
}

named! {
    struct Fields { a: u8, b: String }
    struct Newtype(f64);
    struct Tuple(u8, u8);
    struct Unit;
    enum Choice { One, Two(u8), Three { a: u8 } }
    #[serde(rename = "robot/Renamed")]
    struct Renamed { a: u8 }
    #[serde(transparent)]
    struct Transparent(Fields);
    #[serde(tag = "kind")]
    enum Tagged { One { a: u8 } }
    struct Generic<T> { inner: T }
}

#[test]
fn structs_and_enums_are_called_by_their_own_name() {
    assert_eq!(message_name::<Fields>(), "Fields");
    assert_eq!(message_name::<Newtype>(), "Newtype");
    assert_eq!(message_name::<Tuple>(), "Tuple");
    assert_eq!(message_name::<Unit>(), "Unit");
    assert_eq!(message_name::<Choice>(), "Choice");
    assert_eq!(message_name::<Generic<u8>>(), "Generic");
}

#[test]
fn a_name_that_serde_was_given_counts() {
    assert_eq!(message_name::<Renamed>(), "robot/Renamed");
    assert_eq!(
        message_name::<Transparent>(),
        "Fields",
        "what stands in the bytes"
    );
}

#[test]
fn what_has_no_name_of_its_own_is_called_by_its_kind() {
    assert_eq!(message_name::<u32>(), "u32");
    assert_eq!(message_name::<f64>(), "f64");
    assert_eq!(message_name::<bool>(), "bool");
    assert_eq!(message_name::<String>(), "string");
    assert_eq!(message_name::<Option<u8>>(), "option");
    assert_eq!(message_name::<Vec<u8>>(), "sequence");
    assert_eq!(message_name::<()>(), "unit");
    assert_eq!(message_name::<(u8, u8)>(), "value");
    assert_eq!(message_name::<Tagged>(), "value");
}
