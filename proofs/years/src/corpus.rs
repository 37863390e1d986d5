//! Runs that failed once: they come first.

use std::time::Duration;

use crate::plan::Plan;

/// A run that failed once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// Its seed.
    pub seed: u64,
    /// How many minutes it lasts.
    pub minutes: u64,
    /// The numbers of the faults that it needs; all of them, if there are none here.
    pub kept: Vec<usize>,
    /// What was wrong.
    pub why: String,
}

impl Entry {
    /// Returns the run.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let plan = Plan::draw(self.seed, Duration::from_secs(self.minutes * 60));
        if self.kept.is_empty() { plan } else { plan.keeping(&self.kept) }
    }

    /// Reads a line: seed, minutes, the numbers of the faults or `all`, and what was wrong.
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(4, ' ');
        let seed = words.next()?.parse().ok()?;
        let minutes = words.next()?.parse().ok()?;
        let kept = match words.next()? {
            "all" => Vec::new(),
            numbers => numbers.split(',').map(str::parse).collect::<Result<_, _>>().ok()?,
        };
        Some(Self { seed, minutes, kept, why: words.next().unwrap_or_default().into() })
    }
}

/// Returns all runs of `corpus.txt`.
///
/// # Panics
///
/// If a line of it can't be read.
#[must_use]
pub fn corpus() -> Vec<Entry> {
    let lines = include_str!("../corpus.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines.map(|line| Entry::parse(line).expect(line)).collect()
}
