//! Who has what of a board: the register of claims.

use crate::statistics::Counters;
use crate::sync::lock;
use crate::{Level, Resource, Statistics};
use serde::Serialize;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// One resource and who claimed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ClaimInfo {
    /// The part that is fitted there, such as `HC-SR04 echo`.
    pub part: String,
    /// The node that the part belongs to, once the graph has named it.
    pub owner: Option<String>,
    /// What was claimed.
    pub what: Resource,
    /// Which of several lines of one part it is: `forward`.
    pub role: Option<&'static str>,
    /// The level of an output's pin while it rests, and so also before its program runs; none of what is no output.
    pub rest: Option<Level>,
    /// Whether a simulated backend stands behind it.
    pub simulated: bool,
    /// What passed through it.
    pub statistics: Statistics,
}

/// Two parts that want the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Clash {
    /// What both want.
    pub what: Resource,
    /// Who claimed first.
    pub first: ClaimInfo,
    /// Who claimed next.
    pub second: ClaimInfo,
}

impl std::error::Error for Clash {}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is claimed twice: by ", self.what)?;
        self.claimant(&self.first, f)?;
        f.write_str(" and by ")?;
        self.claimant(&self.second, f)?;
        write!(f, "; {}", self.what.remedy())
    }
}

impl Clash {
    /// The part, its node if it has one, and what it claimed if that is not simply the contested thing.
    fn claimant(&self, claim: &ClaimInfo, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", claim.part)?;
        if let Some(owner) = &claim.owner {
            write!(f, " of node {owner:?}")?;
        }
        if claim.what != self.what {
            write!(f, " (for {})", claim.what)?;
        }
        Ok(())
    }
}

/// Why a claim was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// Somebody else has it.
    #[error(transparent)]
    Clash(#[from] Box<Clash>),
    /// A group of no pins.
    #[error("{part:?} is a group of inputs without a pin; name at least one")]
    NoPins {
        /// The part.
        part: String,
    },
    /// The page that is shared with a guardian has no more room.
    #[error(
        "{part:?} is one motion output too many: a board has at most {}",
        crate::MOST_OUTPUTS
    )]
    TooManyOutputs {
        /// The part.
        part: String,
    },
    /// A motor that its controller has not, or that it cannot be safe with.
    #[error("{part:?} cannot be on this motor controller: {why}")]
    NotOnController {
        /// The part.
        part: String,
        /// Why not.
        why: String,
    },
    /// The address is reserved (I2C-bus specification UM10204, table 4).
    #[error(
        "{part:?} cannot have the I2C address {address:#04x}: it is reserved; devices have 0x08 to 0x77"
    )]
    ReservedAddress {
        /// The part.
        part: String,
        /// The address.
        address: u8,
    },
}

/// A resource that is to be claimed.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    what: Resource,
    role: Option<&'static str>,
    rest: Option<Level>,
}

impl Wanted {
    /// Which.
    pub(crate) fn what(&self) -> &Resource {
        &self.what
    }

    /// An output, which rests at this level.
    pub(crate) const fn output(what: Resource, rest: Level) -> Self {
        Self {
            what,
            role: None,
            rest: Some(rest),
        }
    }

    /// Says which of several lines of one part it is.
    pub(crate) const fn called(mut self, role: &'static str) -> Self {
        self.role = Some(role);
        self
    }
}

/// What is no output.
impl From<Resource> for Wanted {
    fn from(what: Resource) -> Self {
        Self {
            what,
            role: None,
            rest: None,
        }
    }
}

/// One line of the register.
#[derive(Debug)]
struct Entry {
    part: String,
    owner: Option<String>,
    what: Resource,
    role: Option<&'static str>,
    rest: Option<Level>,
    simulated: bool,
    counters: Arc<Counters>,
}

impl Entry {
    fn info(&self) -> ClaimInfo {
        ClaimInfo {
            part: self.part.clone(),
            owner: self.owner.clone(),
            what: self.what.clone(),
            role: self.role,
            rest: self.rest,
            simulated: self.simulated,
            statistics: self.counters.read(),
        }
    }
}

/// What the lock guards: all claims, and the pairs among them that clash.
#[derive(Debug, Default)]
struct Entries {
    claims: Vec<Entry>,
    clashes: Vec<(Resource, usize, usize)>,
}

impl Entries {
    fn clash(&self, (what, first, second): &(Resource, usize, usize)) -> Clash {
        Clash {
            what: what.clone(),
            first: self.claims[*first].info(),
            second: self.claims[*second].info(),
        }
    }
}

/// All claims of a board, in the order in which they were made. A claim lasts as long as its board.
#[derive(Clone, Debug, Default)]
pub(crate) struct Register(Arc<Mutex<Entries>>);

impl Register {
    /// Enters one claim on several resources: all of them or, if one clashes, none. A register that only
    /// collects enters them all the same and remembers the clashes.
    pub(crate) fn claim(
        &self,
        part: &str,
        wanted: &[Wanted],
        simulated: bool,
        collecting: bool,
    ) -> Result<Claim, ClaimError> {
        let mut entries = lock(&self.0);
        let start = entries.claims.len();
        let mut clashes = Vec::new();
        for Wanted { what, role, rest } in wanted {
            let second = entries.claims.len();
            for (first, claim) in entries.claims.iter().enumerate() {
                if let Some(contested) = claim.what.contested(what) {
                    clashes.push((contested, first, second));
                }
            }
            entries.claims.push(Entry {
                part: part.to_owned(),
                owner: None,
                what: what.clone(),
                role: *role,
                rest: *rest,
                simulated,
                counters: Arc::default(),
            });
        }
        if let (false, Some(clash)) = (collecting, clashes.first()) {
            let clash = entries.clash(clash);
            entries.claims.truncate(start);
            return Err(Box::new(clash).into());
        }
        entries.clashes.extend(clashes);
        Ok(Claim {
            counters: Arc::clone(&entries.claims[start].counters),
            entries: start..entries.claims.len(),
            register: self.clone(),
        })
    }

    pub(crate) fn claims(&self) -> Vec<ClaimInfo> {
        lock(&self.0).claims.iter().map(Entry::info).collect()
    }

    pub(crate) fn clashes(&self) -> Vec<Clash> {
        let entries = lock(&self.0);
        entries
            .clashes
            .iter()
            .map(|clash| entries.clash(clash))
            .collect()
    }
}

/// A claim's place in the register.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    register: Register,
    entries: Range<usize>,
    counters: Arc<Counters>,
}

impl Claim {
    /// Enters the node that the part belongs to.
    pub(crate) fn owned_by(&self, node: &str) {
        for entry in &mut lock(&self.register.0).claims[self.entries.clone()] {
            entry.owner = Some(node.to_owned());
        }
    }

    /// The register's first line about this claim.
    pub(crate) fn info(&self) -> ClaimInfo {
        lock(&self.register.0).claims[self.entries.start].info()
    }

    /// The counters of the claim's first resource.
    pub(crate) fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }
}
