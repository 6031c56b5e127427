//! The results: medians, ratios to the base, and where the samples lie.

use serde::{Deserialize, Serialize};

use crate::args::Plan;
use crate::case::Case;
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::peers::{self, Peer};
use crate::records::Records;
use crate::statistics::{Spread, median};

/// All results of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Results {
    /// Where it ran.
    pub machine: Machine,
    /// How often each was measured.
    pub rounds: usize,
    /// Case by case.
    pub cases: Vec<CaseResult>,
}

/// The results of a case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseResult {
    /// The case's name.
    pub case: String,
    /// Peer by peer.
    pub peers: Vec<PeerResult>,
}

/// The result of a case and a peer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PeerResult {
    /// The peer's name.
    pub peer: String,
    /// What was found.
    #[serde(flatten)]
    pub found: Found,
}

/// What was found of a case and a peer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// Its figures.
    Figures(Figures),
    /// Why there are none.
    Absent(String),
}

/// The figures of a case and a peer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The median of each round's median.
    pub median: f64,
    /// Each round's median.
    pub rounds: Vec<f64>,
    /// The median of each round's ratio to the base, by the value.
    pub to_base: Option<f64>,
    /// Where all samples lie.
    pub spread: Spread,
}

impl Results {
    /// The results of the records.
    pub fn of(records: &Records, plan: &Plan, machine: Machine) -> Results {
        let result_of = |case: &Case, peer: &Peer| PeerResult {
            peer: peer.name.to_owned(),
            found: figures(records, case, peer).map_or_else(Found::Absent, Found::Figures),
        };
        let cases = plan.cases.iter().map(|case| CaseResult {
            case: case.name.to_owned(),
            peers: plan
                .peers
                .iter()
                .map(|peer| result_of(case, peer))
                .collect(),
        });
        Results {
            machine,
            rounds: plan.rounds,
            cases: cases.collect(),
        }
    }

    /// Whether a case was measured.
    pub fn has(&self, case: &str) -> bool {
        self.cases.iter().any(|result| result.case == case)
    }

    /// The figures of a case and a peer, or why there are none.
    ///
    /// # Errors
    /// The reason.
    pub fn figures(&self, case: &str, peer: &str) -> Result<&Figures, &str> {
        let mut all = self.cases.iter().filter(|result| result.case == case);
        let peers = all.next().map_or(&[][..], |result| &result.peers);
        let mut same = peers.iter().filter(|result| result.peer == peer);
        match &same.next().ok_or("not measured")?.found {
            Found::Figures(figures) => Ok(figures),
            Found::Absent(why) => Err(why),
        }
    }
}

fn figures(records: &Records, case: &Case, peer: &Peer) -> Result<Figures, String> {
    let mut all = Vec::new();
    let mut rounds = Vec::new();
    for outcome in records.of(case.name, peer.name) {
        match outcome {
            Outcome::Absent(why) => return Err(why.clone()),
            Outcome::Samples(samples) => {
                all.extend_from_slice(samples);
                rounds.extend(median(samples));
            }
        }
    }
    let base = records
        .of(case.base.unwrap_or(case.name), peers::BASE.name)
        .iter();
    let base = base.filter_map(|outcome| match outcome {
        Outcome::Absent(_) => None,
        Outcome::Samples(samples) => median(samples),
    });
    let ratios: Vec<_> = rounds
        .iter()
        .zip(base)
        .map(|(own, base)| own / base)
        .collect();
    Ok(Figures {
        median: median(&rounds).ok_or("no sample")?,
        to_base: median(&ratios).filter(|ratio| ratio.is_finite()),
        spread: Spread::of(&all).ok_or("no sample")?,
        rounds,
    })
}
