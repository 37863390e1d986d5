//! Work that runs while its replica leads, without the runner.

use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use kunobi_ha::{
    Error,
    leader::{Lead, LeaderElection, Release, RunEnd, StepDownReason},
};
use kunobi_ha_test::{Faults, TestServer};
use tokio::time::{Instant, sleep, timeout};

use crate::elections::{LEASE, election};

/// Tells when it was dropped, and whether its term still ran.
#[derive(Clone, Default)]
struct Gone(Arc<Mutex<Option<(Instant, bool)>>>);

struct Trace(Gone, Lead);

#[tokio::test(start_paused = true)]
async fn work_that_ends_by_itself_is_followed_by_a_release() {
    let server = TestServer::new();
    let election = election(&server, "a").build();
    let (state, gone) = (election.state(), Gone::default());
    let end = election.run(async |lead| {
        let _trace = Trace(gone.clone(), lead.clone());
        sleep(s(60)).await;
        assert_eq!(state.term(), Some(lead.term()));
        lead.ensure().map(|()| "done")
    });
    let end = end.await.unwrap();
    assert_eq!(end, RunEnd::Done { output: Ok("done"), release: Release::Released });
    assert!(gone.led(), "it was gone before leadership ended");
    assert!(!state.is_leader());
    assert_eq!(holder(&server), "");
}

#[tokio::test(start_paused = true)]
async fn what_the_work_left_behind_is_told_to_stop_before_the_lease_is_released() {
    let server = TestServer::new();
    let election = election(&server, "a").build();
    let (told, heard) = tokio::sync::oneshot::channel();
    let end = election.run(async |lead| {
        tokio::spawn(async move {
            lead.stopped().await;
            told.send(Instant::now()).unwrap();
        });
        server.set_faults("a", Faults { latency_before_ms: 1_000, ..Faults::default() });
    });
    let began = Instant::now();
    let release = Release::Released;
    assert_eq!(end.await.unwrap(), RunEnd::Done { output: (), release });
    let released = Instant::now();
    let heard = heard.await.unwrap();
    assert!(heard <= released - s(1), "{:?} of {:?}", heard - began, released - began);
}

#[tokio::test(start_paused = true)]
async fn work_that_is_told_to_stop_is_waited_for_and_followed_by_a_release() {
    let server = TestServer::new();
    let election = election(&server, "a").build();
    let began = Instant::now();
    let end = election.run_until(sleep(s(30)), async |lead| {
        lead.stopped().await;
        assert_eq!(began.elapsed().as_secs(), 30);
        sleep(s(60)).await;
        lead.ensure()
    });
    let end = end.await.unwrap();
    assert_eq!(end, RunEnd::Done { output: Ok(()), release: Release::Released });
    assert_eq!(began.elapsed().as_secs(), 90);
}

#[tokio::test(start_paused = true)]
async fn a_candidate_that_is_stopped_begins_no_work() {
    let server = TestServer::new();
    let _leader = election(&server, "a").build().acquire().await.unwrap();
    let standby = election(&server, "b").build();
    let end = standby.run_until(sleep(s(5)), async |_| unreachable!("it does not lead")).await;
    assert_eq!(end.unwrap(), RunEnd::<()>::NeverLed(Release::NotHeld));
}

#[tokio::test(start_paused = true)]
async fn another_holder_drops_the_work_at_once_and_nothing_is_released() {
    let server = TestServer::new();
    let election = election(&server, "a").build();
    let gone = Gone::default();
    let (lead, told) = tokio::sync::oneshot::channel();
    let working = election.run(async |term| {
        let _trace = Trace(gone.clone(), term.clone());
        lead.send(term).unwrap();
        pending::<()>().await;
    });
    let watching = async {
        let lead = told.await.unwrap();
        server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "x".into());
        let reason = lead.lost().await;
        (reason, Instant::now())
    };
    let (end, (reason, lost)) = tokio::join!(working, watching);
    assert_eq!(end.unwrap(), RunEnd::Lost { reason, output: None });
    assert_eq!(reason, StepDownReason::HolderChanged);
    assert_eq!(gone.time(), lost);
    assert_eq!(holder(&server), "x");
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_leaves_time_to_stop_until_others_may_lead() {
    let server = TestServer::new();
    let (a, b) = (election(&server, "a").build(), election(&server, "b").build());
    let gone = Gone::default();
    let working = a.run(async |lead| {
        let _trace = Trace(gone.clone(), lead.clone());
        sleep(s(5)).await;
        server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
        lead.stopped().await;
        assert_eq!(lead.lost().await, StepDownReason::RenewDeadlineExceeded);
        let told = Instant::now();
        _ = timeout(s(60), pending::<()>()).await;
        unreachable!("it was dropped {:?} after it was told", told.elapsed());
    });
    let contending = async {
        sleep(s(1)).await;
        let guard = b.acquire().await.unwrap();
        (Instant::now(), guard)
    };
    let (end, (led, _guard)) = tokio::join!(working, contending);
    let reason = StepDownReason::RenewDeadlineExceeded;
    assert_eq!(end.unwrap(), RunEnd::<()>::Lost { reason, output: None });
    // L - D is 5 s, of which 2 s are kept for work that is slow to be dropped.
    let ahead = led.duration_since(gone.time());
    assert!(ahead >= s(2) && ahead <= s(3), "{ahead:?}");
}

#[tokio::test(start_paused = true)]
async fn work_that_ends_within_that_time_is_not_dropped() {
    let server = TestServer::new();
    let election = election(&server, "a").build();
    let end = election.run(async |lead| {
        server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
        lead.stopped().await;
        sleep(Duration::from_millis(2_900)).await;
        lead.ensure().is_err()
    });
    let reason = StepDownReason::RenewDeadlineExceeded;
    assert_eq!(end.await.unwrap(), RunEnd::Lost { reason, output: Some(true) });
    assert_eq!(holder(&server), "a");
}

#[tokio::test(start_paused = true)]
async fn work_that_hears_of_the_end_from_the_clock_has_lost_its_term() {
    let server = TestServer::new();
    let election = election(&server, "a").build();
    let end = election.run(async |lead| {
        server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
        // Without an await in between, so that the election's task does not run meanwhile.
        tokio::time::advance(s(11)).await;
        lead.ensure().is_err()
    });
    let reason = StepDownReason::RenewDeadlineExceeded;
    assert_eq!(end.await.unwrap(), RunEnd::Lost { reason, output: Some(true) });
}

#[tokio::test(start_paused = true)]
async fn a_panic_goes_on_and_nothing_is_released() {
    let server = TestServer::new();
    let election = Arc::new(election(&server, "a").build());
    let state = election.state();
    let running = Arc::clone(&election);
    let work = async move |_| -> () { panic!("on purpose") };
    let error = tokio::spawn(async move { running.run(work).await }).await.unwrap_err();
    assert!(error.into_panic().downcast_ref::<&str>().unwrap().contains("on purpose"));
    assert!(!state.is_leader());
    sleep(s(5)).await;
    assert_eq!(holder(&server), "a");
    // The election itself still works.
    assert!(election.acquire().await.unwrap().is_leader());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_dropped_drops_its_work_first_and_releases_nothing() {
    let server = TestServer::new();
    let election = election(&server, "a").build();
    let (state, gone) = (election.state(), Gone::default());
    let working = election.run(async |lead| {
        let _trace = Trace(gone.clone(), lead);
        pending::<()>().await;
    });
    timeout(s(30), working).await.unwrap_err();
    assert!(gone.led() && !state.is_leader());
    sleep(s(1)).await;
    assert_eq!(holder(&server), "a");
}

#[tokio::test(start_paused = true)]
async fn one_election_runs_one_work_at_a_time_and_again_and_again() {
    let server = TestServer::new();
    let election = election(&server, "a").build();
    let mut fences = Vec::new();
    for _ in 0..3 {
        let end = election.run(async |lead| {
            let second = election.run(async |_| ()).await;
            assert!(matches!(second, Err(Error::AlreadyLeading)), "{second:?}");
            lead.term().fence()
        });
        let RunEnd::Done { output, release: Release::Released } = end.await.unwrap() else {
            panic!("it was not released");
        };
        fences.push(output);
    }
    assert!(fences.is_sorted_by(|one, other| one < other), "{fences:?}");
}

#[test]
fn it_can_be_spawned() {
    fn anywhere(_: impl Send) {}
    let election = LeaderElection::standalone();
    anywhere(election.run(|lead| async move { lead.stopped().await }));
}

impl Gone {
    fn time(&self) -> Instant {
        self.0.lock().unwrap().expect("it is gone").0
    }

    fn led(&self) -> bool {
        self.0.lock().unwrap().expect("it is gone").1
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap() = Some((Instant::now(), self.1.ensure().is_ok()));
    }
}

fn holder(server: &TestServer) -> String {
    server.get(LEASE).unwrap()["spec"]["holderIdentity"].as_str().unwrap().to_owned()
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
