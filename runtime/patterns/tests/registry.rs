//! A registry finds actors by name and by group, and whoever ended is gone from it.

use crate::common::{Doer, Log, at_ms, job, made, ms, simulated};
use sinew_patterns::{
    Find, Known, Members, Names, Register, Registration, Registry, RegistryError,
};
use sinew_runtime::{
    Actor, Address, AskError, Context, Failure, Graph, Handler, Injection, Node, Recipient, System,
};

/// Brake, whoever you are.
#[derive(Clone, Copy)]
struct Brake;

/// Registers under its name, in the group of what moves.
struct Mover {
    registry: Address<Registry>,
    registration: Option<Registration>,
    braked: Log<String>,
}

impl Actor for Mover {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let register = Register::named(ctx.name(), ctx.address()).group("movers");
        let register = register.takes::<Brake>();
        self.registration = Some(self.registry.ask(register).await??);
        Ok(())
    }
}

impl Handler<Brake> for Mover {
    type Reply = ();
    async fn handle(&mut self, _: Brake, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.braked.add(ctx.name().to_owned());
        Ok(())
    }
}

/// Gives its name up, and lives on.
struct GiveUpName;

impl Handler<GiveUpName> for Mover {
    type Reply = ();
    async fn handle(&mut self, _: GiveUpName, _: &mut Context<Self>) -> Result<(), Failure> {
        self.registration = None;
        Ok(())
    }
}

/// Another kind of actor in the same group.
#[derive(Clone)]
struct Lamp(Log<String>);

impl Actor for Lamp {}

impl Handler<Brake> for Lamp {
    type Reply = ();
    async fn handle(&mut self, _: Brake, _: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add("lamp".to_owned());
        Ok(())
    }
}

/// A registry with room for so many, two movers that register, a lamp that does not, and somebody who asks.
struct House {
    system: System,
    registry: Address<Registry>,
    arm: Node<Mover>,
    lamp: Node<Lamp>,
    asker: Node<Doer>,
    braked: Log<String>,
}

fn house(most: usize) -> House {
    let mut graph = Graph::new("registry");
    let registry = graph.add("registry", Registry::with_room(most)).address();
    let braked = Log::new();
    let mut mover = |name: &str| {
        let (registry, braked) = (registry.clone(), braked.clone());
        let make = move || Mover {
            registry: registry.clone(),
            registration: None,
            braked: braked.clone(),
        };
        graph.add(name, made(make))
    };
    let arm = mover("arm");
    mover("wheels");
    let lamp = graph.add("lamp", Lamp(braked.clone()));
    let asker = graph.add("asker", Doer);
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    House {
        system,
        registry,
        arm,
        lamp,
        asker,
        braked,
    }
}

impl House {
    /// Asks the registry, and lets all that follows from it happen.
    fn ask<M: Send + 'static>(
        &mut self,
        message: M,
    ) -> Result<<Registry as Handler<M>>::Reply, AskError>
    where
        Registry: Handler<M>,
    {
        let answers = Log::new();
        let (notes, registry) = (answers.clone(), self.registry.clone());
        let ask = move || async move { notes.add(registry.ask(message).await) };
        self.asker.address().try_tell(job(ask)).expect("room");
        let now = self.system.now();
        self.system.run_until(now + ms(1));
        answers.take().remove(0)
    }

    fn names(&mut self) -> Vec<String> {
        let known: Vec<Known> = self.ask(Names).expect("a registry answers");
        known.into_iter().map(|it| it.name).collect()
    }
}

#[test]
fn what_is_registered_is_found_as_an_address_of_its_type_and_as_a_recipient_of_what_it_takes() {
    let mut house = house(9);
    let arm = house.ask(Find::<Address<Mover>>::named("arm")).unwrap();
    arm.unwrap().try_tell(Brake).unwrap();
    let wheels = house.ask(Find::<Recipient<Brake>>::named("wheels"));
    wheels.unwrap().unwrap().try_tell(Brake).unwrap();
    let now = house.system.now();
    house.system.run_until(now + ms(1));
    let mut braked = house.braked.take();
    braked.sort();
    assert_eq!(braked, ["arm", "wheels"]);
}

#[test]
fn what_is_not_there_or_is_something_else_is_said_with_its_name() {
    let mut house = house(9);
    let missing = house.ask(Find::<Address<Mover>>::named("leg")).unwrap();
    let text = "nobody is called `leg` now; register it in `started`, and keep the registration";
    assert_eq!(missing.unwrap_err().to_string(), text);
    let other = house.ask(Find::<Address<Lamp>>::named("arm")).unwrap();
    let Err(RegistryError::OtherType { name, kind, wanted }) = other else {
        panic!("{other:?}");
    };
    assert_eq!(name, "arm");
    assert!(
        kind.ends_with("Mover") && wanted.contains("Lamp"),
        "{kind}, {wanted}"
    );
    let other = house.ask(Find::<Recipient<u8>>::named("arm")).unwrap();
    assert!(matches!(other, Err(RegistryError::OtherType { .. })));
}

#[test]
fn a_group_holds_what_joined_it_whatever_it_is_in_the_order_of_names() {
    let mut house = house(9);
    let lamp = house.lamp.address();
    let register = Register::named("lamp", lamp.clone())
        .group("movers")
        .group("lights");
    let registration = house.ask(register.takes::<Brake>()).unwrap();
    let members = house.ask(Members::<Recipient<Brake>>::of("movers"));
    assert_eq!(members.unwrap().len(), 3);
    let movers = house.ask(Members::<Address<Mover>>::of("movers")).unwrap();
    let names: Vec<_> = movers.iter().map(Address::name).collect();
    assert_eq!(names, ["arm", "wheels"]);
    let lights = house.ask(Members::<Recipient<Brake>>::of("lights"));
    assert_eq!(lights.unwrap().len(), 1);
    drop(registration.unwrap());
    let lights = house.ask(Members::<Address<Lamp>>::of("lights")).unwrap();
    assert_eq!(lights.len(), 0);
    let nobody = house.ask(Members::<Address<Lamp>>::of("none")).unwrap();
    assert_eq!(nobody.len(), 0);
}

#[test]
fn whoever_ended_is_gone_and_its_name_is_free() {
    let mut house = house(9);
    house.arm.address().stop();
    house.system.run_until(at_ms(10));
    let gone = house.ask(Find::<Address<Mover>>::named("arm")).unwrap();
    assert!(matches!(gone, Err(RegistryError::NotFound { .. })));
    assert_eq!(house.names(), ["wheels"]);
    let lamp = house.lamp.address();
    let registration = house.ask(Register::named("arm", lamp)).unwrap();
    assert!(registration.is_ok());
    assert_eq!(house.names(), ["arm", "wheels"]);
}

#[test]
fn a_name_that_was_given_up_is_free_though_its_actor_lives() {
    let mut house = house(9);
    house.arm.address().try_tell(GiveUpName).unwrap();
    house.system.run_until(at_ms(10));
    assert_eq!(house.names(), ["wheels"]);
}

#[test]
fn a_restart_takes_the_name_again_and_an_address_that_was_found_stays_valid() {
    let mut house = house(9);
    let found = house.ask(Find::<Address<Mover>>::named("arm")).unwrap();
    let found = found.unwrap();
    assert!(house.system.handle().inject("arm", Injection::Panic));
    house.system.run_until(at_ms(20));
    assert_eq!(house.names(), ["wheels"], "it waits to be built anew");
    house.system.run_until(at_ms(500));
    assert_eq!(house.names(), ["arm", "wheels"]);
    found.try_tell(Brake).unwrap();
    house.system.run_until(at_ms(600));
    assert_eq!(house.braked.take(), ["arm"]);
}

#[test]
fn a_name_has_one_owner_and_there_is_room_for_so_many() {
    let mut house = house(2);
    let lamp = house.lamp.address();
    let taken = house.ask(Register::named("arm", lamp.clone())).unwrap();
    assert!(matches!(taken, Err(RegistryError::NameTaken { name, .. }) if name == "arm"));
    let full = house.ask(Register::named("lamp", lamp.clone())).unwrap();
    let text = "`lamp` would be name number 3; make room for it: Registry::with_room";
    assert_eq!(full.unwrap_err().to_string(), text);
    house.arm.address().stop();
    house.system.run_until(at_ms(10));
    let fits = house.ask(Register::named("lamp", lamp.clone())).unwrap();
    assert!(fits.is_ok());
}
