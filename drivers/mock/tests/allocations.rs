//! The simulation of a robot's board allocates nothing once it runs.
#![allow(
    clippy::unwrap_used,
    reason = "a test whose rig cannot be built has failed"
)]
#![allow(unsafe_code, reason = "an allocator is an unsafe trait")]

mod bench;

use bench::{at_ms, board};
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::I2c;
use sinew_board::{
    Bias, Board, Edge, I2cHandle, Indicator, InputPin, Level, Pin, PwmChannel, SerialPort,
    SerialSettings,
};
use sinew_messages::{Amperes, Hertz, Meters, Radians, Volts};
use sinew_mock::{
    BridgeMotorPins, EncoderPins, EncoderTwin, GnssState, HcSr04Pins, Inertia, Mock, MotorModel,
    MotorTwin, SwitchTwin,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
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

/// What a robot holds of its board.
struct Robot {
    mock: Mock,
    board: Board,
    encoder: EncoderTwin,
    motor: MotorTwin,
    bumper: SwitchTwin,
    inputs: [InputPin; 4],
    trigger: Indicator,
    lamp: Indicator,
    imu: I2cHandle,
    battery: I2cHandle,
    port: SerialPort,
    edges: Vec<Edge>,
    /// Edges and bytes so far.
    seen: usize,
}

const SONAR: HcSr04Pins = HcSr04Pins {
    trigger: Pin::GPIO23,
    echo: Pin::GPIO24,
};
const WHEEL: EncoderPins = EncoderPins {
    a: Pin::GPIO5,
    b: Pin::GPIO6,
};
const BRIDGE: BridgeMotorPins = BridgeMotorPins {
    pwm: PwmChannel::PWM0,
    forward: Pin::GPIO20,
    backward: Pin::GPIO21,
};

impl Robot {
    fn new() -> Self {
        let (mock, board) = board();
        mock.hc_sr04("sonar", SONAR, |at| Some(Meters(1.0 + at.seconds().sin())));
        mock.led("lamp", Pin::GPIO18);
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
        let light = |pin| {
            board
                .indicator("part", pin, Level::Low)
                .unwrap()
                .open()
                .unwrap()
        };
        let i2c = |address| board.i2c("chip", 1, address).unwrap().open().unwrap();
        let settings = SerialSettings::new(115_200);
        let mut imu = i2c(0x68);
        imu.write(0x68, &[0x6B, 0]).unwrap();
        Self {
            encoder: mock.encoder("wheel", WHEEL, 1000),
            motor: mock.bridge_motor("motor", BRIDGE, MotorModel::default()),
            bumper: mock.switch("bumper", Pin::GPIO16, Duration::from_millis(2)),
            inputs: [SONAR.echo, WHEEL.a, WHEEL.b, Pin::GPIO16].map(open),
            trigger: light(SONAR.trigger),
            lamp: light(Pin::GPIO18),
            imu,
            battery: i2c(0x40),
            port: board
                .serial("gnss", "gnss", settings)
                .unwrap()
                .open()
                .unwrap(),
            edges: Vec::with_capacity(256),
            seen: 0,
            mock,
            board,
        }
    }

    /// Five milliseconds of its life.
    fn step(&mut self, step: u64) {
        let (from, to) = (at_ms(5 * step), at_ms(5 * step + 5));
        if step.is_multiple_of(10) {
            self.trigger.set(Level::High).unwrap();
            self.board.delay().delay_us(10);
            self.trigger.set(Level::Low).unwrap();
            self.lamp.set(Level::from(step.is_multiple_of(20))).unwrap();
        }
        self.motor.step(Duration::from_millis(5), false);
        self.encoder.turn(Radians(0.03), from, to);
        self.bumper.set(step / 20 % 2 == 1, from);
        self.mock.advance(to);
        self.imu.write_read(0x68, &[0x3B], &mut [0; 14]).unwrap();
        self.battery.write_read(0x40, &[2], &mut [0; 2]).unwrap();
        for input in &self.inputs {
            input.drain_edges(&mut self.edges).unwrap();
        }
        let mut bytes = [0; 256];
        let mut buffer = ReadBuf::new(&mut bytes);
        let mut cx = Context::from_waker(Waker::noop());
        let _ = std::pin::Pin::new(&mut self.port).poll_read(&mut cx, &mut buffer);
        self.seen += self.edges.len() + buffer.filled().len();
        self.edges.clear();
    }
}

#[test]
fn a_running_board_with_all_its_twins_allocates_nothing() {
    let mut robot = Robot::new();
    let mut run = |steps: std::ops::Range<u64>| {
        steps.for_each(|step| robot.step(step));
        ALLOCATIONS.get()
    };
    let before = run(0..2000);
    let after = run(2000..4000);
    assert_eq!(after - before, 0);
    assert!(
        robot.seen > 50_000,
        "{} edges and bytes are no work",
        robot.seen
    );
    assert_eq!(robot.mock.complaints(), []);
}
