//! Checks a config value's range while it is read, so that the error points at the offending text.

use serde::{Deserialize, Deserializer, de::Error};
use std::fmt::Display;
use std::ops::RangeInclusive;

/// Reads a value and refuses it outside `range`; the error names the range and what was found.
pub(crate) fn within<'de, D, T>(deserializer: D, range: &RangeInclusive<T>) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Display + PartialOrd,
{
    let value = T::deserialize(deserializer)?;
    if range.contains(&value) {
        return Ok(value);
    }
    let (low, high) = (range.start(), range.end());
    Err(D::Error::custom(format_args!(
        "this is between {low} and {high}, found {value}"
    )))
}

/// Declares a function for `#[serde(deserialize_with = "..")]` that reads one field within its range.
macro_rules! range {
    ($name:ident: $kind:ty, $range:expr) => {
        fn $name<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<$kind, D::Error> {
            crate::ranges::within(deserializer, &$range)
        }
    };
}
pub(crate) use range;

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use sinew_messages::Meters;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Section {
        #[serde(deserialize_with = "reach_m")]
        reach_m: Meters,
    }

    range!(reach_m: Meters, Meters(0.1)..=Meters(4.5));

    fn read(reach: &str) -> Result<Meters, toml::de::Error> {
        toml::from_str(&format!("reach_m = {reach}")).map(|section: Section| section.reach_m)
    }

    #[test]
    fn both_ends_of_a_range_belong_to_it() {
        assert_eq!(read("0.1"), Ok(Meters(0.1)));
        assert_eq!(read("4.5"), Ok(Meters(4.5)));
    }

    #[test]
    fn a_value_outside_is_refused_with_the_range_in_the_text() {
        let error = read("9.0").unwrap_err().to_string();
        assert!(
            error.contains("between 0.1 m and 4.5 m, found 9 m"),
            "{error}"
        );
        assert!(read("0.0999").is_err());
        assert!(read("nan").is_err());
    }
}
