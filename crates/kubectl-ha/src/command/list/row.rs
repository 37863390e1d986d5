//! What is known of one Lease, as a row.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use jiff::SignedDuration;
use tokio::time::Instant;

use crate::{
    cli::SortBy,
    console::Style,
    holder::HolderPod,
    lease::Lease,
    observe::{Observed, Slack, ahead},
    output::{Cell, Known, LeaseDocument},
    time::{ServerTime, age, ago, is_ahead, is_often, per_hour, rate, short},
};

/// A Lease at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    observed: Observed,
    /// How old the last renewal is by the server's clock, if the Lease tells a time.
    age: Option<SignedDuration>,
    slack: Slack,
    /// Transitions per hour since the Lease was created.
    rate: Option<f64>,
    /// That the last renewal is yet to come.
    ahead: Option<String>,
    pod: HolderPod,
    deleted: bool,
}

impl Row {
    pub(crate) fn new(observed: Observed, time: ServerTime, now: Instant, pod: HolderPod) -> Self {
        let lease = observed.lease();
        let age = lease.renewed.as_ref().and_then(|renewed| renewed.at).map(|at| time.age(at, now));
        let lifetime = lease.created.map(|created| time.age(created, now));
        let rate = rate(lease.transitions, lifetime);
        let slack = observed.slack(now);
        let ahead = ahead(lease, time, now);
        Self { observed, age, slack, rate, ahead, pod, deleted: false }
    }

    /// Says that the Lease is no more.
    pub(super) fn into_deleted(self) -> Self {
        Self { deleted: true, slack: Slack::None, ..self }
    }

    pub(crate) const fn lease(&self) -> &Lease {
        self.observed.lease()
    }

    pub(crate) const fn pod(&self) -> &HolderPod {
        &self.pod
    }

    pub(super) fn into_parts(self) -> (Observed, HolderPod) {
        (self.observed, self.pod)
    }

    /// Returns the name as kubectl writes it.
    pub(crate) fn reference(&self) -> String {
        format!("lease.coordination.k8s.io/{}", self.lease().name)
    }

    pub(super) fn cells(&self, namespace: bool, wide: bool) -> Vec<Cell> {
        let lease = self.lease();
        let mut cells = Vec::new();
        if namespace {
            cells.push(Cell::new(&lease.namespace));
        }
        cells.extend([
            Cell::new(&lease.name),
            self.holder(),
            self.renewed(),
            self.slack(),
            self.transitions(),
        ]);
        cells.extend(self.pod_cells());
        if wide {
            let duration = lease.duration.map(|duration| format!("{}s", duration.as_secs()));
            cells.push(duration.map_or_else(|| "-".into(), Cell::new));
            cells.push(Cell::long(self.odd().join("; ")).styled(Style::Warning));
        }
        cells
    }

    /// Whether by the clocks of its holder and of the server the Lease has run out.
    pub(crate) fn run_out(&self) -> Option<bool> {
        let duration = SignedDuration::try_from(self.lease().duration?).ok()?;
        self.lease().holder.as_ref()?;
        Some(self.age? > duration)
    }

    /// Says what can't be read, and what can't be.
    pub(crate) fn odd(&self) -> Vec<String> {
        self.lease().odd.iter().chain(&self.ahead).cloned().collect()
    }

    /// Returns when it will have run out for one who looks since then.
    pub(super) fn runs_out_at(&self, looking: Instant) -> Option<Instant> {
        self.observed.runs_out_at(looking)
    }

    pub(crate) fn document(&self) -> LeaseDocument {
        let known = Known {
            age: self.age,
            slack: self.slack,
            run_out: self.run_out(),
            rate: self.rate,
            odd: self.odd(),
            pod: &self.pod,
            deleted: self.deleted,
        };
        LeaseDocument::new(self.lease(), &known)
    }

    pub(crate) fn holder(&self) -> Cell {
        let odd = self.lease().odd.iter().any(|odd| odd.starts_with("spec.holderIdentity"));
        match &self.lease().holder {
            Some(holder) => Cell::new(holder),
            None if odd => Cell::new("?").styled(Style::Warning),
            None => Cell::new("<none>").styled(Style::Warning),
        }
    }

    fn renewed(&self) -> Cell {
        self.renewed_as(age)
    }

    /// Returns the same as a part of a sentence.
    pub(crate) fn renewed_ago(&self) -> Cell {
        self.renewed_as(ago)
    }

    fn renewed_as(&self, words: fn(SignedDuration) -> String) -> Cell {
        match (self.age, &self.lease().renewed) {
            (Some(age), _) if self.run_out() == Some(true) => {
                Cell::new(words(age)).styled(Style::Bad)
            }
            (Some(age), _) if is_ahead(age) => Cell::new(words(age)).styled(Style::Warning),
            (Some(age), _) => Cell::new(words(age)),
            (None, Some(_)) => Cell::new("?").styled(Style::Warning),
            (None, None) => "-".into(),
        }
    }

    pub(crate) fn slack(&self) -> Cell {
        match self.slack {
            _ if self.deleted => Cell::new("deleted").styled(Style::Bad),
            Slack::Left(left) if left <= SignedDuration::ZERO => {
                Cell::new("run out").styled(Style::Bad)
            }
            Slack::Left(left) => Cell::new(short(left.saturating_add(HALF))).styled(Style::Good),
            Slack::AtMost(_) if self.run_out() == Some(true) => {
                Cell::new("run out?").styled(Style::Bad)
            }
            // At most that is true only if it is rounded up.
            Slack::AtMost(left) => {
                let (whole, rest) = (left.as_secs(), i64::from(left.subsec_nanos() > 0));
                Cell::new(format!("≤{}", short(SignedDuration::from_secs(whole + rest))))
            }
            Slack::None => "-".into(),
        }
    }

    /// What is left, for the order: of a Lease that has run out by clocks, what they say.
    fn left(&self) -> SignedDuration {
        match self.slack {
            Slack::AtMost(_) if self.run_out() == Some(true) => self.left_by_clocks(),
            Slack::Left(left) | Slack::AtMost(left) => left,
            Slack::None => SignedDuration::MAX,
        }
    }

    fn left_by_clocks(&self) -> SignedDuration {
        let duration = self.lease().duration.and_then(|it| SignedDuration::try_from(it).ok());
        let left = duration.zip(self.age).map(|(duration, age)| duration.saturating_sub(age));
        left.unwrap_or(SignedDuration::MAX)
    }

    pub(crate) fn transitions(&self) -> Cell {
        match (self.lease().transitions, self.rate) {
            (None, _) => "-".into(),
            (Some(count), None | Some(0.0)) => count.to_string().into(),
            (Some(count), Some(rate)) if is_often(count, rate) => {
                Cell::new(format!("{count} ({}/h)", per_hour(rate))).styled(Style::Warning)
            }
            (Some(count), Some(rate)) => Cell::new(format!("{count} ({}/h)", per_hour(rate))),
        }
    }

    fn pod_cells(&self) -> [Cell; 3] {
        match &self.pod {
            HolderPod::Unknown => ["?".into(), "?".into(), "?".into()],
            HolderPod::None => ["-".into(), "-".into(), "-".into()],
            HolderPod::Found(pod) => {
                let status = Cell::new(pod.status_alone());
                let status = if pod.is_well() { status } else { status.styled(Style::Warning) };
                let node = if pod.node.is_empty() { "-" } else { &pod.node };
                [status, pod.restarts.to_string().into(), node.into()]
            }
        }
    }
}

/// Rounds what [`short`] cuts off: the duration itself has whole seconds, so that it is never exceeded.
const HALF: SignedDuration = SignedDuration::from_millis(500);

/// Returns the names of the columns after the namespace.
pub(super) fn columns(wide: bool) -> impl Iterator<Item = &'static str> {
    let usual = ["NAME", "HOLDER", "RENEWED", "SLACK", "TRANSITIONS", "POD", "RESTARTS", "NODE"];
    let more = ["DURATION", "ODD"];
    usual.into_iter().chain(more.into_iter().filter(move |_| wide))
}

pub(super) fn sort(rows: &mut [Row], by: SortBy) {
    let name = |row: &Row| row.lease().key();
    match by {
        SortBy::Name => rows.sort_by_cached_key(name),
        SortBy::Holder => rows.sort_by_cached_key(|row| {
            (row.lease().holder.is_none(), row.lease().holder.clone(), name(row))
        }),
        SortBy::Renewed => rows.sort_by_cached_key(|row| (Reverse(row.age), name(row))),
        SortBy::Slack => {
            rows.sort_by_cached_key(|row| (row.left(), row.left_by_clocks(), name(row)));
        }
        SortBy::Transitions => {
            rows.sort_by_cached_key(|row| (Reverse(row.lease().transitions), name(row)));
        }
    }
}
