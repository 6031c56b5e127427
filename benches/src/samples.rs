//! Samples: all kept, their percentiles printed, written to disk.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Messages of one sample where single ones are too short to time.
pub const BATCH: u64 = 1_000;

/// Samples of both sides, in nanoseconds per message.
#[derive(Debug, Default)]
pub struct Pair {
    /// Of our runtime.
    pub ours: Vec<f64>,
    /// Of raw tokio.
    pub raw: Vec<f64>,
}

/// What the design asks of a ratio of medians.
#[derive(Clone, Copy, Debug)]
pub enum Asked {
    /// Ours does at least so many times as many messages a second.
    RateAtLeast(f64),
    /// Ours takes at most so many times as long.
    TimeAtMost(f64),
    /// Printed only.
    Nothing,
}

/// Times batches at the receiver: a sample for every [`BATCH`] messages.
#[derive(Debug)]
pub struct Receiver {
    began: Option<Instant>,
    seen: u64,
    sum: u64,
    samples: Vec<f64>,
}

impl Receiver {
    /// A receiver that will see so many batches.
    pub fn new(batches: u64) -> Receiver {
        let room = usize::try_from(batches).unwrap_or_default();
        Receiver {
            began: None,
            seen: 0,
            sum: 0,
            samples: Vec::with_capacity(room),
        }
    }

    /// Counts one message.
    #[inline]
    pub fn count(&mut self, number: u64) {
        self.sum = self.sum.wrapping_add(number);
        self.seen += 1;
        if self.seen.is_multiple_of(BATCH) {
            let now = Instant::now();
            if let Some(began) = self.began.replace(now) {
                self.samples
                    .push((now - began).as_nanos() as f64 / BATCH as f64);
            }
        }
    }

    /// The samples, if exactly these messages came: each once, none lost.
    ///
    /// # Errors
    /// When some were lost or doubled: a rate of lost messages is no rate.
    pub fn finish(self, batches: u64) -> Result<Vec<f64>, Box<dyn Error>> {
        let sent = batches * BATCH;
        let expected_sum = (0..sent).fold(0u64, u64::wrapping_add);
        if self.seen != sent || self.sum != expected_sum {
            return Err(format!("{} of {sent} messages came", self.seen).into());
        }
        Ok(self.samples)
    }
}

impl Pair {
    /// Prints both sides and the ratio, and saves every sample.
    ///
    /// # Errors
    /// When the samples cannot be written.
    pub fn report(mut self, name: &str, asked: Asked) -> Result<(), Box<dyn Error>> {
        save(&format!("{name}-ours"), &self.ours)?;
        save(&format!("{name}-raw"), &self.raw)?;
        let (ours, raw) = (
            print(name, "ours", &mut self.ours),
            print(name, "raw", &mut self.raw),
        );
        let (rate, time) = (raw / ours, ours / raw);
        let verdict = match asked {
            Asked::RateAtLeast(least) => {
                format!("asked: rate at least {least}: {}", met(rate >= least))
            }
            Asked::TimeAtMost(most) => format!("asked: time at most {most}: {}", met(time <= most)),
            Asked::Nothing => String::new(),
        };
        println!("{name:<12} ratio  rate {rate:.2}  time {time:.2}  {verdict}\n");
        Ok(())
    }
}

fn met(holds: bool) -> &'static str {
    if holds { "met" } else { "NOT met" }
}

/// Prints the percentiles and hands back the median.
pub fn print(name: &str, side: &str, samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    let at = |part: f64| {
        samples
            .get(((samples.len() as f64 - 1.0) * part).round() as usize)
            .copied()
            .unwrap_or(f64::NAN)
    };
    println!(
        "{name:<12} {side:<5}  p50 {:>8.1}  p99 {:>8.1}  p99.9 {:>9.1}  max {:>10.1}   {} samples",
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0),
        samples.len(),
    );
    at(0.5)
}

/// Where the samples are written.
///
/// # Errors
/// When the folder cannot be made.
pub fn folder() -> Result<PathBuf, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/raw");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Writes samples, one a line, in the order in which they were taken.
///
/// # Errors
/// When the file cannot be written.
pub fn save(name: &str, samples: &[f64]) -> Result<(), Box<dyn Error>> {
    let file = fs::File::create(folder()?.join(format!("{name}.txt")))?;
    let mut file = std::io::BufWriter::new(file);
    samples
        .iter()
        .try_for_each(|sample| writeln!(file, "{sample}"))?;
    Ok(file.flush()?)
}
