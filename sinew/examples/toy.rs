//! The smallest robot that drives: it goes ahead, and turns where its sonar sees something.
//!
//! `cargo run -p sinew --example toy`, and everything that `-- --help` tells.

use serde::{Deserialize, Serialize};
use sinew::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    sonar: HcSr04Config,
    gnss: GnssConfig,
    drive: DifferentialDriveConfig,
    timid: Timid,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            sonar: HcSr04Config::at(Pin::GPIO23, Pin::GPIO24),
            gnss: GnssConfig::at("gnss", 9600),
            drive: DifferentialDriveConfig::default(),
            timid: Timid::default(),
        }
    }
}

/// Goes ahead while nothing is near, else turns.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Timid {
    turn_at: Meters,
}

impl Default for Timid {
    fn default() -> Self {
        Timid {
            turn_at: Meters(0.6),
        }
    }
}

impl Actor for Timid {}
impl Emits<Twist> for Timid {}

impl Handler<Range> for Timid {
    type Reply = ();
    async fn handle(&mut self, range: Range, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let clear = range
            .distance
            .is_some_and(|distance| distance > self.turn_at);
        ctx.publish(Twist {
            x: MetersPerSecond(if clear { 0.15 } else { 0.0 }),
            yaw: RadiansPerSecond(if clear { 0.0 } else { 1.0 }),
            ..Twist::ZERO
        });
        Ok(())
    }
}

/// Remembers nothing: it stands where a robot would use its position.
#[derive(Clone, Debug)]
struct Log;

impl Actor for Log {}

impl Handler<Fix> for Log {
    type Reply = ();
    async fn handle(&mut self, _: Fix, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

fn toy(board: &Board, config: &Config) -> Result<Graph, WiringError> {
    let mut graph = Graph::new("toy");
    let sonar = graph.add("sonar", HcSr04::on(board, &config.sonar)?);
    let gnss = graph.add("gnss", Gnss::on(board, &config.gnss)?);
    let log = graph.add("log", Log);
    let timid = graph.add("timid", config.timid.clone());
    let drive = graph.add("drive", DifferentialDrive::on(board, &config.drive)?);
    graph.connect(sonar.out::<Range>(), &timid).latest();
    graph.connect(gnss.out::<Fix>(), &log).keep_newest(4);
    graph.command(timid.out::<Twist>(), &drive);
    graph.supervise(&gnss, Restart::patient());
    Ok(graph)
}

fn body(config: &Config) -> Body {
    let eyes = HcSr04Pins {
        trigger: config.sonar.trigger,
        echo: config.sonar.echo,
    };
    Body::new(Circle {
        radius: Meters(0.1),
    })
    .drive(&config.drive, MotorModel::default())
    .sonar(
        "sonar",
        eyes,
        Pose {
            x: Meters(0.1),
            ..Pose::default()
        },
        Radians(0.5),
    )
    .gnss("gnss", &config.gnss.port, config.gnss.baud, Hertz(1.0))
}

fn main() -> std::process::ExitCode {
    sinew::run("toy", toy, body)
}
