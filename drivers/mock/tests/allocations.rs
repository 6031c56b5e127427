//! The simulation of a robot's board allocates nothing once it runs.
#![allow(
    clippy::unwrap_used,
    reason = "a test whose rig cannot be built has failed"
)]
#![allow(unsafe_code, reason = "an allocator is an unsafe trait")]

mod bench;

use bench::{at_ms, board, pin};
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::I2c;
use sinew_board::{Bias, Level, PwmChannel, SerialSettings};
use sinew_messages::{Amperes, Hertz, Meters, Radians, Volts};
use sinew_mock::{BridgeMotorPins, EncoderPins, GnssState, HcSr04Pins, Inertia, MotorModel};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting per thread: the test harness has threads of its own.
struct Counting;

// SAFETY: every call is passed on unchanged; the counter is a `Cell` of this thread and allocates nothing itself.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_running_board_with_all_its_twins_allocates_nothing() {
    let (mock, board) = board();
    let sonar = HcSr04Pins {
        trigger: pin(23),
        echo: pin(24),
    };
    mock.hc_sr04("sonar", sonar, |at| Some(Meters(1.0 + at.seconds().sin())));
    let wheel = EncoderPins {
        a: pin(5),
        b: pin(6),
    };
    let encoder = mock.encoder("wheel", wheel, 1000);
    let bridge = BridgeMotorPins {
        pwm: PwmChannel::PWM0,
        forward: pin(20),
        backward: pin(21),
    };
    let motor = mock.bridge_motor("motor", bridge, MotorModel::default());
    let bumper = mock.switch("bumper", pin(16), Duration::from_millis(2));
    mock.led("lamp", pin(18));
    mock.mpu6050("imu", 1, 0x68, |_| Inertia::default());
    mock.ina219("battery", 1, 0x40, 0.1, |_| (Volts(7.4), Amperes(1.0)));
    mock.gnss("gnss", "gnss", 115_200, Hertz(10.0), |_| {
        GnssState::default()
    });

    let open = |pin| {
        board
            .input("part", pin, Bias::PullUp)
            .unwrap()
            .open()
            .unwrap()
    };
    let inputs = [24, 5, 6, 16].map(|number| open(pin(number)));
    let light = |pin| {
        board
            .indicator("part", pin, Level::Low)
            .unwrap()
            .open()
            .unwrap()
    };
    let (mut trigger, mut lamp) = (light(sonar.trigger), light(pin(18)));
    let i2c = |address| board.i2c("chip", 1, address).unwrap().open().unwrap();
    let (mut imu, mut battery) = (i2c(0x68), i2c(0x40));
    imu.write(0x68, &[0x6B, 0]).unwrap();
    let settings = SerialSettings::new(115_200);
    let mut port = board
        .serial("gnss", "gnss", settings)
        .unwrap()
        .open()
        .unwrap();

    let mut edges = Vec::with_capacity(256);
    let mut seen = 0;
    let mut run = |steps: std::ops::Range<u64>| {
        for step in steps {
            let (from, to) = (at_ms(5 * step), at_ms(5 * step + 5));
            if step % 10 == 0 {
                trigger.set(Level::High).unwrap();
                board.delay().delay_us(10);
                trigger.set(Level::Low).unwrap();
                lamp.set(Level::from(step % 20 == 0)).unwrap();
            }
            motor.step(Duration::from_millis(5), false);
            encoder.turn(Radians(0.03), from, to);
            bumper.set(step / 20 % 2 == 1, from);
            mock.advance(to);
            imu.write_read(0x68, &[0x3B], &mut [0; 14]).unwrap();
            battery.write_read(0x40, &[2], &mut [0; 2]).unwrap();
            for input in &inputs {
                input.drain_edges(&mut edges).unwrap();
            }
            let mut bytes = [0; 256];
            let mut buffer = ReadBuf::new(&mut bytes);
            let _ =
                Pin::new(&mut port).poll_read(&mut Context::from_waker(Waker::noop()), &mut buffer);
            seen += edges.len() + buffer.filled().len();
            edges.clear();
        }
        ALLOCATIONS.get()
    };
    let before = run(0..2000);
    let after = run(2000..4000);
    assert_eq!(after - before, 0);
    assert!(seen > 50_000, "{seen} edges and bytes are no work");
    assert_eq!(mock.complaints(), []);
}
