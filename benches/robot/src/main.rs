//! The rover's simulation: how many times faster than real time, a minute a seed.
#![allow(clippy::disallowed_methods, reason = "a bench reads the real clock")]

use std::time::{Duration, Instant};

use sinew_sim::Simulation;

/// What one run simulates.
const SIMULATED: Duration = Duration::from_secs(60);
/// Seeds of a careful run, and of a quick one.
const SEEDS: (u64, u64) = (20, 3);
/// What is asked, in times real time.
const ASKED: f64 = 300.0;

fn main() -> Result<(), String> {
    let seeds = match std::env::args().nth(1).as_deref() {
        None => SEEDS.0,
        Some("--quick") => SEEDS.1,
        Some(other) => return Err(format!("`{other}`: only --quick is known")),
    };
    let mut factors = (1..=seeds).map(factor).collect::<Result<Vec<_>, _>>()?;
    factors.sort_by(f64::total_cmp);
    println!(
        "{seeds} seeds, {SIMULATED:?} each: the slowest run was {:.0}, the median {:.0} times real time; asked: {ASKED}",
        factors[0],
        factors[factors.len() / 2],
    );
    Ok(())
}

/// How many times real time one seed is simulated.
fn factor(seed: u64) -> Result<f64, String> {
    let began = Instant::now();
    let run = Simulation::of(rover::rover, rover::body)
        .seed(seed)
        .run(SIMULATED);
    let factor = SIMULATED.as_secs_f64() / began.elapsed().as_secs_f64();
    println!("seed {seed}: {factor:.0} times real time");
    match run.collisions() {
        0 => Ok(factor),
        collisions => Err(format!("seed {seed}: {collisions} collisions")),
    }
}
