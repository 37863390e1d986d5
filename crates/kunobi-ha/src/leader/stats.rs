//! What an election counts.

#[cfg(feature = "metrics")]
mod facade;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use kunobi_ha_core::{Failure, Outcome, Release, StepDownReason, Takeover};

#[cfg(feature = "metrics")]
use self::facade::Facade;

/// Tells the recorder of the crate `metrics` too, if the feature is on.
macro_rules! tell {
    ($stats:ident, $($call:tt)+) => {
        #[cfg(feature = "metrics")]
        $stats.facade.$($call)+
    };
}

/// What an election has counted since it was built.
///
/// Each label that can occur is there from the beginning, with zero.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ElectionStats {
    /// The name of the Lease.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Whether this replica leads now.
    pub leading: bool,
    /// How long after it sent its last successful renewal a leader stops leading.
    pub renew_deadline: Duration,
    /// Renewals, by outcome: `success`, `conflict`, `rejected`, `error`.
    pub renewals: Vec<(&'static str, u64)>,
    /// How long the answers to successful renewals took, in seconds.
    pub renew_seconds: Histogram,
    /// When the last renewal succeeded, by the wall clock.
    pub last_renewal: Option<SystemTime>,
    /// Terms that ended, by reason; a step-down is `cancelled`.
    pub losses: Vec<(&'static str, u64)>,
    /// Terms that began, by what let this replica take the Lease: `created`, `died`, `expired`,
    /// `released`, `retaken`, `other`.
    pub takeovers: Vec<(&'static str, u64)>,
    /// Releases of the Lease, by outcome: `released`, `still_held` (it could not be confirmed in
    /// time), `not_ours` (the Lease was in other hands or deleted), `other`.
    pub releases: Vec<(&'static str, u64)>,
    /// How often a death certificate could not be written, looked for or believed.
    pub death_certificate_problems: u64,
    /// Candidacies that failed, by reason: `observe_timeout`, `refused`, `other`.
    pub failures: Vec<(&'static str, u64)>,
    /// How often another process was seen to renew under our identity.
    pub identity_collisions: u64,
    /// How often a leader had to read the Lease, instead of writing it.
    pub slow_paths: u64,
}

/// A histogram with fixed buckets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Histogram {
    /// Upper bounds, and how many samples are in each bucket (not in those below it).
    pub buckets: Vec<(f64, u64)>,
    /// The number of samples, those above all buckets included.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
}

#[derive(Debug)]
pub(super) struct Stats {
    name: String,
    namespace: String,
    renew_deadline: Duration,
    renewals: Counters<4>,
    latencies: [AtomicU64; LATENCIES.len() + 1],
    latency_micros: AtomicU64,
    /// Microseconds since 1970; zero: never.
    last_renewal: AtomicU64,
    losses: Counters<7>,
    takeovers: Counters<6>,
    releases: Counters<4>,
    death_certificate_problems: AtomicU64,
    failures: Counters<3>,
    identity_collisions: AtomicU64,
    slow_paths: AtomicU64,
    #[cfg(feature = "metrics")]
    facade: Facade,
}

/// A counter for each label.
#[derive(Debug)]
struct Counters<const N: usize> {
    labels: [&'static str; N],
    counts: [AtomicU64; N],
}

impl Stats {
    pub(super) fn new(namespace: &str, name: &str, renew_deadline: Duration) -> Self {
        Self {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            renew_deadline,
            renewals: Counters::new(RENEWALS),
            latencies: Default::default(),
            latency_micros: AtomicU64::new(0),
            last_renewal: AtomicU64::new(0),
            losses: Counters::new(LOSSES),
            takeovers: Counters::new(TAKEOVERS),
            releases: Counters::new(RELEASES),
            death_certificate_problems: AtomicU64::new(0),
            failures: Counters::new(FAILURES),
            identity_collisions: AtomicU64::new(0),
            slow_paths: AtomicU64::new(0),
            #[cfg(feature = "metrics")]
            facade: Facade::new(namespace, name, renew_deadline),
        }
    }

    /// Tells all series to a recorder that was installed late.
    #[cfg_attr(
        not(feature = "metrics"),
        expect(clippy::unused_self, reason = "only the recorder is told")
    )]
    pub(super) fn introduce(&self) {
        tell!(self, meet());
    }

    #[cfg_attr(
        not(feature = "metrics"),
        expect(clippy::unused_self, reason = "only the recorder is told")
    )]
    pub(super) fn became_leader(&self) {
        tell!(self, leading(true));
    }

    pub(super) fn stopped_leading(&self, reason: StepDownReason) {
        let label = loss(reason);
        self.losses.count(label);
        tell!(self, leading(false));
        tell!(self, lost(label));
    }

    /// Counts a term that was won.
    pub(super) fn took_over(&self, how: Takeover) {
        let label = cause(how);
        self.takeovers.count(label);
        tell!(self, took_over(label));
    }

    /// Counts what became of a release; there was none if nothing was held.
    pub(super) fn released(&self, release: &Release) {
        let label = match release {
            Release::NotHeld => return,
            Release::Released => "released",
            Release::StillHeld { .. } => "still_held",
            Release::NotOurs => "not_ours",
            _ => "other",
        };
        self.releases.count(label);
        tell!(self, released(label));
    }

    /// Counts a certificate that could not be written, looked for or believed.
    pub(super) fn certificate_failed(&self) {
        self.death_certificate_problems.fetch_add(1, Ordering::Relaxed);
        tell!(self, certificate_failed());
    }

    /// Counts a candidacy that failed.
    pub(super) fn failed(&self, failure: Failure) {
        let label = match failure {
            Failure::ObserveTimeout => "observe_timeout",
            Failure::Refused { .. } => "refused",
            _ => "other",
        };
        self.failures.count(label);
        tell!(self, failed(label));
    }

    /// Counts the answer to a renewal.
    pub(super) fn renewed(&self, outcome: &Outcome, took: Duration) {
        let label = match outcome {
            Outcome::Written { .. } => "success",
            Outcome::Conflict => "conflict",
            Outcome::Absent | Outcome::Rejected { .. } | Outcome::Refused(_) => "rejected",
            _ => "error",
        };
        self.renewals.count(label);
        tell!(self, renewed(label));
        if let Outcome::Written { .. } = outcome {
            self.took(took);
        }
    }

    /// Counts how long the answer to a successful renewal took.
    fn took(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = LATENCIES.iter().position(|bound| seconds <= *bound);
        self.latencies[bucket.unwrap_or(LATENCIES.len())].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.latency_micros.fetch_add(micros, Ordering::Relaxed);
        // A wall clock before 1970 says nothing of the time of the last renewal.
        let now = SystemTime::UNIX_EPOCH.elapsed().ok();
        if let Some(now) = now {
            let micros = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
            self.last_renewal.store(micros, Ordering::Relaxed);
        }
        tell!(self, renewal(seconds, now));
    }

    pub(super) fn collided(&self) {
        self.identity_collisions.fetch_add(1, Ordering::Relaxed);
        tell!(self, collided());
    }

    pub(super) fn took_slow_path(&self) {
        self.slow_paths.fetch_add(1, Ordering::Relaxed);
        tell!(self, took_slow_path());
    }

    pub(super) fn snapshot(&self, leading: bool) -> ElectionStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let last_renewal = match read(&self.last_renewal) {
            0 => None,
            micros => Some(SystemTime::UNIX_EPOCH + Duration::from_micros(micros)),
        };
        let buckets = LATENCIES.iter().copied().zip(self.latencies.iter().map(read)).collect();
        ElectionStats {
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            leading,
            renew_deadline: self.renew_deadline,
            renewals: self.renewals.read(),
            renew_seconds: Histogram {
                buckets,
                count: self.latencies.iter().map(read).sum(),
                sum: Duration::from_micros(read(&self.latency_micros)).as_secs_f64(),
            },
            last_renewal,
            losses: self.losses.read(),
            takeovers: self.takeovers.read(),
            releases: self.releases.read(),
            death_certificate_problems: read(&self.death_certificate_problems),
            failures: self.failures.read(),
            identity_collisions: read(&self.identity_collisions),
            slow_paths: read(&self.slow_paths),
        }
    }
}

impl<const N: usize> Counters<N> {
    fn new(labels: [&'static str; N]) -> Self {
        Self { labels, counts: std::array::from_fn(|_| AtomicU64::new(0)) }
    }

    fn count(&self, label: &str) {
        for (known, count) in self.labels.iter().zip(&self.counts) {
            if *known == label {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn read(&self) -> Vec<(&'static str, u64)> {
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        self.labels.iter().copied().zip(counts).collect()
    }
}

fn loss(reason: StepDownReason) -> &'static str {
    match reason {
        StepDownReason::Cancelled => "cancelled",
        StepDownReason::ClockWentBack => "clock_went_back",
        StepDownReason::HolderChanged => "holder_changed",
        StepDownReason::RecreationLost => "recreation_lost",
        StepDownReason::RenewDeadlineExceeded => "renew_deadline_exceeded",
        StepDownReason::Rewound => "rewound",
        _ => "other",
    }
}

fn cause(how: Takeover) -> &'static str {
    match how {
        Takeover::Created => "created",
        Takeover::Died => "died",
        Takeover::Expired => "expired",
        Takeover::Released => "released",
        Takeover::Retaken => "retaken",
        _ => "other",
    }
}

const RENEWALS: [&str; 4] = ["success", "conflict", "rejected", "error"];
const LOSSES: [&str; 7] = [
    "cancelled",
    "clock_went_back",
    "holder_changed",
    "recreation_lost",
    "renew_deadline_exceeded",
    "rewound",
    "other",
];
const TAKEOVERS: [&str; 6] = ["created", "died", "expired", "released", "retaken", "other"];
const RELEASES: [&str; 4] = ["released", "still_held", "not_ours", "other"];
const FAILURES: [&str; 3] = ["observe_timeout", "refused", "other"];
/// Up to the default renew deadline.
const LATENCIES: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
