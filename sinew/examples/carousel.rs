//! Two motors and no sensor: the robot of `docs/systemd`, which runs as two units, itself and its guardian.
//!
//! `cargo run -p sinew --example carousel` turns on the spot in the simulation. With real motors nothing simulated tells them
//! where to go, so that a unit may arm it.

use serde::{Deserialize, Serialize};
use sinew::prelude::*;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    drive: DifferentialDriveConfig,
}

/// Turns on the spot.
#[derive(Clone, Debug, Default)]
struct Dancer;

#[derive(Clone, Copy, Debug)]
struct Tick;

impl Emits<Twist> for Dancer {}

impl Actor for Dancer {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(20), Tick);
        Ok(())
    }
}

impl Handler<Tick> for Dancer {
    type Reply = ();
    async fn handle(&mut self, _: Tick, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(Twist {
            yaw: RadiansPerSecond(2.0),
            ..Twist::ZERO
        });
        Ok(())
    }
}

fn carousel(board: &Board, config: &Config) -> Result<Graph, WiringError> {
    let mut graph = Graph::new("carousel");
    let dancer = graph.add("dancer", Dancer);
    let drive = graph.add("drive", DifferentialDrive::on(board, &config.drive)?);
    graph.command(dancer.out::<Twist>(), &drive);
    Ok(graph)
}

fn body(config: &Config) -> Body {
    Body::new(Circle {
        radius: Meters(0.1),
    })
    .drive(&config.drive, MotorModel::default())
}

fn main() -> std::process::ExitCode {
    sinew::run("carousel", carousel, body)
}
