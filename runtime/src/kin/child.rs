//! How a child is described and started.

use super::{Family, Kin, Kinship};
use crate::cell::{Cell, Parts};
use crate::directory::{Directory, Listing};
use crate::factory::Make;
use crate::few::Few;
use crate::hub::Hub;
use crate::mailbox::{Mailbox, Shared};
use crate::supervise::{Lifetime, Record, Restart};
use crate::{Actor, Address, Factory};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

/// Why an actor was not started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A living actor beside it has this name.
    #[error("`{name}` lives already; wait for its end, or give the new one a name of its own")]
    NameTaken {
        /// The full name.
        name: String,
    },
    /// Its parent, or the whole system, is ending or has ended.
    #[error("`{name}` was not started: what it would belong to is ending")]
    Ending {
        /// The full name.
        name: String,
    },
}

/// A child as it is being described; [`start`](Self::start) starts it.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Failure, Lifetime, Restart};
/// #[derive(Clone)]
/// struct Worker;
/// impl Actor for Worker {}
///
/// struct Boss;
/// impl Actor for Boss {
///     async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
///         let worker = ctx.child("worker", Worker).restart(Restart::patient()).start()?;
///         ctx.child("helper", Worker).lifetime(Lifetime::Temporary).start()?;
///         worker.stop();
///         Ok(())
///     }
/// }
/// ```
#[must_use = "nothing begins until it is started"]
pub struct Child<'a, C: Actor> {
    nest: Nest<'a>,
    name: &'a str,
    factory: Factory<C>,
    restart: Restart,
    lifetime: Lifetime,
    capacity: Option<usize>,
}

/// What a child is started in.
pub(crate) enum Nest<'a> {
    /// The incarnation of a parent, on its thread.
    Parent {
        family: &'a mut Family,
        hub: &'a Rc<Hub>,
        /// Whether it is ending.
        ending: bool,
    },
    /// The system itself, from any thread.
    System {
        directory: &'a Directory,
        shared: &'a Arc<Shared>,
    },
}

impl<'a, C: Actor> Child<'a, C> {
    pub(crate) fn new(nest: Nest<'a>, name: &'a str, factory: Factory<C>) -> Self {
        Self {
            nest,
            name,
            factory,
            restart: Restart::DEFAULT,
            lifetime: Lifetime::default(),
            capacity: None,
        }
    }

    /// Says how it is built anew, and how often before its parent fails with it. [`Restart::DEFAULT`] if nothing is
    /// said.
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// Says after which ends it is built anew: after failures if nothing is said.
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets how many told and asked messages may wait; 64 if nothing is said.
    pub fn capacity(mut self, messages: usize) -> Self {
        self.capacity = Some(messages);
        self
    }

    /// Starts it: its address takes messages at once; it is built after the current turn, on its parent's thread.
    ///
    /// # Errors
    ///
    /// [`StartError`], if a living sibling has its name, or if its parent or system is ending.
    pub fn start(self) -> Result<Address<C>, StartError> {
        let name = self.nest.full_name(self.name);
        let make = self.factory.into_make(&name);
        let mailbox = Arc::new(Mailbox::new(name, Arc::clone(self.nest.shared())));
        if let Some(messages) = self.capacity {
            mailbox.set_capacity(messages);
        }
        let address = Address {
            mailbox: Arc::clone(&mailbox),
        };
        let birth = Birth {
            mailbox,
            make,
            restart: self.restart,
            lifetime: self.lifetime,
        };
        self.nest.bear(birth)?;
        Ok(address)
    }
}

impl<C: Actor> fmt::Debug for Child<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Child({})", self.name)
    }
}

impl Nest<'_> {
    fn full_name(&self, name: &str) -> Arc<str> {
        match self {
            Self::Parent { family, .. } => {
                let parent = family.parent.kin.name();
                let mut full = String::with_capacity(parent.len() + 1 + name.len());
                full.push_str(parent);
                full.push('/');
                full.push_str(name);
                Arc::from(full)
            }
            Self::System { .. } => Arc::from(name),
        }
    }

    fn shared(&self) -> &Arc<Shared> {
        match self {
            Self::Parent { hub, .. } => &hub.shared,
            Self::System { shared, .. } => shared,
        }
    }

    fn bear<C: Actor>(self, birth: Birth<C>) -> Result<(), StartError> {
        let kin: Arc<dyn Kin> = Arc::clone(&birth.mailbox) as _;
        match self {
            Self::System { directory, shared } => {
                // Counted before it can be heard of, so that the system does not end meanwhile.
                shared.fate.count_in();
                let started = directory.start(kin, |place| {
                    let kinship = birth.kinship(None, place);
                    Box::new(move |hub| Box::new(birth.into_cell(kinship, hub)))
                });
                started.inspect_err(|_| shared.fate.take_back())
            }
            Self::Parent { ending: true, .. } => Err(StartError::Ending {
                name: kin.name().to_string(),
            }),
            Self::Parent { family, .. } if family.has(kin.name()) => Err(StartError::NameTaken {
                name: kin.name().to_string(),
            }),
            Self::Parent { family, hub, .. } => {
                let place = hub.directory.list(Arc::clone(&kin));
                let kinship = birth.kinship(Some(family), place);
                let mut cell = birth.into_cell(kinship, hub);
                let group = family.group.as_ref();
                if group.is_some_and(|group| !group.join(Arc::clone(&kin))) {
                    cell.wait_for_group();
                }
                family.add(kin);
                hub.bear(Box::new(cell));
                Ok(())
            }
        }
    }
}

/// All that a child is made of; it may go to the thread on which it shall live.
struct Birth<C: Actor> {
    mailbox: Arc<Mailbox<C>>,
    make: Make<C>,
    restart: Restart,
    lifetime: Lifetime,
}

impl<C: Actor> Birth<C> {
    fn kinship(&self, family: Option<&Family>, listed: Listing) -> Kinship {
        Kinship {
            parent: family.map(|family| Arc::clone(&family.parent)),
            lifetime: self.lifetime,
            group: family.and_then(|family| family.group.clone()),
            listed: Some(listed),
        }
    }

    fn into_cell(self, kinship: Kinship, hub: &Rc<Hub>) -> Cell<C> {
        Cell::new(Parts {
            mailbox: self.mailbox,
            outs: Rc::clone(&hub.no_outs),
            watches: Few::default(),
            make: Some(self.make),
            supervision: Record::new(self.restart),
            hub: Rc::clone(hub),
            kinship,
        })
    }
}
