//! elfo: groups of actors that own their loops, and dynamic messages in a bounded intrusive list.

mod messages;

use std::collections::BTreeMap;
use std::future::pending;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use elfo::messages::Terminate;
use elfo::routers::{MapRouter, Outcome};
use elfo::{ActorGroup, Addr, Blueprint, Context, Topology, message, msg};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::Peer;
use crate::actors::{Actors, Link, SMALL_ROOM, Script, close_ring, next};
use crate::case::Threads;
use crate::course::Tally;
use crate::payload::Payload;
use crate::scenarios::by_actors;
use crate::tasks;
use crate::worker::Worker;
use messages::{
    AskLarge, AskSmall, Halt, Job, TellLarge, TellSmall, Urgent, is_small, large, small,
};

/// The peer.
pub const PEER: Peer = Peer {
    name: "elfo",
    package: "elfo",
    title: "elfo",
    note: "bounded; direct sends to addresses; without telemetry and dumps; a life ends by a message, a stop is its `Terminate`",
    ahead: None,
    measure: by_actors::<Elfo>,
};

struct Elfo;

/// Brings an actor into being.
#[message]
struct Enter {
    key: u64,
}

/// What an actor is for.
enum Role {
    Counter(Tally),
    Relay(Tally, Link<To>),
    Busy(Worker),
    Script(Pin<Box<dyn Future<Output = ()> + Send>>),
}

/// An actor that waits to enter: its role, its room, and who wants to know its address.
struct Entrant {
    role: Role,
    room: usize,
    address: oneshot::Sender<Addr>,
}

/// Those who wait to enter, by key.
#[derive(Default)]
struct Wings {
    entrants: BTreeMap<u64, Entrant>,
    next: u64,
}

/// Where actors enter.
#[derive(Clone)]
struct Stage {
    wings: Arc<Mutex<Wings>>,
    context: Arc<Context>,
    /// The group whose actors are on the first thread, and that of the second.
    here: Addr,
    there: Addr,
}

/// The stage of this process, for lives: they begin without an address at hand.
static STAGE: Mutex<Option<Stage>> = Mutex::new(None);

/// An actor's address, with what it takes to send to it.
#[derive(Clone)]
pub struct To {
    context: Arc<Context>,
    actor: Addr,
}

impl Stage {
    async fn enter(&self, group: Addr, role: Role, room: usize) -> To {
        let (address, entered) = oneshot::channel();
        let entrant = Entrant {
            role,
            room,
            address,
        };
        let key = {
            let mut wings = self.wings.lock().unwrap_or_else(PoisonError::into_inner);
            wings.next += 1;
            let key = wings.next;
            wings.entrants.insert(key, entrant);
            key
        };
        let sent = self.context.send_to(group, Enter { key }).await;
        assert!(sent.is_ok(), "the group lives");
        To {
            context: Arc::clone(&self.context),
            actor: entered.await.expect("the actor enters"),
        }
    }
}

/// A group whose actors take their roles from the wings.
fn group(wings: &Arc<Mutex<Wings>>) -> Blueprint {
    let wings = Arc::clone(wings);
    ActorGroup::new()
        .router(MapRouter::new(|envelope| {
            msg!(match envelope {
                Enter { key } => Outcome::Unicast(*key),
                _ => Outcome::Default,
            })
        }))
        .exec(move |context| {
            let mut wings = wings.lock().unwrap_or_else(PoisonError::into_inner);
            let entrant = wings.entrants.remove(context.key());
            let entrant = entrant.expect("who enters has a role");
            drop(wings);
            act(context, entrant)
        })
}

async fn act(context: Context<(), u64>, entrant: Entrant) {
    context.set_mailbox_capacity(entrant.room);
    // A script's address is of no use to anybody.
    let _ = entrant.address.send(context.addr());
    match entrant.role {
        Role::Counter(tally) => count(context, tally).await,
        Role::Relay(tally, link) => relay(context, tally, link).await,
        Role::Busy(worker) => work(context, worker).await,
        Role::Script(script) => script.await,
    }
}

async fn count(mut context: Context<(), u64>, mut tally: Tally) {
    while let Some(envelope) = context.recv().await {
        msg!(match envelope {
            TellSmall(values) => tally.count(values[0]),
            TellLarge(values) => tally.count(values[3][0]),
            (AskSmall(values), token) => {
                tally.count(values[0]);
                context.respond(token, values[0]);
            }
            (AskLarge(values), token) => {
                tally.count(values[3][0]);
                context.respond(token, values[3][0]);
            }
            Halt => return,
            _ => {}
        });
    }
}

async fn relay(mut context: Context<(), u64>, mut tally: Tally, link: Link<To>) {
    while let Some(envelope) = context.recv().await {
        msg!(match envelope {
            TellSmall(values) => {
                tally.count(values[0]);
                if values[0] > 0 {
                    let to = next(&link).actor;
                    let sent = context.send_to(to, small(values[0] - 1)).await;
                    assert!(sent.is_ok(), "the relay lives");
                }
            }
            _ => {}
        });
    }
}

async fn work(mut context: Context<(), u64>, mut worker: Worker) {
    while let Some(envelope) = context.recv().await {
        msg!(match envelope {
            Job => worker.work().await,
            Urgent => worker.urgent(),
            _ => {}
        });
    }
}

/// A play: a cast, and the scripts that are made of it.
struct Play<F: Script> {
    roles: Vec<Role>,
    room: usize,
    scripts: Box<dyn FnOnce(Vec<To>) -> Vec<F> + Send>,
    outputs: oneshot::Sender<Vec<F::Output>>,
}

impl<F: Script> Play<F> {
    /// Fills the stage, runs the scripts as actors on the first thread, and hands over what they came to.
    async fn direct(self, stage: Stage) {
        let mut cast = Vec::with_capacity(self.roles.len());
        for role in self.roles {
            cast.push(stage.enter(stage.there, role, self.room).await);
        }
        let mut running = Vec::new();
        for script in (self.scripts)(cast) {
            let (send, output) = oneshot::channel();
            let script = async move {
                let sent = send.send(script.await);
                assert!(sent.is_ok(), "the director waits for it");
            };
            let role = Role::Script(Box::pin(script));
            stage.enter(stage.here, role, SMALL_ROOM).await;
            running.push(output);
        }
        let mut outputs = Vec::with_capacity(running.len());
        for output in running {
            outputs.push(output.await.expect("a script does not panic"));
        }
        assert!(
            self.outputs.send(outputs).is_ok(),
            "`perform` waits for them"
        );
    }
}

/// Starts a topology with the cast on one of two threads, and runs the scripts on this one.
fn perform<F: Script>(
    threads: Threads,
    room: usize,
    roles: Vec<Role>,
    scripts: impl FnOnce(Vec<To>) -> Vec<F> + Send + 'static,
) -> Vec<F::Output> {
    let (send, outputs) = oneshot::channel();
    let play = Play {
        roles,
        room,
        scripts: Box::new(scripts),
        outputs: send,
    };
    let topology = topology(threads, play);
    let runtime = tasks::runtime();
    runtime.spawn(elfo::init::try_start(topology));
    let outputs = runtime.block_on(outputs);
    outputs.expect("the director does not panic")
}

fn topology<F: Script>(threads: Threads, play: Play<F>) -> Topology {
    let topology = Topology::empty();
    if threads == Threads::Two {
        topology.add_dedicated_rt(|actor| actor.group == "there", another_thread());
    }
    let configurers = topology.local("system.configurers").entrypoint();
    let directors = topology.local("directors");
    let (here, there) = (topology.local("here"), topology.local("there"));
    let (here_group, there_group) = (here.addr(), there.addr());
    let wings = Arc::new(Mutex::new(Wings::default()));
    here.mount(group(&wings));
    there.mount(group(&wings));
    let play = Mutex::new(Some(play));
    directors.mount(ActorGroup::new().exec(move |context| {
        let stage = Stage {
            wings: Arc::clone(&wings),
            context: Arc::new(context.pruned()),
            here: here_group,
            there: there_group,
        };
        *STAGE.lock().unwrap_or_else(PoisonError::into_inner) = Some(stage.clone());
        let play = play.lock().unwrap_or_else(PoisonError::into_inner).take();
        play.expect("it is directed once").direct(stage)
    }));
    let config = serde_json::json!({});
    configurers.mount(elfo::batteries::configurer::fixture(&topology, config));
    topology
}

/// A runtime on a thread of its own.
fn another_thread() -> Handle {
    let (send, handle) = mpsc::channel();
    thread::Builder::new()
        .name("there".to_owned())
        .spawn(move || {
            let runtime = tasks::runtime();
            send.send(runtime.handle().clone())
                .expect("the first thread waits for it");
            runtime.block_on(pending::<()>());
        })
        .expect("the machine has room for a thread");
    handle.recv().expect("the thread does not panic")
}

impl Actors for Elfo {
    type Counter<M: Payload> = To;
    type Relay<M: Payload> = To;
    type Busy = To;

    fn counters<M: Payload, F: Script>(
        threads: Threads,
        room: usize,
        tallies: Vec<Tally>,
        scripts: impl FnOnce(Vec<To>) -> Vec<F> + Send + 'static,
    ) -> Vec<F::Output> {
        let roles = tallies.into_iter().map(Role::Counter).collect();
        perform(threads, room, roles, scripts)
    }

    async fn tell<M: Payload>(to: &To, message: M) {
        let (context, number) = (&to.context, message.number());
        let sent = if is_small::<M>() {
            context.send_to(to.actor, small(number)).await.is_ok()
        } else {
            context.send_to(to.actor, large(number)).await.is_ok()
        };
        assert!(sent, "the counter lives");
    }

    async fn ask<M: Payload>(to: &To, message: M) -> u64 {
        let (context, number) = (&to.context, message.number());
        let answer = if is_small::<M>() {
            let question = AskSmall(small(number).0);
            context.request_to(to.actor, question).resolve().await
        } else {
            let question = AskLarge(large(number).0);
            context.request_to(to.actor, question).resolve().await
        };
        answer.expect("the counter answers")
    }

    async fn life<M: Payload>(tally: Tally, message: M) {
        let stage = STAGE.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let stage = stage.expect("a script runs on a stage");
        let counter = stage
            .enter(stage.there, Role::Counter(tally), SMALL_ROOM)
            .await;
        Self::tell(&counter, message).await;
        let halted = counter.context.send_to(counter.actor, Halt).await;
        assert!(halted.is_ok(), "the counter lives");
        counter.context.finished(counter.actor).await;
    }

    fn ring<M: Payload, F: Script>(
        tallies: Vec<Tally>,
        script: impl FnOnce(To) -> F + Send + 'static,
    ) -> F::Output {
        let links: Vec<Link<To>> = tallies.iter().map(|_| Link::default()).collect();
        let relays = tallies.into_iter().zip(links.clone());
        let roles = relays
            .map(|(tally, link)| Role::Relay(tally, link))
            .collect();
        let scripts = move |relays: Vec<To>| {
            close_ring(&relays, &links);
            vec![script(relays[0].clone())]
        };
        perform(Threads::One, SMALL_ROOM, roles, scripts).swap_remove(0)
    }

    async fn pass<M: Payload>(to: &To, message: M) {
        let sent = to.context.send_to(to.actor, small(message.number())).await;
        assert!(sent.is_ok(), "the relay lives");
    }

    fn busy<F: Script>(
        room: usize,
        worker: Worker,
        script: impl FnOnce(To) -> F + Send + 'static,
    ) -> F::Output {
        let scripts = move |mut busy: Vec<To>| vec![script(busy.swap_remove(0))];
        perform(Threads::One, room, vec![Role::Busy(worker)], scripts).swap_remove(0)
    }

    async fn queue(to: &To) {
        let sent = to.context.send_to(to.actor, Job).await;
        assert!(sent.is_ok(), "the worker lives");
    }

    fn urge(to: &To) {
        let sent = to.context.try_send_to(to.actor, Urgent);
        assert!(sent.is_ok(), "there is room");
    }

    fn stop(to: &To) {
        let sent = to.context.try_send_to(to.actor, Terminate::default());
        assert!(sent.is_ok(), "there is room");
    }
}
