//! The Linux backend over real pseudo-terminals, and what it refuses.
#![cfg(target_os = "linux")]

use sinew_board::{Board, BridgePins, MotionSafety, Pin, PwmChannel, SerialSettings, linux};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_serial::{SerialPort as _, SerialStream};

const SETTINGS: SerialSettings = SerialSettings::new(115_200);
/// Far longer than a pseudo-terminal needs; a test that waits this long fails.
const LIMIT: Duration = Duration::from_secs(10);

/// A pseudo-terminal: its far end, and the path of the near one.
fn pty() -> (SerialStream, SerialStream, String) {
    let (far, near) = SerialStream::pair().unwrap();
    let path = near.name().unwrap();
    (far, near, path)
}

fn real() -> Board {
    Board::new(linux::backends())
}

#[tokio::test]
async fn bytes_go_both_ways_through_a_real_pseudo_terminal_and_come_unchanged() {
    let (mut far, _near, path) = pty();
    let board = real().with_port("gnss", linux::backends().serial, &path);
    let mut port = board
        .serial("NEO-M8N", "gnss", SETTINGS)
        .unwrap()
        .open()
        .unwrap();
    // Every byte, so that nothing translates line ends or swallows control characters.
    let bytes: Vec<u8> = (0..=255).collect();
    let mut read = vec![0; 256];
    far.write_all(&bytes).await.unwrap();
    tokio::time::timeout(LIMIT, port.read_exact(&mut read))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read, bytes);
    port.write_all(&bytes).await.unwrap();
    read.fill(0);
    tokio::time::timeout(LIMIT, far.read_exact(&mut read))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read, bytes);
    let claim = &board.claims()[0];
    assert!(!claim.simulated);
    assert_eq!(
        (claim.statistics.bytes_read, claim.statistics.bytes_written),
        (256, 256)
    );
}

#[tokio::test]
async fn a_port_is_not_exclusive_so_that_a_guardian_can_hold_it_too() {
    let (_far, _near, path) = pty();
    let first = real().serial("drive", &path, SETTINGS).unwrap();
    let second = real().serial("guardian", &path, SETTINGS).unwrap();
    let _robot = first.open().unwrap();
    // TIOCEXCL stops everybody but root, and the lock that serialport sets beside it stops root too.
    let _guardian = second.open().unwrap();
}

#[tokio::test]
async fn a_port_that_vanishes_is_an_error_and_the_same_claim_opens_it_when_it_is_back() {
    let device = std::env::temp_dir().join(format!("sinew-board-gnss-{}", std::process::id()));
    let _ = std::fs::remove_file(&device);
    let name = device.to_str().unwrap();
    let plug = |path: &str| std::os::unix::fs::symlink(path, &device).unwrap();
    let board = real().with_port("gnss", linux::backends().serial, name);
    let claim = board.serial("NEO-M8N", "gnss", SETTINGS).unwrap();
    let (far, near, path) = pty();
    plug(&path);
    let mut port = claim.open().unwrap();

    std::fs::remove_file(&device).unwrap();
    drop((far, near));
    let read = tokio::time::timeout(LIMIT, port.read(&mut [0; 8]))
        .await
        .unwrap();
    let error = read.unwrap_err().to_string();
    assert!(error.contains("gnss"), "{error}");
    drop(port);
    let error = claim.open().unwrap_err().to_string();
    assert!(error.contains(name), "{error}");

    let (mut far, _near, path) = pty();
    plug(&path);
    let mut port = claim.open().unwrap();
    std::fs::remove_file(&device).unwrap();
    far.write_all(b"$").await.unwrap();
    let mut byte = [0];
    tokio::time::timeout(LIMIT, port.read_exact(&mut byte))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&byte, b"$");
}

#[test]
fn a_port_outside_a_runtime_is_an_error_and_no_panic() {
    let error = real()
        .serial("gnss", "/dev/null", SETTINGS)
        .unwrap()
        .open()
        .unwrap_err();
    assert!(error.to_string().contains("tokio runtime"), "{error}");
}

#[tokio::test]
async fn a_name_without_a_device_says_how_to_map_it() {
    let error = real()
        .serial("gnss", "gnss", SETTINGS)
        .unwrap()
        .open()
        .unwrap_err();
    assert!(
        error.to_string().contains("[board.ports] gnss = "),
        "{error}"
    );
}

#[test]
fn a_motion_output_stays_closed_without_a_guardian() {
    let pins = BridgePins {
        pwm: PwmChannel::PWM0,
        forward: Pin::GPIO5,
        backward: Pin::GPIO6,
    };
    let claim = real()
        .bridge("left motor", pins, MotionSafety::default())
        .unwrap();
    let error = claim.open().unwrap_err().to_string();
    assert!(
        error.contains("guardian") && error.contains("left motor"),
        "{error}"
    );
}

#[test]
fn the_clock_is_the_monotonic_one_and_waits_at_least_as_long_as_asked() {
    use embedded_hal::delay::DelayNs;
    let board = real();
    let before = board.now();
    board.delay().delay_us(500);
    assert!(board.now().since(before) >= Duration::from_micros(500));
}

#[tokio::test]
async fn a_port_that_is_opened_again_and_again_tells_when_it_was_lost_and_for_how_long() {
    use sinew_board::SerialEvent::{self, Back, Bytes, Lost};
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("receiver");
    let claim = real().serial("NEO-M8N", device.to_str().unwrap(), SETTINGS);
    let mut port = claim.unwrap().reopening();
    let mut next = async || -> SerialEvent {
        let item = std::future::poll_fn(|cx| {
            futures_core::Stream::poll_next(std::pin::Pin::new(&mut port), cx)
        });
        tokio::time::timeout(LIMIT, item).await.unwrap().unwrap()
    };
    // Nothing is plugged in at first.
    assert!(matches!(next().await, Lost(error) if error.to_string().contains("receiver")));
    for sent in [b"first", b"again"] {
        let (mut far, near, path) = pty();
        std::os::unix::fs::symlink(&path, &device).unwrap();
        assert!(matches!(next().await, Back { gap } if gap > Duration::ZERO));
        far.write_all(sent).await.unwrap();
        let mut heard = Vec::new();
        while heard.len() < sent.len() {
            let Bytes(bytes) = next().await else {
                panic!("it was lost")
            };
            heard.extend(bytes);
        }
        assert_eq!(heard, sent);
        std::fs::remove_file(&device).unwrap();
        drop((far, near));
        assert!(matches!(next().await, Lost(_)));
    }
}

#[tokio::test]
async fn a_port_whose_driver_switches_no_transmitter_says_what_to_take() {
    let (_far, _near, path) = pty();
    let settings = SETTINGS.rs485(sinew_board::Rs485::default());
    let claim = real().serial("servos", &path, settings).unwrap();
    let error = claim.open().unwrap_err().to_string();
    assert!(
        error.contains("RS-485") && error.contains("switches by itself"),
        "{error}"
    );
}
