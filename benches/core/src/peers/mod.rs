//! The peers, each in a file of its own, in the order of the table.

mod kameo;
mod ours;
mod ractor;
mod raw;
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
    /// Its name in tables.
    pub title: &'static str,
    /// What one must know to read its figures.
    pub note: &'static str,
    /// What it gave up to be ahead, if it did.
    pub ahead: Option<&'static str>,
    /// Measures a case in this process, for about this long.
    pub measure: fn(&Case, Duration) -> Outcome,
}

/// All of them. Those that gave something up to be ahead come first, then the base, then ours.
pub const ALL: &[Peer] = &[
    threads::PEER,
    raw::PEER,
    ours::PEER,
    kameo::PEER,
    ractor::PEER,
    xtra::PEER,
];

/// The base of all ratios.
pub const BASE: &Peer = &raw::PEER;

/// Ours.
pub const OURS: &Peer = &ours::PEER;
