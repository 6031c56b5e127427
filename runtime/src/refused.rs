//! What the compiler refuses, each beside its sound twin, which shows that nothing else is wrong with it.
//!
//! # An edge begins only at what emits its message
//!
//! ```
//! # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler};
//! #[derive(Clone)]
//! struct Sonar;
//! impl Actor for Sonar {}
//! impl Emits<f64> for Sonar {}
//! # #[derive(Clone)]
//! # struct Reflex;
//! # impl Actor for Reflex {}
//! # impl Handler<f64> for Reflex {
//! #     type Reply = ();
//! #     async fn handle(&mut self, _: f64, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
//! # }
//! let mut graph = Graph::new("robot");
//! let sonar = graph.add("sonar", Sonar);
//! let reflex = graph.add("reflex", Reflex);
//! graph.connect(&sonar, &reflex);
//! ```
//!
//! ```compile_fail,E0277
//! # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler};
//! #[derive(Clone)]
//! struct Sonar;
//! impl Actor for Sonar {}
//! # #[derive(Clone)]
//! # struct Reflex;
//! # impl Actor for Reflex {}
//! # impl Handler<f64> for Reflex {
//! #     type Reply = ();
//! #     async fn handle(&mut self, _: f64, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
//! # }
//! let mut graph = Graph::new("robot");
//! let sonar = graph.add("sonar", Sonar);
//! let reflex = graph.add("reflex", Reflex);
//! graph.connect(&sonar, &reflex);
//! ```
//!
//! # An edge ends only at what handles its message
//!
//! ```
//! # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler};
//! # #[derive(Clone)]
//! # struct Sonar;
//! # impl Actor for Sonar {}
//! # impl Emits<f64> for Sonar {}
//! #[derive(Clone)]
//! struct Reflex;
//! impl Actor for Reflex {}
//! impl Handler<f64> for Reflex {
//!     type Reply = ();
//!     async fn handle(&mut self, _: f64, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
//! }
//! # let mut graph = Graph::new("robot");
//! # let sonar = graph.add("sonar", Sonar);
//! # let reflex = graph.add("reflex", Reflex);
//! graph.connect(sonar.out::<f64>(), &reflex);
//! ```
//!
//! ```compile_fail,E0277
//! # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler};
//! # #[derive(Clone)]
//! # struct Sonar;
//! # impl Actor for Sonar {}
//! # impl Emits<f64> for Sonar {}
//! #[derive(Clone)]
//! struct Reflex;
//! impl Actor for Reflex {}
//! # let mut graph = Graph::new("robot");
//! # let sonar = graph.add("sonar", Sonar);
//! # let reflex = graph.add("reflex", Reflex);
//! graph.connect(sonar.out::<f64>(), &reflex);
//! ```
//!
//! # A silence is told only to what handles it
//!
//! ```
//! # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler, Silence};
//! # use std::time::Duration;
//! # #[derive(Clone)]
//! # struct Sonar;
//! # impl Actor for Sonar {}
//! # impl Emits<f64> for Sonar {}
//! # #[derive(Clone)]
//! # struct Reflex;
//! # impl Actor for Reflex {}
//! # impl Handler<f64> for Reflex {
//! #     type Reply = ();
//! #     async fn handle(&mut self, _: f64, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
//! # }
//! impl Handler<Silence<f64>> for Reflex {
//!     type Reply = ();
//!     async fn handle(&mut self, _: Silence<f64>, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
//! }
//! # let mut graph = Graph::new("robot");
//! # let sonar = graph.add("sonar", Sonar);
//! # let reflex = graph.add("reflex", Reflex);
//! graph.connect(&sonar, &reflex).silence_after(Duration::from_millis(200));
//! ```
//!
//! ```compile_fail,E0277
//! # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler, Silence};
//! # use std::time::Duration;
//! # #[derive(Clone)]
//! # struct Sonar;
//! # impl Actor for Sonar {}
//! # impl Emits<f64> for Sonar {}
//! # #[derive(Clone)]
//! # struct Reflex;
//! # impl Actor for Reflex {}
//! # impl Handler<f64> for Reflex {
//! #     type Reply = ();
//! #     async fn handle(&mut self, _: f64, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
//! # }
//! # let mut graph = Graph::new("robot");
//! # let sonar = graph.add("sonar", Sonar);
//! # let reflex = graph.add("reflex", Reflex);
//! graph.connect(&sonar, &reflex).silence_after(Duration::from_millis(200));
//! ```
//!
//! # A node is only what can be built again
//!
//! ```
//! # use sinew_runtime::{Actor, Factory, Graph};
//! struct Port(std::net::UdpSocket);
//! impl Actor for Port {}
//! # let mut graph = Graph::new("robot");
//! graph.add("port", Factory::new(|| Ok(Port(std::net::UdpSocket::bind("127.0.0.1:0")?))));
//! ```
//!
//! ```compile_fail,E0277
//! # use sinew_runtime::{Actor, Factory, Graph};
//! struct Port(std::net::UdpSocket);
//! impl Actor for Port {}
//! # let mut graph = Graph::new("robot");
//! graph.add("port", Port(std::net::UdpSocket::bind("127.0.0.1:0").unwrap()));
//! ```
//!
//! # A command is obeyed only with its lease
//!
//! ```
//! # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler, Leased};
//! # #[derive(Clone)]
//! # struct Pilot;
//! # impl Actor for Pilot {}
//! # impl Emits<f64> for Pilot {}
//! # #[derive(Clone)]
//! # struct Drive;
//! # impl Actor for Drive {}
//! impl Handler<Leased<f64>> for Drive {
//!     type Reply = ();
//!     async fn handle(&mut self, _: Leased<f64>, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
//! }
//! # let mut graph = Graph::new("robot");
//! # let pilot = graph.add("pilot", Pilot);
//! # let drive = graph.add("drive", Drive);
//! graph.command(&pilot, &drive);
//! ```
//!
//! ```compile_fail,E0277
//! # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler, Leased};
//! # #[derive(Clone)]
//! # struct Pilot;
//! # impl Actor for Pilot {}
//! # impl Emits<f64> for Pilot {}
//! # #[derive(Clone)]
//! # struct Drive;
//! # impl Actor for Drive {}
//! impl Handler<f64> for Drive {
//!     type Reply = ();
//!     async fn handle(&mut self, _: f64, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
//! }
//! # let mut graph = Graph::new("robot");
//! # let pilot = graph.add("pilot", Pilot);
//! # let drive = graph.add("drive", Drive);
//! graph.command(&pilot, &drive);
//! ```
