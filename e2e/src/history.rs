//! The history of an election: every version of its Lease, and what each candidate believed.
//!
//! It checks (1) the chain of versions: each is a renewal, a release or a takeover, with the
//! transitions that this means, and a takeover of a held Lease comes no earlier than its duration
//! after the last renewal; (2) that every term is in the chain; (3) that no two candidates believe
//! at one time; (4) that tokens grow; (5) that a belief of ours ends by the renew deadline after its
//! last renewal; (6) that a candidate stops before it releases.
//!
//! Breaches by client-go are listed apart: it may go on leading after its lease has run
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
    /// The times in which candidates believed that they lead.
    pub beliefs: Vec<Belief>,
    /// The claims of candidates that they released.
    pub releases: Vec<ReleaseClaim>,
    /// Which replicas died, and when.
    pub deaths: Vec<(String, u64)>,
    /// The renew deadline of our candidates.
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

/// A time in which a candidate believed that it leads.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Belief {
    /// The candidate.
    pub replica: String,
    /// The library that it uses.
    pub maker: Maker,
    /// When it began.
    pub from: u64,
    /// When it ended.
    pub until: u64,
    /// When its process was stopped meanwhile. A belief of ours ends by the clock all the same.
    pub pauses: Vec<(u64, u64)>,
    /// `leaseTransitions` of the term.
    pub transitions: u64,
    /// The fencing token, if the candidate is ours.
    pub fence: Option<u64>,
}

/// The claim of a candidate that it released.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReleaseClaim {
    /// The candidate.
    pub replica: String,
    /// The library that it uses.
    pub maker: Maker,
    /// `leaseTransitions` that it wrote, if it says so.
    pub transitions: Option<u64>,
    /// When the release was answered.
    pub answered: u64,
}

/// The result of the checks.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Every breach that is not client-go's own. It must be empty.
    pub faults: Vec<String>,
    /// Breaches among candidates of client-go.
    pub client_go: Vec<String>,
    /// Times in which two candidates believed at once.
    pub overlaps: Vec<Overlap>,
    /// The smallest time between two beliefs, by the two libraries, in nanoseconds.
    pub gaps: BTreeMap<(Maker, Maker), u64>,
    /// The shortest time from the last renewal of a lease that was not released to its takeover,
    /// by the library that took it over, in nanoseconds.
    pub waits: BTreeMap<Maker, u64>,
    /// Versions seen.
    pub versions: usize,
    /// Terms seen.
    pub terms: usize,
}

/// A time in which two candidates believed at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Overlap {
    /// The library whose fault it was.
    pub fault: Maker,
    /// The libraries of the two candidates, the earlier first.
    pub pair: (Maker, Maker),
    /// In nanoseconds.
    pub length: u64,
}

impl History {
    /// Makes a history of what was seen.
    #[must_use]
    pub fn new(versions: Vec<Version>, witnesses: &[Witness], deadline: Duration) -> Self {
        let mut beliefs: Vec<_> = witnesses.iter().flat_map(Witness::beliefs).collect();
        beliefs.sort_by_key(|belief| belief.from);
        let releases = witnesses.iter().flat_map(Witness::releases).collect();
        let deaths = witnesses.iter().filter_map(Witness::death).collect();
        Self { versions, beliefs, releases, deaths, deadline }
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

    /// Returns the library that a replica uses.
    fn maker(&self, replica: &str) -> Option<Maker> {
        let belief = self.beliefs.iter().find(|belief| belief.replica == replica);
        belief.map(|belief| belief.maker)
    }
}

impl Report {
    /// Notes a breach.
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

/// Keeps the smaller of the known value and this one.
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
