//! What tests of actors need: a run in which no failure stays hidden, probes that say what came, and many orders.
//!
//! A [`Trial`] runs a graph in virtual time and fails its test if an actor failed or panicked that the test did not
//! name. A [`Probe`] is an actor that stands where others send to; the test says what it expects there, and within
//! which time. [`explore`] carries a test out under many seeds, each of which decides the order that the graph leaves
//! open, and names the first one under which it fails.
//!
//! ```
//! use sinew_runtime::testing::{Probe, Trial, explore};
//! use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler};
//! use std::time::Duration;
//!
//! /// Publishes the half of what it is told.
//! #[derive(Clone)]
//! struct Halver;
//!
//! impl Actor for Halver {}
//! impl Emits<u32> for Halver {}
//! impl Handler<u32> for Halver {
//!     type Reply = ();
//!     async fn handle(&mut self, number: u32, ctx: &mut Context<Self>) -> Result<(), Failure> {
//!         if number % 2 == 1 {
//!             return Err(Failure::new("it is odd"));
//!         }
//!         ctx.publish(number / 2);
//!         Ok(())
//!     }
//! }
//!
//! let ms = Duration::from_millis;
//! let orders = explore(1..=20, |seed| {
//!     let mut graph = Graph::new("halving");
//!     let halves = Probe::<u32>::new();
//!     let probe = graph.add("probe", halves.clone());
//!     let nodes = ["first", "second"].map(|name| graph.add(name, Halver));
//!     for node in &nodes {
//!         graph.connect(node, &probe);
//!         node.address().try_tell(42).unwrap();
//!     }
//!     let mut trial = Trial::seeded(graph, seed);
//!     assert_eq!(*halves.expect(&mut trial, ms(1)), 21);
//!     assert_eq!(*halves.expect(&mut trial, ms(1)), 21);
//!     halves.expect_silence(&mut trial, ms(10));
//!
//!     // A test that means to see an actor fail says so.
//!     let mut trial = trial.may_fail("first");
//!     nodes[0].address().try_tell(43).unwrap();
//!     halves.expect_silence(&mut trial, ms(10));
//!     assert_eq!(trial.failures()[0].why, "failed: it is odd");
//!     trial
//! });
//! orders.expect_traces(2);
//! ```

mod explore;
mod failures;
mod probe;
mod record;
mod replay;
mod trial;

pub use explore::{Explored, explore};
pub(crate) use failures::Failures;
pub use failures::NodeFailure;
pub use probe::Probe;
pub use record::Received;
pub use replay::{SEED_VARIABLE, again, seed_of_environment};
pub use trial::Trial;
