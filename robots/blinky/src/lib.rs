#![doc = include_str!("../README.md")]
use sinew::prelude::*;

/// What differs between two blinkies.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    button: ButtonConfig,
    led: LedConfig,
}

/// Doubles the rate at each press: 1, 2, 4, 8 Hz, then dark, then 1 again.
#[derive(Clone, Debug, Default)]
struct Stepper(u32);

impl Actor for Stepper {}
impl Emits<Light> for Stepper {}
impl Handler<Press> for Stepper {
    type Reply = ();
    async fn handle(&mut self, press: Press, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0 = (self.0 + u32::from(press.pressed)) % 5;
        let rate = Hertz(f64::from(1 << self.0) / 2.0);
        ctx.publish(if self.0 > 0 {
            Light::Blinking { rate }
        } else {
            Light::Off
        });
        Ok(())
    }
}

/// The graph: button, stepper, light. Two parts that want one pin are an error that names both.
pub fn blinky(board: &Board, config: &Config) -> Result<Graph, WiringError> {
    let mut graph = Graph::new("blinky");
    let button = graph.add("button", Button::on(board, &config.button)?);
    let stepper = graph.add("stepper", Stepper::default());
    let led = graph.add("led", Led::on(board, &config.led)?);
    graph.connect(&button, &stepper).keep_newest(8);
    graph.connect(&stepper, &led).latest();
    Ok(graph)
}

/// What is fitted where, for the simulation.
pub fn body(config: &Config) -> Body {
    Body::bench()
        .button("button", config.button.pin)
        .led("led", config.led.pin)
}

#[test]
fn each_press_doubles_the_rate_however_the_button_bounces() {
    let blinky = Simulation::of(blinky, body).press("button", secs(1), ms(200));
    let run = blinky.press("button", secs(3), ms(200)).run(secs(5));
    let lit = |time: std::ops::Range<f64>| {
        let lit = |(at, lit): &&(Timestamp, bool)| *lit && time.contains(&at.seconds());
        run.light("led").iter().filter(lit).count()
    };
    assert_eq!((lit(0.0..1.0), lit(1.0..3.0), lit(3.0..5.0)), (0, 2, 4));
}
