//! What real receivers sent, decoded as gpsd decodes it.

mod gpsd;

use sinew_chips::{EpochAssembler, NmeaCounts, NmeaDecoder, NmeaItem, Sentence};
use sinew_messages::{Fix, FixMode, Timestamp};

/// Feeds bytes, one millisecond each, to decoder and assembler.
fn replay(bytes: &[u8]) -> (Vec<Fix>, NmeaCounts) {
    let (mut decoder, mut epochs) = (NmeaDecoder::default(), EpochAssembler::default());
    let mut fixes = Vec::new();
    for (index, byte) in bytes.iter().enumerate() {
        let at = Timestamp::from_nanos(index as u64 * 1_000_000);
        if let Some(NmeaItem::Sentence(sentence)) = decoder.push(*byte) {
            fixes.extend(epochs.push(&sentence, at));
        }
    }
    decoder.finish();
    fixes.extend(epochs.finish());
    (fixes, decoder.counts())
}

fn sentences(bytes: &[u8]) -> Vec<Sentence> {
    let mut decoder = NmeaDecoder::default();
    bytes
        .iter()
        .filter_map(|byte| match decoder.push(*byte) {
            Some(NmeaItem::Sentence(sentence)) => Some(sentence),
            _ => None,
        })
        .collect()
}

#[test]
fn every_fix_of_every_recording_is_gpsds() {
    for (name, expected) in gpsd::RECORDINGS {
        let (fixes, counts) = replay(&gpsd::recording(name));
        assert_eq!(
            gpsd::compare(name, &fixes, gpsd::Stream::Ended),
            expected,
            "{name}"
        );
        assert_eq!(counts.damaged(), 0, "{name}: {counts:?}");
    }
}

#[test]
fn every_line_of_every_recording_is_a_sentence_or_a_comment() {
    for ((name, _), expected) in gpsd::RECORDINGS.iter().zip([90, 138, 293]) {
        let bytes = gpsd::recording(name);
        let lines = bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| line.first() == Some(&b'$'));
        assert_eq!(lines.count(), expected);
        assert_eq!(sentences(&bytes).len(), expected, "{name}");
    }
}

#[test]
fn after_two_cycles_each_fix_comes_before_the_next_cycle_begins() {
    for (name, _) in gpsd::RECORDINGS {
        let (mut epochs, mut begun, mut late) = (EpochAssembler::default(), None, 0);
        let mut count = 0;
        for sentence in sentences(&gpsd::recording(name)) {
            let begins = sentence
                .said
                .time
                .filter(|time| begun.replace(*time) != Some(*time));
            for fix in epochs.push(&sentence, Timestamp::ZERO) {
                count += 1;
                let is_older = begins.is_some_and(|time| {
                    fix.time
                        .is_none_or(|fix| fix.millisecond_of_day != time.milliseconds())
                });
                late += usize::from(is_older);
            }
        }
        assert_eq!(epochs.late(), 0, "{name}");
        assert!(
            count > 20 && late <= 3,
            "{name}: {late} of {count} waited for the next cycle"
        );
    }
}

#[test]
fn the_nmea_crate_reads_the_same_numbers() {
    let mut compared = 0;
    for (name, _) in gpsd::RECORDINGS {
        for line in gpsd::recording(name).split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let [ours] = sentences(line)[..] else {
                continue;
            };
            let said = ours.said;
            let position = said.position.map(|at| (at.latitude.0, at.longitude.0));
            let theirs = nmea::parse_bytes(line).unwrap();
            let (place, altitude, satellites) = match theirs {
                nmea::ParseResult::RMC(rmc) => {
                    let speed = rmc
                        .speed_over_ground
                        .map(|knots| f64::from(knots) * 1852.0 / 3600.0);
                    assert_near(said.speed.map(|speed| speed.0), speed);
                    assert_near(
                        said.track.map(|track| track.0),
                        rmc.true_course.map(f64::from),
                    );
                    (rmc.lat.zip(rmc.lon), None, None)
                }
                nmea::ParseResult::GGA(gga) => {
                    let satellites = gga
                        .fix_satellites
                        .and_then(|count| u8::try_from(count).ok());
                    (gga.latitude.zip(gga.longitude), gga.altitude, satellites)
                }
                nmea::ParseResult::GLL(gll) => (gll.latitude.zip(gll.longitude), None, None),
                nmea::ParseResult::GSA(gsa) => {
                    (None, None, u8::try_from(gsa.fix_sats_prn.len()).ok())
                }
                _ => continue,
            };
            assert_near(position.map(|at| at.0), place.map(|at| at.0));
            assert_near(position.map(|at| at.1), place.map(|at| at.1));
            assert_near(
                said.altitude.map(|meters| meters.0),
                altitude.map(f64::from),
            );
            assert_eq!(said.satellites, satellites);
            compared += 1;
        }
    }
    // 78 RMC, 78 GGA, 23 GLL and 99 GSA.
    assert_eq!(compared, 278);
}

/// As near as the other's single precision allows.
fn assert_near(ours: Option<f64>, theirs: Option<f64>) {
    let near = match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours - theirs).abs() <= 1e-6 * ours.abs().max(1.0),
        (None, None) => true,
        _ => false,
    };
    assert!(near, "we read {ours:?}, the nmea crate {theirs:?}");
}

#[test]
fn damage_of_any_kind_costs_sentences_and_never_invents_a_fix() {
    for (name, _) in gpsd::RECORDINGS {
        let clean = gpsd::recording(name);
        let (whole, _) = replay(&clean);
        let mut seed = 1u64;
        let mut random = move || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            seed >> 33
        };
        let mut bytes = Vec::new();
        for byte in &clean {
            match random() % 500 {
                0 => {}
                1 => bytes.extend([*byte, 0xB5, 0x62, 0x00]),
                2 => bytes.extend(b"$GNRMC,17"),
                3 => bytes.push(byte ^ 0x10),
                4 => bytes.extend([b'x'; 200]),
                _ => bytes.push(*byte),
            }
        }
        let (fixes, counts) = replay(&bytes);
        assert!(
            counts.damaged() > 20 && counts.sentences > 20,
            "{name}: {counts:?}"
        );
        assert!(
            fixes.len() > whole.len() / 2,
            "{name}: {} of {}",
            fixes.len(),
            whole.len()
        );
        for fix in &fixes {
            // The date may be unknown until the first good RMC.
            let known = whole.iter().any(|other| {
                let same = fix.latitude == other.latitude && fix.longitude == other.longitude;
                fix.mode == FixMode::None || same && (fix.time.is_none() || fix.time == other.time)
            });
            assert!(known, "{name}: {fix:?}");
        }
    }
}
