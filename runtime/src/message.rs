//! What travels an edge: a value that can be cloned, encoded, and has a stable name.

use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde::{Serialize, forward_to_deserialize_any};
use std::fmt;

/// A value that can be published along an edge: the trace, a recorder and a remote peer see the same bytes.
///
/// Every `Clone + Serialize + Deserialize` value is one. Its name is serde's name of the type
/// (`#[serde(rename = "...")]` changes it), so data crates need not know this one.
pub trait Message: Clone + Serialize + DeserializeOwned + Send + 'static {}

impl<T: Clone + Serialize + DeserializeOwned + Send + 'static> Message for T {}

/// The stable name of a message type: that of its outermost serde container.
///
/// ```
/// #[derive(Clone, serde::Serialize, serde::Deserialize)]
/// struct Heartbeat { count: u32 }
/// assert_eq!(sinew_runtime::message_name::<Heartbeat>(), "Heartbeat");
/// ```
#[must_use]
pub fn message_name<M: Message>() -> &'static str {
    match M::deserialize(NameProbe) {
        Err(Found(name)) => name,
        Ok(_) => "unit",
    }
}

/// A deserializer that holds no data: it answers every request with the name it was asked for.
struct NameProbe;

/// The name that the probe was asked for.
#[derive(Debug)]
struct Found(&'static str);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Found {}

impl de::Error for Found {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self("value")
    }
}

/// Answers one primitive request with its name.
macro_rules! primitive {
    ($($method:ident $name:literal)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
            Err(Found($name))
        })*
    };
}

impl<'de> Deserializer<'de> for NameProbe {
    type Error = Found;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
        Err(Found("value"))
    }

    primitive! {
        deserialize_bool "bool" deserialize_i8 "i8" deserialize_i16 "i16" deserialize_i32 "i32"
        deserialize_i64 "i64" deserialize_u8 "u8" deserialize_u16 "u16" deserialize_u32 "u32"
        deserialize_u64 "u64" deserialize_f32 "f32" deserialize_f64 "f64" deserialize_char "char"
        deserialize_str "string" deserialize_string "string" deserialize_bytes "bytes"
        deserialize_byte_buf "bytes" deserialize_option "option" deserialize_unit "unit"
        deserialize_seq "sequence" deserialize_map "map"
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: V,
    ) -> Result<V::Value, Found> {
        Err(Found(name))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: V,
    ) -> Result<V::Value, Found> {
        Err(Found(name))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        _: V,
    ) -> Result<V::Value, Found> {
        Err(Found(name))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Found> {
        Err(Found(name))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Found> {
        Err(Found(name))
    }

    forward_to_deserialize_any! { i128 u128 tuple identifier ignored_any }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Clone, Serialize, Deserialize)]
    struct Plain {
        _a: u8,
    }

    #[derive(Clone, Serialize, Deserialize)]
    #[serde(rename = "robot/Renamed")]
    enum Other {
        One,
    }

    #[test]
    fn a_message_is_called_what_serde_calls_it() {
        assert_eq!(message_name::<Plain>(), "Plain");
        assert_eq!(message_name::<Other>(), "robot/Renamed");
        assert_eq!(message_name::<u32>(), "u32");
    }
}
