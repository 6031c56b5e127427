//! Each fitted part tells the board what the body really does.

use sinew_board::{
    Applied, Bias, Board, Bridge, BridgePins, Edge, InputPin, Level, MotionSafety, Pin, PwmChannel,
};
use sinew_devices::{Button, ButtonConfig, Led, LedConfig, Light};
use sinew_messages::{Duty, Meters, Press, Radians, Side, Timestamp};
use sinew_mock::Mock;
use sinew_runtime::{
    Actor, Context, Emits, Environment, Failure, Graph, Handler, Time, WiringError,
};
use sinew_sim::{Body, BridgeMotorPins, Circle, EncoderPins, MotorModel, Simulation, Surroundings};
use sinew_sim::{Wheel, World};
use std::collections::BTreeSet;
use std::time::Duration;

const LEFT: BridgeMotorPins = BridgeMotorPins {
    pwm: PwmChannel::PWM0,
    forward: Pin::GPIO20,
    backward: Pin::GPIO21,
};
const RIGHT: BridgeMotorPins = BridgeMotorPins {
    pwm: PwmChannel::PWM1,
    forward: Pin::GPIO16,
    backward: Pin::GPIO26,
};
const ENCODER: EncoderPins = EncoderPins {
    a: Pin::GPIO5,
    b: Pin::GPIO6,
};
const BUMPER: Pin = Pin::GPIO17;
const WHEEL: f64 = 0.03;
const COUNTS: u32 = 600;

/// A body on a board, driven by hand.
struct Bench {
    surroundings: Surroundings,
    left: Bridge,
    right: Bridge,
    bumper: InputPin,
    encoder: [InputPin; 2],
    edges: Vec<Edge>,
    now: Timestamp,
}

impl Bench {
    /// In a room of 3 m, 1 m before its east wall, looking at it.
    fn new() -> Self {
        Self::facing(0.0)
    }

    /// There, looking so many degrees to the left of the wall.
    fn facing(degrees: f64) -> Self {
        let wheel = Wheel {
            radius: Meters(WHEEL),
            offset: Meters(0.07),
            motor: MotorModel::default(),
        };
        let body = Body::new(Circle {
            radius: Meters(0.1),
        })
        .wheel("left motor", Side::Left, LEFT, wheel)
        .wheel("right motor", Side::Right, RIGHT, wheel)
        .encoder("left encoder", Side::Left, ENCODER, COUNTS)
        .bumper("bumper", BUMPER, Radians(1.0));
        let world = format!(
            "[bounds]\nx = [0, 3]\ny = [0, 3]\n[start]\nx = 1.9\ny = 1.5\nheading_deg = {degrees}\n"
        );
        let world = World::from_toml(&world, "w.toml").expect("the world is well-formed");
        let mock = Mock::new(3);
        let board = Board::new(mock.backends());
        let surroundings = Surroundings::new(world, &body, &mock, &board);
        let bridge = |part, pins: BridgeMotorPins| {
            let pins = BridgePins {
                pwm: pins.pwm,
                forward: pins.forward,
                backward: pins.backward,
            };
            board
                .bridge(part, pins, MotionSafety::default())
                .expect("a mock has every part")
                .open()
                .expect("a mock has every part")
        };
        let input = |part, pin| {
            board
                .input(part, pin, Bias::PullUp)
                .expect("a mock has every part")
                .open()
                .expect("a mock has every part")
        };
        assert!(board.safety().arm());
        Self {
            surroundings,
            left: bridge("left motor", LEFT),
            right: bridge("right motor", RIGHT),
            bumper: input("bumper", BUMPER),
            encoder: [input("encoder a", ENCODER.a), input("encoder b", ENCODER.b)],
            edges: Vec::new(),
            now: Timestamp::ZERO,
        }
    }

    /// Drives both wheels for some time, in leases of 100 ms, and counts the encoder's edges.
    fn drive(&mut self, duty: f64, time: Duration) {
        let duty = Duty::new(duty).expect("a mock has every part");
        let end = self.now + time;
        while self.now < end {
            let until = self.now + Duration::from_millis(100);
            drive(&mut self.left, duty, until);
            drive(&mut self.right, duty, until);
            self.now = self.now + Duration::from_millis(20);
            self.wait_until(self.now);
        }
    }

    fn wait_until(&mut self, at: Timestamp) {
        self.now = at;
        self.surroundings.advance(Time::from_nanos(at.nanos()));
        for line in &self.encoder {
            line.drain_edges(&mut self.edges)
                .expect("a mock has every part");
        }
    }

    fn is_pressed(&self) -> bool {
        self.bumper.level().expect("a mock has every part") == Level::Low
    }
}

fn drive(bridge: &mut Bridge, duty: Duty, until: Timestamp) {
    let applied = bridge.drive(duty, until).expect("the bridge is open");
    assert_eq!(applied, Applied::Driven(duty));
}

#[test]
fn a_bumper_closes_at_the_wall_and_opens_behind_it() {
    let mut bench = Bench::new();
    bench.drive(0.5, Duration::from_secs(2));
    assert!(!bench.is_pressed(), "the wall is 0.4 m away still");
    bench.drive(0.5, Duration::from_secs(3));
    assert!(bench.is_pressed());
    bench.drive(-0.5, Duration::from_secs(1));
    assert!(!bench.is_pressed());
}

#[test]
fn a_bumper_behind_which_the_wall_lies_stays_open() {
    let mut bench = Bench::new();
    bench.drive(-0.5, Duration::from_secs(10));
    assert!(!bench.is_pressed(), "it drove backward into the west wall");
}

#[test]
fn a_bumper_stays_open_beside_a_wall_that_lies_outside_of_its_arc() {
    // The bumper reaches 28.6 degrees to either side; the wall is touched at 20 and at 45.
    for (degrees, pressed) in [(20.0, true), (45.0, false)] {
        let mut bench = Bench::facing(degrees);
        bench.drive(0.5, Duration::from_secs(8));
        assert_eq!(bench.is_pressed(), pressed, "{degrees}");
        let turned = bench.edges.len();
        bench.drive(0.5, Duration::from_secs(1));
        assert_eq!(bench.edges.len(), turned, "it stands at the wall");
    }
}

#[test]
fn wheels_that_push_against_a_wall_stall() {
    let mut bench = Bench::new();
    bench.drive(0.5, Duration::from_secs(5));
    assert!(bench.is_pressed());
    let turned = bench.edges.len();
    bench.drive(0.5, Duration::from_secs(2));
    assert_eq!(bench.edges.len(), turned);
}

#[test]
fn an_encoder_counts_the_way_and_stamps_its_edges_evenly() {
    let mut bench = Bench::new();
    bench.drive(0.4, Duration::from_secs(2));
    let moments: BTreeSet<Timestamp> = bench.edges.iter().map(|edge| edge.at).collect();
    let newest: Vec<Timestamp> = moments.iter().rev().take(41).copied().collect();
    let time = newest[0].since(newest[40]).as_secs_f64();
    let counts = 40.0 / time;
    // Full speed less the motor's inertia, which is over after 2 s.
    let turning = counts / f64::from(COUNTS) * std::f64::consts::TAU;
    let model = MotorModel::default();
    let expected = model.top_speed.0 * (0.4 - model.dead_band) / (1.0 - model.dead_band);
    assert!(
        (turning / expected - 1.0).abs() < 0.05,
        "{turning} and {expected} rad/s"
    );
    assert!(bench.edges.iter().all(|edge| edge.at <= bench.now));
}

#[test]
fn wheels_stop_within_their_braking_time_when_nobody_renews_the_lease() {
    let mut bench = Bench::new();
    bench.drive(0.5, Duration::from_secs(1));
    // The newest lease ends 80 ms from now, to the nanosecond.
    bench.wait_until(bench.now + Duration::from_millis(79));
    let driven = bench.edges.len();
    bench.wait_until(bench.now + Duration::from_millis(301));
    let braking = bench.edges.len() - driven;
    assert!(braking > 0);
    bench.wait_until(bench.now + Duration::from_secs(5));
    assert_eq!(bench.edges.len() - driven, braking);
}

/// A light is on while a button is held.
#[derive(Clone)]
struct Lamp;

impl Actor for Lamp {}
impl Emits<Light> for Lamp {}

impl Handler<Press> for Lamp {
    type Reply = ();
    async fn handle(&mut self, press: Press, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(if press.pressed { Light::On } else { Light::Off });
        Ok(())
    }
}

fn lamp(board: &Board, _: &()) -> Result<Graph, WiringError> {
    let mut graph = Graph::new("lamp");
    let led = graph.add("led", Led::on(board, &LedConfig::default())?);
    let button = graph.add("button", Button::on(board, &ButtonConfig::default())?);
    let lamp = graph.add("lamp", Lamp);
    graph.connect(button.out::<Press>(), &lamp).keep_newest(4);
    graph.connect(lamp.out::<Light>(), &led);
    Ok(graph)
}

fn lamp_on_bench(_: &()) -> Body {
    Body::bench()
        .led("led", LedConfig::default().pin)
        .button("button", ButtonConfig::default().pin)
}

#[test]
fn a_press_of_a_button_switches_a_light_for_as_long_as_it_is_held() {
    let second = Duration::from_secs(1);
    let run = Simulation::of(lamp, lamp_on_bench)
        .press("button", second, Duration::from_millis(300))
        .press("button", 2 * second, Duration::from_millis(500))
        .run(5 * second);
    let changes = run.light("led");
    let lit: Vec<bool> = changes.iter().map(|(_, lit)| *lit).collect();
    assert_eq!(lit, [true, false, true, false], "{changes:?}");
    for ((at, _), expected) in changes.iter().zip([1.0, 1.3, 2.0, 2.5]) {
        // Bouncing takes up to 5 ms, settling 10 ms.
        assert!(
            (expected..expected + 0.02).contains(&at.seconds()),
            "{changes:?}"
        );
    }
    assert!(run.light("lamp").is_empty());
    assert_eq!(run.distance(), Meters::ZERO);
}

#[test]
fn a_press_that_is_not_held_leaves_the_button_up() {
    let run = Simulation::of(lamp, lamp_on_bench)
        .press("button", Duration::from_secs(1), Duration::ZERO)
        .run(Duration::from_secs(3));
    assert!(run.light("led").is_empty(), "{:?}", run.light("led"));
}

#[test]
fn a_press_of_no_button_is_refused() {
    let refused = Simulation::of(lamp, lamp_on_bench)
        .press("led", Duration::ZERO, Duration::ZERO)
        .try_run(Duration::from_secs(1));
    let refused = refused.unwrap_err().to_string();
    assert_eq!(
        refused,
        "a press of \"led\" cannot be: there is no such button; there are button"
    );
}

#[test]
fn a_bench_that_drives_nowhere_comes_near_nothing() {
    let run = Simulation::of(lamp, lamp_on_bench).run(Duration::from_secs(1));
    assert_eq!(run.closest_approach(), Meters(f64::INFINITY));
    assert!(!run.picture().contains("nearest"));
}
