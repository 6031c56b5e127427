//! Compares what the graph's devices claim with what is fitted to the body.

use super::code;
use super::wiring::Places;
use crate::finding::{Finding, FindingKind};
use crate::source::Place;
use sinew_board::{ClaimInfo, Resource};
use sinew_sim::Fit;

/// What is claimed and not fitted, what is fitted and not claimed, what is fitted twice.
pub(super) fn compare(claims: &[ClaimInfo], fits: &[Fit], places: &Places<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let of_part = |what: &Resource, fit: &Fit| {
        let mut found = places.of(what, &[]);
        found.extend(code::place(fit.at));
        found
    };
    for claim in claims.iter().filter(|claim| claim.simulated) {
        let fitted = fits.iter().any(|fit| {
            fit.resources
                .iter()
                .any(|resource| is_same(resource, &claim.what))
        });
        if !fitted {
            let owner = claim
                .owner
                .as_ref()
                .map_or(String::new(), |node| format!(" of node {node:?}"));
            let message = format!(
                "{:?}{owner} uses {}, and nothing is fitted there on the body",
                claim.part, claim.what
            );
            let help = "fit the part in the robot's body function, or correct the value so that both agree";
            findings.push(placed(
                Finding::new(FindingKind::NotFitted, message, help),
                places.of(&claim.what, &[claim.owner.as_ref()]),
            ));
        }
    }
    for fit in fits {
        for resource in &fit.resources {
            if !claims.iter().any(|claim| is_same(&claim.what, resource)) {
                let message = format!(
                    "{:?} ({}) is fitted to {resource}, which no device of the graph uses",
                    fit.name, fit.part
                );
                let help = "add its device to the graph, take the part off the body, or correct the value so that both agree";
                findings.push(placed(
                    Finding::new(FindingKind::NoDevice, message, help),
                    of_part(resource, fit),
                ));
            }
        }
    }
    findings.extend(fitted_twice(claims, fits, places));
    findings
}

/// Two parts on one place. Where two claims name the place as well, their clash says it all.
fn fitted_twice(claims: &[ClaimInfo], fits: &[Fit], places: &Places<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let of_part = |what: &Resource, fit: &Fit| {
        let mut found = places.of(what, &[]);
        found.extend(code::place(fit.at));
        found
    };
    for (index, fit) in fits.iter().enumerate() {
        for other in &fits[index + 1..] {
            for resource in &fit.resources {
                let claimed = claims
                    .iter()
                    .filter(|claim| is_same(&claim.what, resource))
                    .count();
                if claimed < 2 && other.resources.iter().any(|same| is_same(same, resource)) {
                    let message = format!(
                        "{resource} has two parts of the body on it: {:?} and {:?}",
                        fit.name, other.name
                    );
                    let help = "move one of them";
                    findings.push(placed(
                        Finding::new(FindingKind::Clash, message, help),
                        of_part(resource, other),
                    ));
                }
            }
        }
    }
    findings
}

/// Whether two mean the same place of the board; which real device a port is mapped to does not matter here.
fn is_same(one: &Resource, other: &Resource) -> bool {
    match (one, other) {
        (Resource::Serial { port: one, .. }, Resource::Serial { port: other, .. }) => one == other,
        _ => one == other,
    }
}

fn placed(finding: Finding, places: Vec<Place>) -> Finding {
    match places.into_iter().next() {
        Some(place) => finding.at(place),
        None => finding,
    }
}
