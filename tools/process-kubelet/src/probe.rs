//! Decides from the results of its probes what becomes of a container.

use std::{collections::BTreeMap, time::Duration};

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    Startup,
    Liveness,
    Readiness,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    Success,
    Failure,
}

/// What a result means for the container.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ProbeEffect {
    Unchanged,
    /// The container has changed: whether it is started, or whether it is ready.
    Changed,
    Restart,
}

/// When a probe is made, and how many results in a row count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Rhythm {
    pub(crate) delay: Duration,
    pub(crate) period: Duration,
    pub(crate) failures: u32,
    pub(crate) successes: u32,
}

/// The probes of one run of a container. Times are counted from its start.
///
/// 1. Until the startup probe succeeded, no other probe is made.
/// 2. A liveness or startup probe that failed often enough is not made again, nor is a startup
///    probe that succeeded, nor either of them once the pod is deleted.
/// 3. A probe is never in flight twice.
/// 4. A ticker began for each probe when the pod was taken, and goes on over restarts; probes are
///    made at its ticks, and not before kubelet has seen that the container runs. Only a readiness
///    probe is made at once then.
#[derive(Debug)]
pub(crate) struct Probes {
    gauges: BTreeMap<Kind, Gauge>,
    started: bool,
    deleted: bool,
}

#[derive(Debug)]
struct Gauge {
    rhythm: Rhythm,
    /// Readiness is asked for as soon as it can be.
    eager: bool,
    age: Duration,
    /// When it is made next, unless it is held back, in flight or not made any more.
    due: Option<Duration>,
    /// When it is to be made after the one in flight.
    then: Duration,
    /// The last result and how often it came in a row.
    row: Option<(Outcome, u32)>,
    /// What holds until a row is long enough.
    settled: Outcome,
}

impl Probes {
    /// `age`: for how long the tickers had been going when the container was started; `now`: when it
    /// is seen to run.
    pub(crate) fn new(
        rhythms: impl IntoIterator<Item = (Kind, Rhythm)>,
        age: Duration,
        now: Duration,
    ) -> Self {
        let gauge = |(kind, rhythm)| (kind, Gauge::new(kind, rhythm, age, now));
        let mut gauges: BTreeMap<Kind, Gauge> = rhythms.into_iter().map(gauge).collect();
        let started = !gauges.contains_key(&Kind::Startup);
        if !started {
            gauges.values_mut().skip(1).for_each(|gauge| gauge.due = None);
        }
        Self { gauges, started, deleted: false }
    }

    pub(crate) fn started(&self) -> bool {
        self.started
    }

    pub(crate) fn ready(&self) -> bool {
        let readiness = self.gauges.get(&Kind::Readiness);
        self.started && readiness.is_none_or(|gauge| gauge.settled == Outcome::Success)
    }

    pub(crate) fn next(&self) -> Option<Duration> {
        self.gauges.values().filter_map(|gauge| gauge.due).min()
    }

    /// Returns the probes to be made now; each is in flight until it is reported.
    pub(crate) fn take_due(&mut self, now: Duration) -> Vec<Kind> {
        let take = |(kind, gauge): (&Kind, &mut Gauge)| gauge.take(now).then_some(*kind);
        self.gauges.iter_mut().filter_map(take).collect()
    }

    pub(crate) fn report(&mut self, kind: Kind, outcome: Outcome, now: Duration) -> ProbeEffect {
        if self.deleted && kind != Kind::Readiness {
            return ProbeEffect::Unchanged;
        }
        let Some(gauge) = self.gauges.get_mut(&kind) else {
            return ProbeEffect::Unchanged;
        };
        let before = gauge.settled;
        if !gauge.count(outcome) {
            gauge.due = Some(gauge.then);
            return ProbeEffect::Unchanged;
        }
        match (kind, outcome) {
            (Kind::Startup, Outcome::Success) => {
                self.started = true;
                self.gauges.values_mut().skip(1).for_each(|gauge| gauge.begin(now));
                ProbeEffect::Changed
            }
            (Kind::Startup | Kind::Liveness, Outcome::Failure) => ProbeEffect::Restart,
            (Kind::Liveness, Outcome::Success) => {
                gauge.due = Some(gauge.then);
                ProbeEffect::Unchanged
            }
            (Kind::Readiness, Outcome::Success | Outcome::Failure) => {
                gauge.due = Some(gauge.then);
                if before == outcome { ProbeEffect::Unchanged } else { ProbeEffect::Changed }
            }
        }
    }

    /// Nothing restarts the container of a deleted pod; its readiness still counts.
    pub(crate) fn delete(&mut self) {
        self.deleted = true;
        for (kind, gauge) in &mut self.gauges {
            if *kind != Kind::Readiness {
                gauge.due = None;
            }
        }
    }
}

impl Gauge {
    fn new(kind: Kind, rhythm: Rhythm, age: Duration, now: Duration) -> Self {
        let settled = if kind == Kind::Liveness { Outcome::Success } else { Outcome::Failure };
        let eager = kind == Kind::Readiness;
        let then = Duration::ZERO;
        let mut gauge = Self { rhythm, eager, age, due: None, then, row: None, settled };
        gauge.begin(now);
        gauge
    }

    fn begin(&mut self, now: Duration) {
        let at_once = self.eager && now >= self.rhythm.delay;
        let due = if at_once { now } else { self.tick(now.max(self.rhythm.delay)) };
        self.due = Some(due);
    }

    /// As with a ticker, a result that takes longer than a period costs a beat, not the rhythm.
    fn take(&mut self, now: Duration) -> bool {
        let taken = self.due.take_if(|due| now >= *due).is_some();
        if taken {
            self.then = self.tick(now + Duration::from_nanos(1));
        }
        taken
    }

    /// The first tick that is not before this time.
    fn tick(&self, from: Duration) -> Duration {
        let period = self.rhythm.period;
        let ticks = (from + self.age).as_nanos().div_ceil(period.as_nanos()).max(1);
        (period * u32::try_from(ticks).unwrap_or(u32::MAX)).saturating_sub(self.age)
    }

    /// Returns whether enough results of this kind came in a row.
    fn count(&mut self, outcome: Outcome) -> bool {
        let run = match self.row {
            Some((last, run)) if last == outcome => run.saturating_add(1),
            Some(_) | None => 1,
        };
        self.row = Some((outcome, run));
        let enough = match outcome {
            Outcome::Success => self.rhythm.successes,
            Outcome::Failure => self.rhythm.failures,
        };
        if run >= enough {
            self.settled = outcome;
        }
        run >= enough
    }
}

#[cfg(test)]
mod tests;
