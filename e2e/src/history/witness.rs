//! Derives what a candidate believed from what it printed.

use serde_json::Value;

use super::{Belief, ReleaseClaim};
use crate::{
    candidate::{Candidate, Line, Maker},
    clock::boottime,
};

/// One candidate: what it printed, and what was done to it.
#[derive(Clone, Debug)]
pub struct Witness {
    /// Its name.
    pub replica: String,
    /// The library that it uses.
    pub maker: Maker,
    /// What it printed.
    pub lines: Vec<Line>,
    /// When its process was stopped and continued.
    pub pauses: Vec<(u64, u64)>,
    /// When it died, if it did.
    pub died: Option<u64>,
    /// When it died, or was last asked.
    pub end: u64,
}

impl Witness {
    /// Takes down what a candidate has shown so far.
    #[must_use]
    pub fn of(candidate: &Candidate) -> Self {
        Self {
            replica: candidate.identity().into(),
            maker: candidate.maker(),
            lines: candidate.lines(),
            pauses: candidate.pauses.clone(),
            died: candidate.died,
            end: candidate.died.unwrap_or_else(boottime),
        }
    }

    /// Returns the times in which it believed that it leads.
    #[must_use]
    pub fn beliefs(&self) -> Vec<Belief> {
        let mut beliefs = Vec::new();
        let mut open: Option<Belief> = None;
        for line in &self.lines {
            let until = line.fields["valid_until_ns"].as_u64();
            match line.event.as_str() {
                "started-leading" => {
                    beliefs.extend(open.take());
                    open = Some(self.begin(line, until));
                }
                "believes" => {
                    if let (Some(belief), Some(until)) = (&mut open, until) {
                        belief.until = until;
                    }
                }
                "leading-context-done" | "stopped-leading" => {
                    if let Some(mut belief) = open.take() {
                        belief.until = belief.until.min(line.at);
                        beliefs.push(belief);
                    }
                }
                _ => {}
            }
        }
        if let Some(mut belief) = open {
            belief.until = belief.until.min(self.end);
            beliefs.push(belief);
        }
        beliefs
    }

    /// Returns its claims about its releases.
    #[must_use]
    pub fn releases(&self) -> Vec<ReleaseClaim> {
        // Ours also says when it had nothing to release.
        let released = self.lines.iter().filter(|line| {
            let outcome = line.fields["release"].as_str();
            line.event == "released" && outcome.is_none_or(|outcome| !outcome.starts_with("Not"))
        });
        let claim = |line: &Line| ReleaseClaim {
            replica: self.replica.clone(),
            maker: self.maker,
            transitions: line.fields["lease_transitions"].as_u64(),
            answered: line.at,
        };
        released.map(claim).collect()
    }

    /// Returns who died when.
    pub(super) fn death(&self) -> Option<(String, u64)> {
        Some((self.replica.clone(), self.died?))
    }

    fn begin(&self, line: &Line, until: Option<u64>) -> Belief {
        Belief {
            replica: self.replica.clone(),
            maker: self.maker,
            from: line.at,
            until: until.unwrap_or(u64::MAX),
            pauses: self.pauses.clone(),
            transitions: number(&line.fields["lease_transitions"]),
            fence: line.fields["fence"].as_u64(),
        }
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}
