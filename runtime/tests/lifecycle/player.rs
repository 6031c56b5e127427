//! An actor that does what its plan says, and notes all that happens to it.

use super::event::{Begin, Came, Event, Log, Number, Piece};
use super::plan::{Hook, How, Plan, Role, Verb};
use serde::{Deserialize, Serialize};
use sinew_runtime::{
    Actor, Address, ChildStopped, Context, EndActor, Ended, Factory, Failure, Handler, Leased,
    Reason, StartError, Strategy,
};
use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What all players of a sequence share.
#[derive(Clone)]
pub(super) struct Stage {
    pub(super) plan: Arc<Plan>,
    pub(super) log: Log,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    traps: Vec<(usize, Hook, How)>,
    /// Who has each role now.
    current: Vec<Option<(Number, Someone)>>,
    players: Number,
}

/// A player of any strategy.
#[derive(Clone)]
pub(super) enum Someone {
    OneForOne(Address<Player<0>>),
    RestForOne(Address<Player<1>>),
    OneForAll(Address<Player<2>>),
}

/// Does something with the address of a player, whatever its strategy.
macro_rules! with {
    ($someone:expr, $address:ident => $does:expr) => {
        match $someone {
            Someone::OneForOne($address) => $does,
            Someone::RestForOne($address) => $does,
            Someone::OneForAll($address) => $does,
        }
    };
}
pub(super) use with;

/// A message: its number, and what to do.
pub(super) struct Told {
    pub(super) message: u64,
    pub(super) verb: Verb,
    pub(super) whom: Option<Someone>,
}

/// A command: its number.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Speed(pub(super) u64);

/// The actor.
pub(super) struct Player<const STRATEGY: u8> {
    number: Number,
    role: usize,
    stage: Stage,
    _state: Token,
}

/// Notes when a piece of an incarnation goes.
struct Token {
    log: Log,
    number: Number,
    piece: Piece,
}

impl Drop for Token {
    fn drop(&mut self) {
        self.log.add(Event::Gone(self.number, self.piece));
    }
}

/// Notes when a factory goes.
struct Birth {
    stage: Stage,
    number: Number,
    role: usize,
}

impl Drop for Birth {
    fn drop(&mut self) {
        self.stage.log.add(Event::Freed(self.number));
    }
}

impl Stage {
    pub(super) fn new(plan: &Arc<Plan>) -> Self {
        let inner = Inner {
            current: vec![None; plan.roles.len()],
            ..Inner::default()
        };
        Self {
            plan: Arc::clone(plan),
            log: Log::default(),
            inner: Arc::new(Mutex::new(inner)),
        }
    }

    fn with<R>(&self, change: impl FnOnce(&mut Inner) -> R) -> R {
        change(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set_trap(&self, role: usize, hook: Hook, how: How) {
        self.with(|inner| inner.traps.push((role, hook, how)));
    }

    fn spring(&self, role: usize, hook: Hook) -> Option<How> {
        self.with(|inner| {
            let mut traps = inner.traps.iter();
            let place = traps.position(|trap| (trap.0, trap.1) == (role, hook))?;
            Some(inner.traps.remove(place).2)
        })
    }

    /// Who has this role now.
    pub(super) fn current(&self, role: usize) -> Option<(Number, Someone)> {
        self.with(|inner| inner.current[role].clone())
    }

    pub(super) fn role(&self, role: usize) -> &Role {
        &self.plan.roles[role]
    }

    /// A number for a new player.
    pub(super) fn next_number(&self) -> Number {
        self.with(|inner| {
            inner.players += 1;
            inner.players - 1
        })
    }

    pub(super) fn enter(&self, role: usize, number: Number, someone: Someone) {
        self.with(|inner| inner.current[role] = Some((number, someone)));
    }

    /// Builds the player of this number.
    pub(super) fn factory<const S: u8>(&self, role: usize, number: Number) -> Factory<Player<S>> {
        let birth = Birth {
            stage: self.clone(),
            number,
            role,
        };
        Factory::new(move || {
            let Birth {
                stage,
                number,
                role,
            } = &birth;
            match stage.spring(*role, Hook::Make) {
                Some(How::Panic) => {
                    stage.log.add(Event::NotMade(*number, How::Panic));
                    panics();
                }
                Some(_) => {
                    stage.log.add(Event::NotMade(*number, How::Fail));
                    Err(Failure::new("not made"))
                }
                None => {
                    stage.log.add(Event::Made(*number));
                    Ok(Player {
                        number: *number,
                        role: *role,
                        _state: stage.token(*number, Piece::State),
                        stage: stage.clone(),
                    })
                }
            }
        })
    }

    fn token(&self, number: Number, piece: Piece) -> Token {
        Token {
            log: self.log.clone(),
            number,
            piece,
        }
    }
}

/// As a panic does, without the message and the trace that a million of them would print.
fn panics() -> ! {
    std::panic::resume_unwind(Box::new("told to"))
}

impl<const S: u8> Player<S> {
    fn begins(&self, begin: Begin) {
        self.stage.log.add(Event::Begun(self.number, begin));
    }

    fn ends(&self, came: Came) {
        self.stage.log.add(Event::Ended(self.number, came));
    }

    /// Comes out of a hook as its trap says, or well.
    async fn comes_out(&self, hook: Hook) -> Result<(), Failure> {
        match self.stage.spring(self.role, hook) {
            None => {
                self.ends(Came::Well);
                Ok(())
            }
            Some(How::Fail) => {
                self.ends(Came::Fails);
                Err(Failure::new("told to"))
            }
            Some(How::End) => {
                self.ends(Came::Finishes);
                Err(EndActor.into())
            }
            Some(How::Panic) => {
                self.ends(Came::Panics);
                panics();
            }
            Some(How::Hang) => pending().await,
        }
    }

    /// Starts the child that has this role.
    fn start_child(&self, role: usize, ctx: &mut Context<Self>) {
        let started = match self.stage.role(role).children {
            Strategy::OneForOne => self.start::<0>(role, ctx).map(Someone::OneForOne),
            Strategy::RestForOne => self.start::<1>(role, ctx).map(Someone::RestForOne),
            Strategy::OneForAll => self.start::<2>(role, ctx).map(Someone::OneForAll),
        };
        if let Err(error) = started {
            assert!(matches!(error, StartError::NameTaken { .. }), "{error}");
            let parent = self.number;
            self.stage.log.add(Event::Refused { role, parent });
        }
    }

    fn start<const C: u8>(
        &self,
        role: usize,
        ctx: &mut Context<Self>,
    ) -> Result<Address<Player<C>>, StartError> {
        let Role {
            name,
            restart,
            lifetime,
            ..
        } = self.stage.role(role);
        let own = name.rsplit('/').next().unwrap_or(name);
        let number = self.stage.next_number();
        let factory = self.stage.factory::<C>(role, number);
        let child = ctx.child(own, factory);
        let address = child.restart(*restart).lifetime(*lifetime).start()?;
        self.stage.log.add(Event::Spawned {
            number,
            role,
            parent: Some(self.number),
        });
        self.stage.enter(role, number, Somebody::of(&address));
        Ok(address)
    }
}

/// Makes a [`Someone`] of an address whose strategy is known to the compiler alone.
trait Somebody {
    fn of(&self) -> Someone;
}

impl<const C: u8> Somebody for Address<Player<C>> {
    fn of(&self) -> Someone {
        let address: &dyn std::any::Any = self;
        let first = address.downcast_ref().cloned().map(Someone::OneForOne);
        let second = || address.downcast_ref().cloned().map(Someone::RestForOne);
        let third = || address.downcast_ref().cloned().map(Someone::OneForAll);
        first.or_else(second).or_else(third).expect("one of three")
    }
}

impl<const S: u8> Actor for Player<S> {
    fn strategy() -> Strategy {
        match S {
            0 => Strategy::OneForOne,
            1 => Strategy::RestForOne,
            _ => Strategy::OneForAll,
        }
    }

    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.begins(Begin::Start(ctx.restarts()));
        let stage = self.stage.clone();
        if stage.role(self.role).has_input {
            let token = stage.token(self.number, Piece::Input);
            let silent = sinew_runtime::input::poll_fn(move |_| {
                let _ = &token;
                std::task::Poll::<Option<Told>>::Pending
            });
            ctx.input("silent", silent);
        }
        let all = stage.plan.roles.iter().enumerate();
        let mine = all.filter(|(_, role)| role.at_start && role.parent == Some(self.role));
        mine.for_each(|(role, _)| self.start_child(role, ctx));
        let takes = stage.role(self.role).starts_for;
        if takes > 0 {
            tokio::time::sleep(Duration::from_millis(takes)).await;
        }
        self.comes_out(Hook::Start).await
    }

    async fn child_stopped(
        &mut self,
        child: &ChildStopped,
        _: &mut Context<Self>,
    ) -> Result<(), Failure> {
        let (name, why) = (child.name.to_string(), child.reason.to_string());
        self.begins(Begin::Child(name, why, child.restarts));
        self.comes_out(Hook::Child).await
    }

    async fn stopped(&mut self, why: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        self.begins(Begin::Stop(why.to_string()));
        let takes = self.stage.role(self.role).stops_for;
        if takes > 0 {
            tokio::time::sleep(Duration::from_millis(takes)).await;
        }
        self.comes_out(Hook::Stop).await
    }
}

impl<const S: u8> Handler<Told> for Player<S> {
    type Reply = ();
    async fn handle(&mut self, told: Told, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.begins(Begin::Handle(told.message));
        match told.verb {
            Verb::Nothing => {}
            Verb::Take(takes) => tokio::time::sleep(Duration::from_millis(takes)).await,
            Verb::Start(role) => self.start_child(role, ctx),
            Verb::Watch(_) => {
                if let Some(whom) = &told.whom {
                    with!(whom, address => ctx.watch(address));
                }
            }
            Verb::Unwatch(_) => {
                if let Some(whom) = &told.whom {
                    with!(whom, address => ctx.unwatch(address));
                }
            }
            Verb::Finish => {
                ctx.stop();
                self.ends(Came::Finishes);
                return Ok(());
            }
        }
        self.comes_out(Hook::Handle).await
    }
}

impl<const S: u8> Handler<Ended> for Player<S> {
    type Reply = ();
    async fn handle(&mut self, ended: Ended, _: &mut Context<Self>) -> Result<(), Failure> {
        self.begins(Begin::Hear(
            ended.name.to_string(),
            ended.reason.to_string(),
        ));
        self.ends(Came::Well);
        Ok(())
    }
}

impl<const S: u8> Handler<Leased<Speed>> for Player<S> {
    type Reply = ();
    async fn handle(&mut self, it: Leased<Speed>, _: &mut Context<Self>) -> Result<(), Failure> {
        self.begins(Begin::Obey(it.value().0));
        self.ends(Came::Well);
        Ok(())
    }
}
