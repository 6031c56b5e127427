//! What is wrong with a graph is found before it runs, all at once, each with its remedy.

use crate::common::{Void, made, ms};
use serde::{Deserialize, Serialize};
use sinew_runtime::{
    Actor, Context, Emits, Failure, Graph, GraphFinding, Handler, LONGEST_LEASE, Leased, Needs,
    Silence, System, WiringError,
};
use std::time::Duration;

/// A distance.
#[derive(Clone, Serialize, Deserialize)]
struct Near(f64);

/// A speed that is wanted.
#[derive(Clone, Serialize, Deserialize)]
struct Speed(f64);

/// Emits both.
#[derive(Clone)]
struct Source;

impl Actor for Source {}
impl Emits<Near> for Source {}
impl Emits<Speed> for Source {}

/// Needs both.
#[derive(Clone)]
struct Drive;

impl Actor for Drive {
    fn needs(needs: &mut Needs) {
        needs.value::<Near>().command::<Speed>();
    }
}

macro_rules! takes {
    ($($type:ty),+) => {
        $(impl Handler<$type> for Drive {
            type Reply = ();
            async fn handle(&mut self, _: $type, _: &mut Context<Self>) -> Result<(), Failure> {
                Ok(())
            }
        })+
    };
}

takes!(Near, Speed, Silence<Near>, Leased<Near>, Leased<Speed>);

/// The findings of a source and a drive that are wired like this.
fn findings(
    wire: impl FnOnce(&mut Graph, &sinew_runtime::Node<Source>, &sinew_runtime::Node<Drive>),
) -> Vec<String> {
    let mut graph = Graph::new("findings");
    let source = graph.add("source", Source);
    let drive = graph.add("drive", Drive);
    wire(&mut graph, &source, &drive);
    let found = graph.findings();
    assert!(
        found
            .iter()
            .all(|it| it.node() == "drive" || it.node() == "source")
    );
    let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
    match System::simulated(graph, 1, Box::new(Void)) {
        Ok(_) => assert!(texts.is_empty(), "it runs only without findings"),
        Err(error) => assert_eq!(error.to_string(), texts.join("\n"), "all at once"),
    }
    texts
}

#[test]
fn a_sound_graph_has_no_findings() {
    let found = findings(|graph, source, drive| {
        graph
            .connect(source.out::<Near>(), drive)
            .keep_newest(1)
            .silence_after(ms(1));
        graph
            .command(source.out::<Speed>(), drive)
            .lease(LONGEST_LEASE);
    });
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn what_a_node_needs_and_nobody_brings_is_found() {
    let found = findings(|_, _, _| {});
    assert_eq!(
        found,
        [
            "nothing emits `Near` to `drive`, which needs it; connect a node that emits it: \
             graph.connect(.., &drive)",
            "nothing commands `Speed` to `drive`, which needs it; connect a node that does: \
             graph.command(.., &drive)",
        ]
    );
}

#[test]
fn a_need_for_readings_is_not_met_by_commands_nor_the_reverse() {
    let found = findings(|graph, source, drive| {
        graph.command(source.out::<Near>(), drive);
        graph.connect(source.out::<Speed>(), drive);
    });
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn two_nodes_of_one_name_are_found_once() {
    let mut graph = Graph::new("findings");
    for _ in 0..3 {
        graph.add("twin", Source);
    }
    let found = graph.findings();
    assert_eq!(
        found,
        [GraphFinding::DuplicateName {
            name: "twin".into()
        }]
    );
    let text = "two nodes are called `twin`; give each a name of its own";
    assert_eq!(found[0].to_string(), text);
}

#[test]
fn two_that_command_one_are_found_with_both_their_names() {
    let mut graph = Graph::new("findings");
    let pilot = graph.add("pilot", Source);
    let reflex = graph.add("reflex", Source);
    let drive = graph.add("drive", Drive);
    graph.connect(pilot.out::<Near>(), &drive);
    graph.command(pilot.out::<Speed>(), &drive);
    graph.command(reflex.out::<Speed>(), &drive);
    // Another message commands something else.
    graph.command(reflex.out::<Near>(), &drive);
    let found = graph.findings();
    let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
    let wanted = "`pilot` and `reflex` both command `Speed` to `drive`; put one in series with the other, or \
                  an arbiter before `drive`";
    assert_eq!(texts, [wanted]);
}

#[test]
fn a_lease_too_long_or_of_no_length_is_found() {
    let lease = |lease: Duration| {
        findings(|graph, source, drive| {
            graph.connect(source.out::<Near>(), drive);
            graph.command(source.out::<Speed>(), drive).lease(lease);
        })
    };
    assert_eq!(
        lease(ms(1_001)),
        ["the lease of `Speed` from `source` to `drive` is 1001 ms; at most 1000 ms are allowed"]
    );
    assert_eq!(
        lease(Duration::ZERO),
        ["the lease of `Speed` from `source` to `drive` is zero; nothing would ever move"]
    );
    assert!(lease(ms(1_000)).is_empty());
}

#[test]
fn an_edge_that_keeps_nothing_is_found() {
    for newest in [true, false] {
        let found = findings(|graph, source, drive| {
            let edge = graph.connect(source.out::<Near>(), drive);
            if newest {
                edge.keep_newest(0);
            } else {
                edge.keep_oldest(0);
            }
            graph.command(source.out::<Speed>(), drive);
        });
        let wanted =
            "the edge of `Near` from `source` to `drive` keeps no value; let it keep at least one";
        assert_eq!(found, [wanted]);
    }
}

#[test]
fn a_silence_of_no_length_is_found() {
    let found = findings(|graph, source, drive| {
        graph
            .connect(source.out::<Near>(), drive)
            .silence_after(Duration::ZERO);
        graph.command(source.out::<Speed>(), drive);
    });
    let wanted = "`drive` is told of silence on `Near` from `source` after no time at all; let some pass: \
                  .silence_after(Duration::from_millis(..))";
    assert_eq!(found, [wanted]);
}

#[test]
fn a_graph_is_data_with_the_names_of_its_nodes_their_actors_and_its_edges() {
    use sinew_runtime::EdgeKind;
    let mut graph = Graph::new("robot");
    let source = graph.add("source", made(|| Source));
    let drive = graph.add("drive", Drive);
    graph
        .connect(source.out::<Near>(), &drive)
        .silence_after(ms(200));
    graph.command(source.out::<Speed>(), &drive);
    assert_eq!(graph.name(), "robot");
    let nodes: Vec<_> = graph
        .nodes()
        .iter()
        .map(|it| (it.name.as_str(), it.actor))
        .collect();
    assert_eq!(nodes, [("source", "Source"), ("drive", "Drive")]);
    let edges = graph.edges();
    assert_eq!(
        (edges[0].from.as_str(), edges[0].to.as_str()),
        ("source", "drive")
    );
    assert_eq!((edges[0].message, edges[1].message), ("Near", "Speed"));
    assert_eq!(edges[0].kind, EdgeKind::Latest);
    assert_eq!(edges[0].silence, Some(ms(200)));
    assert_eq!(edges[1].kind, EdgeKind::Command { lease: ms(250) });
}

#[test]
fn a_factory_is_told_the_name_of_its_node_when_it_is_added() {
    let told = crate::common::Log::new();
    let tell = told.clone();
    let factory = made(|| Source).named(move |name| tell.add(name.to_owned()));
    let mut graph = Graph::new("named");
    graph.add("left wheel", factory);
    assert_eq!(told.take(), ["left wheel"]);
}

#[test]
fn any_error_becomes_a_wiring_error_with_its_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("pin 4 is taken")]
    struct Taken;
    #[derive(Debug, thiserror::Error)]
    #[error("the sonar cannot be fitted")]
    struct Unfit(#[source] Taken);
    let wire = || -> Result<(), WiringError> { Err(Unfit(Taken))? };
    let error = wire().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the sonar cannot be fitted: pin 4 is taken"
    );
    assert_eq!(WiringError::new("no board").to_string(), "no board");
}
