//! The same numbers, as a recorder of the crate `metrics` gets them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kunobi_ha_test::{Fault, TestServer};
use metrics::{
    Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use tokio::time::sleep;

use crate::elections::{LEASE, election};

/// A recorder that keeps everything, by name and labels.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Pages>>);

#[derive(Default)]
struct Pages {
    counters: BTreeMap<String, Arc<AtomicU64>>,
    gauges: BTreeMap<String, Arc<AtomicU64>>,
    histograms: BTreeMap<String, Arc<Samples>>,
}

#[derive(Default)]
struct Samples(Mutex<Vec<f64>>);

#[tokio::test(start_paused = true)]
async fn a_recorder_is_told_what_is_counted() {
    let book = Book::default();
    let _recording = metrics::set_default_local_recorder(&book);
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    let status = "leader_election_master_status name=l lease_namespace=default";
    assert_eq!(book.gauge(status), Some(0.0), "from the beginning on");
    let mut guard = candidate.acquire().await.unwrap();
    assert_eq!(book.gauge(status), Some(1.0));
    sleep(Duration::from_secs(21)).await;
    assert_eq!(
        book.counter(
            "kunobi_ha_lease_renewals_total name=l lease_namespace=default outcome=success"
        ),
        Some(10)
    );
    assert_eq!(book.samples("kunobi_ha_lease_renew_seconds name=l lease_namespace=default"), 10);
    assert!(
        book.gauge("kunobi_ha_lease_last_renew_timestamp_seconds name=l lease_namespace=default")
            .unwrap()
            > 1.7e9
    );
    server.script("a", [Fault::Status { code: 409, retry_after: None }]);
    sleep(Duration::from_secs(4)).await;
    assert_eq!(
        book.counter(
            "kunobi_ha_lease_renewals_total name=l lease_namespace=default outcome=conflict"
        ),
        Some(1)
    );
    assert_eq!(
        book.counter("leader_election_slowpath_total name=l lease_namespace=default"),
        Some(1)
    );
    let deadline = "kunobi_ha_lease_renew_deadline_seconds name=l lease_namespace=default";
    assert_eq!(book.gauge(deadline), Some(10.0));
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "x".into());
    guard.lost().await;
    assert_eq!(book.gauge(status), Some(0.0));
    let lost =
        "kunobi_ha_leadership_lost_total name=l lease_namespace=default reason=holder_changed";
    assert_eq!(book.counter(lost), Some(1));
    drop(guard);
    server.set_faults("a", kunobi_ha_test::Faults { refuse: true, ..Default::default() });
    candidate.acquire().await.unwrap_err();
    let failed =
        "kunobi_ha_candidacy_failures_total name=l lease_namespace=default reason=observe_timeout";
    assert_eq!(book.counter(failed), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_recorder_that_is_installed_late_gets_every_series_with_zero() {
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    let early = Book::default();
    let recording = metrics::set_default_local_recorder(&early);
    let guard = candidate.acquire().await.unwrap();
    early.has_all_series(1.0);
    drop(recording);
    let late = Book::default();
    let recording = metrics::set_default_local_recorder(&late);
    sleep(Duration::from_secs(3)).await;
    late.has_all_series(1.0);
    let renewed = "kunobi_ha_lease_renewals_total name=l lease_namespace=default outcome=success";
    assert_eq!(late.counter(renewed), Some(1));
    drop(recording);
    let standby = election(&server, "b").build();
    let book = Book::default();
    let _recording = metrics::set_default_local_recorder(&book);
    let _waiting = tokio::spawn(async move { standby.acquire().await });
    sleep(Duration::from_millis(100)).await;
    book.has_all_series(0.0);
    drop(guard);
}

#[tokio::test(start_paused = true)]
async fn a_recorder_is_told_what_became_of_a_release() {
    let book = Book::default();
    let _recording = metrics::set_default_local_recorder(&book);
    let candidate = election(&TestServer::new(), "a").build();
    candidate.acquire().await.unwrap().step_down().await;
    let released = "kunobi_ha_lease_releases_total name=l lease_namespace=default outcome=released";
    assert_eq!(book.counter(released), Some(1));
}

#[tokio::test(start_paused = true)]
async fn the_recorder_and_the_snapshot_agree() {
    let book = Book::default();
    let _recording = metrics::set_default_local_recorder(&book);
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    let _guard = candidate.acquire().await.unwrap();
    let share = kunobi_ha_test::Share { ratio: 0.3, code: 500, retry_after: None };
    let faults = kunobi_ha_test::Faults { share: Some(share), ..Default::default() };
    server.set_faults("a", faults);
    sleep(Duration::from_secs(120)).await;
    let stats = candidate.state().stats();
    let errors = stats.renewals.iter().find(|(outcome, _)| *outcome == "error").unwrap().1;
    assert!(errors > 5, "{errors}");
    for (outcome, count) in stats.renewals {
        let told = book.counter(&format!(
            "kunobi_ha_lease_renewals_total name=l lease_namespace=default outcome={outcome}"
        ));
        assert_eq!(told.unwrap_or_default(), count, "{outcome}");
    }
}

impl Book {
    fn counter(&self, key: &str) -> Option<u64> {
        Some(self.0.lock().unwrap().counters.get(key)?.load(Ordering::Relaxed))
    }

    fn gauge(&self, key: &str) -> Option<f64> {
        let bits = self.0.lock().unwrap().gauges.get(key)?.load(Ordering::Relaxed);
        Some(f64::from_bits(bits))
    }

    fn has_all_series(&self, led: f64) {
        let of = |name: &str| format!("{name} name=l lease_namespace=default");
        assert_eq!(self.gauge(&of("leader_election_master_status")), Some(led));
        for name in [
            "kunobi_ha_identity_collisions_total",
            "kunobi_ha_death_certificate_problems_total",
            "leader_election_slowpath_total",
        ] {
            assert_eq!(self.counter(&of(name)), Some(0), "{name}");
        }
        for cause in ["died", "released", "retaken"] {
            let name = of("kunobi_ha_takeovers_total") + " cause=" + cause;
            assert_eq!(self.counter(&name), Some(0), "{name}");
        }
        for outcome in ["conflict", "rejected", "error"] {
            let name = of("kunobi_ha_lease_renewals_total") + " outcome=" + outcome;
            assert_eq!(self.counter(&name), Some(0), "{name}");
        }
        for outcome in ["not_ours", "other", "released", "still_held"] {
            let name = of("kunobi_ha_lease_releases_total") + " outcome=" + outcome;
            assert_eq!(self.counter(&name), Some(0), "{name}");
        }
        for reason in ["cancelled", "holder_changed", "renew_deadline_exceeded", "rewound"] {
            let name = of("kunobi_ha_leadership_lost_total") + " reason=" + reason;
            assert_eq!(self.counter(&name), Some(0), "{name}");
        }
        let name = of("kunobi_ha_lease_renew_seconds");
        assert!(self.0.lock().unwrap().histograms.contains_key(&name), "{name}");
    }

    fn samples(&self, key: &str) -> usize {
        self.0.lock().unwrap().histograms.get(key).map_or(0, |all| all.0.lock().unwrap().len())
    }
}

impl Recorder for Book {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::clone(self.0.lock().unwrap().counters.entry(text(key)).or_default()))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Arc::clone(self.0.lock().unwrap().gauges.entry(text(key)).or_default()))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let mut pages = self.0.lock().unwrap();
        Histogram::from_arc(Arc::clone(pages.histograms.entry(text(key)).or_default()))
    }
}

impl HistogramFn for Samples {
    fn record(&self, value: f64) {
        self.0.lock().unwrap().push(value);
    }
}

fn text(key: &Key) -> String {
    let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
    key.name().to_owned() + &labels.collect::<String>()
}
