//! The runtime beside raw tokio and seven actor libraries: every figure from a process of its own, all samples kept.
#![allow(
    clippy::disallowed_methods,
    reason = "a bench reads the real clock, and its peers start tasks and threads by hand"
)]

mod actors;
mod args;
mod case;
mod cases;
mod course;
mod heap;
mod machine;
mod memory;
mod outcome;
mod payload;
mod peers;
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
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Measures all, prints the tables, and writes what was found.
fn compare(plan: &Plan) -> Result<(), Box<dyn Error>> {
    let mut records = Records::new()?;
    let machine = machine::Machine::here();
    println!("{machine}\n{plan}");
    rounds::run(plan, &mut records)?;
    let results = Results::of(&records, plan, machine);
    println!("\n{}{}", tables::all(&results), verdict::table(&results));
    println!("every sample: {}", records::folder().display());
    verdict::exact(&results)
}
