//! What is known of one Lease, as a row.

use std::cmp::Reverse;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    cli::SortBy,
    console::Style,
    lease::Lease,
    observe::{Observed, Slack},
    output::Cell,
    time::{ServerTime, short},
};

/// A Lease at the moment of the list.
#[derive(Clone, Debug)]
pub(super) struct Row {
    observed: Observed,
    /// How old the last renewal is by the server's clock, if the Lease tells a time.
    age: Option<SignedDuration>,
    slack: Slack,
    /// Transitions per hour since the Lease was created.
    rate: Option<f64>,
}

impl Row {
    pub(super) fn new(observed: Observed, time: ServerTime, now: Instant) -> Self {
        let lease = observed.lease();
        let age = lease.renewed.as_ref().and_then(|renewed| renewed.at).map(|at| time.age(at, now));
        let lifetime = lease.created.map(|created| time.age(created, now));
        let rate = rate(lease.transitions, lifetime);
        let slack = observed.slack(now);
        Self { observed, age, slack, rate }
    }

    pub(super) const fn lease(&self) -> &Lease {
        self.observed.lease()
    }

    pub(super) fn cells(&self, namespace: bool, wide: bool) -> Vec<Cell> {
        let lease = self.lease();
        let mut cells = Vec::new();
        if namespace {
            cells.push(Cell::new(&lease.namespace));
        }
        cells.push(Cell::new(&lease.name));
        cells.push(
            lease
                .holder
                .as_ref()
                .map_or_else(|| Cell::new("<none>").styled(Style::Warning), Cell::new),
        );
        cells.push(self.renewed());
        cells.push(slack(self.slack));
        cells.push(
            lease.transitions.map_or_else(|| "-".into(), |count| Cell::new(count.to_string())),
        );
        cells.push(self.rate.map_or_else(|| "-".into(), |rate| Cell::new(per_hour(rate))));
        if wide {
            let duration = lease.duration.map(|duration| format!("{}s", duration.as_secs()));
            cells.push(duration.map_or_else(|| "-".into(), Cell::new));
            cells.push(Cell::new(lease.odd.join("; ")).styled(Style::Warning));
        }
        cells
    }

    fn renewed(&self) -> Cell {
        let run_out =
            self.lease().duration.and_then(|duration| SignedDuration::try_from(duration).ok());
        match (self.age, &self.lease().renewed) {
            (Some(age), _) if run_out.is_some_and(|duration| age > duration) => {
                Cell::new(short(age)).styled(Style::Bad)
            }
            (Some(age), _) => Cell::new(short(age)),
            (None, Some(_)) => Cell::new("?").styled(Style::Warning),
            (None, None) => Cell::new("-"),
        }
    }

    pub(super) fn json(&self) -> Value {
        let lease = self.lease();
        let (left, bound) = match self.slack {
            Slack::Left(left) => (Some(left), Some("observed")),
            Slack::AtMost(left) => (Some(left), Some("at-most")),
            Slack::None => (None, None),
        };
        json!({
            "namespace": lease.namespace,
            "name": lease.name,
            "holder": lease.holder,
            "leaseDurationSeconds": lease.duration.map(|duration| duration.as_secs()),
            "acquireTime": lease.acquired.as_ref().map(|moment| &moment.text),
            "renewTime": lease.renewed.as_ref().map(|moment| &moment.text),
            "renewedSecondsAgo": self.age.map(|age| age.as_secs()),
            "slackSeconds": left.map(|left| left.as_secs_f64()),
            "slackIs": bound,
            "transitions": lease.transitions,
            "transitionsPerHour": self.rate,
            "odd": lease.odd,
        })
    }
}

/// Returns the names of the columns after the namespace.
pub(super) fn columns(wide: bool) -> impl Iterator<Item = &'static str> {
    let usual = ["NAME", "HOLDER", "RENEWED", "SLACK", "TRANSITIONS", "PER-HOUR"];
    let more = ["DURATION", "ODD"];
    usual.into_iter().chain(more.into_iter().filter(move |_| wide))
}

pub(super) fn sort(rows: &mut [Row], by: SortBy) {
    let name = |row: &Row| (row.lease().namespace.clone(), row.lease().name.clone());
    match by {
        SortBy::Name => rows.sort_by_cached_key(name),
        SortBy::Holder => rows.sort_by_cached_key(|row| (row.lease().holder.clone(), name(row))),
        SortBy::Renewed => rows.sort_by_cached_key(|row| (Reverse(row.age), name(row))),
        SortBy::Slack => rows.sort_by_cached_key(|row| (left(row.slack), name(row))),
        SortBy::Transitions => {
            rows.sort_by_cached_key(|row| (Reverse(row.lease().transitions), name(row)));
        }
    }
}

const fn left(slack: Slack) -> SignedDuration {
    match slack {
        Slack::Left(left) | Slack::AtMost(left) => left,
        Slack::None => SignedDuration::MAX,
    }
}

fn slack(slack: Slack) -> Cell {
    match slack {
        Slack::Left(left) if left.is_negative() => Cell::new(short(left)).styled(Style::Bad),
        Slack::Left(left) => Cell::new(short(left)).styled(Style::Good),
        Slack::AtMost(left) => Cell::new(format!("≤{}", short(left))),
        Slack::None => Cell::new("-"),
    }
}

/// Counts the transitions since the Lease was created. A Lease that is younger than this says too little.
fn rate(transitions: Option<u64>, lifetime: Option<SignedDuration>) -> Option<f64> {
    let lifetime = lifetime.filter(|lifetime| *lifetime >= SHORTEST)?;
    #[expect(clippy::cast_precision_loss, reason = "nobody counts so many transitions")]
    let count = transitions? as f64;
    Some(count / (lifetime.as_secs_f64() / 3600.0))
}

fn per_hour(rate: f64) -> String {
    match rate {
        0.0 => "0".into(),
        ..0.01 => "<0.01".into(),
        ..10.0 => format!("{rate:.2}"),
        _ => format!("{rate:.0}"),
    }
}

const SHORTEST: SignedDuration = SignedDuration::from_mins(10);
