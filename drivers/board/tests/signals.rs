//! Inputs, indicators, buses and ports: what they deliver, what they count, and how they fail.

use crate::fake::{Fake, Write};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{InputPin as _, OutputPin as _};
use embedded_hal::i2c::{Error as _, ErrorKind, I2c as _};
use futures_core::Stream;
use sinew_board::{Bias, Board, Edges, Level, Pin, SerialSettings, Statistics, Timestamp};
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn statistics(board: &Board) -> Statistics {
    board.claims()[0].statistics
}

fn poll(edges: &mut Edges) -> Poll<Option<Result<u32, String>>> {
    let mut cx = Context::from_waker(Waker::noop());
    std::pin::Pin::new(edges).poll_next(&mut cx).map(|item| {
        item.map(|edge| {
            edge.map(|edge| edge.sequence)
                .map_err(|error| error.to_string())
        })
    })
}

#[test]
fn edges_come_in_order_and_a_gap_in_their_numbers_is_counted_as_lost() {
    let fake = Fake::default();
    let board = fake.board();
    let pin = board
        .input("encoder", Pin::GPIO17, Bias::PullUp)
        .unwrap()
        .open()
        .unwrap();
    let mut edges = pin.edges();
    assert_eq!(poll(&mut edges), Poll::Pending);
    for sequence in [5, 6, 9] {
        fake.edge(u64::from(sequence), Level::High, sequence);
    }
    for sequence in [5, 6, 9] {
        assert_eq!(poll(&mut edges), Poll::Ready(Some(Ok(sequence))));
    }
    assert_eq!(poll(&mut edges), Poll::Pending);
    assert_eq!(statistics(&board).edges, 3);
    // 1 to 4, which nobody saw, and 7 and 8.
    assert_eq!(statistics(&board).lost_edges, 6);
    assert_eq!(pin.lost_edges(), 6);
}

#[test]
fn draining_counts_like_the_stream_and_sequence_numbers_wrap() {
    let fake = Fake::default();
    let board = fake.board();
    let pin = board
        .input("encoder", Pin::GPIO17, Bias::PullUp)
        .unwrap()
        .open()
        .unwrap();
    for sequence in [u32::MAX - 1, u32::MAX, 0, 2] {
        fake.edge(1, Level::High, sequence);
    }
    let mut edges = Vec::new();
    pin.drain_edges(&mut edges).unwrap();
    assert_eq!(edges.len(), 4);
    let before = u64::from(u32::MAX - 2);
    assert_eq!(pin.lost_edges() - before, 1);
    fake.edge(2, Level::Low, 5);
    pin.drain_edges(&mut edges).unwrap();
    assert_eq!((edges.len(), pin.lost_edges() - before), (5, 3));
    assert_eq!(statistics(&board).edges, 5);
}

#[tokio::test]
async fn an_edge_wakes_who_waits_for_it() {
    let fake = Fake::default();
    let pin = fake
        .board()
        .input("button", Pin::GPIO17, Bias::PullUp)
        .unwrap()
        .open()
        .unwrap();
    let mut edges = pin.edges();
    let press = async {
        tokio::task::yield_now().await;
        fake.edge(7, Level::Low, 1);
    };
    let (edge, ()) = tokio::join!(
        poll_fn(|cx| std::pin::Pin::new(&mut edges).poll_next(cx)),
        press
    );
    assert_eq!(edge.unwrap().unwrap().at, Timestamp::from_nanos(7));
}

#[test]
fn a_lost_line_ends_its_edges_after_the_error() {
    let fake = Fake::default();
    let pin = fake
        .board()
        .input("button", Pin::GPIO17, Bias::PullUp)
        .unwrap()
        .open()
        .unwrap();
    let mut edges = pin.edges();
    fake.lose_line();
    fake.edge(1, Level::High, 1);
    let Poll::Ready(Some(Err(error))) = poll(&mut edges) else {
        panic!("the loss was not said");
    };
    assert!(error.contains("unplugged"), "{error}");
    assert_eq!(poll(&mut edges), Poll::Ready(None));
}

#[test]
fn an_input_is_an_embedded_hal_pin() {
    let fake = Fake::default();
    let mut pin = fake
        .board()
        .input("button", Pin::GPIO17, Bias::PullUp)
        .unwrap()
        .open()
        .unwrap();
    assert!(pin.is_low().unwrap());
    fake.set_level(Level::High);
    assert!(pin.is_high().unwrap());
    assert_eq!(pin.level().unwrap(), Level::High);
}

#[test]
fn an_indicator_opens_at_its_safe_level_and_returns_to_it() {
    let fake = Fake::default();
    let claim = fake
        .board()
        .indicator("lamp", Pin::GPIO27, Level::High)
        .unwrap();
    let mut lamp = claim.open().unwrap();
    lamp.set_low().unwrap();
    drop(lamp);
    assert_eq!(
        fake.take(),
        [
            Write::Open(Pin::GPIO27, Level::High),
            Write::Set(Pin::GPIO27, Level::Low),
            Write::Set(Pin::GPIO27, Level::High),
        ]
    );
}

#[test]
fn a_device_answers_at_its_address_and_every_transaction_is_counted() {
    let board = Fake::default().board();
    let claim = board.i2c("INA219", 1, 0x40).unwrap();
    let mut bus = claim.open().unwrap();
    let mut answer = [0; 2];
    bus.write_read(claim.address(), &[1], &mut answer).unwrap();
    assert_eq!(answer, [7, 7]);
    let counted = statistics(&board);
    assert_eq!((counted.transactions, counted.bus_errors), (1, 0));
}

#[test]
fn a_device_that_does_not_answer_is_a_bus_error_of_that_kind() {
    let board = Fake::default().board();
    let mut bus = board.i2c("MPU6050", 1, 0x68).unwrap().open().unwrap();
    let error = bus.write(0x68, &[0]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NoAcknowledge(_)));
    assert!(error.to_string().contains("I2C1 address 0x68"));
    let counted = statistics(&board);
    assert_eq!((counted.transactions, counted.bus_errors), (1, 1));
}

#[test]
fn a_driver_that_speaks_to_an_address_it_did_not_claim_is_refused() {
    let board = Fake::default().board();
    let mut bus = board.i2c("MPU6050", 1, 0x68).unwrap().open().unwrap();
    let error = bus.write(0x40, &[0]).unwrap_err();
    assert!(error.to_string().contains("0x40"), "{error}");
    assert_eq!(statistics(&board).bus_errors, 1);
}

#[tokio::test]
async fn a_port_carries_bytes_both_ways_and_counts_them() {
    let fake = Fake::default();
    let board = fake.board();
    let settings = SerialSettings::new(9600);
    let mut port = board
        .serial("gnss", "gnss", settings)
        .unwrap()
        .open()
        .unwrap();
    let mut far = fake.far_end();
    port.write_all(b"$PUBX").await.unwrap();
    let mut read = [0; 5];
    far.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"$PUBX");
    far.write_all(b"$GP").await.unwrap();
    port.read_exact(&mut read[..3]).await.unwrap();
    assert_eq!(&read[..3], b"$GP");
    let counted = statistics(&board);
    assert_eq!((counted.bytes_written, counted.bytes_read), (5, 3));
}

#[tokio::test]
async fn a_port_that_vanishes_is_an_error_with_its_name_and_no_end_of_file() {
    let fake = Fake::default();
    let claim = fake
        .board()
        .serial("gnss", "gnss", SerialSettings::new(9600))
        .unwrap();
    let mut port = claim.open().unwrap();
    drop(fake.far_end());
    let error = port.read(&mut [0; 8]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    assert!(error.to_string().contains("serial port gnss"), "{error}");
    assert_eq!(port.read(&mut []).await.unwrap(), 0, "no room is no end");
    drop(port);
    assert!(claim.open().is_ok(), "it may be opened again");
}

#[test]
fn a_driver_waits_on_the_clock_of_the_board() {
    let board = Fake::default().board();
    board.delay().delay_us(10);
    assert_eq!(board.now(), Timestamp::from_nanos(10_000));
}

#[tokio::test]
async fn a_driver_over_embedded_hal_async_waits_for_levels_and_edges() {
    use embedded_hal_async::digital::Wait;
    let fake = Fake::default();
    let claim = fake.board().input("ready", Pin::GPIO17, Bias::PullUp);
    let mut pin = claim.unwrap().open().unwrap();
    fake.set_level(Level::High);
    pin.wait_for_high().await.unwrap();
    fake.edge(1, Level::Low, 1);
    fake.edge(2, Level::High, 2);
    pin.wait_for_rising_edge().await.unwrap();
    assert_eq!(pin.lost_edges(), 0);
    fake.edge(3, Level::Low, 3);
    pin.wait_for_any_edge().await.unwrap();
    fake.lose_line();
    assert!(pin.wait_for_falling_edge().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn an_awaited_delay_blocks_the_board_only_below_a_millisecond() {
    use embedded_hal_async::delay::DelayNs;
    let board = Fake::default().board();
    let mut delay = board.delay();
    DelayNs::delay_us(&mut delay, 999).await;
    assert_eq!(
        board.now(),
        Timestamp::from_nanos(999_000),
        "the board's own time"
    );
    let before = tokio::time::Instant::now();
    DelayNs::delay_ms(&mut delay, 5).await;
    assert!(before.elapsed() >= std::time::Duration::from_millis(5));
    assert_eq!(board.now(), Timestamp::from_nanos(999_000));
}

#[tokio::test]
async fn a_driver_over_embedded_io_async_reads_and_writes_a_port() {
    use embedded_io_async::{Read, Write};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let fake = Fake::default();
    let claim = fake
        .board()
        .serial("gnss", "gnss", SerialSettings::new(9_600));
    let mut port = claim.unwrap().open().unwrap();
    let mut far = fake.far_end();
    Write::write_all(&mut port, b"ping").await.unwrap();
    let mut heard = [0; 4];
    far.read_exact(&mut heard).await.unwrap();
    AsyncWriteExt::write_all(&mut far, b"pong").await.unwrap();
    Read::read_exact(&mut port, &mut heard).await.unwrap();
    assert_eq!(&heard, b"pong");
}

/// The next item of a port that is opened again and again.
async fn next(port: &mut sinew_board::Reopening) -> sinew_board::SerialEvent {
    let item = poll_fn(|cx| std::pin::Pin::new(&mut *port).poll_next(cx)).await;
    item.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_port_that_was_unplugged_comes_back_and_tells_the_gap() {
    use sinew_board::SerialEvent::{Back, Bytes, Lost};
    use tokio::io::AsyncWriteExt;
    let fake = Fake::default();
    let claim = fake
        .board()
        .serial("gnss", "gnss", SerialSettings::new(9_600));
    let mut port = claim.unwrap().reopening();
    // It is opened when somebody waits for it.
    let begun = poll_fn(|cx| Poll::Ready(std::pin::Pin::new(&mut port).poll_next(cx).is_pending()));
    assert!(begun.await);
    let mut far = fake.far_end();
    far.write_all(b"before").await.unwrap();
    assert!(matches!(next(&mut port).await, Bytes(bytes) if bytes == b"before"));
    fake.set_now(Timestamp::from_nanos(1_000));
    drop(far);
    let Lost(error) = next(&mut port).await else {
        panic!("the loss is said")
    };
    assert!(error.to_string().contains("gnss"), "{error}");
    fake.set_now(Timestamp::from_nanos(4_000));
    let Back { gap } = next(&mut port).await else {
        panic!("it is there again")
    };
    assert_eq!(gap, std::time::Duration::from_nanos(3_000));
    fake.far_end().write_all(b"after").await.unwrap();
    assert!(matches!(next(&mut port).await, Bytes(bytes) if bytes == b"after"));
}
