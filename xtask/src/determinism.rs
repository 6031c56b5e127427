//! The gate on repeatability: one seed gives one trace hash in every process, however it is built or loaded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use serde_json::Value;

use crate::Outcome;
use crate::args::Args;
use crate::rover::{Profile, Rover};

/// Compares the trace hashes of one seed, and of the next one.
///
/// # Errors
/// When two runs of a seed differ, or two seeds agree.
pub(crate) fn determinism(mut args: Args) -> Outcome {
    let seed: u64 = args.option("--seed")?.unwrap_or(7);
    let seconds: u32 = args.option("--seconds")?.unwrap_or(60);
    args.end()?;
    let release = Rover::ready(None, Profile::Release, "determinism")?;
    let debug = Rover::ready(None, Profile::Debug, "determinism")?;
    gate(&release, &debug, seed, seconds)
}

fn gate(release: &Rover, debug: &Rover, seed: u64, seconds: u32) -> Outcome {
    let hash = |label: &str, rover: &Rover, seed: u64| -> Outcome<Value> {
        let hash = rover.run(seed, seconds)?.trace_hash;
        println!("seed {seed}, {label:<24} {hash}");
        if hash.is_null() {
            Err("the trace hash is null".to_owned())
        } else {
            Ok(hash)
        }
    };
    let first = hash("release", release, seed)?;
    let mut others = vec![("another process", hash("release, again", release, seed)?)];
    others.push(("a debug build", hash("debug", debug, seed)?));
    {
        let _load = Load::on_every_core();
        others.push((
            "a loaded machine",
            hash("release, cores loaded", release, seed)?,
        ));
    }
    if let Some((label, other)) = others.iter().find(|(_, other)| *other != first) {
        return Err(format!(
            "seed {seed}: {label} gives {other} instead of {first}"
        ));
    }
    let next = seed.wrapping_add(1);
    if hash("release, another seed", release, next)? == first {
        return Err(format!(
            "seeds {seed} and {next} give the same trace: the seed reaches nothing"
        ));
    }
    Ok(())
}

/// The seeds that are compared across processors, and for how long a rover drives with each: some turns, and things in its way.
const ACROSS: (std::ops::RangeInclusive<u64>, u32) = (1..=3, 20);

/// Compares the traces of a rover here and on another processor. All that computes is the same there: sines, cosines and powers
/// are those of one library, and nothing is left to the processor that IEEE 754 leaves open.
///
/// # Errors
/// When they differ.
pub(crate) fn across(here: &Rover, there: &Rover) -> Outcome {
    let (seeds, seconds) = ACROSS;
    for seed in seeds {
        let hash = here.run(seed, seconds)?.trace_hash;
        let other = there.run(seed, seconds)?.trace_hash;
        println!("seed {seed}: {hash} here, {other} on the other processor");
        if hash.is_null() || hash != other {
            return Err(format!(
                "seed {seed}: the other processor gives {other} instead of {hash}"
            ));
        }
    }
    Ok(())
}

/// Threads that keep every core busy until dropped: nothing of it can outlive the program.
struct Load {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    fn on_every_core() -> Load {
        let over = Arc::new(AtomicBool::new(false));
        let cores = thread::available_parallelism().map_or(2, usize::from);
        let spin = || {
            let over = Arc::clone(&over);
            thread::spawn(move || while !over.load(Ordering::Relaxed) {})
        };
        let threads = (0..cores).map(|_| spin()).collect();
        Load { over, threads }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A loop without a call in it cannot panic.
            let _ = thread.join();
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::rover::fake;

    #[test]
    fn a_hash_that_depends_on_the_seed_alone_passes() {
        let (_folder, rover) = fake::rover(&fake::summary("0.5", "0", "h$seed"));
        assert_eq!(gate(&rover, &rover, 7, 60), Ok(()));
    }

    #[test]
    fn a_hash_that_differs_between_processes_fails() {
        let (_folder, rover) = fake::rover(&fake::summary("0.5", "0", "h$$"));
        assert!(
            gate(&rover, &rover, 7, 60)
                .unwrap_err()
                .contains("another process")
        );
    }

    #[test]
    fn a_debug_build_that_differs_fails() {
        let (_folder, release) = fake::rover(&fake::summary("0.5", "0", "h$seed"));
        let (_folder_2, debug) = fake::rover(&fake::summary("0.5", "0", "d$seed"));
        assert!(
            gate(&release, &debug, 7, 60)
                .unwrap_err()
                .contains("a debug build")
        );
    }

    #[test]
    fn another_processor_has_to_give_the_same_traces() {
        let (_folder, here) = fake::rover(&fake::summary("0.5", "0", "h$seed"));
        assert_eq!(across(&here, &here), Ok(()));
        let there = fake::summary("0.5", "0", "h$((seed == 3 ? 0 : seed))");
        let (_folder_2, there) = fake::rover(&there);
        let text = across(&here, &there).unwrap_err();
        assert!(text.contains("seed 3: the other processor"), "{text}");
    }

    #[test]
    fn a_hash_that_ignores_the_seed_fails() {
        let (_folder, rover) = fake::rover(&fake::summary("0.5", "0", "constant"));
        assert!(
            gate(&rover, &rover, 7, 60)
                .unwrap_err()
                .contains("the seed reaches nothing")
        );
    }
}
