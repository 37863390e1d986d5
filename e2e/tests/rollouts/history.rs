//! What the pods claim that they did.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A line of `ticker`, without the name of the pod.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Line {
    Started,
    Leads { at: u64, fence: u64, version: String },
    Done { at: u64, fence: u64 },
    Wrote(Write),
    Refused(Write),
    Failed(Write),
}

/// A write of the counter; times are nanoseconds of the boot clock.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Write {
    pub(crate) count: u64,
    pub(crate) fence: u64,
    pub(crate) sent: u64,
    /// When it was answered.
    pub(crate) at: u64,
}

/// A term, as its leader reports it.
#[derive(Clone, Debug)]
pub(crate) struct PodTerm {
    pub(crate) pod: String,
    pub(crate) version: String,
    pub(crate) since: u64,
    /// When its work had ended by itself; `None` if it crashed or was killed.
    pub(crate) until: Option<u64>,
    pub(crate) wrote: Vec<Write>,
}

/// Everything that was reported, in the order of the terms.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) terms: Vec<PodTerm>,
    /// Writes that were refused because another one had come between.
    pub(crate) refused: Vec<Write>,
    /// Writes that failed for an unknown reason.
    pub(crate) failed: Vec<Write>,
}

impl History {
    pub(crate) fn of(logs: &[(String, Vec<String>)]) -> Self {
        let mut history = Self::default();
        let mut terms: BTreeMap<u64, PodTerm> = BTreeMap::new();
        for (pod, lines) in logs {
            // A candidate of client-go counts nothing.
            let counts = |line: &&String| line.starts_with('{') && !line.contains("boottime_ns");
            let lines = lines.iter().filter(counts);
            for line in lines {
                let line = serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
                match line {
                    Line::Started => {}
                    Line::Leads { at, fence, version } => {
                        let pod = pod.clone();
                        let (until, wrote) = (None, Vec::new());
                        let term = PodTerm { pod, version, since: at, until, wrote };
                        let twice = terms.insert(fence, term);
                        assert!(twice.is_none(), "two terms with one token: {twice:?}");
                    }
                    Line::Done { at, fence } => {
                        terms.get_mut(&fence).expect("it began").until = Some(at);
                    }
                    Line::Wrote(write) => {
                        terms.get_mut(&write.fence).expect("it began").wrote.push(write);
                    }
                    Line::Refused(write) => history.refused.push(write),
                    Line::Failed(write) => history.failed.push(write),
                }
            }
        }
        history.terms = terms.into_values().collect();
        history
    }
}

impl PodTerm {
    /// Returns when it did the last thing that is known of it.
    pub(crate) fn end(&self) -> u64 {
        let last = self.wrote.last().map(|write| write.at);
        self.until.or(last).unwrap_or(self.since)
    }
}
