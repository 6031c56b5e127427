//! The runtime beside raw tokio and seven actor libraries: every figure from a process of its own, all samples kept.
#![allow(
    clippy::disallowed_methods,
    reason = "a bench reads the real clock, and its peers start tasks and threads by hand"
)]

mod actors;
mod args;
mod case;
mod cases;
mod cost;
mod course;
mod heap;
mod lines;
mod machine;
mod memory;
mod outcome;
mod paper;
mod payload;
mod peers;
mod plot;
mod records;
mod results;
mod rounds;
mod scenarios;
mod statistics;
mod tables;
mod tasks;
mod verdict;
mod worker;

use std::error::Error;
use std::process::ExitCode;

use args::{Command, Plan};
use machine::Machine;
use records::Records;
use results::Results;

fn main() -> ExitCode {
    let done = args::parse(std::env::args().skip(1)).and_then(|command| match command {
        Command::Measure {
            case,
            peer,
            budget,
            limit,
        } => rounds::measure(case, peer, budget, limit),
        Command::Compare(plan) => compare(&plan),
        Command::BuildCost => cost::measure(&paper::folder()),
        Command::Page => page(),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Measures all, prints the tables, and writes what was found: where it may be shown only if it is complete.
fn compare(plan: &Plan) -> Result<(), Box<dyn Error>> {
    let mut records = Records::new()?;
    let machine = Machine::here();
    println!("{machine}\n{plan}");
    rounds::run(plan, &mut records)?;
    let results = Results::of(&records, plan, machine);
    println!("\n{}{}", tables::all(&results), verdict::table(&results));
    let folder = if plan.complete {
        paper::folder()
    } else {
        records::folder()
    };
    paper::write(&results, &folder)?;
    println!(
        "every sample: {}\nthe page: {}",
        records::folder().display(),
        folder.join("README.md").display()
    );
    verdict::exact(&results)
}

/// Writes the page and the picture anew from the figures that are there.
fn page() -> Result<(), Box<dyn Error>> {
    let folder = paper::folder();
    let text = std::fs::read_to_string(folder.join("results.json"))?;
    paper::write(&serde_json::from_str(&text)?, &folder)
}
