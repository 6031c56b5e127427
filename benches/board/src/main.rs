//! What the board costs: `cargo run --release --manifest-path benches/Cargo.toml -p sinew-board-bench [WHAT] [--quick]`.
#![allow(
    clippy::disallowed_methods,
    reason = "a bench reads the real clock, and its loads are threads"
)]

mod hop;
mod load;
mod mock;
mod port;
mod samples;

use std::error::Error;

const USAGE: &str = "usage: sinew-board-bench [i2c|edges|hop|port] [--quick]
i2c     transactions per second over the mock, through the handle, bus time charged
edges   edges per second over the mock, through the handle
hop     the way of an awaited I2C transaction to the thread of its bus and back
port    a pseudo-terminal written to at the pace of 3 Mbaud: what is not taken in time is lost
--quick a tenth of the time";

fn main() -> Result<(), Box<dyn Error>> {
    let mut only = None;
    let mut quick = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quick" => quick = true,
            "i2c" | "edges" | "hop" | "port" => only = Some(argument),
            _ => return Err(format!("`{argument}` is not known\n{USAGE}").into()),
        }
    }
    let wanted = |what: &str| only.as_deref().is_none_or(|only| only == what);
    let part = if quick { 10 } else { 1 };
    if wanted("i2c") {
        mock::transactions(10_000_000 / part)?;
    }
    if wanted("edges") {
        mock::edges(100_000_000 / part)?;
    }
    if wanted("hop") {
        hop::measure(100_000 / part as usize)?;
    }
    if wanted("port") {
        port::measure(60 / part)?;
    }
    Ok(())
}
