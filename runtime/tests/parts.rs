//! An actor takes over the handlers of its parts.

use crate::common::{at_ms, simulated};
use sinew_runtime::{Actor, Context, Failure, Graph, Handler, Part, handled_by};

/// Counts what is reported to it, for any actor.
#[derive(Clone, Default)]
struct Odometer {
    turns: u64,
}

struct Turned(u64);
struct HowFar;
struct WhoAmI;

impl<A: Actor> Part<A, Turned> for Odometer {
    type Reply = ();
    async fn handle(&mut self, Turned(more): Turned, _: &mut Context<A>) -> Result<(), Failure> {
        self.turns += more;
        Ok(())
    }
}

impl<A: Actor> Part<A, HowFar> for Odometer {
    type Reply = u64;
    async fn handle(&mut self, _: HowFar, _: &mut Context<A>) -> Result<u64, Failure> {
        Ok(self.turns)
    }
}

impl<A: Actor> Part<A, WhoAmI> for Odometer {
    type Reply = String;
    async fn handle(&mut self, _: WhoAmI, ctx: &mut Context<A>) -> Result<String, Failure> {
        Ok(format!("a part of {}", ctx.name()))
    }
}

/// Two actors with the same part.
#[derive(Clone, Default)]
struct Rover {
    odometer: Odometer,
}

#[derive(Clone, Default)]
struct Cart {
    wheel: Odometer,
    asked: u64,
}

impl Actor for Rover {}
impl Actor for Cart {}
handled_by!(Rover, odometer: Odometer => Turned, HowFar, WhoAmI);
handled_by!(Cart, wheel: Odometer => Turned);

/// A handler of its own beside those of its part.
impl Handler<HowFar> for Cart {
    type Reply = u64;
    async fn handle(&mut self, far: HowFar, ctx: &mut Context<Self>) -> Result<u64, Failure> {
        self.asked += 1;
        Ok(1_000 * self.asked + Part::handle(&mut self.wheel, far, ctx).await?)
    }
}

#[test]
fn a_part_handles_messages_for_whatever_actor_it_is_a_part_of() {
    let mut graph = Graph::new("parts");
    let rover = graph.add("rover", Rover::default()).address();
    let cart = graph.add("cart", Cart::default()).address();
    let answers = crate::common::Log::new();
    let notes = answers.clone();
    let doer = graph.add("doer", crate::common::Doer).address();
    doer.try_tell(crate::common::job(move || async move {
        rover.tell(Turned(3)).await.unwrap();
        rover.tell(Turned(4)).await.unwrap();
        cart.tell(Turned(5)).await.unwrap();
        notes.add(rover.ask(HowFar).await.unwrap().to_string());
        notes.add(cart.ask(HowFar).await.unwrap().to_string());
        notes.add(rover.ask(WhoAmI).await.unwrap());
    }))
    .unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    assert_eq!(answers.take(), ["7", "1005", "a part of rover"]);
}
