//! What is wrong with a graph and with what its devices claim of the board.

use super::fitting;
use crate::board::with_ports;
use crate::config::{Leaf, Loaded, RobotConfig};
use crate::finding::{Finding, FindingKind};
use crate::robot::Robot;
use sinew_board::{Board, ClaimInfo, Clash, Pin, PwmChannel, Resource};
use sinew_mock::Mock;
use sinew_runtime::Graph;

/// Wires the graph on a board that collects claims and opens nothing.
pub(super) fn check<C: RobotConfig>(
    robot: Robot<C>,
    loaded: &Loaded<C>,
) -> (Option<Graph>, Vec<Finding>) {
    let board = with_ports(Board::new(Mock::new(0).backends()), &loaded.board.ports).collecting();
    let graph = match (robot.graph)(&board, &loaded.config) {
        Ok(graph) => graph,
        Err(error) => {
            let (message, help) = told(&error.to_string(), "correct the robot's graph function");
            let message = format!("the graph of {:?} cannot be wired: {message}", robot.name);
            return (None, vec![Finding::new(FindingKind::Wiring, message, help)]);
        }
    };
    let claims = board.claims();
    let mut findings: Vec<Finding> = board
        .clashes()
        .iter()
        .map(|clash| clash_finding(clash, &loaded.leaves))
        .collect();
    findings.extend(unused_ports(&claims, loaded));
    findings.extend(fitting::compare(
        &claims,
        &(robot.body)(&loaded.config).fits(),
        &loaded.leaves,
    ));
    findings.extend(graph.findings().iter().map(|finding| {
        let (message, help) = told(&finding.to_string(), "correct the robot's graph function");
        Finding::new(
            FindingKind::Graph,
            format!("graph {:?}: {message}", graph.name()),
            help,
        )
    }));
    (Some(graph), findings)
}

/// What is wrong and what to do about it: other crates' errors say both in one text, the remedy after a semicolon.
fn told(text: &str, otherwise: &str) -> (String, String) {
    match text.split_once("; ") {
        Some((message, help)) => (message.to_owned(), help.to_owned()),
        None => (text.to_owned(), otherwise.to_owned()),
    }
}

fn clash_finding(clash: &Clash, leaves: &[Leaf]) -> Finding {
    let text = clash.to_string();
    let (message, help) = text
        .rsplit_once("; ")
        .unwrap_or((&text, "give each its own"));
    let mut finding = Finding::new(FindingKind::Clash, message, help);
    let mut places = [&clash.first, &clash.second]
        .into_iter()
        .flat_map(|claim| written(&claim.what, leaves));
    let mut seen = Vec::new();
    if let Some(leaf) = places.next() {
        seen.push(leaf.name.as_str());
        finding = finding.at(leaf.place.clone());
    }
    for leaf in places {
        if !seen.contains(&leaf.name.as_str()) {
            seen.push(&leaf.name);
            finding = finding.see_also(leaf.place.clone(), "and here");
        }
    }
    finding
}

/// The values of the file that name a resource.
pub(super) fn written<'l>(what: &Resource, leaves: &'l [Leaf]) -> Vec<&'l Leaf> {
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
fn unused_ports<C>(claims: &[ClaimInfo], loaded: &Loaded<C>) -> Vec<Finding> {
    let claimed: Vec<&str> = (claims.iter())
        .filter_map(|claim| match &claim.what {
            Resource::Serial { port, .. } => Some(port.as_str()),
            _ => None,
        })
        .collect();
    let unused = loaded
        .board
        .ports
        .keys()
        .filter(|port| !claimed.contains(&port.as_str()));
    unused
        .map(|port| {
            let help = match &claimed[..] {
                [] => "remove the line: no device of this robot uses a serial port".to_owned(),
                ports => format!(
                    "remove the line, or use a port that a device claims: {}",
                    ports.join(", ")
                ),
            };
            let finding = Finding::new(
                FindingKind::UnusedPort,
                format!("no device uses the serial port `{port}`"),
                help,
            );
            let name = format!("board.ports.{port}");
            match loaded.leaves.iter().find(|leaf| leaf.name == name) {
                Some(leaf) => finding.at(leaf.place.clone()),
                None => finding,
            }
        })
        .collect()
}
