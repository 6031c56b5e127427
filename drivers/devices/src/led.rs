//! A light-emitting diode.
//!
//! **Wiring.** Pin, resistor (330 Ohm at 3.3 V: 4 mA for a red one), anode; cathode to GND. A Raspberry Pi's pin
//! gives 16 mA at most. Wired the other way round (anode at 3.3 V, the pin sinks), say `active_low = true`.
//!
//! **Messages.** Handles [`Light`]: off, on, or blinking at a rate. Emits nothing. Starts off.
//!
//! **Fails** if its line is lost. The light is off when the device stops, fails or restarts: an LED is an
//! indicator, which needs no arming and no lease, and its safe value is off.
//!
//! Source: Raspberry Pi documentation, "GPIO pads control" (16 mA at the highest drive strength).

use serde::{Deserialize, Serialize};
use sinew_board::{Board, ClaimError, Indicator, Level, Pin};
use sinew_messages::Hertz;
use sinew_runtime::{Actor, Context, Factory, Failure, Handler, Needs, Reason, TimerId};

/// Where an LED is wired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LedConfig {
    /// The pin that drives it.
    pub pin: Pin,
    /// Whether it is lit while the pin is low.
    pub active_low: bool,
}

impl LedConfig {
    /// An LED that is lit while `pin` is high.
    #[must_use]
    pub fn at(pin: Pin) -> Self {
        Self {
            pin,
            active_low: false,
        }
    }
}

impl Default for LedConfig {
    fn default() -> Self {
        Self::at(Pin::GPIO25)
    }
}

/// What an LED is to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Light {
    /// Dark.
    #[default]
    Off,
    /// Lit.
    On,
    /// Lit for half of each period, beginning lit. A rate above [`Led::FASTEST`] is shown as lit, because eyes
    /// see it so; a rate that is no positive number is dark.
    Blinking {
        /// Periods per second.
        rate: Hertz,
    },
}

/// Time to change over, while blinking.
#[derive(Clone, Copy, Debug)]
struct Toggle;

/// The actor of an LED.
#[derive(Debug)]
pub struct Led {
    line: Indicator,
    active_low: bool,
    light: Light,
    lit: bool,
    toggling: Option<TimerId>,
}

impl Led {
    /// The fastest rate that is shown as blinking; above about 50 Hz eyes see a steady light.
    pub const FASTEST: Hertz = Hertz(50.0);

    /// Claims the LED's pin; the factory opens it at each start.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] if the pin has an owner or does not exist.
    pub fn on(board: &Board, config: &LedConfig) -> Result<Factory<Self>, ClaimError> {
        let active_low = config.active_low;
        let claim = board.indicator("LED", config.pin, level(false, active_low))?;
        let names = claim.clone();
        let factory = Factory::new(move || {
            Ok(Self {
                line: claim.open()?,
                active_low,
                light: Light::Off,
                lit: false,
                toggling: None,
            })
        });
        Ok(factory.named(move |node| names.owned_by(node)))
    }

    fn show(&mut self, lit: bool) -> Result<(), Failure> {
        self.line.set(level(lit, self.active_low))?;
        self.lit = lit;
        Ok(())
    }
}

/// The level of the pin for a light that is lit or dark.
fn level(lit: bool, active_low: bool) -> Level {
    if lit == active_low {
        Level::Low
    } else {
        Level::High
    }
}

impl Actor for Led {
    fn needs(needs: &mut Needs) {
        needs.value::<Light>();
    }

    async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        self.show(false)
    }
}

impl Handler<Light> for Led {
    type Reply = ();
    async fn handle(&mut self, light: Light, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if light == self.light {
            return Ok(()); // The same again must not restart a blink in its middle.
        }
        self.light = light;
        if let Some(timer) = self.toggling.take() {
            ctx.cancel(timer);
        }
        match light {
            Light::Off => self.show(false),
            Light::On => self.show(true),
            Light::Blinking { rate } if rate > Self::FASTEST => self.show(true),
            Light::Blinking { rate } => {
                let half_period = (rate * 2.0).period();
                self.toggling = half_period.map(|half| ctx.every(half, Toggle));
                self.show(half_period.is_some())
            }
        }
    }
}

impl Handler<Toggle> for Led {
    type Reply = ();
    async fn handle(&mut self, _: Toggle, _: &mut Context<Self>) -> Result<(), Failure> {
        self.show(!self.lit)
    }
}
