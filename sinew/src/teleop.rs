//! A person's way into a graph: commands from a keyboard or a joystick, in place of the pilot's.
//!
//! It stands in series, before what keeps the robot from harm: `pilot -> teleop -> reflex -> drive`. So a person drives through
//! the same reflex as the pilot, under the same arming and with a lease on every command.

use sinew_messages::Twist;
use sinew_runtime::{
    Accepts, Actor, Context, Emits, Failure, Handler, Kept, Leased, Needs, SystemHandle,
};
use std::time::Duration;

/// What the node is called by convention; `teleop` and the control socket look for this name.
pub(crate) const NODE: &str = "teleop";

/// The longest that a person's command may stand: a key is pressed again sooner, or it was let go.
const LONGEST_LEASE: Duration = Duration::from_millis(300);

/// Passes the pilot's commands on, and a person's instead once there is one. **The pilot does not take over by itself again**: a
/// person who lets go leaves the robot standing, until they [hand it back](HandBack).
///
/// ```
/// use sinew::prelude::*;
/// # #[derive(Clone)] struct Pilot; impl Actor for Pilot {} impl Emits<Twist> for Pilot {}
/// # fn wire(graph: &mut Graph, pilot: &Node<Pilot>) {
/// let teleop = graph.add("teleop", Teleop::new());
/// graph.command(pilot.out::<Twist>(), &teleop);
/// // and on to whatever the pilot commanded before: graph.command(teleop.out::<Twist>(), &reflex);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Teleop {
    /// Whether a person drives; a restart changes nothing about it.
    is_driven: Kept<bool>,
}

impl Teleop {
    /// One through which the pilot drives.
    #[must_use]
    pub fn new() -> Self {
        Self {
            is_driven: Kept::new(false),
        }
    }
}

impl Default for Teleop {
    fn default() -> Self {
        Self::new()
    }
}

/// A person's command: it moves the robot until `lease` is over, 300 ms at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drive {
    /// How the robot is to move.
    pub twist: Twist,
    /// For how long, unless another command comes.
    pub lease: Duration,
}

/// The person gives the robot back to its pilot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandBack;

impl Actor for Teleop {
    fn needs(needs: &mut Needs) {
        needs.command::<Twist>();
    }

    fn dynamic(accepts: &mut Accepts<Self>) {
        accepts.on::<Drive>().on::<HandBack>();
    }
}

impl Emits<Twist> for Teleop {}

impl Handler<Leased<Twist>> for Teleop {
    type Reply = ();
    async fn handle(&mut self, it: Leased<Twist>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if !self.is_driven.get() {
            ctx.publish(it);
        }
        Ok(())
    }
}

impl Handler<Drive> for Teleop {
    type Reply = ();
    async fn handle(&mut self, it: Drive, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.is_driven.set(true);
        let until = ctx.now() + it.lease.min(LONGEST_LEASE);
        ctx.publish(Leased::new(it.twist, until));
        Ok(())
    }
}

impl Handler<HandBack> for Teleop {
    type Reply = ();
    async fn handle(&mut self, _: HandBack, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.is_driven.set(false);
        // Until the pilot's next word nothing of the person's stands.
        let until = ctx.now() + LONGEST_LEASE;
        ctx.publish(Leased::new(Twist::ZERO, until));
        Ok(())
    }
}

/// Hands a message to the robot's teleop node.
///
/// # Errors
///
/// Why not, and what to do: the robot has no such node, or it does not keep up.
pub(crate) fn tell<M: Send + 'static>(system: &SystemHandle, message: M) -> Result<(), String> {
    let Some(node) = system.any(NODE) else {
        return Err(format!(
            "this robot has no node {NODE:?}: add one between its pilot and its drive, see `sinew::Teleop`"
        ));
    };
    node.try_tell(Box::new(message)).map_err(|_| {
        format!(
            "the node {NODE:?} takes nothing: it has ended, or its messages wait; see `ctl status`"
        )
    })
}
