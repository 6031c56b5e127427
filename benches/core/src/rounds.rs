//! Rounds: each measurement in a new process of this program, all peers of a case one after the other.

use std::error::Error;
use std::process::{Command, exit};
use std::thread;
use std::time::Duration;

use crate::args::Plan;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::peers::{self, Peer};
use crate::records::Records;

/// How a measuring process says that it did not come to an end.
const GAVE_UP: i32 = 124;

/// Measures all that is planned.
///
/// # Errors
/// When the base or ours fails, or no process can be started.
pub fn run(plan: &Plan, records: &mut Records) -> Result<(), Box<dyn Error>> {
    for round in 1..=plan.rounds {
        for (number, case) in plan.cases.iter().enumerate() {
            eprintln!(
                "round {round}, case {} of {}: {}",
                number + 1,
                plan.cases.len(),
                case.title
            );
            for peer in &plan.peers {
                // Who failed once is not waited for again.
                let failed = records
                    .of(case.name, peer.name)
                    .iter()
                    .find(|outcome| outcome.is_absent());
                let outcome = match failed {
                    Some(outcome) => outcome.clone(),
                    None => in_a_new_process(plan, case, peer)?,
                };
                records.keep(case, peer, outcome)?;
            }
        }
    }
    Ok(())
}

fn in_a_new_process(plan: &Plan, case: &Case, peer: &Peer) -> Result<Outcome, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .args(["measure", case.name, peer.name])
        .arg(plan.budget.as_millis().to_string())
        .arg(plan.limit.as_millis().to_string())
        .output()?;
    if output.status.success() {
        let text = String::from_utf8(output.stdout)?;
        return Ok(serde_json::from_str(
            text.lines().last().unwrap_or_default(),
        )?);
    }
    let why = match output.status.code() {
        Some(GAVE_UP) => format!("did not end within {} s", plan.limit.as_secs()),
        _ => format!("failed: {}", String::from_utf8_lossy(&output.stderr).trim()),
    };
    eprintln!("{} of {}: {why}", case.name, peer.name);
    if [peers::BASE.name, peers::OURS.name].contains(&peer.name) {
        return Err(format!("{} of {} has no figure", case.name, peer.name).into());
    }
    Ok(Outcome::Absent(why))
}

/// Measures one case of one peer in this process, and prints the outcome.
///
/// # Errors
/// When the outcome cannot be written as JSON.
pub fn measure(
    case: &Case,
    peer: &Peer,
    budget: Duration,
    limit: Duration,
) -> Result<(), Box<dyn Error>> {
    thread::spawn(move || {
        thread::sleep(limit);
        exit(GAVE_UP);
    });
    let outcome = (peer.measure)(case, budget);
    println!("{}", serde_json::to_string(&outcome)?);
    // What still runs on other threads needs no end.
    exit(0)
}
