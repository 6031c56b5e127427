//! A bumper: a switch that closes when something is touched.
//!
//! **Wiring.** One contact of the switch to a GPIO, the other to GND. The pin's own pull-up (about 50 kOhm) holds it high
//! while the switch is open; with more than 20 cm of cable near motors add 4.7 kOhm to 3.3 V. A bumper that is wired to *open*
//! when touched (`normally_closed = true`) notices a cut cable too: it then touches.
//!
//! **Messages.** Emits [`Contact`]: once at start, then at each change, 5 ms after the switch stopped bouncing. Several
//! quick touches are several messages; a bounce is none.
//!
//! **Fails** if its line is lost. It drives nothing. A bumper that is wired normally open and torn off looks free.
//!
//! Source: Jack Ganssle, "A Guide to Debouncing" (2004): of 18 switches, 16 bounced for less than 6.2 ms, on average 1.6 ms.

use crate::ranges::range;
use crate::switch::{Settle, Switch, SwitchClaim};
use serde::{Deserialize, Serialize};
use sinew_board::{Board, ClaimError, Edge, Pin};
use sinew_control::Settled;
use sinew_messages::Contact;
use sinew_runtime::{Actor, Context, Emits, Factory, Failure, Handler};

/// Where a bumper is wired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BumperConfig {
    /// The pin that the switch pulls to ground.
    pub pin: Pin,
    /// Whether the switch opens, instead of closing, when something is touched.
    pub normally_closed: bool,
    /// How long the contact must stand still to count: 1 to 100 ms.
    #[serde(deserialize_with = "settle_ms")]
    pub settle_ms: u64,
}

range!(settle_ms: u64, 1..=100);

impl BumperConfig {
    /// A switch on this pin that closes when something is touched.
    #[must_use]
    pub fn at(pin: Pin) -> Self {
        Self {
            pin,
            normally_closed: false,
            settle_ms: 5,
        }
    }
}

impl Default for BumperConfig {
    fn default() -> Self {
        Self::at(Pin::GPIO17)
    }
}

/// The actor of a bumper.
#[derive(Debug)]
pub struct Bumper {
    switch: Switch,
}

impl Bumper {
    /// Claims the bumper's pin; the factory opens it at each start.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] if the pin has an owner or does not exist.
    pub fn on(board: &Board, config: &BumperConfig) -> Result<Factory<Self>, ClaimError> {
        let closed = config.normally_closed;
        let claim = SwitchClaim::new(board, "bumper", config.pin, closed, config.settle_ms)?;
        let names = claim.clone();
        let factory = Factory::new(move || {
            Ok(Self {
                switch: claim.open()?,
            })
        });
        Ok(factory.named(move |node| names.owned_by(node)))
    }

    fn tell(settled: Option<Settled>, ctx: &mut Context<Self>) {
        if let Some(settled) = settled {
            ctx.publish(Contact {
                measured_at: settled.at,
                touching: settled.level,
            });
        }
    }
}

impl Actor for Bumper {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let now = self.switch.watch(ctx)?;
        Self::tell(Some(now), ctx);
        Ok(())
    }
}

impl Emits<Contact> for Bumper {}

impl Handler<Edge> for Bumper {
    type Reply = ();
    async fn handle(&mut self, edge: Edge, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let settled = self.switch.edge(edge, ctx);
        Self::tell(settled, ctx);
        Ok(())
    }
}

impl Handler<Settle> for Bumper {
    type Reply = ();
    async fn handle(&mut self, _: Settle, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let settled = self.switch.settle(ctx);
        Self::tell(settled, ctx);
        Ok(())
    }
}
