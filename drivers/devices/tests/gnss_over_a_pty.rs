//! Real receivers' bytes, through a real pseudo-terminal and the linux backend, give gpsd's fixes.
#![cfg(target_os = "linux")]

#[path = "../../chips/tests/gpsd/mod.rs"]
mod gpsd;

use crate::gnss_receiver::{BAUD, Listening, Receiver};
use gpsd::{RECORDINGS, Stream};
use sinew_board::SerialSettings;
use std::os::unix::fs::symlink;

/// The end of the last line completes nothing, so it is not reported.
const LINE_END: u64 = 2;

#[test]
fn every_fix_of_three_receivers_at_line_pace_is_gpsds() {
    let receivers = RECORDINGS.map(|_| Receiver::new());
    let mut listening = Listening::to(&receivers.each_ref().map(Receiver::path));
    listening.run_until_open();

    for (index, ((name, _), receiver)) in RECORDINGS.into_iter().zip(receivers).enumerate() {
        listening.send(index, receiver, gpsd::recording(name));
    }
    // neo-m8n begins with an epoch of which gpsd does not know the time either.
    let expected = RECORDINGS.map(|(name, timed)| timed + usize::from(name == "neo-m8n"));
    listening.run_until("all fixes", |listening| {
        let bytes = |(index, (name, _)): (usize, &(&str, usize))| {
            let counted = listening.heard(index).counters.line.bytes;
            counted + LINE_END >= gpsd::recording(name).len() as u64
        };
        RECORDINGS.iter().enumerate().all(bytes)
            && (0..3).all(|index| listening.heard(index).fixes.len() >= expected[index])
    });
    for (index, (name, timed)) in RECORDINGS.into_iter().enumerate() {
        let heard = listening.heard(index);
        assert_eq!(
            gpsd::compare(name, &heard.fixes, Stream::Open),
            timed,
            "{name}"
        );
        assert_eq!(
            (heard.counters.line.damaged(), heard.counters.late),
            (0, 0),
            "{name}"
        );
        assert_eq!(listening.node(index).failures, 0, "{name}");
        let stamps: Vec<_> = heard.fixes.iter().map(|fix| fix.received_at).collect();
        let took = stamps[stamps.len() - 1].since(stamps[0]);
        let line = SerialSettings::new(BAUD).byte_time() * gpsd::recording(name).len() as u32;
        assert!(
            stamps.is_sorted() && took > line.mul_f64(0.8),
            "{name}: {took:?} of {line:?}"
        );
    }
}

#[test]
fn damaged_cut_interleaved_over_long_and_binary_bytes_are_counted_and_stop_nothing() {
    let receiver = Receiver::new();
    let mut listening = Listening::to(&[receiver.path()]);
    listening.run_until_open();

    let clean = gpsd::recording("bu353s4");
    let mut bytes = Vec::new();
    bytes.extend(b"0719.000,3747.0873,S\r\n"); // the rest of a sentence: we came too late
    bytes.extend([0xB5, 0x62, 0x01, 0x07, 0x00, 0xFF, 0xFE]); // UBX between
    bytes.extend(
        b"\r\n$GPGGA,030719.000,3747.0873,S,17518.8938,E,1,08,1.1,59.9,M,23.7,M,,0000*00\r\n",
    );
    bytes.extend(b"$GPGGA,0307"); // cut by the next sentence
    bytes.extend(b"$GPRMC,0307\r\n"); // cut by the end of its line
    bytes.extend(b"$GP\x80\x81MC,030719\r\n"); // binary in a sentence
    bytes.extend(b"$GPVTG,999,T,,M,,N,,K*77\r\n"); // right, but without sense
    bytes.extend(b"$GPTXT,");
    bytes.extend([b'x'; 5000]);
    bytes.extend(b"\r\n");
    bytes.extend(&clean);
    let length = bytes.len() as u64;
    listening.send(0, receiver, bytes);
    listening.run_until("all fixes", |listening| {
        let heard = listening.heard(0);
        heard.counters.line.bytes + LINE_END >= length && heard.fixes.len() >= 25
    });

    let line = listening.heard(0).counters.line;
    assert_eq!(
        (
            line.stray,
            line.binary,
            line.checksum,
            line.truncated,
            line.unreadable,
            line.too_long
        ),
        (1, 2, 1, 2, 1, 1),
    );
    assert_eq!(line.sentences, 90);
    assert_eq!(
        gpsd::compare("bu353s4", &listening.heard(0).fixes, Stream::Open),
        25
    );
    assert_eq!(listening.node(0).failures, 0);
}

#[test]
fn a_port_that_vanishes_and_comes_back_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("receiver");
    let first = Receiver::new();
    symlink(first.path(), &path).unwrap();
    let mut listening = Listening::to(&[path.to_str().unwrap().to_owned()]);
    listening.run_until_open();

    listening.send(0, first, gpsd::recording("bu353s4"));
    listening.run_until("the first receiver's fixes", |listening| {
        listening.heard(0).fixes.len() >= 25
    });
    // Unplugged: the terminal is closed, and its path leads nowhere.
    std::fs::remove_file(&path).unwrap();
    listening.unplug(0);
    listening.run_until("two vain attempts", |listening| {
        listening.node(0).failures >= 3
    });
    let why = listening.node(0).last_failure.unwrap();
    assert!(
        why.contains("receiver") && why.contains("No such file"),
        "{why}"
    );

    let second = Receiver::new();
    symlink(second.path(), &path).unwrap();
    let failures = listening.node(0).failures;
    listening.run_until_open();
    listening.send(0, second, gpsd::recording("mt3339"));
    listening.run_until("the second receiver's fixes", |listening| {
        listening.heard(0).fixes.len() >= 55
    });

    let fixes = listening.heard(0).fixes;
    assert_eq!(gpsd::compare("bu353s4", &fixes[..25], Stream::Open), 25);
    assert_eq!(gpsd::compare("mt3339", &fixes[25..], Stream::Open), 30);
    let node = listening.node(0);
    assert!(
        node.restarts >= 1 && node.failures <= failures + 1,
        "{node:?}"
    );
}
