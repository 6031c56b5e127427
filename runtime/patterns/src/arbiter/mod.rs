//! Of several sources of commands the highest that lives is obeyed.

mod contender;
mod contest;
mod lock;
mod wiring;

pub use contest::{Standing, Standings};
pub use lock::Lock;
pub use wiring::ArbiterNode;

use contender::Bid;
use contest::Contest;
use lock::LockState;
use serde::{Deserialize, Serialize};
use sinew_runtime::{Actor, Context, Emits, Failure, Handler, Message, Needs, Time};
use std::marker::PhantomData;

/// Obeys, of several sources of commands, the highest one that lives, as `twist_mux` does in ROS.
///
/// For every robot that more than one may drive: a person with a joystick before the pilot that explores, the pilot
/// before the one that docks, and a dead man's handle that locks out all but the person.
///
/// * A source lives until it was silent for its time-out. Of those that live the one of the highest priority is obeyed,
///   of equal ones the one that was connected first. All others are refused and counted.
/// * When the one in charge falls silent, the next is obeyed from its next command on: nothing that was refused is ever
///   obeyed later. What the one in charge commanded last stands until its lease ends, and no lease is lengthened.
/// * A lock refuses all sources below its priority while it is locked, and it is locked until it says otherwise and
///   whenever its own edge falls silent. What must stop *at once* is an e-stop, not a lock: a command that passed before
///   stands until its lease ends.
/// * After a restart each source may have spoken just before, so that none is obeyed until the time-outs of all above
///   it have passed, and locks are asked for their state.
///
/// Each source and each lock has a small node of its own before the arbiter, `arbiter.joystick` for the source
/// `joystick`; the edge that ends there is the source's own and has its lease.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler, Leased};
/// # use sinew_patterns::Arbiter;
/// # use std::time::Duration;
/// # #[derive(Clone)] struct Joystick;
/// # impl Actor for Joystick {}
/// # impl Emits<f64> for Joystick {}
/// # impl Emits<bool> for Joystick {}
/// # #[derive(Clone)] struct Pilot;
/// # impl Actor for Pilot {}
/// # impl Emits<f64> for Pilot {}
/// # #[derive(Clone)] struct Drive;
/// # impl Actor for Drive {}
/// # impl Handler<Leased<f64>> for Drive {
/// #     type Reply = ();
/// #     async fn handle(&mut self, _: Leased<f64>, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
/// # }
/// # fn ms(ms: u64) -> Duration { Duration::from_millis(ms) }
/// # let mut graph = Graph::new("robot");
/// # let joystick = graph.add("joystick", Joystick);
/// # let pilot = graph.add("pilot", Pilot);
/// # let drive = graph.add("drive", Drive);
/// let arbiter = Arbiter::<f64>::add_to(&mut graph, "arbiter");
/// arbiter.obey(&mut graph, joystick.out::<f64>(), 10, ms(500)).lease(ms(200));
/// arbiter.obey(&mut graph, &pilot, 1, ms(300));
/// arbiter.lock(&mut graph, joystick.out::<bool>(), 5, |held: &bool| !held).silence_after(ms(300));
/// graph.command(&arbiter, &drive);
/// # assert!(graph.findings().is_empty(), "{:?}", graph.findings());
/// ```
#[derive(Debug)]
pub struct Arbiter<M> {
    contest: Contest,
    in_charge: Option<usize>,
    /// Whether a timer runs that looks whether the one in charge has fallen silent.
    watching: bool,
    /// What was issued before is none of this incarnation's.
    started: Time,
    of: PhantomData<fn() -> M>,
}

/// Whose commands of type `M` an [`Arbiter`] passes on from now on; published when it changes, so that a lamp can
/// show it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct InCharge<M> {
    /// The name of the source's node; `None` if all are silent or locked out.
    pub source: Option<String>,
    of: PhantomData<fn() -> M>,
}

/// Has the arbiter look whether the one in charge has fallen silent.
struct LookAgain;

impl<M: Message> Arbiter<M> {
    fn new(contest: Contest) -> Self {
        Self {
            contest,
            in_charge: None,
            watching: false,
            started: Time::ZERO,
            of: PhantomData,
        }
    }

    /// Puts a source in charge, or nobody, and tells of a change.
    fn put_in_charge(&mut self, who: Option<usize>, ctx: &mut Context<Self>) {
        if self.in_charge == who {
            return;
        }
        self.in_charge = who;
        ctx.publish(InCharge {
            source: who.map(|place| self.contest.name(place).to_owned()),
            of: PhantomData,
        });
    }

    /// Looks again when the one in charge will be silent if it says nothing more.
    fn watch(&mut self, ctx: &mut Context<Self>) {
        if let (Some(place), false) = (self.in_charge, self.watching) {
            self.watching = true;
            let rest = self.contest.lives_until(place).since(ctx.now());
            ctx.after(rest, LookAgain);
        }
    }
}

impl<M: Message> Actor for Arbiter<M> {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.started = ctx.now();
        if ctx.restarts() > 0 {
            self.contest.begin_again(self.started);
        }
        Ok(())
    }

    fn needs(needs: &mut Needs) {
        needs.value::<Bid<M>>();
    }
}

impl<M: Message> Emits<M> for Arbiter<M> {}
impl<M: Message> Emits<InCharge<M>> for Arbiter<M> {}

impl<M: Message> Handler<Bid<M>> for Arbiter<M> {
    type Reply = ();
    async fn handle(&mut self, bid: Bid<M>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let place = bid.place();
        if bid.issued() < self.started {
            self.contest.refuse(place);
        } else if self.contest.admits(place, ctx.now()) {
            self.put_in_charge(Some(place), ctx);
            self.watch(ctx);
            ctx.publish::<M>(bid.into_command());
        }
        Ok(())
    }
}

impl<M: Message> Handler<LockState> for Arbiter<M> {
    type Reply = ();
    async fn handle(&mut self, state: LockState, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.contest.lock(state.place(), state.locked);
        if let Some(place) = self.in_charge
            && self.contest.is_locked_out(place)
        {
            self.put_in_charge(None, ctx);
        }
        Ok(())
    }
}

impl<M: Message> Handler<LookAgain> for Arbiter<M> {
    type Reply = ();
    async fn handle(&mut self, _: LookAgain, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.watching = false;
        if let Some(place) = self.in_charge
            && self.contest.lives_until(place) <= ctx.now()
        {
            self.put_in_charge(None, ctx);
        }
        self.watch(ctx);
        Ok(())
    }
}

impl<M: Message> Handler<Standings> for Arbiter<M> {
    type Reply = Vec<Standing>;
    async fn handle(
        &mut self,
        _: Standings,
        ctx: &mut Context<Self>,
    ) -> Result<Vec<Standing>, Failure> {
        Ok(self.contest.standings(self.in_charge, ctx.now()))
    }
}
