//! What the measuring processes said, kept on disk as it comes.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::case::Case;
use crate::outcome::Outcome;
use crate::peers::Peer;

/// The outcomes of all rounds, by case and peer.
#[derive(Debug)]
pub struct Records {
    outcomes: BTreeMap<(&'static str, &'static str), Vec<Outcome>>,
}

impl Records {
    /// No records yet; those of an earlier run are removed from the disk.
    ///
    /// # Errors
    /// When they cannot be.
    pub fn new() -> Result<Records, Box<dyn Error>> {
        let folder = folder();
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Records {
            outcomes: BTreeMap::new(),
        })
    }

    /// Keeps the outcome of one round.
    ///
    /// # Errors
    /// When its samples cannot be written.
    pub fn keep(
        &mut self,
        case: &Case,
        peer: &Peer,
        outcome: Outcome,
    ) -> Result<(), Box<dyn Error>> {
        let rounds = self.outcomes.entry((case.name, peer.name)).or_default();
        if let Outcome::Samples(samples) = &outcome {
            append(
                &format!("{}.{}.txt", case.name, peer.name),
                rounds.len(),
                samples,
            )?;
        }
        rounds.push(outcome);
        Ok(())
    }

    /// The outcomes of a case and a peer, round by round.
    pub fn of(&self, case: &str, peer: &str) -> &[Outcome] {
        let same = |(key, _): &(&(&str, &str), _)| **key == (case, peer);
        self.outcomes
            .iter()
            .find(same)
            .map_or(&[], |(_, outcomes)| outcomes)
    }
}

/// Where every sample is written: a file for each case and peer, a line for each sample, its round before it.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/raw")
}

fn append(name: &str, round: usize, samples: &[f64]) -> Result<(), Box<dyn Error>> {
    let file = fs::File::options()
        .create(true)
        .append(true)
        .open(folder().join(name))?;
    let mut file = std::io::BufWriter::new(file);
    samples
        .iter()
        .try_for_each(|sample| writeln!(file, "{round} {sample}"))?;
    Ok(file.flush()?)
}
