//! Finds actors by name and by group, while the robot runs.

mod request;

pub use request::{Find, Members, Register, Registration};

use sinew_runtime::{Actor, Context, Failure, Handler};
use std::any::{Any, type_name};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};

/// How many names there may be if nothing is said.
const ROOM: usize = 256;

/// Knows actors by names and groups that they chose, and forgets them with their incarnation.
///
/// For parts that nobody knew when the graph was written: a gripper that a person plugs in, the connection to a second
/// robot, "all that has brakes". What is known then is an edge or an address instead. An actor registers in `started`
/// and keeps the [`Registration`] in its state; when its incarnation ends, however it ends, the name is free, and the
/// next incarnation takes it again. (An address that was found stays valid across restarts.)
///
/// ```
/// # use sinew_runtime::{Actor, Address, Context, Failure, Handler, Recipient};
/// use sinew_patterns::{Find, Members, Register, Registration, Registry};
///
/// struct Brake;
/// struct Gripper { registry: Address<Registry>, registration: Option<Registration> }
///
/// impl Actor for Gripper {
///     async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
///         let register = Register::named("gripper", ctx.address()).group("movers").takes::<Brake>();
///         self.registration = Some(self.registry.ask(register).await??);
///         Ok(())
///     }
/// }
/// # impl Handler<Brake> for Gripper {
/// #     type Reply = ();
/// #     async fn handle(&mut self, _: Brake, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
/// # }
///
/// async fn brake_all(registry: &Address<Registry>) -> Result<(), Failure> {
///     for mover in registry.ask(Members::<Recipient<Brake>>::of("movers")).await? {
///         mover.try_tell(Brake)?;
///     }
///     let gripper = registry.ask(Find::<Address<Gripper>>::named("gripper")).await??;
///     gripper.stop();
///     Ok(())
/// }
/// ```
pub struct Registry {
    entries: BTreeMap<String, Entry>,
    most: usize,
}

/// One name.
struct Entry {
    lives: Weak<()>,
    groups: Vec<String>,
    kind: &'static str,
    /// Its address, and a recipient for each type of messages by which it can be found.
    handles: Vec<Box<dyn Any + Send>>,
}

/// Asks a [`Registry`] who is known, in the order of their names.
#[derive(Clone, Copy, Debug)]
pub struct Names;

/// One that a [`Registry`] knows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Known {
    /// Its name.
    pub name: String,
    /// The type of its actor.
    pub kind: &'static str,
    /// The groups that it joined.
    pub groups: Vec<String>,
}

/// Why a [`Registry`] did not do as it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// One that lives has this name.
    #[error("`{name}` is the name of a {kind} that lives; take another name")]
    NameTaken {
        /// The name.
        name: String,
        /// What has it.
        kind: &'static str,
    },
    /// Nobody has this name now.
    #[error("nobody is called `{name}` now; register it in `started`, and keep the registration")]
    NotFound {
        /// The name.
        name: String,
    },
    /// What has this name is something else.
    #[error(
        "`{name}` is a {kind} and cannot be had as {wanted}; ask for an address of it, or register it with `takes`"
    )]
    OtherType {
        /// The name.
        name: String,
        /// What it is.
        kind: &'static str,
        /// What was asked for.
        wanted: &'static str,
    },
    /// There are as many names as there may be.
    #[error("`{name}` would be name number {}; make room for it: Registry::with_room", .most + 1)]
    Full {
        /// The name.
        name: String,
        /// How many there may be.
        most: usize,
    },
}

impl Registry {
    /// Nobody is known yet; at most 256 can be.
    #[must_use]
    pub fn new() -> Self {
        Self::with_room(ROOM)
    }

    /// Nobody is known yet, and at most so many can be.
    #[must_use]
    pub fn with_room(most: usize) -> Self {
        Self {
            entries: BTreeMap::new(),
            most,
        }
    }

    fn forget_the_ended(&mut self) {
        self.entries.retain(|_, entry| entry.lives());
    }

    fn register<A: Actor>(&mut self, it: Register<A>) -> Result<Registration, RegistryError> {
        self.forget_the_ended();
        let name = it.name;
        if let Some(Entry { kind, .. }) = self.entries.get(&name) {
            return Err(RegistryError::NameTaken { name, kind });
        }
        if self.entries.len() >= self.most {
            let most = self.most;
            return Err(RegistryError::Full { name, most });
        }
        let lives = Arc::new(());
        let mut handles = it.recipients;
        handles.push(Box::new(it.address));
        let entry = Entry {
            lives: Arc::downgrade(&lives),
            groups: it.groups,
            kind: type_name::<A>(),
            handles,
        };
        self.entries.insert(name, entry);
        Ok(Registration { _lives: lives })
    }

    fn find<T: Clone + 'static>(&self, name: String) -> Result<T, RegistryError> {
        let living = self.entries.get(&name).filter(|entry| entry.lives());
        let Some(entry) = living else {
            return Err(RegistryError::NotFound { name });
        };
        entry.handle().ok_or_else(|| RegistryError::OtherType {
            name,
            kind: entry.kind,
            wanted: type_name::<T>(),
        })
    }
}

impl Entry {
    /// Whether the incarnation that registered still keeps its registration.
    fn lives(&self) -> bool {
        self.lives.strong_count() > 0
    }

    fn handle<T: Clone + 'static>(&self) -> Option<T> {
        let mut handles = self.handles.iter();
        handles.find_map(|handle| handle.downcast_ref::<T>().cloned())
    }
}

/// A clone is what a restart begins with: nobody is known yet.
impl Clone for Registry {
    fn clone(&self) -> Self {
        Self::with_room(self.most)
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries.keys()).finish()
    }
}

impl Actor for Registry {}

impl<A: Actor> Handler<Register<A>> for Registry {
    type Reply = Result<Registration, RegistryError>;
    async fn handle(
        &mut self,
        it: Register<A>,
        _: &mut Context<Self>,
    ) -> Result<Self::Reply, Failure> {
        Ok(self.register(it))
    }
}

impl<T: Clone + Send + 'static> Handler<Find<T>> for Registry {
    type Reply = Result<T, RegistryError>;
    async fn handle(&mut self, it: Find<T>, _: &mut Context<Self>) -> Result<Self::Reply, Failure> {
        Ok(self.find(it.name))
    }
}

impl<T: Clone + Send + 'static> Handler<Members<T>> for Registry {
    type Reply = Vec<T>;
    async fn handle(&mut self, it: Members<T>, _: &mut Context<Self>) -> Result<Vec<T>, Failure> {
        let living = self.entries.values().filter(|entry| entry.lives());
        let members = living.filter(|entry| entry.groups.contains(&it.group));
        Ok(members.filter_map(Entry::handle).collect())
    }
}

impl Handler<Names> for Registry {
    type Reply = Vec<Known>;
    async fn handle(&mut self, _: Names, _: &mut Context<Self>) -> Result<Vec<Known>, Failure> {
        self.forget_the_ended();
        let known = |(name, entry): (&String, &Entry)| Known {
            name: name.clone(),
            kind: entry.kind,
            groups: entry.groups.clone(),
        };
        Ok(self.entries.iter().map(known).collect())
    }
}
