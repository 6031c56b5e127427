//! Numbers of an actor that are changed while it runs.

use crate::common::{Log, at_ms, ms, simulated};
use sinew_runtime::{
    Actor, Context, Factory, Failure, Graph, Handler, Injection, Parameter, ParameterError, System,
};

/// Notes its gain at each tick.
struct Tuned {
    gain: Parameter,
    log: Log<f64>,
}

#[derive(Clone)]
struct Look;

impl Actor for Tuned {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(10), Look);
        Ok(())
    }
}

impl Handler<Look> for Tuned {
    type Reply = ();
    async fn handle(&mut self, _: Look, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(self.gain.get());
        Ok(())
    }
}

fn tuned(graph: &mut Graph, node: &str) -> Log<f64> {
    let (gain, other) = (
        Parameter::new("gain", 2.0, 0.0..=1.0),
        Parameter::new("loop.limit", 3.0, 0.0..=5.0),
    );
    let log = Log::new();
    let (mine, notes) = (gain.clone(), log.clone());
    let make = move || {
        Ok(Tuned {
            gain: mine.clone(),
            log: notes.clone(),
        })
    };
    graph.add(node, Factory::new(make).parameter(&gain).parameter(&other));
    log
}

fn system() -> (System, Log<f64>, Log<f64>) {
    let mut graph = Graph::new("tuned");
    let (left, right) = (tuned(&mut graph, "left"), tuned(&mut graph, "left.gain"));
    (simulated(graph), left, right)
}

#[test]
fn a_parameter_is_changed_while_its_actor_runs_and_outlives_a_restart() {
    let (mut system, left, right) = system();
    let handle = system.handle();
    system.run_until(at_ms(10));
    handle.set_parameter("left.gain", 0.5).unwrap();
    system.run_until(at_ms(20));
    assert!(handle.inject("left", Injection::Panic));
    system.run_until(at_ms(1_000));
    let seen = left.take();
    assert_eq!(seen[..2], [2.0, 0.5]);
    assert!(seen[2..].len() > 5, "it was restarted");
    assert!(seen[2..].iter().all(|gain| *gain == 0.5), "{seen:?}");
    assert!(
        right.take().iter().all(|gain| *gain == 2.0),
        "the other's is its own"
    );
}

#[test]
fn only_a_value_of_its_range_or_its_first_one_is_taken() {
    let (system, ..) = system();
    let handle = system.handle();
    for value in [-0.1, 2.1, f64::NAN, f64::INFINITY] {
        let error = handle.set_parameter("left.gain", value).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("left.gain may be 0 to 2"), "{text}");
    }
    assert_eq!(handle.parameters()[0].value, 2.0, "it kept the one it had");
    handle.set_parameter("left.gain", 0.0).unwrap();
    handle.set_parameter("left.gain", 2.0).unwrap();
}

#[test]
fn parameters_are_listed_in_the_order_of_the_graph_and_an_unknown_name_lists_them() {
    let (system, ..) = system();
    let handle = system.handle();
    let wanted = [
        "left.gain",
        "left.loop.limit",
        "left.gain.gain",
        "left.gain.loop.limit",
    ];
    let all = || handle.parameters().into_iter();
    let names: Vec<_> = all().map(|info| info.name).collect();
    assert_eq!(names, wanted);
    handle.set_parameter("left.gain.loop.limit", 1.0).unwrap();
    let values: Vec<_> = all().map(|info| info.value).collect();
    assert_eq!(
        values,
        [2.0, 3.0, 2.0, 1.0],
        "the right one of two that begin alike"
    );
    for unknown in ["", ".", "left", "left.", "gain", "left.gainx", "left.gain."] {
        let error = handle.set_parameter(unknown, 1.0).unwrap_err();
        let ParameterError::Unknown { known, .. } = &error else {
            panic!("{unknown:?}: {error}")
        };
        assert_eq!(*known, wanted);
    }
}
