//! A pool that grows and shrinks with its load, and who is in it, by their global names.
//!
//! A shell command prints orders, and each of its lines is a message. A foreman hands them on to a pool of smiths,
//! looks up in the registry who is there, and reads what nobody will ever handle.

use crate::smith::{Order, Smith};
use sinew_patterns::{
    Finished, Known, Names, Pool, Registry, ShellCommand, ShellEvent, ShellOutput, Work,
};
use sinew_runtime::{
    Actor, Address, Context, DeadLetter, Factory, Failure, Graph, Handler, System, SystemHandle,
    Time,
};
use std::sync::Arc;
use std::time::Duration;

/// Where the program says what it does.
type Say = Arc<dyn Fn(String) + Send + Sync>;

/// Eight orders at once, a quiet time, and a late one.
const ORDERS: &str =
    "echo 'nail\nhook\nhinge\nlock\nkey\nbell\nhoe\nplough'; sleep 1; echo horseshoe";
/// After how long without work a smith goes home.
const REST: Duration = Duration::from_millis(300);
/// How often the foreman looks who is there.
const LOOK: Duration = Duration::from_millis(50);

/// Look who is there.
#[derive(Clone)]
struct Look;

/// Hands orders on, and says what becomes of them.
#[derive(Clone)]
struct Foreman {
    system: SystemHandle,
    registry: Address<Registry>,
    smithy: Address<Pool<Smith, Order>>,
    say: Say,
    /// Whether more orders may come.
    open: bool,
    ordered: usize,
    made: usize,
    lost: usize,
    present: Vec<Known>,
}

impl Actor for Foreman {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.system.read_dead_letters(ctx.address().recipient());
        ctx.try_input("orders", ShellCommand::sh(ORDERS).start()?);
        ctx.every(LOOK, Look);
        // One who is sent away at once leaves what was ordered from him behind.
        let maker = Factory::new(Smith::maker(&self.registry));
        let stranger = ctx.child("stranger", maker).start()?;
        stranger.try_tell(Order("sword".to_owned()))?;
        stranger.stop();
        Ok(())
    }
}

impl Handler<ShellEvent> for Foreman {
    type Reply = ();
    async fn handle(&mut self, it: ShellEvent, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match it.output {
            ShellOutput::Stdout(line) => {
                self.ordered += 1;
                let work = Work::of(Order(line)).report_to(ctx.address().recipient());
                self.smithy.try_tell(work)?;
            }
            ShellOutput::Stderr(line) => (self.say)(format!("the command complains: {line}")),
            ShellOutput::Exit { status, .. } => {
                self.open = false;
                (self.say)(format!("no more orders: {status}"));
            }
        }
        Ok(())
    }
}

impl Handler<Finished<String>> for Foreman {
    type Reply = ();
    async fn handle(
        &mut self,
        it: Finished<String>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.made += 1;
        (self.say)(format!("piece {}: {}", it.job, it.result?));
        self.handle(Look, ctx).await
    }
}

impl Handler<DeadLetter> for Foreman {
    type Reply = ();
    async fn handle(&mut self, it: DeadLetter, _: &mut Context<Self>) -> Result<(), Failure> {
        self.lost += it.count;
        (self.say)(format!("dead letter to {}: {}", it.to, it.why));
        Ok(())
    }
}

impl Handler<Look> for Foreman {
    type Reply = ();
    async fn handle(&mut self, _: Look, _: &mut Context<Self>) -> Result<(), Failure> {
        let present = self.registry.ask(Names).await?;
        if present != self.present {
            let names: Vec<_> = present.iter().map(|it| it.name.as_str()).collect();
            (self.say)(format!("{} there: {}", names.len(), names.join(", ")));
            self.present = present;
        }
        if !self.open && self.made == self.ordered && self.present.len() == 1 {
            (self.say)(format!("{} made, {} lost", self.made, self.lost));
            self.system.stop();
        }
        Ok(())
    }
}

/// Runs the smithy until all orders are done and the smiths that are not needed have gone home.
pub(crate) fn show(say: Say) -> Result<(), Failure> {
    let mut graph = Graph::new("village");
    let registry = graph.add("registry", Registry::new()).address();
    let smiths = Pool::of(Smith::maker(&registry)).at_least(1).at_most(4);
    let smithy = graph.add("smithy", smiths.rest(REST)).address();
    let system = System::real(graph, None);
    let mut system = system.map_err(|error| Failure::new(error.to_string()))?;
    let foreman = Foreman {
        system: system.handle(),
        registry,
        smithy,
        say,
        open: true,
        ordered: 0,
        made: 0,
        lost: 0,
        present: Vec::new(),
    };
    system.spawn("foreman", foreman)?;
    system.run_until(Time::NEVER);
    system.shut_down();
    Ok(())
}
