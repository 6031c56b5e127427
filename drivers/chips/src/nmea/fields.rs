//! The comma-separated fields of a sentence.

use super::{Date, Position, TimeOfDay};
use sinew_messages::{Degrees, Meters, MetersPerSecond};
use std::str::Split;

/// A field holds something that its place does not allow.
#[derive(Debug, PartialEq)]
pub(super) struct Malformed;

/// What a field says: `None` if it is empty or missing.
pub(super) type Field<T> = Result<Option<T>, Malformed>;

/// The fields of one sentence, read from left to right. Fields missing at the end count as empty, because every
/// version of NMEA 0183 appended some.
pub(super) struct Fields<'a>(Split<'a, char>);

impl<'a> Fields<'a> {
    pub(super) fn of(body: &'a str) -> Self {
        Self(body.split(','))
    }

    /// The next field; empty if there is none.
    pub(super) fn text(&mut self) -> &'a str {
        self.0.next().unwrap_or("")
    }

    pub(super) fn skip(&mut self, fields: usize) {
        for _ in 0..fields {
            self.text();
        }
    }

    /// A field of exactly one of `allowed`.
    pub(super) fn letter(&mut self, allowed: &str) -> Field<char> {
        self.read(|text| {
            let mut letters = text.chars();
            let letter = letters.next().filter(|letter| allowed.contains(*letter));
            letter.filter(|_| letters.next().is_none())
        })
    }

    pub(super) fn time(&mut self) -> Field<TimeOfDay> {
        self.read(TimeOfDay::parse)
    }

    pub(super) fn date(&mut self) -> Field<Date> {
        self.read(Date::parse)
    }

    pub(super) fn whole<T: std::str::FromStr>(&mut self) -> Field<T> {
        self.read(|text| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten()
        })
    }

    pub(super) fn decimal(&mut self) -> Field<f64> {
        self.read(decimal)
    }

    pub(super) fn meters(&mut self) -> Field<Meters> {
        Ok(self.decimal()?.map(Meters))
    }

    /// An angle from 0 to 360.
    pub(super) fn track(&mut self) -> Field<Degrees> {
        self.read(|text| decimal(text).filter(|track| (0.0..=360.0).contains(track)))
            .map(|track| track.map(Degrees))
    }

    /// A speed in knots: 1852 metres in 3600 seconds.
    pub(super) fn knots(&mut self) -> Field<MetersPerSecond> {
        self.read(|text| decimal(text).filter(|knots| *knots >= 0.0))
            .map(|knots| knots.map(|knots| MetersPerSecond(knots * 1852.0 / 3600.0)))
    }

    /// A speed in kilometres per hour.
    pub(super) fn kilometers_per_hour(&mut self) -> Field<MetersPerSecond> {
        self.read(|text| decimal(text).filter(|speed| *speed >= 0.0))
            .map(|speed| speed.map(|speed| MetersPerSecond(speed / 3.6)))
    }

    /// Four fields: `ddmm.mmm,N,dddmm.mmm,E`. All empty is no position; some empty is a fault.
    pub(super) fn position(&mut self) -> Field<Position> {
        let (latitude, south) = (self.text(), self.letter("NS")?);
        let (longitude, west) = (self.text(), self.letter("EW")?);
        let (Some(south), Some(west)) = (south, west) else {
            // Some receivers write the hemispheres before they know a position, none the reverse.
            let silent = latitude.is_empty() && longitude.is_empty();
            return if silent { Ok(None) } else { Err(Malformed) };
        };
        if latitude.is_empty() && longitude.is_empty() {
            return Ok(None);
        }
        let latitude = angle(latitude, 2, 90.0).ok_or(Malformed)?;
        let longitude = angle(longitude, 3, 180.0).ok_or(Malformed)?;
        Ok(Some(Position {
            latitude: Degrees(if south == 'S' { -latitude } else { latitude }),
            longitude: Degrees(if west == 'W' { -longitude } else { longitude }),
        }))
    }

    fn read<T>(&mut self, parse: impl FnOnce(&'a str) -> Option<T>) -> Field<T> {
        match self.text() {
            "" => Ok(None),
            text => parse(text).map(Some).ok_or(Malformed),
        }
    }
}

/// A decimal number as NMEA writes it: no exponent, no `nan`, no `inf`.
fn decimal(text: &str) -> Option<f64> {
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+');
    if !text.bytes().all(plain) {
        return None;
    }
    text.parse().ok()
}

/// Degrees and minutes in one number, with `width` digits for the degrees: `4404.14063` is 44 degrees 4.14063 minutes.
fn angle(text: &str, width: usize, most: f64) -> Option<f64> {
    let digits = text.find('.').unwrap_or(text.len());
    let unsigned = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if digits != width + 2 || !unsigned {
        return None;
    }
    let degrees = decimal(text.get(..width)?)?;
    let minutes = decimal(text.get(width..)?)?;
    let angle = degrees + minutes / 60.0;
    (minutes < 60.0 && angle <= most).then_some(angle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_degrees_and_minutes_with_a_side() {
        let found = Fields::of("3747.0873,S,17518.8938,E")
            .position()
            .unwrap()
            .unwrap();
        assert!((found.latitude.0 + 37.784_788_333).abs() < 1e-9);
        assert!((found.longitude.0 - 175.314_896_667).abs() < 1e-9);
    }

    #[test]
    fn a_position_is_there_or_not_but_never_half() {
        assert_eq!(Fields::of(",,,").position(), Ok(None));
        assert_eq!(Fields::of(",N,,W").position(), Ok(None));
        for half in [
            "3747.0873,S,,",
            "3747.0873,,17518.8938,E",
            ",S,17518.8938,E",
            "3747.0873,S",
        ] {
            assert_eq!(Fields::of(half).position(), Err(Malformed), "{half}");
        }
    }

    #[test]
    fn a_place_that_is_not_on_earth_is_a_fault() {
        for text in [
            "9000.1,N,00000.0,E",
            "0000.0,N,18000.1,E",
            "3760.0,N,00000.0,E",
            "44nan,N,121inf,W",
            "-747.0,S,17518.8,E",
            "374.0,S,17518.8,E",
            "3747.0,E,17518.8,E",
            "3747.0,NS,17518.8,E",
        ] {
            assert_eq!(Fields::of(text).position(), Err(Malformed), "{text}");
        }
        assert!(Fields::of("9000.0,S,18000.0,W").position().is_ok());
    }

    #[test]
    fn a_number_is_plain() {
        assert_eq!(Fields::of("-21.3").decimal(), Ok(Some(-21.3)));
        assert_eq!(Fields::of("").decimal(), Ok(None));
        for text in ["nan", "inf", "1e5", "-", ".", "1.2.3", "0x1", " 1"] {
            assert_eq!(Fields::of(text).decimal(), Err(Malformed), "{text}");
        }
        assert_eq!(Fields::of("12").whole::<u8>(), Ok(Some(12)));
        assert_eq!(Fields::of("256").whole::<u8>(), Err(Malformed));
        assert_eq!(Fields::of("+1").whole::<u8>(), Err(Malformed));
    }

    #[test]
    fn a_knot_is_1852_metres_per_hour() {
        let speed = Fields::of("0.117").knots().unwrap().unwrap();
        assert!((speed.0 - 0.060_19).abs() < 1e-9);
        assert_eq!(Fields::of("-0.1").knots(), Err(Malformed));
    }
}
