//! What a peer costs to build: packages, lines of code, seconds from cold. Measured by `build-cost`, once.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::lines;
use crate::peers::{self, Peer};

/// Where the figures are kept, beside the results.
const FILE: &str = "build-cost.json";
/// The manifest that says in which version and with which features each peer is measured.
const MANIFEST: &str = include_str!("../Cargo.toml");

/// What a peer costs to build.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Cost {
    peer: String,
    /// Packages that are compiled, its own included.
    packages: usize,
    /// Lines of its own packages: all of the same repository.
    lines: usize,
    /// Seconds from an empty target folder, in release.
    seconds: f64,
    /// The same in seconds of CPU, which other programs on the machine change less.
    cpu_seconds: f64,
}

/// Measures all peers and keeps the figures.
///
/// # Errors
/// When cargo fails, or a file cannot be written.
pub fn measure(results: &Path) -> Result<(), Box<dyn Error>> {
    let mut costs = Vec::new();
    for peer in peers::ALL {
        let cost = cost(peer)?;
        println!("{cost:?}");
        costs.push(cost);
    }
    fs::create_dir_all(results)?;
    let text = serde_json::to_string_pretty(&costs)? + "\n";
    Ok(fs::write(results.join(FILE), text)?)
}

/// The figures that were kept, as a section of the page.
pub fn section(results: &Path) -> String {
    let kept = fs::read_to_string(results.join(FILE)).ok();
    let costs: Vec<Cost> = kept
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    if costs.is_empty() {
        return String::new();
    }
    let mut text = "\n## What each costs to build\n\n\
        `-- build-cost` measures it, once: packages that are compiled; lines of code of the peer's own packages (those of \
        one repository), without blank ones, comments and test modules; a release build from an empty target folder.\n\n\
        | peer | packages | lines | seconds | seconds of CPU |\n| --- | ---: | ---: | ---: | ---: |\n"
        .to_owned();
    for cost in &costs {
        let title = peers::ALL.iter().find(|peer| peer.name == cost.peer);
        let title = title.map_or(cost.peer.as_str(), |peer| peer.title);
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {title} | {} | {} | {:.1} | {:.1} |",
            cost.packages, cost.lines, cost.seconds, cost.cpu_seconds,
        );
    }
    text
}

fn cost(peer: &Peer) -> Result<Cost, Box<dyn Error>> {
    let folder = project(peer)?;
    let tree = said(
        &folder,
        &[
            "tree",
            "--prefix",
            "none",
            "--edges",
            "normal,build",
            "--format",
            "{p}",
        ],
    )?;
    // The first line is the project itself; what is repeated is marked.
    let packages: BTreeSet<_> = tree
        .lines()
        .skip(1)
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.is_empty())
        .collect();
    let (began, cpu) = (Instant::now(), cpu_seconds_of_children()?);
    said(&folder, &["build", "--release", "--quiet"])?;
    Ok(Cost {
        peer: peer.name.to_owned(),
        packages: packages.len(),
        lines: lines::of_family(
            &said(&folder, &["metadata", "--format-version", "1"])?,
            peer.package,
        )?,
        seconds: began.elapsed().as_secs_f64(),
        cpu_seconds: cpu_seconds_of_children()? - cpu,
    })
}

/// A project that needs the peer and nothing else, with an empty target folder.
fn project(peer: &Peer) -> Result<PathBuf, Box<dyn Error>> {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = benches.join("../target/cost").join(peer.name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/main.rs"), "fn main() {}\n")?;
    fs::copy(benches.join("../Cargo.lock"), folder.join("Cargo.lock"))?;
    let needs = MANIFEST
        .lines()
        .find(|line| line.split(" = ").next() == Some(peer.package))
        .ok_or_else(|| format!("the manifest does not need {}", peer.package))?;
    let needs = needs.replace("\"../..", &format!("\"{}/../..", benches.display()));
    let manifest = format!(
        "[workspace]\n[package]\nname = \"cost\"\nedition = \"2024\"\n[dependencies]\n{needs}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    said(&folder, &["fetch"])?;
    Ok(folder)
}

/// What cargo says about a project.
fn said(folder: &Path, args: &[&str]) -> Result<String, Box<dyn Error>> {
    let output = Command::new("cargo")
        .args(args)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Seconds of CPU of all children that have ended, theirs included.
fn cpu_seconds_of_children() -> Result<f64, Box<dyn Error>> {
    /// The kernel counts in hundredths of a second for programs.
    const TICKS: f64 = 100.0;
    let text = fs::read_to_string("/proc/self/stat")?;
    // Fields 16 and 17, counted behind the name, which may hold anything and ends with the last bracket.
    let fields = text.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> = fields
        .split_whitespace()
        .skip(13)
        .take(2)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / TICKS)
}
