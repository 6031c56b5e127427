//! Sends each message to one of several alike, or to all of them.

use crate::key;
use sinew_runtime::{Actor, Address, AskError, Handler, TryTellError};
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Chooses among actors of one type: in turn, by a key, the least loaded, or all.
///
/// For several of a kind: two cameras' picture readers, a motor controller for each leg, a recorder on each disk. It is
/// a value that an actor keeps, so a message through it is one hop. Whoever has ended is left out from then on. For
/// workers that come and go with the work, take a [`Pool`](crate::Pool).
///
/// ```
/// # use sinew_runtime::{Actor, Address, AskError, Context, Failure, Graph, Handler};
/// use sinew_patterns::Router;
///
/// # #[derive(Clone)]
/// struct Leg;
/// #[derive(Clone)]
/// struct Step(u8);
/// # impl Actor for Leg {}
/// # impl Handler<Step> for Leg {
/// #     type Reply = u8;
/// #     async fn handle(&mut self, it: Step, _: &mut Context<Self>) -> Result<u8, Failure> { Ok(it.0) }
/// # }
/// # let mut graph = Graph::new("robot");
/// # let left = graph.add("left", Leg).address();
/// # let right = graph.add("right", Leg).address();
/// let mut legs = Router::to([left, right]);
/// legs.tell_next(Step(1))?;                     // left
/// legs.tell_next(Step(2))?;                     // right
/// legs.tell_by_key(&"north", Step(3))?;         // always the same one for "north"
/// assert_eq!(legs.tell_all(&Step(4)).reached, 2);
/// # Ok::<(), Failure>(())
/// ```
pub struct Router<A: Actor> {
    members: Vec<Member<A>>,
    next: usize,
}

/// One that can be chosen.
struct Member<A: Actor> {
    address: Address<A>,
    /// How many asks of this router it has not answered yet.
    asked: Arc<AtomicUsize>,
}

/// What became of a message for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// How many got it.
    pub reached: usize,
    /// How many had no room for it.
    pub lost: usize,
}

impl<A: Actor> Router<A> {
    /// Chooses among these.
    #[must_use]
    pub fn to(addresses: impl IntoIterator<Item = Address<A>>) -> Self {
        let member = |address| Member {
            address,
            asked: Arc::default(),
        };
        Self {
            members: addresses.into_iter().map(member).collect(),
            next: 0,
        }
    }

    /// How many there are to choose from.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is nobody to choose.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Tells the next one in turn; one that has no room is passed over.
    ///
    /// # Errors
    ///
    /// Gives the message back if nobody has room, or if all have ended.
    pub fn tell_next<M: Send + 'static>(&mut self, message: M) -> Result<(), TryTellError<M>>
    where
        A: Handler<M>,
    {
        let mut message = message;
        let mut passed_over = 0;
        while passed_over < self.members.len() {
            let place = self.next % self.members.len();
            match self.members[place].address.try_tell(message) {
                Ok(()) => {
                    self.next = place + 1;
                    return Ok(());
                }
                Err(TryTellError::Full(back)) => {
                    message = back;
                    passed_over += 1;
                    self.next = place + 1;
                }
                Err(TryTellError::Closed(back)) => {
                    message = back;
                    self.members.remove(place);
                    self.next = place;
                }
            }
        }
        Err(self.refused(message))
    }

    /// Tells the one that this key belongs to: the same one for equal keys, in any process, as long as it lives. When
    /// one ends, only its own keys move.
    ///
    /// # Errors
    ///
    /// Gives the message back if that one has no room, since another would break the order of its key, or if all
    /// have ended.
    pub fn tell_by_key<K, M>(&mut self, key: &K, message: M) -> Result<(), TryTellError<M>>
    where
        K: Hash + ?Sized,
        M: Send + 'static,
        A: Handler<M>,
    {
        let mut message = message;
        while let Some(place) = self.place_of(key) {
            match self.members[place].address.try_tell(message) {
                Err(TryTellError::Closed(back)) => {
                    message = back;
                    self.members.remove(place);
                }
                told => return told,
            }
        }
        Err(TryTellError::Closed(message))
    }

    /// Tells all.
    pub fn tell_all<M: Clone + Send + 'static>(&mut self, message: &M) -> Told
    where
        A: Handler<M>,
    {
        let mut lost = 0;
        self.members.retain(|member| {
            let told = member.address.try_tell(message.clone());
            lost += usize::from(matches!(told, Err(TryTellError::Full(_))));
            !matches!(told, Err(TryTellError::Closed(_)))
        });
        Told {
            reached: self.members.len() - lost,
            lost,
        }
    }

    /// Asks the one that has the fewest asks of this router to answer, of equal ones the first.
    ///
    /// # Errors
    ///
    /// [`AskError`] says why there is no reply; `Closed` also if there is nobody to ask.
    ///
    /// # Cancel safety
    ///
    /// As [`Address::ask`]: dropped before it is ready, the message may have been sent.
    pub async fn ask_least_loaded<M: Send + 'static>(
        &self,
        message: M,
    ) -> Result<A::Reply, AskError>
    where
        A: Handler<M>,
    {
        let least = self.members.iter().min_by_key(|member| member.load());
        let member = least.ok_or(AskError::Closed)?;
        let _asked = Asked::of(member);
        member.address.ask(message).await
    }

    /// The place of the one that a key belongs to: the highest weight of key and name together wins, so that a
    /// member more or less moves no other's keys (Thaler and Ravishankar, "Using name-based mappings to increase hit
    /// rates", IEEE/ACM Transactions on Networking 6(1), 1998).
    fn place_of<K: Hash + ?Sized>(&self, key: &K) -> Option<usize> {
        let weight = |member: &Member<A>| key::number_of(&(key, member.address.name()));
        let places = self.members.iter().enumerate();
        let heaviest = places.max_by_key(|(_, member)| weight(member));
        heaviest.map(|(place, _)| place)
    }

    fn refused<M>(&self, message: M) -> TryTellError<M> {
        if self.members.is_empty() {
            TryTellError::Closed(message)
        } else {
            TryTellError::Full(message)
        }
    }
}

impl<A: Actor> Member<A> {
    fn load(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// Counts an ask for as long as it lasts.
struct Asked(Arc<AtomicUsize>);

impl Asked {
    fn of<A: Actor>(member: &Member<A>) -> Self {
        member.asked.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&member.asked))
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A clone chooses among the same, and counts loads of its own.
impl<A: Actor> Clone for Router<A> {
    fn clone(&self) -> Self {
        Self::to(self.members.iter().map(|member| member.address.clone()))
    }
}

impl<A: Actor> fmt::Debug for Router<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses = self.members.iter().map(|member| &member.address);
        f.debug_list().entries(addresses).finish()
    }
}
