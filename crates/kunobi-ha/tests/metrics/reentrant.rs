//! A recorder that calls the election from within each call, or panics.

use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use kunobi_ha::{LeaderState, leader::ElectionTrouble};
use kunobi_ha_test::TestServer;
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use tokio::time::{sleep, timeout};

use crate::elections::{LEASE, election};

/// A recorder that reads everything of the election in each call.
#[derive(Clone, Default)]
struct Curious(Arc<Asked>);

#[derive(Default)]
struct Asked {
    state: OnceLock<Mutex<LeaderState>>,
    times: AtomicUsize,
    /// Whether the next call panics.
    panics: AtomicBool,
}

#[test]
fn a_recorder_may_call_the_election_from_within_each_call() {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.unwrap().block_on(lead_and_lose());
        tell.send(()).unwrap();
    });
    told.recv_timeout(Duration::from_secs(20)).expect("it has ended, and did not panic");
}

async fn lead_and_lose() {
    let recorder = Curious::default();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    assert!(recorder.0.state.set(Mutex::new(candidate.state())).is_ok());
    let mut guard = candidate.acquire().await.unwrap();
    sleep(Duration::from_secs(21)).await;
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "x".into());
    guard.lost().await;
    drop(guard);
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "".into());
    candidate.acquire().await.unwrap().step_down().await;
    assert!(recorder.0.times.load(Ordering::Relaxed) > 10);
}

#[tokio::test(start_paused = true)]
async fn a_recorder_that_panics_when_a_term_is_given_up_costs_that_term_only() {
    let recorder = Curious::default();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let candidate = election(&TestServer::new(), "a").build();
    let guard = candidate.acquire().await.unwrap();
    let old = guard.term();
    recorder.0.panics.store(true, Ordering::Relaxed);
    drop(guard);
    sleep(Duration::from_secs(1)).await;
    assert!(!recorder.0.panics.load(Ordering::Relaxed), "it has panicked");
    assert_eq!(candidate.state().alive(), Err(ElectionTrouble::TaskGone));
    let acquired = timeout(Duration::from_secs(60), candidate.acquire()).await;
    assert!(acquired.unwrap().unwrap().term() > old);
}

impl Asked {
    fn ask(&self) {
        assert!(!self.panics.swap(false, Ordering::Relaxed), "a recorder that can't go on");
        let Some(state) = self.state.get() else { return };
        let state = state.lock().unwrap();
        drop((state.term(), state.leader_identity(), state.last_error(), state.healthy()));
        drop((state.alive(), state.stats(), format!("{state:?}")));
        self.times.fetch_add(1, Ordering::Relaxed);
    }
}

impl Recorder for Curious {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::clone(&self.0))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Arc::clone(&self.0))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::clone(&self.0))
    }
}

impl CounterFn for Asked {
    fn increment(&self, _: u64) {
        self.ask();
    }

    fn absolute(&self, _: u64) {
        self.ask();
    }
}

impl GaugeFn for Asked {
    fn increment(&self, _: f64) {
        self.ask();
    }

    fn decrement(&self, _: f64) {
        self.ask();
    }

    fn set(&self, _: f64) {
        self.ask();
    }
}

impl HistogramFn for Asked {
    fn record(&self, _: f64) {
        self.ask();
    }
}
