//! The smallest robot that drives and can stop: a pilot, a reflex in series, a sonar, a drive.

use sinew_board::{Board, Pin, PwmChannel};
use sinew_devices::{DifferentialDrive, DifferentialDriveConfig, HcSr04, HcSr04Config};
use sinew_messages::{
    Meters, MetersPerSecond, Pose, Radians, RadiansPerSecond, Range, Side, Twist,
};
use sinew_runtime::{
    Actor, Context, Emits, Failure, Graph, Handler, Leased, Restart, Silence, WiringError,
};
use sinew_sim::{Body, BridgeMotorPins, Circle, HcSr04Pins, MotorModel, Wheel, World};
use std::time::Duration;

/// How this scout is built, and what is left out of it to show that it is missed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Config {
    /// Where the reflex stops.
    pub(crate) stop_distance: Meters,
    /// Whether silence of the sonar stops the wheels.
    pub(crate) heeds_silence: bool,
    /// How the sonar is restarted.
    pub(crate) restart: Restart,
    /// The pilot speaks so often.
    pub(crate) period: Duration,
    /// How long its command may stand.
    pub(crate) lease: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            stop_distance: Meters(0.4),
            heeds_silence: true,
            restart: Restart::patient(),
            period: Duration::from_millis(50),
            lease: Duration::from_millis(250),
        }
    }
}

pub(crate) fn scout(board: &Board, config: &Config) -> Result<Graph, WiringError> {
    let mut graph = Graph::new("scout");
    let sonar = graph.add("sonar", HcSr04::on(board, &HcSr04Config::default())?);
    graph.supervise(&sonar, config.restart);
    let pilot = graph.add("pilot", Pilot(config.period));
    let reflex = graph.add(
        "reflex",
        Reflex {
            stop_distance: config.stop_distance,
            heeds_silence: config.heeds_silence,
            nearest: Meters::ZERO,
        },
    );
    let drive = DifferentialDrive::on(board, &DifferentialDriveConfig::default())?;
    let drive = graph.add("drive", drive);
    graph
        .connect(sonar.out::<Range>(), &reflex)
        .silence_after(Duration::from_millis(150));
    graph
        .command(pilot.out::<Twist>(), &reflex)
        .lease(config.lease);
    graph
        .command(reflex.out::<Twist>(), &drive)
        .lease(config.lease);
    Ok(graph)
}

pub(crate) fn body(_: &Config) -> Body {
    let wheel = Wheel {
        radius: Meters(0.0325),
        offset: Meters(0.075),
        motor: MotorModel::default(),
    };
    let pins = |pwm, forward, backward| BridgeMotorPins {
        pwm,
        forward,
        backward,
    };
    let eyes = HcSr04Pins {
        trigger: Pin::GPIO23,
        echo: Pin::GPIO24,
    };
    let ahead = Pose {
        x: Meters(0.1),
        ..Pose::default()
    };
    Body::new(Circle {
        radius: Meters(0.12),
    })
    .wheel(
        "left motor",
        Side::Left,
        pins(PwmChannel::PWM0, Pin::GPIO20, Pin::GPIO21),
        wheel,
    )
    .wheel(
        "right motor",
        Side::Right,
        pins(PwmChannel::PWM1, Pin::GPIO16, Pin::GPIO26),
        wheel,
    )
    .sonar("sonar", eyes, ahead, Radians(30_f64.to_radians()))
}

/// A hall of 12 m x 3 m, looking along it.
pub(crate) fn hall() -> World {
    let text = "name = \"hall\"\n[bounds]\nx = [0, 12]\ny = [0, 3]\n[start]\nx = 0.5\ny = 1.5\n";
    World::from_toml(text, "hall.toml").expect("the hall is well-formed")
}

/// Straight ahead, always.
#[derive(Clone)]
struct Pilot(Duration);

#[derive(Clone)]
struct Go;

impl Actor for Pilot {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(self.0, Go);
        Ok(())
    }
}

impl Emits<Twist> for Pilot {}

impl Handler<Go> for Pilot {
    type Reply = ();
    async fn handle(&mut self, _: Go, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(Twist::new(MetersPerSecond(0.4), RadiansPerSecond::ZERO));
        Ok(())
    }
}

#[derive(Clone)]
struct Reflex {
    stop_distance: Meters,
    heeds_silence: bool,
    nearest: Meters,
}

impl Actor for Reflex {}
impl Emits<Twist> for Reflex {}

impl Handler<Range> for Reflex {
    type Reply = ();
    async fn handle(&mut self, range: Range, _: &mut Context<Self>) -> Result<(), Failure> {
        // In an empty hall no echo means that the wall is more than 4 m away.
        self.nearest = range.distance.unwrap_or(Meters(4.0));
        Ok(())
    }
}

impl Handler<Silence<Range>> for Reflex {
    type Reply = ();
    async fn handle(&mut self, _: Silence<Range>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if self.heeds_silence {
            self.nearest = Meters::ZERO;
            ctx.publish(Twist::ZERO);
        }
        Ok(())
    }
}

impl Handler<Leased<Twist>> for Reflex {
    type Reply = ();
    async fn handle(
        &mut self,
        wanted: Leased<Twist>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        let may_drive = self.nearest > self.stop_distance;
        ctx.publish(wanted.map(|twist| if may_drive { twist } else { Twist::ZERO }));
        Ok(())
    }
}
