//! Transactions that are awaited: on the thread of their bus, one after the other, and never lost.

use crate::fake::Fake;
use embedded_hal_async::i2c::{I2c as _, Operation};
use embedded_hal_async::spi::{Operation as SpiOperation, SpiDevice as _};
use sinew_board::backend::{I2c, Spi, SpiLine};
use sinew_board::{Board, BoardError, BusError, I2cHandle, SpiSettings};
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;

/// The thread, the address and what was written, of each transaction.
type Seen = Arc<Mutex<Vec<(String, u8, Vec<u8>)>>>;

/// A bus whose transactions end when the test lets them, and which answers a read with the bytes 1, 2, 3.
#[derive(Debug)]
struct Slow {
    go: Mutex<Receiver<()>>,
    seen: Seen,
    panics: Arc<AtomicBool>,
    blocks: bool,
}

impl Slow {
    fn note(&self, address: u8, written: Vec<u8>) {
        if self.blocks {
            self.go.lock().unwrap().recv().unwrap();
        }
        let thread = thread::current().name().unwrap_or_default().to_owned();
        self.seen.lock().unwrap().push((thread, address, written));
        assert!(!self.panics.swap(false, Ordering::SeqCst), "as planned");
    }
}

impl I2c for Slow {
    fn transaction(
        &self,
        _: u8,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), BusError> {
        let mut written = Vec::new();
        let mut next = 1..;
        for operation in operations {
            match operation {
                Operation::Write(bytes) => written.extend_from_slice(bytes),
                Operation::Read(into) => into.iter_mut().zip(&mut next).for_each(|(b, n)| *b = n),
            }
        }
        self.note(address, written);
        Ok(())
    }

    fn blocks(&self) -> bool {
        self.blocks
    }
}

impl Spi for Slow {
    fn open(&self, _: u8, _: u8, _: SpiSettings) -> Result<Box<dyn SpiLine>, BoardError> {
        Ok(Box::new(Echo))
    }
}

/// Answers each byte with the next higher one.
#[derive(Debug)]
struct Echo;

impl SpiLine for Echo {
    fn transaction(&mut self, operations: &mut [SpiOperation<'_, u8>]) -> Result<(), BoardError> {
        assert_eq!(thread::current().name(), Some("spi-0"));
        for operation in operations {
            match operation {
                SpiOperation::Read(into) => into.fill(1),
                SpiOperation::Transfer(into, out) => {
                    into.iter_mut()
                        .zip(out.iter())
                        .for_each(|(to, from)| *to = from + 1);
                }
                SpiOperation::TransferInPlace(both) => both.iter_mut().for_each(|byte| *byte += 1),
                SpiOperation::Write(_) | SpiOperation::DelayNs(_) => {}
            }
        }
        Ok(())
    }
}

struct Rig {
    board: Board,
    go: Sender<()>,
    seen: Seen,
    panics: Arc<AtomicBool>,
}

fn rig(blocks: bool) -> Rig {
    let (go, waits) = channel();
    let (seen, panics) = (Arc::default(), Arc::default());
    let bus = Arc::new(Slow {
        go: Mutex::new(waits),
        seen: Arc::clone(&seen),
        panics: Arc::clone(&panics),
        blocks,
    });
    let mut backends = Fake::default().backends(true);
    (backends.i2c, backends.spi) = (bus.clone(), bus);
    let board = Board::new(backends);
    Rig {
        board,
        go,
        seen,
        panics,
    }
}

impl Rig {
    fn open(&self, address: u8) -> I2cHandle {
        let claim = self.board.i2c(&format!("chip {address:#x}"), 1, address);
        claim.unwrap().open().unwrap()
    }
}

#[tokio::test]
async fn two_devices_of_a_bus_share_its_thread_and_their_actor_goes_on_meanwhile() {
    let rig = rig(true);
    let (mut first, mut second) = (rig.open(0x40), rig.open(0x41));
    let (mut one, mut other) = ([0; 3], [0; 1]);
    let both = async {
        tokio::join!(
            first.write_read(0x40, &[7, 8], &mut one),
            second.read(0x41, &mut other)
        )
    };
    let meanwhile = async {
        // Neither can end before this runs.
        rig.go.send(()).unwrap();
        rig.go.send(()).unwrap();
    };
    let ((first, second), ()) = tokio::join!(both, meanwhile);
    first.and(second).unwrap();
    assert_eq!((one, other), ([1, 2, 3], [1]));
    let wanted = [
        ("i2c-1".to_owned(), 0x40, vec![7, 8]),
        ("i2c-1".to_owned(), 0x41, vec![]),
    ];
    assert_eq!(*rig.seen.lock().unwrap(), wanted);
    assert_eq!(rig.board.claims()[0].statistics.transactions, 1);
}

#[tokio::test]
async fn what_was_given_up_happens_all_the_same_and_the_next_waits_for_it() {
    let rig = rig(true);
    let mut chip = rig.open(0x40);
    {
        let given_up = chip.write(0x40, &[1]);
        tokio::pin!(given_up);
        let begun = poll_fn(|cx| Poll::Ready(given_up.as_mut().poll(cx).is_pending())).await;
        assert!(begun);
    }
    let mut bytes = [0; 2];
    let next = chip.write_read(0x40, &[2], &mut bytes);
    let free = async {
        rig.go.send(()).unwrap();
        rig.go.send(()).unwrap();
    };
    let (done, ()) = tokio::join!(next, free);
    done.unwrap();
    assert_eq!(bytes, [1, 2]);
    let written: Vec<_> = rig
        .seen
        .lock()
        .unwrap()
        .iter()
        .map(|seen| seen.2.clone())
        .collect();
    assert_eq!(written, [[1], [2]]);
}

#[tokio::test]
async fn a_backend_that_panics_fails_its_transaction_and_not_the_bus() {
    let rig = rig(true);
    let mut chip = rig.open(0x40);
    rig.panics.store(true, Ordering::SeqCst);
    rig.go.send(()).unwrap();
    let text = chip.write(0x40, &[1]).await.unwrap_err().to_string();
    assert!(text.contains("panicked"), "{text}");
    rig.go.send(()).unwrap();
    chip.write(0x40, &[2]).await.unwrap();
    assert_eq!(rig.board.claims()[0].statistics.bus_errors, 1);
}

#[tokio::test]
async fn a_bus_that_does_not_block_is_used_at_once_on_the_same_thread() {
    let rig = rig(false);
    let mut chip = rig.open(0x40);
    let here = thread::current().name().unwrap_or_default().to_owned();
    chip.write(0x40, &[1]).await.unwrap();
    assert_eq!(*rig.seen.lock().unwrap(), [(here, 0x40, vec![1])]);
}

#[tokio::test]
async fn another_address_than_the_claimed_one_is_refused_before_the_bus() {
    let rig = rig(true);
    let mut chip = rig.open(0x40);
    let error = chip.write(0x41, &[1]).await.unwrap_err();
    assert!(matches!(
        error,
        BusError::NotClaimed {
            claimed: 0x40,
            asked: 0x41,
            ..
        }
    ));
}

#[tokio::test]
async fn spi_takes_all_its_operations_to_the_thread_and_back() {
    let rig = rig(true);
    let settings = SpiSettings::new(1_000_000);
    let mut chip = rig
        .board
        .spi("chip", 0, 0, settings)
        .unwrap()
        .open()
        .unwrap();
    let (mut read, mut longer, mut both) = ([0; 2], [0; 3], [7, 8]);
    let mut operations = [
        SpiOperation::Write(&[1, 2]),
        SpiOperation::Read(&mut read),
        SpiOperation::Transfer(&mut longer, &[9]),
        SpiOperation::DelayNs(2_000),
        SpiOperation::TransferInPlace(&mut both),
    ];
    chip.transaction(&mut operations).await.unwrap();
    assert_eq!((read, longer, both), ([1, 1], [10, 0, 0], [8, 9]));
    chip.write(&[1]).await.unwrap();
    assert_eq!(rig.board.claims()[0].statistics.transactions, 2);
}

#[tokio::test]
async fn a_transaction_that_blocks_does_not_overtake_one_that_was_given_up() {
    for _ in 0..50 {
        let rig = rig(true);
        let mut chip = rig.open(0x40);
        rig.go.send(()).unwrap();
        rig.go.send(()).unwrap();
        {
            let given_up = embedded_hal_async::i2c::I2c::write(&mut chip, 0x40, &[1]);
            tokio::pin!(given_up);
            let _ = poll_fn(|cx| Poll::Ready(given_up.as_mut().poll(cx).is_pending())).await;
        }
        embedded_hal::i2c::I2c::write(&mut chip, 0x40, &[2]).unwrap();
        let seen = rig.seen.lock().unwrap();
        let written: Vec<u8> = seen.iter().flat_map(|(_, _, it)| it.clone()).collect();
        assert_eq!(written, [1, 2]);
    }
}
