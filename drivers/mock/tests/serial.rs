//! Serial lines and the satellite receiver on one.

use crate::bench::{at_ms, at_us, board};
use sinew_board::{BoardError, SerialPort, SerialSettings};
use sinew_messages::{Degrees, Hertz, Timestamp};
use sinew_mock::{GnssState, GnssTwin, Mock};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Counts its wakings, and asks the mock for the time while it is woken.
struct Reader {
    mock: Mock,
    woken: AtomicU32,
}

impl Wake for Reader {
    fn wake(self: Arc<Self>) {
        // A waker may do anything: this would hang if it were called under the mock's lock.
        let _ = self.mock.now();
        self.woken.fetch_add(1, Ordering::Relaxed);
    }
}

fn open(board: &sinew_board::Board, baud: u32) -> SerialPort {
    let claim = board
        .serial("receiver", "gnss", SerialSettings::new(baud))
        .unwrap();
    claim.open().unwrap()
}

/// Everything that waits.
fn read(port: &mut SerialPort, waker: &Waker) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let mut bytes = [0; 512];
        let mut buffer = ReadBuf::new(&mut bytes);
        match Pin::new(&mut *port).poll_read(&mut Context::from_waker(waker), &mut buffer) {
            Poll::Ready(result) => result.unwrap(),
            Poll::Pending => return all,
        }
        all.extend_from_slice(buffer.filled());
    }
}

fn read_text(port: &mut SerialPort) -> String {
    String::from_utf8(read(port, Waker::noop())).unwrap()
}

fn receiver(mock: &Mock, baud: u32, rate: f64) -> GnssTwin {
    mock.gnss("gnss", "gnss", baud, Hertz(rate), |at: Timestamp| {
        GnssState {
            latitude: Degrees(48.0 + at.seconds() * 1e-3),
            ..GnssState::default()
        }
    })
}

#[test]
fn bytes_arrive_no_faster_than_the_line() {
    let (mock, board) = board();
    let line = mock.serial_line("stand-in", "gnss", 10_000);
    let mut port = open(&board, 10_000);
    let sent: Vec<u8> = (0..100).collect();
    line.send(&sent);
    // A byte takes 1 ms; they come in chunks of 32.
    let mut got = Vec::new();
    for ms in 1..=100 {
        mock.advance(at_ms(ms));
        got.extend(read(&mut port, Waker::noop()));
        assert!(got.len() as u64 <= ms, "{} bytes after {ms} ms", got.len());
    }
    assert_eq!(got, sent);
}

#[test]
fn a_reader_is_woken_once_for_each_chunk_outside_the_lock() {
    let (mock, board) = board();
    let line = mock.serial_line("stand-in", "gnss", 10_000);
    let mut port = open(&board, 10_000);
    let reader = Arc::new(Reader {
        mock: mock.clone(),
        woken: AtomicU32::new(0),
    });
    let waker = Waker::from(Arc::clone(&reader));
    line.send(&[0x55; 64]);
    assert_eq!(read(&mut port, &waker), []);
    mock.advance(at_ms(32));
    assert_eq!(reader.woken.load(Ordering::Relaxed), 1);
    assert_eq!(read(&mut port, &waker).len(), 32);
    mock.advance(at_ms(64));
    assert_eq!(reader.woken.load(Ordering::Relaxed), 2);
}

#[test]
fn a_reader_that_is_late_loses_bytes_and_the_line_counts_them() {
    let (mock, board) = board();
    let line = mock.serial_line("stand-in", "gnss", 1_000_000);
    let mut port = open(&board, 1_000_000);
    line.send(&[0x55; 5000]);
    mock.advance(at_ms(100));
    assert_eq!(read(&mut port, Waker::noop()).len(), 4096);
    assert_eq!(line.overruns(), 5000 - 4096);
}

#[test]
fn what_nobody_has_open_is_not_kept() {
    let (mock, board) = board();
    let line = mock.serial_line("stand-in", "gnss", 115_200);
    line.send(b"early");
    mock.advance(at_ms(10));
    let mut port = open(&board, 115_200);
    assert_eq!(read_text(&mut port), "");
    line.send(b"in time");
    mock.advance(at_ms(20));
    assert_eq!(read_text(&mut port), "in time");
    assert_eq!(line.overruns(), 0);
}

#[test]
fn another_speed_reads_other_bytes_and_is_complained_of() {
    let (mock, board) = board();
    let line = mock.serial_line("stand-in", "gnss", 9600);
    let mut port = open(&board, 115_200);
    line.send(&[b'A'; 100]);
    mock.advance(at_ms(200));
    let read = read(&mut port, Waker::noop());
    assert!(read.len() >= 100 && !read.contains(&b'A'), "{read:x?}");
    assert!(
        line.framing_errors() > 0,
        "twelve of its bits are one of the line's"
    );
    assert_eq!(line.parity_errors(), 0);
    assert!(mock.complaints()[0].text.contains("9600 baud"));
}

#[test]
fn what_the_board_writes_reaches_the_other_end() {
    let (mock, board) = board();
    let line = mock.serial_line("stand-in", "gnss", 9600);
    let mut port = open(&board, 9600);
    let mut cx = Context::from_waker(Waker::noop());
    let written = Pin::new(&mut port).poll_write(&mut cx, b"$PMTK220,100*2F\r\n");
    assert!(matches!(written, Poll::Ready(Ok(17))));
    assert_eq!(line.written(), b"$PMTK220,100*2F\r\n");
    assert_eq!(line.written(), b"");
}

#[test]
fn a_port_without_a_part_is_refused_with_those_that_have_one() {
    let (mock, board) = board();
    mock.serial_line("stand-in", "gnss", 9600);
    let claim = board
        .serial("lidar", "lidar", SerialSettings::new(115_200))
        .unwrap();
    let Err(error @ BoardError::Unavailable { .. }) = claim.open() else {
        panic!("there is no such port");
    };
    let text = error.to_string();
    assert!(
        text.contains("port lidar") && text.contains("\"gnss\""),
        "{text}"
    );
}

#[test]
fn a_receiver_says_three_sentences_an_epoch_at_its_rate() {
    let (mock, board) = board();
    receiver(&mock, 115_200, 10.0);
    let mut port = open(&board, 115_200);
    mock.advance(at_ms(100));
    assert_eq!(
        read_text(&mut port),
        "",
        "the epoch begins now, its bytes come later"
    );
    mock.advance(at_ms(199));
    let text = read_text(&mut port);
    let kinds: Vec<_> = text.lines().map(|line| &line[..6]).collect();
    assert_eq!(kinds, ["$GPRMC", "$GPGGA", "$GPGSA"]);
    assert!(text.contains("$GPRMC,000000.10,A,4800.00600,N"), "{text}");
    for line in text.lines() {
        let (body, checksum) = line[1..].split_once('*').unwrap();
        let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
        assert_eq!(u8::from_str_radix(checksum, 16).unwrap(), sum, "{line}");
    }
    mock.advance(at_ms(1099));
    assert_eq!(read_text(&mut port).matches("$GPRMC").count(), 9);
    assert_eq!(mock.complaints(), []);
}

#[test]
fn unplugged_it_is_silent_and_frozen_it_repeats_its_last_epoch() {
    let (mock, board) = board();
    let twin = receiver(&mock, 115_200, 10.0);
    let mut port = open(&board, 115_200);
    mock.advance(at_ms(199));
    let first = read_text(&mut port);
    twin.freeze();
    mock.advance(at_ms(299));
    assert_eq!(read_text(&mut port), first);
    twin.thaw();
    mock.advance(at_ms(305));
    twin.unplug();
    let cut = read_text(&mut port);
    assert!(cut.len() < first.len(), "the epoch ends in the middle");
    mock.advance(at_ms(999));
    assert_eq!(read_text(&mut port), "");
    twin.replug();
    mock.advance(at_ms(1099));
    assert!(read_text(&mut port).starts_with("$GPRMC,000001.00,A"));
}

#[test]
fn a_line_too_slow_for_the_rate_is_complained_of() {
    let (mock, board) = board();
    receiver(&mock, 4800, 10.0);
    let _port = open(&board, 4800);
    mock.advance(at_ms(20_000));
    assert!(mock.complaint_count() > 0);
    assert!(mock.complaints()[0].text.contains("4800 baud is too slow"));
}

#[test]
fn an_epoch_at_9600_baud_takes_its_200_ms() {
    let (mock, board) = board();
    receiver(&mock, 9600, 1.0);
    let mut port = open(&board, 9600);
    mock.advance(at_ms(1100));
    let half = read_text(&mut port);
    assert!(
        (64..=96).contains(&half.len()),
        "{} bytes in 100 ms",
        half.len()
    );
    mock.advance(at_ms(1000) + Duration::from_millis(250));
    let rest = read_text(&mut port);
    assert!(rest.ends_with("\r\n"));
    assert!(
        mock.next_event() > Some(at_us(1_250_000)),
        "the line is idle"
    );
}

#[test]
fn who_writes_more_than_the_line_holds_is_woken_when_a_byte_has_left() {
    let (mock, board) = board();
    mock.roboclaw("motors", "gnss", 10_000, 0x80);
    let mut port = open(&board, 10_000);
    let reader = Arc::new(Reader {
        mock: mock.clone(),
        woken: AtomicU32::new(0),
    });
    let waker = Waker::from(Arc::clone(&reader));
    let mut write = || {
        let mut context = Context::from_waker(&waker);
        Pin::new(&mut port).poll_write(&mut context, &[0; 5_000])
    };
    assert!(matches!(write(), Poll::Ready(Ok(4_096))));
    assert!(write().is_pending());
    assert_eq!(reader.woken.load(Ordering::Relaxed), 0);
    // A byte takes 1 ms.
    mock.advance(at_us(1_000));
    assert_eq!(reader.woken.load(Ordering::Relaxed), 1);
    assert!(matches!(write(), Poll::Ready(Ok(1))));
    assert!(write().is_pending());
}
