//! The command line.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::case::Case;
use crate::cases::CASES;
use crate::peers::{self, Peer};

const USAGE: &str = "\
usage: sinew-core-bench [--quick] [--only WORD] [--peer NAME]
       sinew-core-bench build-cost
       sinew-core-bench page
       sinew-core-bench measure CASE PEER MILLISECONDS LIMIT_MILLISECONDS
--quick        fewer rounds and shorter ones, to see that all works
--only WORD    only cases whose name contains it; may be repeated
--peer NAME    only this peer, the base and ours; may be repeated
build-cost     packages, lines and seconds of a build of each peer
page           writes the page and the picture anew from results.json
measure        one case of one peer, in this process";

/// How much is measured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How often all take turns.
    pub rounds: usize,
    /// How long one measurement takes.
    pub budget: Duration,
    /// When a measurement that does not end is ended.
    pub limit: Duration,
    /// What is measured.
    pub cases: Vec<&'static Case>,
    /// Who is measured.
    pub peers: Vec<&'static Peer>,
    /// Whether it is all there is, with care: then it may be shown.
    pub complete: bool,
}

impl Plan {
    fn full() -> Plan {
        Plan {
            rounds: 5,
            budget: Duration::from_millis(400),
            limit: Duration::from_secs(30),
            cases: CASES.iter().collect(),
            peers: peers::ALL.iter().collect(),
            complete: true,
        }
    }

    fn shorten(&mut self) {
        self.rounds = 2;
        self.budget = Duration::from_millis(40);
        self.limit = Duration::from_secs(10);
        self.complete = false;
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} rounds of {} cases and {} peers in turn, {} ms each, every one in a new process",
            self.rounds,
            self.cases.len(),
            self.peers.len(),
            self.budget.as_millis(),
        )
    }
}

/// What to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Measure one case of one peer in this process.
    Measure {
        /// The case.
        case: &'static Case,
        /// The peer.
        peer: &'static Peer,
        /// For how long.
        budget: Duration,
        /// When to give up.
        limit: Duration,
    },
    /// Measure all in turn.
    Compare(Plan),
    /// Measure what the peers cost to build.
    BuildCost,
    /// Write the page anew.
    Page,
}

/// Reads the command line.
///
/// # Errors
/// What is wrong with it, and the usage.
pub fn parse(mut args: impl Iterator<Item = String>) -> Result<Command, Box<dyn Error>> {
    let mut plan = Plan::full();
    let (mut words, mut names) = (Vec::new(), Vec::new());
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "measure" => return measure(&mut args),
            "build-cost" => return Ok(Command::BuildCost),
            "page" => return Ok(Command::Page),
            "--quick" => plan.shorten(),
            "--only" => words.push(value(&mut args, "--only")?),
            "--peer" => names.push(value(&mut args, "--peer")?),
            other => return Err(format!("`{other}` is not known\n{USAGE}").into()),
        }
    }
    if !words.is_empty() {
        plan.complete = false;
        plan.cases
            .retain(|case| words.iter().any(|word| case.name.contains(word.as_str())));
    }
    if !names.is_empty() {
        plan.complete = false;
        names.extend([peers::BASE.name, peers::OURS.name].map(str::to_owned));
        plan.peers
            .retain(|peer| names.iter().any(|name| name == peer.name));
    }
    if plan.cases.is_empty() {
        return Err(format!("no case is called so\n{USAGE}").into());
    }
    Ok(Command::Compare(plan))
}

fn measure(args: &mut impl Iterator<Item = String>) -> Result<Command, Box<dyn Error>> {
    let (case, peer) = (value(args, "CASE")?, value(args, "PEER")?);
    let mut millis = |name| -> Result<Duration, Box<dyn Error>> {
        Ok(Duration::from_millis(value(args, name)?.parse()?))
    };
    Ok(Command::Measure {
        case: CASES
            .iter()
            .find(|known| known.name == case)
            .ok_or_else(|| format!("there is no case `{case}`"))?,
        peer: peers::ALL
            .iter()
            .find(|known| known.name == peer)
            .ok_or_else(|| format!("there is no peer `{peer}`"))?,
        budget: millis("MILLISECONDS")?,
        limit: millis("LIMIT_MILLISECONDS")?,
    })
}

fn value(args: &mut impl Iterator<Item = String>, name: &str) -> Result<String, Box<dyn Error>> {
    args.next()
        .ok_or_else(|| format!("{name} is missing\n{USAGE}").into())
}
