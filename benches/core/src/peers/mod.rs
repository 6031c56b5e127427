//! The peers, each in a file of its own, in the order of the table.

mod actix;
mod elfo;
mod kameo;
mod ours;
mod ractor;
mod raw;
mod stakker;
mod threads;
mod xtra;

use std::time::Duration;

use crate::case::Case;
use crate::outcome::Outcome;

/// A library of actors.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its name in commands and files.
    pub name: &'static str,
    /// The package that holds it.
    pub package: &'static str,
    /// Its name in tables.
    pub title: &'static str,
    /// What one must know to read its figures.
    pub note: &'static str,
    /// What it gave up to be ahead, if it did.
    pub ahead: Option<&'static str>,
    /// Measures a case in this process, for about this long.
    pub measure: fn(&Case, Duration) -> Outcome,
}

/// Which versions are measured.
const LOCK: &str = include_str!("../../../Cargo.lock");

impl Peer {
    /// The version of its package.
    pub fn version(&self) -> &'static str {
        let entry = format!("name = \"{}\"\nversion = \"", self.package);
        let rest = LOCK.split_once(entry.as_str()).map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default()
    }

    /// Its name without emphasis.
    pub fn plain_title(&self) -> String {
        self.title.replace('*', "")
    }
}

/// All of them. Those that gave something up to be ahead come first, then the base, then ours.
pub const ALL: &[Peer] = &[
    stakker::PEER,
    actix::PEER,
    threads::PEER,
    raw::PEER,
    ours::PEER,
    kameo::PEER,
    ractor::PEER,
    xtra::PEER,
    elfo::PEER,
];

/// The base of all ratios.
pub const BASE: &Peer = &raw::PEER;

/// Ours.
pub const OURS: &Peer = &ours::PEER;
