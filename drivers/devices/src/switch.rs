//! A switch between a pin and ground, debounced: what a bumper and a button have in common.

use sinew_board::{Bias, Board, BoardError, ClaimError, Edge, InputClaim, InputPin, Level, Pin};
use sinew_control::{Debouncer, Settled};
use sinew_runtime::{Actor, Context, Handler, TimerId};
use std::time::Duration;

/// What builds a [`Switch`] at each start of its device.
#[derive(Clone, Debug)]
pub(crate) struct SwitchClaim {
    input: InputClaim,
    board: Board,
    normally_closed: bool,
    settle: Duration,
}

/// An open switch. Closed pulls its pin to ground; open leaves it to the pull-up.
#[derive(Debug)]
pub(crate) struct Switch {
    line: InputPin,
    board: Board,
    normally_closed: bool,
    settle: Duration,
    debouncer: Debouncer,
    timer: Option<TimerId>,
}

/// Time to ask whether the switch has settled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settle;

impl SwitchClaim {
    /// Claims `pin` for `part`.
    pub(crate) fn new(
        board: &Board,
        part: &str,
        pin: Pin,
        normally_closed: bool,
        settle_ms: u64,
    ) -> Result<Self, ClaimError> {
        Ok(Self {
            input: board.input(part, pin, Bias::PullUp)?,
            board: board.clone(),
            normally_closed,
            settle: Duration::from_millis(settle_ms),
        })
    }

    /// Says whose the pin is.
    pub(crate) fn owned_by(&self, node: &str) {
        self.input.owned_by(node);
    }

    /// Opens the switch.
    pub(crate) fn open(&self) -> Result<Switch, BoardError> {
        Ok(Switch {
            line: self.input.open()?,
            board: self.board.clone(),
            normally_closed: self.normally_closed,
            settle: self.settle,
            debouncer: Debouncer::new(self.settle, false),
            timer: None,
        })
    }
}

impl Switch {
    /// Begins to watch the pin for `ctx`'s actor. Returns whether the switch is pressed now, and when now is.
    pub(crate) fn watch<A>(&mut self, ctx: &mut Context<A>) -> Result<Settled, BoardError>
    where
        A: Actor + Handler<Edge>,
    {
        let level = self.pressed(self.line.level()?);
        self.debouncer = Debouncer::new(self.settle, level);
        ctx.try_board_input("edges", self.line.edges());
        let at = self.board.now();
        Ok(Settled { at, level })
    }

    /// Takes an edge; what had settled before it, if nobody noticed until now.
    pub(crate) fn edge<A>(&mut self, edge: Edge, ctx: &mut Context<A>) -> Option<Settled>
    where
        A: Actor + Handler<Settle>,
    {
        let settled = self.debouncer.edge(edge.at, self.pressed(edge.level));
        self.ask_again(ctx);
        settled
    }

    /// What has settled, once the actor's timer says so.
    pub(crate) fn settle<A>(&mut self, ctx: &mut Context<A>) -> Option<Settled>
    where
        A: Actor + Handler<Settle>,
    {
        self.timer = None;
        let settled = self.debouncer.poll(self.board.now());
        self.ask_again(ctx);
        settled
    }

    /// One timer is enough for a whole burst: it runs out, looks, and is set again for what is left.
    fn ask_again<A>(&mut self, ctx: &mut Context<A>)
    where
        A: Actor + Handler<Settle>,
    {
        let Some(deadline) = self.debouncer.deadline() else {
            return;
        };
        if self.timer.is_none() {
            let rest = deadline.since(self.board.now());
            self.timer = Some(ctx.after(rest, Settle));
        }
    }

    fn pressed(&self, level: Level) -> bool {
        (level == Level::Low) != self.normally_closed
    }
}
