//! A robot with a handler that never returns: what the e-stop and a second Ctrl-C do then.
//!
//! Half a second after its start the pilot hangs, with the wheel turning and the whole runtime behind it.
//! `cargo run -p sinew --example stubborn`, then in another terminal
//! `cargo run -p sinew --example stubborn -- ctl estop`, and Ctrl-C twice.

use serde::{Deserialize, Serialize};
use sinew::prelude::*;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    drive: DifferentialDriveConfig,
}

/// Drives for half a second, then never comes back.
#[derive(Clone, Debug, Default)]
struct Pilot {
    ticks: u32,
}

#[derive(Clone, Copy, Debug)]
struct Tick;

impl Emits<Twist> for Pilot {}

impl Actor for Pilot {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(100), Tick);
        Ok(())
    }
}

impl Handler<Tick> for Pilot {
    type Reply = ();
    async fn handle(&mut self, _: Tick, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.ticks += 1;
        if self.ticks > 5 {
            loop {
                std::hint::spin_loop();
            }
        }
        ctx.publish(Twist {
            x: MetersPerSecond(0.2),
            ..Twist::ZERO
        });
        Ok(())
    }
}

fn stubborn(board: &Board, config: &Config) -> Result<Graph, WiringError> {
    let mut graph = Graph::new("stubborn");
    let pilot = graph.add("pilot", Pilot::default());
    let drive = graph.add("drive", DifferentialDrive::on(board, &config.drive)?);
    graph.command(pilot.out::<Twist>(), &drive);
    Ok(graph)
}

fn body(config: &Config) -> Body {
    Body::new(Circle {
        radius: Meters(0.1),
    })
    .drive(&config.drive, MotorModel::default())
}

fn main() -> std::process::ExitCode {
    sinew::run("stubborn", stubborn, body)
}
