//! What is wrong with a graph and with what its devices claim of the board.

use super::{code, fitting};
use crate::board::{claim_for_guardian, with_real_parts};
use crate::config::{Leaf, Loaded, RobotConfig};
use crate::finding::{Finding, FindingKind};
use crate::robot::Robot;
use crate::source::Place;
use sinew_board::{Board, ClaimInfo, Clash, Pin, PwmChannel, Resource};
use sinew_mock::Mock;
use sinew_runtime::{Graph, GraphFinding};
use std::collections::BTreeMap;

/// Wires the graph on a board that collects claims and opens nothing.
pub(super) fn check<C: RobotConfig>(
    robot: Robot<C>,
    loaded: &Loaded<C>,
) -> (Option<Graph>, Vec<ClaimInfo>, Vec<Finding>) {
    let board = with_real_parts(Board::new(Mock::new(0).backends()), &loaded.board).collecting();
    let graph = match (robot.graph)(&board, &loaded.config) {
        Ok(graph) => graph,
        Err(error) => {
            let (message, help) = told(&error.to_string(), "correct the robot's graph function");
            let message = format!("the graph of {:?} cannot be wired: {message}", robot.name);
            let finding = Finding::new(FindingKind::Wiring, message, help);
            return (None, board.claims(), vec![finding]);
        }
    };
    let claims = board.claims();
    // What the guardian claims is no part of the body. On a board that collects, no claim is refused.
    let _ = claim_for_guardian(&board, &loaded.board);
    let places = Places {
        leaves: &loaded.leaves,
        graph: &graph,
    };
    let mut findings: Vec<Finding> = board
        .clashes()
        .iter()
        .map(|clash| clash_finding(clash, &places))
        .collect();
    findings.extend(unused_names(&claims, loaded));
    findings.extend(unused_real_parts(&claims, loaded));
    findings.extend(fitting::compare(
        &claims,
        &(robot.body)(&loaded.config).fits(),
        &places,
    ));
    findings.extend(
        graph
            .findings()
            .iter()
            .map(|finding| graph_finding(&graph, finding)),
    );
    (Some(graph), claims, findings)
}

/// Where a claimed thing is written: in the file, else where the code adds the node that claims it.
pub(super) struct Places<'a> {
    leaves: &'a [Leaf],
    graph: &'a Graph,
}

impl Places<'_> {
    /// All places of a resource, those of the file first.
    pub(super) fn of(&self, what: &Resource, owners: &[Option<&String>]) -> Vec<Place> {
        let mut written = written(what, self.leaves);
        // A third node may have written the same place: what the owners' own sections say comes first.
        let is_owners = |leaf: &&Leaf| owners.iter().flatten().any(|owner| is_of(leaf, owner));
        if written.iter().any(is_owners) {
            written.retain(is_owners);
        }
        let written = written.into_iter().map(|leaf| leaf.place.clone());
        let added = owners
            .iter()
            .flatten()
            .filter_map(|owner| code::place(code::of_node(self.graph, owner)?));
        let mut places: Vec<Place> = Vec::new();
        for place in written.chain(added) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }
}

/// A finding about the graph, with the line of code that makes it so.
fn graph_finding(graph: &Graph, finding: &GraphFinding) -> Finding {
    let (message, help) = told(&finding.to_string(), "correct the robot's graph function");
    let message = format!("graph {:?}: {message}", graph.name());
    let Some(at) = code::of_finding(graph, finding) else {
        return Finding::new(FindingKind::Graph, message, help);
    };
    match code::place(at) {
        Some(place) => Finding::new(FindingKind::Graph, message, help).at(place),
        // The program runs where its sources are not.
        None => Finding::new(FindingKind::Graph, format!("{message} ({at})"), help),
    }
}

/// What is wrong and what to do about it: other crates' errors say both in one text, the remedy after a semicolon.
fn told(text: &str, otherwise: &str) -> (String, String) {
    match text.split_once("; ") {
        Some((message, help)) => (message.to_owned(), help.to_owned()),
        None => (text.to_owned(), otherwise.to_owned()),
    }
}

fn clash_finding(clash: &Clash, places: &Places<'_>) -> Finding {
    let text = clash.to_string();
    let (message, help) = text
        .rsplit_once("; ")
        .unwrap_or((&text, "give each its own"));
    let mut finding = Finding::new(FindingKind::Clash, message, help);
    let owners = [clash.first.owner.as_ref(), clash.second.owner.as_ref()];
    let first = places.of(&clash.first.what, &owners);
    let second = places
        .of(&clash.second.what, &owners)
        .into_iter()
        .filter(|place| !first.contains(place));
    let mut all = first.clone().into_iter().chain(second);
    if let Some(place) = all.next() {
        finding = finding.at(place);
    }
    all.fold(finding, |finding, place| {
        finding.see_also(place, "and here")
    })
}

/// Whether a value stands in the section that is called as the node is: `left_encoder` for `left-encoder`.
fn is_of(leaf: &Leaf, node: &str) -> bool {
    let section = leaf.name.split('.').next().unwrap_or_default();
    section.replace('_', "-") == node.replace('_', "-")
}

/// The values of the file that name a resource.
fn written<'l>(what: &Resource, leaves: &'l [Leaf]) -> Vec<&'l Leaf> {
    let names = |leaf: &&Leaf| match (what, &leaf.text) {
        (Resource::Pin(pin), Some(text)) => text.parse::<Pin>().is_ok_and(|other| other == *pin),
        (Resource::Pwm(channel), Some(text)) => text
            .parse::<PwmChannel>()
            .is_ok_and(|other| other == *channel),
        (Resource::Serial { port, device }, Some(text)) => {
            text == port || device.as_ref() == Some(text)
        }
        (Resource::I2c { address, .. }, None) => {
            leaf.name.ends_with("address") && number(leaf.place.text()) == Some(*address)
        }
        _ => false,
    };
    leaves.iter().filter(names).collect()
}

fn number(text: &str) -> Option<u8> {
    match text.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Ports that the file maps and no device claims.
/// Pins and buses that were said to be real, and that nobody uses.
fn unused_real_parts<C>(claims: &[ClaimInfo], loaded: &Loaded<C>) -> Vec<Finding> {
    let pins = loaded.board.real_pins.iter().filter(|pin| {
        let used = |claim: &ClaimInfo| matches!(&claim.what, Resource::Pin(used) if used == *pin);
        !claims.iter().any(used)
    });
    let buses = loaded.board.real_i2c.iter().filter(|bus| {
        let used = |claim: &ClaimInfo| matches!(&claim.what, Resource::I2c { bus: used, .. } if used == *bus);
        !claims.iter().any(used)
    });
    let channels = loaded.board.real_pwm.iter().filter(|channel| {
        let used =
            |claim: &ClaimInfo| matches!(&claim.what, Resource::Pwm(used) if used == *channel);
        !claims.iter().any(used)
    });
    let pins = pins.map(|pin| ("real_pins", pin.to_string()));
    let channels = channels.map(|channel| ("real_pwm", channel.to_string()));
    let pins = pins.chain(channels);
    let buses = buses.map(|bus| ("real_i2c", format!("I2C{bus}")));
    pins.chain(buses)
        .map(|(key, what)| {
            let message = format!("{key} names {what}, which no device of this robot claims");
            Finding::new(FindingKind::UnusedPort, message, "remove it there")
        })
        .collect()
}

/// Names that `[board.ports]` and `[board.input_devices]` map and no device claims.
fn unused_names<C>(claims: &[ClaimInfo], loaded: &Loaded<C>) -> Vec<Finding> {
    let (mut ports, mut devices) = (Vec::new(), Vec::new());
    for claim in claims {
        match &claim.what {
            Resource::Serial { port, .. } => ports.push(port.as_str()),
            Resource::InputDevice { name, .. } => devices.push(name.as_str()),
            _ => {}
        }
    }
    let board = &loaded.board;
    let ports = unused(&board.ports, &ports, ("ports", "serial port"), loaded);
    let devices = unused(
        &board.input_devices,
        &devices,
        ("input_devices", "input device"),
        loaded,
    );
    ports.into_iter().chain(devices).collect()
}

fn unused<C>(
    mapped: &BTreeMap<String, String>,
    claimed: &[&str],
    (table, what): (&str, &str),
    loaded: &Loaded<C>,
) -> Vec<Finding> {
    let unused = mapped
        .keys()
        .filter(|name| !claimed.contains(&name.as_str()));
    let finding = |name: &String| {
        let help = if claimed.is_empty() {
            format!("remove the line: no device of this robot uses one ({what})")
        } else {
            let claimed = claimed.join(", ");
            format!("remove the line, or use a name that a device claims: {claimed}")
        };
        let message = format!("no device uses the {what} `{name}`");
        let finding = Finding::new(FindingKind::UnusedPort, message, help);
        let leaf = format!("board.{table}.{name}");
        match loaded.leaves.iter().find(|it| it.name == leaf) {
            Some(leaf) => finding.at(leaf.place.clone()),
            None => finding,
        }
    };
    unused.map(finding).collect()
}
