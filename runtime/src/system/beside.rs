//! A system of one node in a process of its own, and what runs beside it.

use super::System;
use super::build::Setting;
use crate::clock::RealClock;
use crate::graph::Graph;
use crate::sched::Running;
use crate::{Time, WiringError};
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};

impl System {
    /// A system of one node, on the clock that its graph reads.
    pub(crate) fn of_node(graph: Graph) -> Result<Self, WiringError> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let clock = RealClock::absolute();
        let setting = Setting {
            seed: clock.now().nanos(),
            clock: Some(clock),
            environment: None,
            runtime: runtime.enable_all().build()?,
            pick: None,
        };
        Self::build_sound(graph, setting)
    }

    /// Has what is made meanwhile belong to the runtime in which the actors run.
    pub(crate) fn enter(&self) -> tokio::runtime::EnterGuard<'_> {
        self.runtime.enter()
    }

    /// Waits for something in the runtime in which the actors ran.
    pub(crate) fn block_on(&self, work: impl Future<Output = ()>) {
        self.runtime.block_on(work);
    }

    /// Runs the node until it has ended. `beside` runs with it, always first, and says whether the node may take turns
    /// meanwhile.
    pub(crate) fn run_beside(&mut self, mut beside: impl FnMut(&mut Context<'_>) -> bool) {
        self.start_crew();
        let _running = Running::begin();
        let scheduler = &mut self.scheduler;
        let run = async {
            let mut node = pin!(scheduler.run_real(Time::NEVER));
            poll_fn(|cx| {
                if beside(cx) {
                    node.as_mut().poll(cx)
                } else {
                    Poll::Pending
                }
            })
            .await;
        };
        self.runtime.block_on(tokio::task::unconstrained(run));
    }
}
