//! A day of the calendar and a moment of a day.

use sinew_messages::UtcTime;

/// Milliseconds since midnight UTC; those from 86,400,000 on are a leap second's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u32);

impl TimeOfDay {
    /// From the text `hhmmss` or `hhmmss.s...`; what is finer than a millisecond is cut off.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if whole.len() != 6 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (hour, minute, second) = (
            two_digits(whole, 0)?,
            two_digits(whole, 2)?,
            two_digits(whole, 4)?,
        );
        // A leap second is the last of its day.
        let leaps = (hour, minute, second) == (23, 59, 60);
        if hour > 23 || minute > 59 || (second > 59 && !leaps) {
            return None;
        }
        let millisecond = fraction
            .bytes()
            .chain(*b"000")
            .take(3)
            .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        let seconds = (u32::from(hour) * 60 + u32::from(minute)) * 60 + u32::from(second);
        Some(Self(seconds * 1000 + millisecond))
    }

    /// Milliseconds since midnight.
    #[must_use]
    pub fn milliseconds(self) -> u32 {
        self.0
    }
}

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, if there is such a day from 1980 (the first of GPS time) on.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let exists = (1980..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_of(year, month)).contains(&day);
        exists.then_some(Self { year, month, day })
    }

    /// From the text `ddmmyy`. The century is the one in which GPS existed: 80 to 99 are 1980 to 1999.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() != 6 {
            return None;
        }
        let year = u16::from(two_digits(text, 4)?);
        let century = if year >= 80 { 1900 } else { 2000 };
        Self::new(century + year, two_digits(text, 2)?, two_digits(text, 0)?)
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Self {
        let Self { year, month, day } = self;
        Self::new(year, month, day + 1)
            .or_else(|| Self::new(year, month + 1, 1))
            .or_else(|| Self::new(year + 1, 1, 1))
            .unwrap_or(self)
    }

    /// This day at `time`.
    #[must_use]
    pub fn at(self, time: TimeOfDay) -> UtcTime {
        UtcTime {
            year: self.year,
            month: self.month,
            day: self.day,
            millisecond_of_day: time.0,
        }
    }
}

fn days_of(year: u16, month: u8) -> u8 {
    let leaps = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leaps => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn two_digits(text: &str, from: usize) -> Option<u8> {
    match text.as_bytes().get(from..from + 2)? {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some((tens - b'0') * 10 + (ones - b'0')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_read_to_the_millisecond() {
        let ms = |text| TimeOfDay::parse(text).map(TimeOfDay::milliseconds);
        assert_eq!(ms("202640.000"), Some(73_600_000));
        assert_eq!(ms("000000"), Some(0));
        assert_eq!(ms("235959.9999"), Some(86_399_999));
        assert_eq!(ms("120000.5"), Some(43_200_500));
        assert_eq!(ms("235960.25"), Some(86_400_250));
    }

    #[test]
    fn a_time_that_does_not_exist_is_no_time() {
        for text in [
            "240000",
            "126000",
            "120060",
            "12000",
            "1200000",
            "12:00:",
            "12000x",
            "120000.-1",
            "-10000",
            "1a0000",
        ] {
            assert_eq!(TimeOfDay::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_has_the_century_of_gps() {
        assert_eq!(Date::parse("130415"), Date::new(2015, 4, 13));
        assert_eq!(Date::parse("060180"), Date::new(1980, 1, 6));
        assert_eq!(Date::parse("311279"), Date::new(2079, 12, 31));
    }

    #[test]
    fn a_day_that_does_not_exist_is_no_day() {
        for text in [
            "000115", "320115", "290215", "310415", "011315", "0101155", "01011", "-10115",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert!(Date::parse("290216").is_some());
        assert!(Date::new(2100, 2, 29).is_none() && Date::new(2000, 2, 29).is_some());
    }

    #[test]
    fn after_the_last_day_comes_the_first() {
        assert_eq!(Date::parse("311214").map(Date::next), Date::new(2015, 1, 1));
        assert_eq!(
            Date::parse("280216").map(Date::next),
            Date::new(2016, 2, 29)
        );
        assert_eq!(Date::parse("280215").map(Date::next), Date::new(2015, 3, 1));
        assert_eq!(
            Date::parse("150215").map(Date::next),
            Date::new(2015, 2, 16)
        );
    }
}
