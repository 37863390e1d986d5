//! What was seen, and what follows from it.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    odd,
    promise::{Promise, Promises},
};
use crate::{
    console::{Line, Style},
    lease::Lease,
    library::{Author, Certainty},
    output::SCHEMA,
    say,
    sight::Sight,
    time::{ServerTime, ago},
    track::{Cadence, What},
};

/// A Lease that was looked at for a while.
#[derive(Clone, Debug)]
pub(super) struct Observation {
    pub(super) states: Vec<(Instant, Lease)>,
    pub(super) happened: Vec<What>,
    pub(super) troubles: Vec<String>,
    pub(super) cadence: Cadence,
    pub(super) time: ServerTime,
    pub(super) began: Instant,
    /// `None` if it was looked at once.
    ended: Option<Instant>,
}

/// What is said about it.
#[derive(Clone, Debug)]
pub(super) struct Report {
    lease: Lease,
    /// `None`: once.
    looked: Option<Duration>,
    renewals: usize,
    cadence: Cadence,
    term_age: Option<SignedDuration>,
    changes: Vec<String>,
    author: Author,
    promises: Promises,
    odd: Vec<String>,
}

impl Observation {
    pub(super) fn begin(sight: &Sight, now: Instant) -> Self {
        let states = sight.lease().map(|lease| (now, lease.clone())).into_iter().collect();
        let cadence = sight.track().cadence().clone();
        let (happened, troubles) = (Vec::new(), Vec::new());
        Self { states, happened, troubles, cadence, time: sight.time(), began: now, ended: None }
    }

    pub(super) fn saw(&mut self, sight: &Sight, happened: Vec<What>, now: Instant) {
        if let Some(lease) = sight.lease() {
            self.states.push((now, lease.clone()));
        }
        self.happened.extend(happened);
    }

    pub(super) fn trouble(&mut self, why: String) {
        self.troubles.push(why);
    }

    pub(super) fn end(&mut self, sight: &Sight, now: Instant) {
        self.cadence = sight.track().cadence().clone();
        self.ended = Some(now);
    }

    /// Returns the state that was seen last.
    pub(super) fn lease(&self) -> Lease {
        self.states.last().map(|(_, lease)| lease.clone()).unwrap_or_default()
    }

    /// Returns since when the record has been the one that was seen last, and whether it was seen to arrive.
    pub(super) fn renewed(&self) -> (Instant, bool) {
        let last = self.lease();
        let same =
            self.states.iter().rev().take_while(|(_, lease)| lease.same_record(&last)).count();
        let at = self.states.len().saturating_sub(same);
        (self.states.get(at).map_or(self.began, |(seen, _)| *seen), at > 0)
    }

    /// Returns for how long it was looked at; `None` if that was once.
    pub(super) fn looked(&self) -> Option<Duration> {
        Some(self.ended?.saturating_duration_since(self.began))
    }

    /// Returns when it was looked at last.
    pub(super) fn end_at(&self) -> Instant {
        self.ended.unwrap_or(self.began)
    }

    pub(super) fn renewals(&self) -> usize {
        self.happened.iter().filter(|what| what.is_another_renewal()).count()
    }
}

impl Report {
    pub(super) fn of(observation: &Observation) -> Self {
        let lease = observation.lease();
        let states: Vec<&Lease> = observation.states.iter().map(|(_, lease)| lease).collect();
        let author = Author::of(&states);
        let acquired = lease.acquired.as_ref().and_then(|acquired| acquired.at);
        let changes = observation.happened.iter().filter(|what| !what.is_renewal());
        Self {
            looked: observation.looked(),
            renewals: observation.renewals(),
            cadence: observation.cadence.clone(),
            term_age: acquired.map(|at| observation.time.age(at, observation.end_at())),
            changes: changes
                .map(|what| format!("{} {}", say::word(what).0, say::sentence(what)))
                .collect(),
            promises: Promises::of(observation, &author),
            odd: odd::all(observation, &author),
            lease,
            author,
        }
    }

    /// Returns it as text.
    pub(super) fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut section = |title: &str, style: Style, texts: &[String]| {
            if !texts.is_empty() {
                lines.push(Line::default().with(Style::Strong, title));
                lines.extend(
                    texts.iter().map(|text| Line::default().with(style, format!("  {text}"))),
                );
            }
        };
        let Lease { namespace, name, .. } = &self.lease;
        let looked = match self.looked {
            None => format!("{namespace}/{name}, looked at once"),
            Some(looked) => format!("{namespace}/{name}, looked at for {}", say::time(looked)),
        };
        section(&looked, Style::Plain, &self.seen());
        let library = self.author.library.name();
        let author = match self.author.certainty {
            Certainty::Named => format!("Written by: {library}"),
            Certainty::Fits => {
                format!("Written by: perhaps {library}; other programs can write the same")
            }
            Certainty::Unknown => "Written by: unknown".into(),
        };
        section(&author, Style::Plain, &self.author.evidence);
        section(self.promises.title(), Style::Plain, &self.promises.after_death());
        section("What the Lease does not tell", Style::Plain, &self.promises.unknown);
        section("Odd", Style::Warning, &self.odd);
        if self.odd.is_empty() {
            lines.push(Line::default().with(Style::Strong, "Odd: nothing"));
        }
        lines
    }

    /// Returns it in the schema of the README.
    pub(super) fn json(&self) -> Value {
        let range = self.cadence.range();
        let seconds = |duration: Option<Duration>| duration.map(|duration| duration.as_secs_f64());
        json!({
            "apiVersion": SCHEMA,
            "kind": "LeaseExplanation",
            "namespace": self.lease.namespace,
            "name": self.lease.name,
            "observed": {
                "seconds": self.looked.unwrap_or_default().as_secs_f64(),
                "holder": self.lease.holder,
                "leaseDurationSeconds": self.lease.duration.map(|duration| duration.as_secs()),
                "transitions": self.lease.transitions,
                "termSeconds": self.term_age.map(|age| age.as_secs()),
                "renewals": self.renewals,
                "cadenceSeconds": seconds(self.cadence.median()),
                "shortestSeconds": seconds(range.map(|range| range.0)),
                "longestSeconds": seconds(range.map(|range| range.1)),
                "changes": self.changes,
            },
            "author": {
                "library": self.author.library.name(),
                "certainty": match self.author.certainty {
                    Certainty::Named => "named",
                    Certainty::Fits => "fits",
                    Certainty::Unknown => "unknown",
                },
                "evidence": self.author.evidence,
            },
            "ifTheLeaderDiesNow": self.promises.list.iter().map(Promise::json).collect::<Vec<_>>(),
            "clocks": self.promises.clocks,
            "notTold": self.promises.unknown,
            "odd": self.odd,
        })
    }

    fn seen(&self) -> Vec<String> {
        let mut texts = Vec::new();
        let transitions = match self.lease.transitions {
            None => String::new(),
            Some(1) => "; 1 transition so far".into(),
            Some(count) => format!("; {count} transitions so far"),
        };
        texts.push(match &self.lease.holder {
            None => format!("nobody holds it{transitions}"),
            Some(holder) => {
                let acquired = self.lease.acquired.as_ref().zip(self.term_age);
                let since = acquired.map(|(acquired, age)| {
                    format!(" since {acquired} (acquireTime), {}", ago(age))
                });
                format!("held by {holder}{}{transitions}", since.unwrap_or_default())
            }
        });
        if self.lease.holder.is_some() {
            texts.push(self.rhythm());
        }
        texts.extend(self.changes.iter().cloned());
        texts
    }

    fn rhythm(&self) -> String {
        let duration = self.lease.duration.map_or_else(
            || "no duration that can be read".into(),
            |duration| format!("a duration of {}s", duration.as_secs()),
        );
        let renewed = match (self.renewals, self.cadence.median(), self.cadence.range()) {
            (0, ..) if self.looked.is_none() => "no renewal was waited for".into(),
            (0, ..) => "not renewed meanwhile".into(),
            (1, None, _) => "renewed once".into(),
            (count, Some(usual), Some((shortest, longest))) if shortest != longest => format!(
                "renewed {count} times, every {} ({} to {})",
                say::time(usual),
                say::time(shortest),
                say::time(longest)
            ),
            (count, Some(usual), _) => format!("renewed {count} times, {} apart", say::time(usual)),
            (count, None, _) => format!("renewed {count} times"),
        };
        format!("{renewed}, with {duration}")
    }
}
