//! A caterpillar of seventeen: a source, a chain of eight that pass on, and a sink behind each of these.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sinew_runtime::{Actor, Address, Context, Emits, Failure, Graph, Handler, Node};

use super::actors::Counter;
use super::{once, stage, stop_all};
use crate::course::{Chunk, Course, Reading, Sample};
use crate::payload::{Payload, Small};

/// Links of the chain.
const LINKS: usize = 8;
/// Values that an edge keeps: no two are on the way at once.
const KEPT: usize = 4;
/// How much longer than others it is measured where values are far apart.
const LONGER: u32 = 10;

/// When the last value was published.
type Published = Arc<Mutex<Option<Reading>>>;

/// Publishes a value when it is told to.
struct Source {
    published: Published,
}

/// The word to publish a value.
struct GoOn;

/// Passes on what it gets.
#[derive(Clone)]
struct Link;

impl Actor for Source {}

impl Emits<Small> for Source {}

impl Handler<GoOn> for Source {
    type Reply = ();

    async fn handle(&mut self, _: GoOn, ctx: &mut Context<Self>) -> Result<(), Failure> {
        *lock(&self.published) = Some(Reading::now());
        ctx.publish(Small::of(0));
        Ok(())
    }
}

impl Actor for Link {}

impl Emits<Small> for Link {}

impl Handler<Small> for Link {
    type Reply = ();

    async fn handle(&mut self, value: Small, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(value);
        Ok(())
    }
}

/// Measures, for each value, from its publication until the last sink has handled it.
pub fn measure(apart: Duration, budget: Duration) -> Vec<Sample> {
    let chunk = Chunk {
        receivers: LINKS,
        each: 1,
        sum: 0,
    };
    let budget = if apart.is_zero() {
        budget
    } else {
        budget * LONGER
    };
    let mut course = Course::new(chunk, budget);
    let published = Published::default();
    let mut graph = Graph::new("caterpillar");
    let source = graph.add(
        "source",
        once(Source {
            published: Arc::clone(&published),
        }),
    );
    let (links, sinks) = grow(&mut graph, &source, &course);
    let begin = source.address();
    let script = async move {
        while course.goes_on() {
            begin.tell(GoOn).await.expect("the source lives");
            let arrived = course.checked().await;
            let began = lock(&published).take().expect("it was published");
            course.take(began, arrived);
            if !apart.is_zero() {
                tokio::time::sleep(apart).await;
            }
        }
        course.samples()
    };
    let (links, sinks) = (stop_all(&links), stop_all(&sinks));
    let source = source.address();
    let samples = stage::play_one(graph, script, move || {
        source.stop();
        links();
        sinks();
    });
    samples.into_iter().map(end_to_end).collect()
}

/// Adds the chain and its sinks.
fn grow(
    graph: &mut Graph,
    source: &Node<Source>,
    course: &Course,
) -> (Vec<Address<Link>>, Vec<Address<Counter<Small>>>) {
    let links: Vec<_> = (1..=LINKS)
        .map(|number| graph.add(&format!("link-{number}"), Link))
        .collect();
    graph
        .connect(source.out::<Small>(), &links[0])
        .keep_oldest(KEPT);
    for pair in links.windows(2) {
        graph
            .connect(pair[0].out::<Small>(), &pair[1])
            .keep_oldest(KEPT);
    }
    let mut sinks = Vec::with_capacity(LINKS);
    for (number, link) in links.iter().enumerate() {
        let counter = once(Counter::<Small>::of(course.tally()));
        let sink = graph.add(&format!("sink-{number}"), counter);
        graph.connect(link.out::<Small>(), &sink).keep_oldest(KEPT);
        sinks.push(sink.address());
    }
    (links.iter().map(Node::address).collect(), sinks)
}

/// The whole time, not that of a message: each sink gets one.
fn end_to_end(sample: Sample) -> Sample {
    Sample {
        nanos: sample.nanos * LINKS as f64,
        ..sample
    }
}

fn lock(published: &Published) -> MutexGuard<'_, Option<Reading>> {
    published.lock().unwrap_or_else(PoisonError::into_inner)
}
