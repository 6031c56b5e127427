//! What gpsd reports for the recordings, and how our fixes compare with it.
//!
//! gpsd's reports (`TPV`) and ours differ in four ways, each handled below and nowhere else:
//!
//! 1. **The day of neo-m8n.** The receiver says 18 March 2015, gpsd reports 1 November 2034: 1024 weeks later. It
//!    takes a date before 2017 for a rollover of the week counter while it believes in 18 leap seconds
//!    (`gpsd_utc_resolve` in its `timebase.c`). The two logs that it leaves alone state their date as `# Date:`, the
//!    form that its `gpsd_set_century` reads; neo-m8n's header says `# Date =`. The receiver is right: the recording
//!    was made in 2015. Times are compared modulo 1024 weeks, and the shift of each log is asserted.
//! 2. **Reports of part of an epoch.** Until it knows which sentence ends a cycle, gpsd reports after every sentence:
//!    bu353s4 and mt3339 begin with two reports without a time. They must agree with our first fix in what they hold.
//! 3. **The first epoch of neo-m8n** is a lone GLL of 17:19:25. Nobody named a date yet, so neither gpsd nor we give
//!    a time, and without GSA and altitude both give a fix in the plane.
//! 4. **The last epoch of neo-m8n** breaks off before GLL, its last sentence. gpsd reports nothing for it; we give
//!    its fix when the stream ends. It is compared with its own sentences, RMC and GGA of 17:19:48.

use serde_json::Value;
use sinew_messages::{Fix, FixMode, UtcTime};
use std::path::PathBuf;

/// The recordings, and how many fixes each holds that gpsd reports with a time.
pub(crate) const RECORDINGS: [(&str, usize); 3] =
    [("bu353s4", 25), ("mt3339", 30), ("neo-m8n", 22)];

/// Whether the last epoch was flushed because the stream ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stream {
    /// It ended: an epoch that breaks off gives its fix.
    #[allow(dead_code, reason = "a serial port never ends")]
    Ended,
    /// It may go on.
    #[allow(dead_code, reason = "a file always ends")]
    Open,
}

const MS_PER_DAY: i64 = 86_400_000;
const MS_PER_1024_WEEKS: i64 = 1024 * 7 * MS_PER_DAY;

fn path(file: &str) -> PathBuf {
    // Other packages' tests include this file too.
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../chips/tests/data/gnss")
        .join(file)
}

/// The bytes that a receiver sent.
pub(crate) fn recording(name: &str) -> Vec<u8> {
    let path = path(&format!("{name}.log"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// gpsd's TPV reports for a recording.
fn reports(name: &str) -> Vec<Value> {
    let path = path(&format!("{name}.log.chk"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str::<Value>(line).expect("gpsd writes JSON"))
        .filter(|report| report["class"] == "TPV")
        .collect()
}

/// Compares every fix of a recording with gpsd's reports. Returns how many were compared with a report that holds
/// a time. Panics at the first deviation that is not one of the four above.
pub(crate) fn compare(name: &str, fixes: &[Fix], stream: Stream) -> usize {
    let reports = reports(name);
    let (partial, timed): (Vec<&Value>, Vec<&Value>) =
        reports.iter().partition(|report| report["time"].is_null());
    let shift = if name == "neo-m8n" {
        MS_PER_1024_WEEKS
    } else {
        0
    };

    let fixes = match name {
        "neo-m8n" => {
            assert_eq!(partial.len(), 1);
            let (first, rest) = fixes.split_first().expect("there are fixes");
            assert_eq!((first.mode, first.time), (FixMode::TwoD, None));
            assert_matches(partial[0], first);
            assert_eq!(partial[0]["speed"], Value::Null);
            match rest.split_last() {
                Some((last, rest)) if stream == Stream::Ended => {
                    assert_last_of_neo_m8n(last);
                    rest
                }
                _ => rest,
            }
        }
        _ => {
            assert_eq!(partial.len(), 2);
            for report in partial {
                assert_position(report, &fixes[0]);
            }
            fixes
        }
    };
    assert_eq!(fixes.len(), timed.len(), "{name}: one fix for each report");
    for (report, fix) in timed.iter().zip(fixes) {
        let time = report["time"].as_str().expect("a time is text");
        let ours = fix
            .time
            .unwrap_or_else(|| panic!("{name}: no time, gpsd says {time}"));
        assert_eq!(
            milliseconds(time) - since_1970(&ours),
            shift,
            "{name}: {ours}, gpsd says {time}"
        );
        assert_matches(report, fix);
    }
    fixes.len()
}

/// Everything but the time.
fn assert_matches(report: &Value, fix: &Fix) {
    assert_position(report, fix);
    // gpsd prints speeds with three decimals and tracks with four.
    assert_near(report, "speed", fix.speed.map(|speed| speed.0), 0.000_5);
    assert_near(report, "track", fix.track.map(|track| track.0), 0.000_05);
}

fn assert_position(report: &Value, fix: &Fix) {
    let mode = match fix.mode {
        FixMode::None => 1,
        FixMode::TwoD => 2,
        FixMode::ThreeD => 3,
    };
    assert_eq!(report["mode"], mode, "{fix:?}, gpsd says {report}");
    // gpsd prints degrees with nine decimals (0.1 mm) and altitudes with four.
    assert_near(report, "lat", fix.latitude.map(|angle| angle.0), 0.5e-9);
    assert_near(report, "lon", fix.longitude.map(|angle| angle.0), 0.5e-9);
    assert_near(
        report,
        "altMSL",
        fix.altitude.map(|meters| meters.0),
        0.000_05,
    );
}

fn assert_near(report: &Value, key: &str, ours: Option<f64>, tolerance: f64) {
    let near = match (report[key].as_f64(), ours) {
        // The last digit of a decimal and of a binary number differ.
        (Some(theirs), Some(ours)) => (theirs - ours).abs() <= tolerance * 1.001,
        (None, None) => true,
        _ => false,
    };
    assert!(near, "{key} is {ours:?}, gpsd says {report}");
}

/// `$GNRMC,171948.00,A,4404.13902,N,12118.85371,W,0.059,,180315,,,A` and
/// `$GNGGA,171948.00,4404.13902,N,12118.85371,W,1,12,1.05,1139.4,M,-21.3,M,,`
fn assert_last_of_neo_m8n(fix: &Fix) {
    let time = fix.time.expect("RMC names time and date");
    assert_eq!(time.to_string(), "2015-03-18T17:19:48.000Z");
    assert_eq!(
        (fix.mode, fix.satellites, fix.track),
        (FixMode::ThreeD, Some(12), None)
    );
    let near = |found: f64, expected: f64| (found - expected).abs() < 1e-9;
    assert!(near(fix.latitude.expect("known").0, 44.0 + 4.13902 / 60.0));
    assert!(near(
        fix.longitude.expect("known").0,
        -(121.0 + 18.85371 / 60.0)
    ));
    assert!(near(fix.altitude.expect("known").0, 1139.4));
    assert!(near(fix.speed.expect("known").0, 0.059 * 1852.0 / 3600.0));
}

/// `2015-04-13T20:26:40.000Z` in milliseconds since 1970.
fn milliseconds(text: &str) -> i64 {
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().expect("a number");
    let day = days_since_1970(number(0, 4), number(5, 7), number(8, 10));
    let seconds = (number(11, 13) * 60 + number(14, 16)) * 60 + number(17, 19);
    day * MS_PER_DAY + seconds * 1000 + number(20, 23)
}

fn since_1970(time: &UtcTime) -> i64 {
    days_since_1970(time.year.into(), time.month.into(), time.day.into()) * MS_PER_DAY
        + i64::from(time.millisecond_of_day)
}

/// Counted day by day, so that it shares no formula with what it checks.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let leaps = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let years: i64 = (1970..year)
        .map(|year| if leaps(year) { 366 } else { 365 })
        .sum();
    let lengths = [
        31,
        if leaps(year) { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let months: i64 = lengths
        .iter()
        .take(usize::try_from(month).expect("positive") - 1)
        .sum();
    years + months + day - 1
}
