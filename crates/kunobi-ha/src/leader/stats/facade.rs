//! Tells the recorder of the crate `metrics` what is counted.

use std::{
    ptr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use metrics::{Label, counter, gauge, histogram, with_recorder};

use super::{FAILURES, LOSSES, RELEASES, RENEWALS, TAKEOVERS};

#[derive(Debug)]
pub(super) struct Facade {
    lease: [Label; 2],
    renew_deadline: Duration,
    leading: AtomicBool,
    /// The address of the recorder that knows of all series.
    met: AtomicUsize,
}

impl Facade {
    pub(super) fn new(namespace: &str, name: &str, renew_deadline: Duration) -> Self {
        let lease = [("name", name), ("lease_namespace", namespace)]
            .map(|(key, value)| Label::new(key, value.to_owned()));
        let leading = AtomicBool::new(false);
        let facade = Self { lease, renew_deadline, leading, met: AtomicUsize::new(0) };
        facade.meet();
        facade
    }

    /// Tells the recorder of all series, with zero, if it was installed since it was asked last.
    pub(super) fn meet(&self) {
        let recorder = with_recorder(|recorder| ptr::from_ref(recorder).cast::<()>().addr());
        if self.met.swap(recorder, Ordering::Relaxed) == recorder {
            return;
        }
        self.tell_leading();
        gauge!(RENEW_DEADLINE, self.labels(None)).set(self.renew_deadline.as_secs_f64());
        for name in [SLOW_PATHS, COLLISIONS, CERTIFICATE_PROBLEMS] {
            counter!(name, self.labels(None)).increment(0);
        }
        for outcome in RENEWALS {
            counter!(RENEWED, self.labels(Some(("outcome", outcome)))).increment(0);
        }
        for reason in LOSSES {
            counter!(LOST, self.labels(Some(("reason", reason)))).increment(0);
        }
        for cause in TAKEOVERS {
            counter!(TAKEN_OVER, self.labels(Some(("cause", cause)))).increment(0);
        }
        for outcome in RELEASES {
            counter!(RELEASED, self.labels(Some(("outcome", outcome)))).increment(0);
        }
        for reason in FAILURES {
            counter!(FAILED, self.labels(Some(("reason", reason)))).increment(0);
        }
        // It is registered, and has no values.
        drop(histogram!(RENEW_SECONDS, self.labels(None)));
    }

    pub(super) fn leading(&self, leading: bool) {
        self.leading.store(leading, Ordering::Relaxed);
        self.meet();
        self.tell_leading();
    }

    pub(super) fn lost(&self, reason: &'static str) {
        self.count(LOST, Some(("reason", reason)));
    }

    pub(super) fn took_over(&self, cause: &'static str) {
        self.count(TAKEN_OVER, Some(("cause", cause)));
    }

    pub(super) fn released(&self, outcome: &'static str) {
        self.count(RELEASED, Some(("outcome", outcome)));
    }

    pub(super) fn certificate_failed(&self) {
        self.count(CERTIFICATE_PROBLEMS, None);
    }

    pub(super) fn failed(&self, reason: &'static str) {
        self.count(FAILED, Some(("reason", reason)));
    }

    pub(super) fn renewed(&self, outcome: &'static str) {
        self.count(RENEWED, Some(("outcome", outcome)));
    }

    pub(super) fn renewal(&self, seconds: f64, since_1970: Option<Duration>) {
        histogram!(RENEW_SECONDS, self.labels(None)).record(seconds);
        if let Some(now) = since_1970 {
            gauge!(LAST_RENEWAL, self.labels(None)).set(now.as_secs_f64());
        }
    }

    pub(super) fn collided(&self) {
        self.count(COLLISIONS, None);
    }

    pub(super) fn took_slow_path(&self) {
        self.count(SLOW_PATHS, None);
    }

    fn count(&self, name: &'static str, label: Option<(&'static str, &'static str)>) {
        self.meet();
        counter!(name, self.labels(label)).increment(1);
    }

    fn tell_leading(&self) {
        let value = if self.leading.load(Ordering::Relaxed) { 1.0 } else { 0.0 };
        gauge!("leader_election_master_status", self.labels(None)).set(value);
    }

    fn labels(&self, more: Option<(&'static str, &'static str)>) -> Vec<Label> {
        let more = more.map(|(key, value)| Label::from_static_parts(key, value));
        self.lease.iter().cloned().chain(more).collect()
    }
}

const CERTIFICATE_PROBLEMS: &str = "kunobi_ha_death_certificate_problems_total";
const COLLISIONS: &str = "kunobi_ha_identity_collisions_total";
const FAILED: &str = "kunobi_ha_candidacy_failures_total";
const LAST_RENEWAL: &str = "kunobi_ha_lease_last_renew_timestamp_seconds";
const LOST: &str = "kunobi_ha_leadership_lost_total";
const RELEASED: &str = "kunobi_ha_lease_releases_total";
const RENEWED: &str = "kunobi_ha_lease_renewals_total";
const RENEW_DEADLINE: &str = "kunobi_ha_lease_renew_deadline_seconds";
const RENEW_SECONDS: &str = "kunobi_ha_lease_renew_seconds";
const TAKEN_OVER: &str = "kunobi_ha_takeovers_total";
const SLOW_PATHS: &str = "leader_election_slowpath_total";
