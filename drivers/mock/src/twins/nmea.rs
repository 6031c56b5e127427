//! The sentences of a satellite receiver.
//!
//! Source: u-blox 8 / M8 Receiver Description including Protocol Specification (UBX-13003221), NMEA Protocol: RMC, GGA,
//! GSA; the checksum is the exclusive or of all characters between `$` and `*`.

use crate::twins::gnss::GnssState;
use sinew_messages::UtcTime;
use std::fmt::Write;
use std::time::Duration;

const MILLISECONDS_OF_DAY: u64 = 86_400_000;

/// Knots in a meter per second: a nautical mile is 1,852 m.
const KNOTS: f64 = 3600.0 / 1852.0;

/// Appends one epoch to `text`: RMC, GGA, GSA, each with checksum and line end.
pub(crate) fn epoch(text: &mut String, state: &GnssState, utc: UtcTime) {
    sentence(text, |text| rmc(text, state, utc));
    sentence(text, |text| gga(text, state, utc));
    sentence(text, |text| gsa(text, state));
}

/// `start` plus a time, in the calendar of Gregory.
pub(crate) fn utc_after(start: UtcTime, time: Duration) -> UtcTime {
    let elapsed = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let mut rest = elapsed.saturating_add(u64::from(start.millisecond_of_day));
    let mut utc = start;
    while rest >= MILLISECONDS_OF_DAY {
        rest -= MILLISECONDS_OF_DAY;
        utc = next_day(utc);
    }
    utc.millisecond_of_day = rest as u32;
    utc
}

fn next_day(mut utc: UtcTime) -> UtcTime {
    let leap = utc.year.is_multiple_of(4)
        && (!utc.year.is_multiple_of(100) || utc.year.is_multiple_of(400));
    let days = match utc.month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    utc.day += 1;
    if utc.day > days {
        (utc.day, utc.month) = (1, utc.month + 1);
    }
    if utc.month > 12 {
        (utc.month, utc.year) = (1, utc.year + 1);
    }
    utc
}

fn sentence(text: &mut String, body: impl FnOnce(&mut String)) {
    text.push('$');
    let from = text.len();
    body(text);
    let checksum = text.as_bytes()[from..]
        .iter()
        .fold(0, |sum, byte| sum ^ byte);
    put(text, format_args!("*{checksum:02X}\r\n"));
}

/// Position, speed and date.
fn rmc(text: &mut String, state: &GnssState, utc: UtcTime) {
    text.push_str("GPRMC,");
    time_of_day(text, utc);
    if state.has_fix() {
        text.push_str(",A,");
        position(text, state);
        let track = (state.track.0.rem_euclid(360.0) * 100.0).round() as u64 % 36_000;
        let (whole, hundredths) = (track / 100, track % 100);
        put(
            text,
            format_args!(",{:.3},{whole}.{hundredths:02},", state.speed.0 * KNOTS),
        );
    } else {
        text.push_str(",V,,,,,,,");
    }
    put(
        text,
        format_args!("{:02}{:02}{:02},,,", utc.day, utc.month, utc.year % 100),
    );
    text.push(if state.has_fix() { 'A' } else { 'N' });
}

/// Position, altitude and quality.
fn gga(text: &mut String, state: &GnssState, utc: UtcTime) {
    text.push_str("GPGGA,");
    time_of_day(text, utc);
    if state.has_fix() {
        text.push(',');
        position(text, state);
        let (satellites, altitude) = (state.satellites, state.altitude.0);
        put(
            text,
            format_args!(",1,{satellites:02},1.00,{altitude:.1},M,0.0,M,,"),
        );
    } else {
        put(
            text,
            format_args!(",,,,,0,{:02},99.99,,,,,,", state.satellites),
        );
    }
}

/// Which satellites, and how well they stand.
fn gsa(text: &mut String, state: &GnssState) {
    let mode = match state.satellites {
        0..=2 => 1,
        3 => 2,
        _ => 3,
    };
    put(text, format_args!("GPGSA,A,{mode}"));
    for place in 1..=12 {
        text.push(',');
        if state.has_fix() && place <= state.satellites {
            put(text, format_args!("{place:02}"));
        }
    }
    text.push_str(if state.has_fix() {
        ",1.80,1.00,1.50"
    } else {
        ",99.99,99.99,99.99"
    });
}

fn time_of_day(text: &mut String, utc: UtcTime) {
    let (seconds, rest) = (utc.millisecond_of_day / 1000, utc.millisecond_of_day % 1000);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    put(
        text,
        format_args!("{hours:02}{minutes:02}{:02}.{:02}", seconds % 60, rest / 10),
    );
}

/// Degrees and minutes with five decimals (about 2 cm).
fn position(text: &mut String, state: &GnssState) {
    let hundred_thousandths = |degrees: f64| (degrees.abs() * 6_000_000.0).round() as u64;
    let split = |parts: u64| (parts / 6_000_000, parts / 100_000 % 60, parts % 100_000);
    let (degrees, minutes, rest) = split(hundred_thousandths(state.latitude.0));
    let north = if state.latitude.0 < 0.0 { 'S' } else { 'N' };
    put(
        text,
        format_args!("{degrees:02}{minutes:02}.{rest:05},{north},"),
    );
    let (degrees, minutes, rest) = split(hundred_thousandths(state.longitude.0));
    let east = if state.longitude.0 < 0.0 { 'W' } else { 'E' };
    put(
        text,
        format_args!("{degrees:03}{minutes:02}.{rest:05},{east}"),
    );
}

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what)
        .expect("a String takes everything, and numbers format themselves");
}

#[cfg(test)]
mod tests {
    use super::{epoch, sentence, utc_after};
    use crate::GnssState;
    use sinew_messages::{Degrees, Meters, MetersPerSecond, UtcTime};
    use std::time::Duration;

    const START: UtcTime = UtcTime {
        year: 2024,
        month: 2,
        day: 28,
        millisecond_of_day: 45_319_250,
    };

    #[test]
    fn a_checksum_is_that_of_a_sentence_in_the_wild() {
        // The example that tutorials of NMEA 0183 pass on.
        let mut text = String::new();
        sentence(&mut text, |text| {
            text.push_str("GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,");
        });
        assert!(text.ends_with("*47\r\n"), "{text}");
    }

    #[test]
    fn a_position_in_each_hemisphere_has_its_letters() {
        let mut text = String::new();
        let state = GnssState {
            latitude: Degrees(-33.856_784),
            longitude: Degrees(151.215_297),
            altitude: Meters(-3.25),
            speed: MetersPerSecond(1852.0 / 3600.0),
            track: Degrees(-0.001),
            ..GnssState::default()
        };
        epoch(&mut text, &state, START);
        let lines: Vec<_> = text
            .lines()
            .map(|line| line.rsplit_once('*').unwrap().0)
            .collect();
        let expected = [
            "$GPRMC,123519.25,A,3351.40704,S,15112.91782,E,1.000,0.00,280224,,,A",
            "$GPGGA,123519.25,3351.40704,S,15112.91782,E,1,08,1.00,-3.2,M,0.0,M,,",
            "$GPGSA,A,3,01,02,03,04,05,06,07,08,,,,,1.80,1.00,1.50",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn without_satellites_there_is_no_position() {
        let mut text = String::new();
        let state = GnssState {
            satellites: 0,
            ..GnssState::default()
        };
        epoch(&mut text, &state, START);
        assert!(
            text.starts_with("$GPRMC,123519.25,V,,,,,,,280224,,,N*"),
            "{text}"
        );
        assert!(
            text.contains("$GPGGA,123519.25,,,,,0,00,99.99,,,,,,*"),
            "{text}"
        );
        assert!(
            text.contains("$GPGSA,A,1,,,,,,,,,,,,,99.99,99.99,99.99*"),
            "{text}"
        );
    }

    #[test]
    fn midnight_leads_to_the_next_day_of_the_calendar() {
        let day = Duration::from_secs(86_400);
        let text = |days: u32| utc_after(START, day * days).to_string();
        assert_eq!(text(1), "2024-02-29T12:35:19.250Z");
        assert_eq!(text(2), "2024-03-01T12:35:19.250Z");
        assert_eq!(text(308), "2025-01-01T12:35:19.250Z");
    }
}
