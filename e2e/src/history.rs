//! What became of an election: every version of its Lease, and what each candidate believed.
//!
//! Checked are (1) the chain of versions: each is a renewal, a release or a takeover, with the
//! transitions that this means, and a takeover of a held Lease comes no earlier than its duration
//! after the last renewal; (2) that every term is in the chain; (3) that no two candidates believe
//! at one time; (4) that tokens grow; (5) that a belief of ours ends by the renew deadline after its
//! last renewal; (6) that who releases has stopped before.
//!
//! What client-go does against these is its own, and listed: it may lead on after its lease has run
//! out, and erase the Lease of a successor. Everything else is a fault of ours.

mod beliefs;
mod chain;
mod recorder;
#[cfg(test)]
mod tests;
mod witness;

use std::{collections::BTreeMap, fmt, time::Duration};

pub use self::{recorder::Recorder, witness::Witness};
use crate::candidate::Maker;

/// All that is known of an election.
#[derive(Clone, Debug)]
pub struct History {
    /// The Lease, in the order of the server.
    pub versions: Vec<Version>,
    /// Who believed when.
    pub beliefs: Vec<Belief>,
    /// Who says that it released.
    pub releases: Vec<ReleaseClaim>,
    /// The renew deadline of ours.
    pub deadline: Duration,
}

/// The Lease at one resourceVersion.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Version {
    /// Its resourceVersion.
    pub number: u64,
    /// Its holder; empty if there is none.
    pub holder: String,
    /// `leaseDurationSeconds`.
    pub seconds: u64,
    /// `leaseTransitions`.
    pub transitions: u64,
    /// `acquireTime`, as served.
    pub acquired: String,
    /// `renewTime` on the clock of all processes.
    pub renewed: u64,
    /// When it was seen.
    pub seen: u64,
}

/// A time in which a candidate took itself for the leader.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Belief {
    /// Who.
    pub replica: String,
    /// By whose library.
    pub maker: Maker,
    /// From when on.
    pub from: u64,
    /// Until when.
    pub until: u64,
    /// When its process stood still meanwhile. Ours is held to the clock all the same.
    pub pauses: Vec<(u64, u64)>,
    /// `leaseTransitions` of the term.
    pub transitions: u64,
    /// The fencing token, of ours.
    pub fence: Option<u64>,
}

/// What a candidate says of a release.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReleaseClaim {
    /// Who.
    pub replica: String,
    /// By whose library.
    pub maker: Maker,
    /// `leaseTransitions` that it wrote, if it says so.
    pub transitions: Option<u64>,
    /// When it was answered.
    pub answered: u64,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is wrong and not client-go's own. Must be empty.
    pub faults: Vec<String>,
    /// What client-go did with itself.
    pub client_go: Vec<String>,
    /// Times in which two believed.
    pub overlaps: Vec<Overlap>,
    /// The smallest time between two beliefs, by who handed over to whom, in nanoseconds.
    pub gaps: BTreeMap<(Maker, Maker), u64>,
    /// The shortest time from the last renewal of a lease that was not released to its takeover,
    /// by who took it, in nanoseconds.
    pub waits: BTreeMap<Maker, u64>,
    /// Versions seen.
    pub versions: usize,
    /// Terms seen.
    pub terms: usize,
}

/// A time in which two believed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Overlap {
    /// Whose fault it was.
    pub fault: Maker,
    /// Whose candidates they were, the earlier first.
    pub pair: (Maker, Maker),
    /// In nanoseconds.
    pub length: u64,
}

impl History {
    /// Gathers one from what was seen.
    #[must_use]
    pub fn new(versions: Vec<Version>, witnesses: &[Witness], deadline: Duration) -> Self {
        let mut beliefs: Vec<_> = witnesses.iter().flat_map(Witness::beliefs).collect();
        beliefs.sort_by_key(|belief| belief.from);
        let releases = witnesses.iter().flat_map(Witness::releases).collect();
        Self { versions, beliefs, releases, deadline }
    }

    /// Checks everything.
    #[must_use]
    pub fn check(&self) -> Report {
        let mut report = Report {
            versions: self.versions.len(),
            terms: self.beliefs.len(),
            ..Report::default()
        };
        self.check_chain(&mut report);
        self.check_releases(&mut report);
        self.check_terms(&mut report);
        self.check_exclusion(&mut report);
        report
    }

    /// Tells by whose library a replica is.
    fn maker(&self, replica: &str) -> Option<Maker> {
        let belief = self.beliefs.iter().find(|belief| belief.replica == replica);
        belief.map(|belief| belief.maker)
    }
}

impl Report {
    /// Notes what somebody did wrong.
    fn blame(&mut self, maker: Maker, what: String) {
        match maker {
            Maker::ClientGo => self.client_go.push(what),
            Maker::Kunobi => self.faults.push(what),
        }
    }

    /// Adds what was found in another history.
    pub fn add(&mut self, other: Self) {
        self.faults.extend(other.faults);
        self.client_go.extend(other.client_go);
        self.overlaps.extend(other.overlaps);
        for (pair, gap) in other.gaps {
            lower(&mut self.gaps, pair, gap);
        }
        for (maker, wait) in other.waits {
            lower(&mut self.waits, maker, wait);
        }
        self.versions += other.versions;
        self.terms += other.terms;
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, holder, transitions, acquired, .. } = self;
        write!(out, "{number} ({holder:?}, transitions {transitions}, acquired {acquired})")
    }
}

/// Keeps the smaller of what is known and this.
fn lower<K: Ord>(known: &mut BTreeMap<K, u64>, key: K, value: u64) {
    let smallest = known.entry(key).or_insert(value);
    *smallest = value.min(*smallest);
}

/// Shows nanoseconds as milliseconds.
#[must_use]
pub fn milliseconds(nanoseconds: u64) -> String {
    format!("{}.{:03} ms", nanoseconds / 1_000_000, nanoseconds / 1_000 % 1_000)
}

/// How far two clocks that are read a moment apart may disagree.
const SLACK: u64 = 20_000_000;
