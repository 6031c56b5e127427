//! The rover's simulation: how many times faster than real time, a minute a seed.

use std::error::Error;
use std::time::{Duration, Instant};

use sinew_sim::Simulation;

use crate::Effort;
use crate::samples;

/// What one run simulates.
const SIMULATED: Duration = Duration::from_secs(60);

/// Runs some seeds, prints the spread, and saves every sample.
///
/// # Errors
/// When the samples cannot be written.
pub fn bench(effort: Effort) -> Result<(), Box<dyn Error>> {
    let mut factors = Vec::new();
    for seed in 1..=effort.seeds {
        let began = Instant::now();
        let run = Simulation::of(rover::rover, rover::body)
            .seed(seed)
            .run(SIMULATED);
        factors.push(SIMULATED.as_secs_f64() / began.elapsed().as_secs_f64());
        if run.collisions() > 0 {
            return Err(format!("seed {seed}: {} collisions", run.collisions()).into());
        }
    }
    samples::save("simulation", &factors)?;
    let median = samples::print("simulation", "x", &mut factors);
    println!(
        "simulation   the slowest run was {:.0}, the median {median:.0} times real time; asked: 300",
        factors[0]
    );
    Ok(())
}
