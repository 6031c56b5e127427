//! An actor of named tasks: each waits for something again and again, and has a function that shuts it down.
//!
//! A gardener looks at beds, as often as it is told, and waters one that is dry. It may be told of more beds while it
//! runs, and to forget one. When it stops, its tasks are shut down in reverse order: each function sees what came of
//! those before it, so that the journal, begun first, is closed last and knows of all others.

use sinew_runtime::{
    Actor, Closed, Context, Factory, Failure, Graph, Handler, InputId, Node, Reason,
};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// Where a gardener says what it does.
pub(crate) type Say = Arc<dyn Fn(String) + Send + Sync>;

/// Look at a bed at the end of each pause, so many times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    /// The bed, and the name of the task.
    pub(crate) bed: &'static str,
    /// The pause between two looks.
    pub(crate) pause: Duration,
    /// How many looks.
    pub(crate) times: u64,
}

/// Look at a bed no more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forget(pub(crate) &'static str);

/// How wet a bed is, from zero to one.
struct Wetness(&'static str, f32);

/// A bed was looked at as often as was said.
struct Watched(&'static str);

/// The pump gave a dose to a bed.
struct Dose(&'static str);

/// The pump gave a bed as many doses as it should.
struct Watered(&'static str);

/// A bed drier than this is watered.
const DRY: f32 = 0.5;
/// What a bed loses from one look to the next.
const LOSS: f32 = 0.25;
/// How much a dose is, how long it takes, and how many a dry bed gets.
const LITRES: f32 = 0.5;
const DOSE: Duration = Duration::from_millis(300);
const DOSES: u64 = 3;

/// Looks after beds.
struct Gardener {
    say: Say,
    tasks: BTreeMap<&'static str, InputId>,
    pumping: bool,
}

/// A graph with a gardener in it.
pub(crate) fn garden(say: Say) -> (Graph, Node<impl Handler<Watch> + Handler<Forget>>) {
    let mut graph = Graph::new("garden");
    let make = move || {
        Ok(Gardener {
            say: Arc::clone(&say),
            tasks: BTreeMap::new(),
            pumping: false,
        })
    };
    let gardener = graph.add("gardener", Factory::new(make));
    (graph, gardener)
}

impl Actor for Gardener {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let say = Arc::clone(&self.say);
        ctx.closer("journal", async move |closed: &Closed| {
            for task in closed.names() {
                say(match closed.result::<String>(task) {
                    Some(result) => format!("journal: {task} {result}"),
                    None => format!("journal: {task} was not shut down"),
                });
            }
            Ok(closed.names().count())
        });
        Ok(())
    }

    async fn stopped(&mut self, why: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let lines = ctx.closed().result::<usize>("journal");
        (self.say)(format!(
            "{why}; the journal has {} lines",
            lines.unwrap_or(&0)
        ));
        Ok(())
    }
}

impl Handler<Watch> for Gardener {
    type Reply = ();
    async fn handle(&mut self, watch: Watch, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let Watch { bed, pause, times } = watch;
        let wetness = Rc::new(Cell::new(1.0));
        let last = Rc::clone(&wetness);
        let look = async move || {
            sleep(pause).await;
            wetness.set(wetness.get() - LOSS);
            Wetness(bed, wetness.get())
        };
        let shut_down = async move |_: &Closed| Ok(format!("was left at {}", last.get()));
        let task = ctx.repeat(bed, look).times(times);
        let task = task.on_end(Watched(bed)).closer(shut_down).id();
        if let Some(before) = self.tasks.insert(bed, task) {
            ctx.close(before);
        }
        Ok(())
    }
}

impl Handler<Forget> for Gardener {
    type Reply = ();
    async fn handle(
        &mut self,
        Forget(bed): Forget,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        if let Some(task) = self.tasks.remove(bed) {
            ctx.close(task);
            (self.say)(format!("{bed} is forgotten"));
        }
        Ok(())
    }
}

impl Handler<Wetness> for Gardener {
    type Reply = ();
    async fn handle(
        &mut self,
        Wetness(bed, ratio): Wetness,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        (self.say)(format!("{bed} is at {ratio}"));
        if ratio < DRY && !self.pumping {
            self.water(bed, ctx);
        }
        Ok(())
    }
}

impl Gardener {
    /// Starts the pump for a bed. Only now it has to be shut down, and before all that was begun earlier.
    fn water(&mut self, bed: &'static str, ctx: &mut Context<Self>) {
        self.pumping = true;
        let litres = Rc::new(Cell::new(0.0));
        let given = Rc::clone(&litres);
        let dose = async move || {
            sleep(DOSE).await;
            litres.set(litres.get() + LITRES);
            Dose(bed)
        };
        let shut_down = async move |_: &Closed| {
            // A real one would close its valve here, and wait until it is closed.
            sleep(Duration::from_millis(50)).await;
            Ok(format!("is off after {} l", given.get()))
        };
        let pump = ctx.repeat("pump", dose).times(DOSES);
        pump.on_end(Watered(bed)).closer(shut_down);
    }
}

impl Handler<Dose> for Gardener {
    type Reply = ();
    async fn handle(&mut self, Dose(bed): Dose, _: &mut Context<Self>) -> Result<(), Failure> {
        (self.say)(format!("{bed} gets {LITRES} l"));
        Ok(())
    }
}

impl Handler<Watered> for Gardener {
    type Reply = ();
    async fn handle(
        &mut self,
        Watered(bed): Watered,
        _: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.pumping = false;
        (self.say)(format!("{bed} is watered"));
        Ok(())
    }
}

impl Handler<Watched> for Gardener {
    type Reply = ();
    async fn handle(
        &mut self,
        Watched(bed): Watched,
        _: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.tasks.remove(bed);
        (self.say)(format!("{bed} was watched"));
        Ok(())
    }
}
