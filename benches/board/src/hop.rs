//! The way of an awaited transaction to the thread of its bus and back, on a bus that takes no time of its own.

use crate::samples::Samples;
use embedded_hal_async::i2c::{I2c as _, Operation};
use sinew_board::backend::I2c;
use sinew_board::{Board, BusError};
use sinew_mock::Mock;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;

/// What is asked of the median.
const ASKED: Duration = Duration::from_micros(15);
/// A sensor that is read 200 times a second.
const PAUSE: Duration = Duration::from_millis(5);

/// Answers at once, but says that it blocks.
#[derive(Debug)]
struct Instantly;

impl I2c for Instantly {
    fn transaction(&self, _: u8, _: u8, operations: &mut [Operation<'_>]) -> Result<(), BusError> {
        for operation in operations {
            if let Operation::Read(into) = operation {
                into.fill(black_box(7));
            }
        }
        Ok(())
    }
}

pub(crate) fn measure(count: usize) -> Result<(), Box<dyn Error>> {
    let mut backends = Mock::new(7).backends();
    backends.i2c = Arc::new(Instantly);
    let board = Board::new(backends);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    println!(
        "| what, to the thread and back, microseconds   |    count |     p50 |     p99 |   p99.9 |      max |"
    );
    println!(
        "| -------------------------------------------- | -------: | ------: | ------: | ------: | -------: |"
    );
    let median = runtime
        .block_on(ours(&board, count, None))?
        .print("an awaited transaction, one after the other");
    let paused = count / 100;
    runtime
        .block_on(ours(&board, paused, Some(PAUSE)))?
        .print("an awaited transaction every 5 ms");
    runtime
        .block_on(tokios(count, None))?
        .print("tokio's spawn_blocking, one after the other");
    runtime
        .block_on(tokios(paused, Some(PAUSE)))?
        .print("tokio's spawn_blocking every 5 ms");
    bare(count, None)?.print("two std channels, one after the other");
    bare(paused, Some(PAUSE))?.print("two std channels every 5 ms");
    println!(
        "hop: {:.1} us at the median ({ASKED:?} asked)",
        median.as_secs_f64() * 1e6
    );
    Ok(())
}

async fn ours(
    board: &Board,
    count: usize,
    pause: Option<Duration>,
) -> Result<Samples, Box<dyn Error>> {
    let address = if pause.is_some() { 0x41 } else { 0x40 };
    let mut bus = board.i2c("chip", 1, address)?.open()?;
    let mut samples = Samples::with_room_for(count);
    let mut value = [0; 14];
    for _ in 0..count {
        rest(pause).await;
        let began = Instant::now();
        bus.write_read(address, &[2], &mut value).await?;
        samples.add(began.elapsed());
        if value != [7; 14] {
            return Err("what was read is not what was sent".into());
        }
    }
    Ok(samples)
}

async fn tokios(count: usize, pause: Option<Duration>) -> Result<Samples, Box<dyn Error>> {
    let mut samples = Samples::with_room_for(count);
    for _ in 0..count {
        rest(pause).await;
        let began = Instant::now();
        let value = tokio::task::spawn_blocking(|| [black_box(7_u8); 14]).await?;
        samples.add(began.elapsed());
        black_box(value);
    }
    Ok(samples)
}

/// The least that two threads can do without spinning.
fn bare(count: usize, pause: Option<Duration>) -> Result<Samples, Box<dyn Error>> {
    let (there, jobs) = sync_channel::<u8>(1);
    let (answers, back) = sync_channel::<[u8; 14]>(1);
    let worker = thread::spawn(move || {
        while let Ok(job) = jobs.recv() {
            if answers.send([job; 14]).is_err() {
                return;
            }
        }
    });
    let mut samples = Samples::with_room_for(count);
    for _ in 0..count {
        if let Some(pause) = pause {
            thread::sleep(pause);
        }
        let began = Instant::now();
        there.send(7)?;
        black_box(back.recv()?);
        samples.add(began.elapsed());
    }
    drop(there);
    worker.join().map_err(|_| "the worker panicked")?;
    Ok(samples)
}

async fn rest(pause: Option<Duration>) {
    if let Some(pause) = pause {
        tokio::time::sleep(pause).await;
    }
}
