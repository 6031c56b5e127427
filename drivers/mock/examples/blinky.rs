//! Half of Sinew: a board and its mock, without actors. A blocking program that reads like one for a microcontroller.
//!
//! `cargo run -p sinew-mock --example blinky` blinks a simulated LED, `... -- linux` one on GPIO27 of a real computer.
#![allow(clippy::print_stdout, reason = "it says what its LED does")]

use embedded_hal::delay::DelayNs as _;
use sinew_board::{Board, Level, Pin, linux};
use sinew_mock::Mock;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mock = Mock::new(1);
    let twin = mock.led("lamp", Pin::GPIO27);
    let board = match std::env::args().nth(1).as_deref() {
        Some("linux") => Board::new(linux::backends()),
        _ => Board::new(mock.backends()),
    };
    let mut lamp = board.indicator("lamp", Pin::GPIO27, Level::Low)?.open()?;
    let mut delay = board.delay();
    let start = board.now();
    for level in [Level::High, Level::Low].repeat(3) {
        lamp.set(level)?;
        let seconds = board.now().since(start).as_secs_f64();
        println!("{seconds:.1} s: the lamp is {level:?}");
        delay.delay_ms(500);
    }
    if board.is_simulated() {
        assert!(!twin.is_lit(), "it rests dark");
        println!("the hardware is simulated: all this took no time");
    }
    Ok(())
}
