//! The way of an awaited transaction to the thread of its bus and back, on a bus that takes no time of its own.

use crate::load::Load;
use crate::samples::Samples;
use embedded_hal_async::i2c::{I2c as _, Operation};
use sinew_board::backend::I2c;
use sinew_board::{Board, BusError, I2cClaim};
use sinew_mock::Mock;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

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
    let chip = Board::new(backends).i2c("chip", 1, 0x40)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    println!(
        "| what, to the thread and back, microseconds         |    count |     p50 |     p99 |   p99.9 |      max |"
    );
    println!(
        "| -------------------------------------------------- | -------: | ------: | ------: | ------: | -------: |"
    );
    // An idle core of a virtual machine takes tens of microseconds to wake, a busy one hands over at once.
    let idle = table(&runtime, &chip, count, "other cores idle")?;
    let load = Load::on_all_cores_but_one();
    let loaded = table(&runtime, &chip, count, "other cores busy")?;
    drop(load);
    let us = |time: Duration| time.as_secs_f64() * 1e6;
    println!(
        "hop: {:.1} us at the median with idle cores, {:.1} with busy ones ({ASKED:?} asked)",
        us(idle),
        us(loaded)
    );
    Ok(())
}

/// One row a way and pace; the median of ours, one after the other.
fn table(
    runtime: &Runtime,
    chip: &I2cClaim,
    count: usize,
    cores: &str,
) -> Result<Duration, Box<dyn Error>> {
    let seldom = count / 100;
    let ours_in_a_row = runtime.block_on(ours(chip, count, None))?;
    let ours_seldom = runtime.block_on(ours(chip, seldom, Some(PAUSE)))?;
    let tokios_in_a_row = runtime.block_on(tokios(count, None))?;
    let tokios_seldom = runtime.block_on(tokios(seldom, Some(PAUSE)))?;
    let median = ours_in_a_row.print(&format!("awaited transactions in a row, {cores}"));
    tokios_in_a_row.print(&format!("tokio's spawn_blocking in a row, {cores}"));
    bare(count, None)?.print(&format!("two std channels in a row, {cores}"));
    ours_seldom.print(&format!("awaited transactions every 5 ms, {cores}"));
    tokios_seldom.print(&format!("tokio's spawn_blocking every 5 ms, {cores}"));
    bare(seldom, Some(PAUSE))?.print(&format!("two std channels every 5 ms, {cores}"));
    Ok(median)
}

async fn ours(
    chip: &I2cClaim,
    count: usize,
    pause: Option<Duration>,
) -> Result<Samples, Box<dyn Error>> {
    let mut bus = chip.open()?;
    let address = chip.address();
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
