//! What came of a run.

use std::time::Duration;

use crate::{coverage::Coverage, promise::Broken};

/// What came of a run, or of several.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// The first promise that was broken.
    pub broken: Option<Broken>,
    /// The run as one number.
    pub hash: u64,
    /// How many events that number stands for.
    pub events: u64,
    /// How long the run was, in its own time.
    pub simulated: Duration,
    /// How many terms began.
    pub terms: u64,
    /// How many writes the server took.
    pub writes: u64,
    /// How many of them freed the Lease.
    pub releases: u64,
    /// How often a program heard that its term was over.
    pub losses: u64,
    /// How often two led after a fault that the theorem excludes.
    pub excused: u64,
    /// For how long such an overlap was excused.
    pub excused_time: Duration,
    /// For how long work ran beside which other work was allowed.
    pub unjudged_time: Duration,
    /// How many faults struck.
    pub faults: u64,
    /// Which faults struck in which phase.
    pub coverage: Coverage,
}

impl Outcome {
    /// Adds another run.
    pub fn add(&mut self, other: &Self) {
        if self.broken.is_none() {
            self.broken.clone_from(&other.broken);
        }
        self.hash = self.hash.rotate_left(5) ^ other.hash;
        self.events += other.events;
        self.simulated += other.simulated;
        self.terms += other.terms;
        self.writes += other.writes;
        self.releases += other.releases;
        self.losses += other.losses;
        self.excused += other.excused;
        self.excused_time += other.excused_time;
        self.unjudged_time += other.unjudged_time;
        self.faults += other.faults;
        self.coverage.add(&other.coverage);
    }
}
