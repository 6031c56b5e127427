//! A robot with a chip that Sinew does not know: a lamp warns when it is too warm, or when nobody knows how warm it is.

use serde::{Deserialize, Serialize};
use sinew::config::Loaded;
use sinew::prelude::*;
use sinew_board::Resource;
use sinew_sim::{Fault, Simulation, unplug};
use sinew_tmp102::{Temperature, Thermometer, Tmp102Config, Tmp102Twin};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    thermometer: Tmp102Config,
    lamp: LedConfig,
}

/// Lights the lamp above 60 degrees, and in silence.
#[derive(Clone)]
struct Guard;

impl Actor for Guard {}
impl Emits<Light> for Guard {}

impl Handler<Temperature> for Guard {
    type Reply = ();
    async fn handle(&mut self, now: Temperature, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(if now.celsius > 60.0 {
            Light::On
        } else {
            Light::Off
        });
        Ok(())
    }
}

impl Handler<Silence<Temperature>> for Guard {
    type Reply = ();
    async fn handle(
        &mut self,
        _: Silence<Temperature>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        ctx.publish(Light::On);
        Ok(())
    }
}

fn robot(board: &Board, config: &Config) -> Result<Graph, WiringError> {
    let mut graph = Graph::new("oven");
    let thermometer = graph.add("thermometer", Thermometer::on(board, &config.thermometer)?);
    let guard = graph.add("guard", Guard);
    let lamp = graph.add("lamp", Led::on(board, &config.lamp)?);
    graph
        .connect(&thermometer, &guard)
        .latest()
        .silence_after(secs(2));
    graph.connect(&guard, &lamp).latest();
    Ok(graph)
}

/// An oven that is 20 degrees and warms by 10 a second.
fn body(config: &Config) -> Body {
    let (bus, address) = (config.thermometer.bus, config.thermometer.address);
    Body::bench().led("lamp", config.lamp.pin).part(
        "thermometer",
        "TMP102",
        vec![Resource::I2c { bus, address }],
        move |mock, name| {
            let warms = |at: Timestamp| 20.0 + 10.0 * at.seconds();
            Tmp102Twin::fit(mock, name, (bus, address), warms);
        },
    )
}

#[test]
fn the_lamp_warns_when_it_is_too_warm() {
    let run = Simulation::of(robot, body).run(secs(6));
    let light = run.light("lamp");
    let (at, lit) = light[0];
    assert!(lit && (4.0..=4.6).contains(&at.seconds()), "{light:?}");
    // It is dark again when the robot has stopped.
    assert_eq!((light.len(), run.failures()), (2, 0));
    assert!(run.complaints().is_empty());
}

#[test]
fn the_lamp_warns_when_nobody_knows_how_warm_it_is() {
    let pulled = Fault::at(secs(1), unplug("thermometer"));
    let run = Simulation::of(robot, body).fault(pulled).run(secs(4));
    let light = run.light("lamp");
    let (at, lit) = light[0];
    assert!(lit && (2.4..=3.1).contains(&at.seconds()), "{light:?}");
    assert!(
        run.failures() > 0,
        "its actor has failed meanwhile, and was tried again"
    );
}

#[test]
fn its_section_is_read_and_what_is_wrong_in_it_is_told_with_what_would_do() {
    let read = |text: &str| {
        let folder =
            std::env::temp_dir().join(format!("tmp102-{}-{}", std::process::id(), text.len()));
        std::fs::write(&folder, text).unwrap();
        let loaded = Loaded::<Config>::find(Some(&folder));
        std::fs::remove_file(&folder).unwrap();
        loaded
    };
    let loaded = read("[thermometer]\naddress = 0x4b\n");
    assert_eq!(loaded.findings.len(), 0);
    assert_eq!(loaded.config.thermometer.address, 0x4b);
    let loaded = read("[thermometer]\naddress = 0x50\nperiod = 5\n");
    let told: Vec<String> = loaded.findings.iter().map(ToString::to_string).collect();
    let told = told.join("\n");
    assert!(
        told.contains("0x48 to 0x4b") && told.contains("period_ms"),
        "{told}"
    );
}
