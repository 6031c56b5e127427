//! A serial port at full pace: a writer that discards what finds no room, as a UART overruns, and our reader.

use crate::load::Load;
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use sinew_board::{Board, SerialSettings, linux};
use std::error::Error;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::runtime::Builder;

/// 3 Mbaud, ten bits a byte.
const BYTES_PER_SECOND: u64 = 300_000;
/// A USB adapter hands over what came once a millisecond.
const STEP: Duration = Duration::from_millis(1);

pub(crate) fn measure(seconds: u64) -> Result<(), Box<dyn Error>> {
    let seconds = seconds.max(1);
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    (grantpt(&master)?, unlockpt(&master)?);
    let name = ptsname(&master, Vec::new())?.into_string()?;
    let mut attributes = tcgetattr(&master)?;
    attributes.make_raw();
    tcsetattr(&master, OptionalActions::Now, &attributes)?;
    fcntl_setfl(&master, OFlags::NONBLOCK)?;
    let load = Load::on_all_cores_but_one();
    let board = Board::new(linux::backends());
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (read, wrong, written, discarded) = runtime.block_on(async {
        let claim = board.serial("receiver", &name, SerialSettings::new(3_000_000))?;
        let mut port = claim.open()?;
        let writer = thread::spawn(move || write(&master, seconds));
        let (mut read, mut wrong, mut buffer) = (0_u64, 0_u64, vec![0; 4_096]);
        // The writer closes its end, which is how a port that vanishes looks.
        while let Ok(count) = port.read(&mut buffer).await {
            for byte in &buffer[..count] {
                wrong += u64::from(*byte != (read % 251) as u8);
                read += 1;
            }
        }
        let (written, discarded) = writer.join().map_err(|_| "the writer panicked")??;
        Ok::<_, Box<dyn Error>>((read, wrong, written, discarded))
    })?;
    drop(load);
    println!(
        "port: {written} bytes in {seconds} s, the other cores loaded: {discarded} discarded (0 asked), {read} read, \
         {wrong} of them wrong"
    );
    if wrong > 0 || read != written {
        return Err("bytes were lost between the writer and the reader".into());
    }
    Ok(())
}

/// Writes at its pace; tells how many bytes went out and how many found no room.
fn write(master: &OwnedFd, seconds: u64) -> Result<(u64, u64), rustix::io::Errno> {
    let began = Instant::now();
    let (mut due, mut written, mut discarded) = (0, 0_u64, 0_u64);
    let mut bytes = Vec::with_capacity(4_096);
    while began.elapsed() < Duration::from_secs(seconds) {
        thread::sleep(STEP);
        let until = began.elapsed().as_nanos() as u64 * BYTES_PER_SECOND / 1_000_000_000;
        bytes.clear();
        bytes.extend((0..until - due).map(|place| ((written + place) % 251) as u8));
        due = until;
        let taken = match rustix::io::write(master, &bytes) {
            Ok(taken) => taken,
            Err(rustix::io::Errno::AGAIN) => 0,
            Err(error) => return Err(error),
        };
        written += taken as u64;
        discarded += (bytes.len() - taken) as u64;
    }
    // What is in the pipe is still to be read before it is closed.
    thread::sleep(Duration::from_millis(100));
    Ok((written, discarded))
}
