//! Failures that last, a deliberate silence, and a Lease that was cleared by hand.

use std::time::Duration;

use kunobi_ha::Error;
use kunobi_ha_test::{Fault, Faults, Share, TestServer};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    elections::{LEASE, election},
    log::Log,
};

/// A wrong URL, or an API group that is switched off.
#[tokio::test(start_paused = true)]
async fn a_404_to_everything_is_told_and_given_up_and_asked_for_rarely() {
    let log = Log::capture();
    let server = TestServer::new();
    let share = Some(Share { ratio: 1.0, code: 404, retry_after: None });
    server.set_faults("a", Faults { share, ..Faults::default() });
    let leader = election(&server, "a").build();
    let (state, began) = (leader.state(), Instant::now());
    let acquiring = tokio::spawn(async move { leader.acquire().await.unwrap_err() });
    sleep(Duration::from_secs(6)).await;
    assert!(state.last_error().unwrap().contains("404"));
    let told = log.lines("requests to the API server fail");
    assert!(matches!(&told[..], [line] if line.contains("404")), "{told:?}");
    let error = acquiring.await.unwrap();
    assert!(matches!(&error, Error::ObserveTimeout(..)) && error.to_string().contains("300"));
    assert_eq!(began.elapsed().as_secs(), 300);
    let periods = 300 / 2;
    assert!(server.requests().len() <= 2 * periods, "{} requests", server.requests().len());
}

#[tokio::test(start_paused = true)]
async fn a_standby_that_asks_more_rarely_than_the_observe_timeout_is_not_given_up() {
    let server = TestServer::new();
    let rare = |name| {
        election(&server, name)
            .lease_duration(Duration::from_secs(1800))
            .renew_deadline(Duration::from_secs(1200))
            .retry_period(Duration::from_secs(400))
            .build()
    };
    let _leader = rare("a").acquire().await.unwrap();
    let standby = rare("b");
    let waited = timeout(Duration::from_secs(86_400), standby.acquire()).await;
    assert!(waited.is_err(), "{:?}", waited.map(|acquired| acquired.map(|_| ())));
}

/// The leader believes until its next renewal, and its follower waits for a whole lease duration.
#[tokio::test(start_paused = true)]
async fn a_lease_that_is_wiped_by_hand_has_no_second_leader() {
    let server = TestServer::new();
    let (first, second) = (election(&server, "a").build(), election(&server, "b").build());
    let mut guard = first.acquire().await.unwrap();
    let state = second.state();
    let waiting = tokio::spawn(async move { second.acquire().await });
    sleep(Duration::from_secs(5)).await;
    server.edit(LEASE, |lease| lease["spec"] = json!({})).unwrap();
    let wiped = Instant::now();
    while first.state().is_leader() {
        assert!(!state.is_leader());
        sleep(Duration::from_millis(10)).await;
    }
    guard.lost().await;
    drop(guard);
    let _leader = waiting.await.unwrap().unwrap();
    let waited = wiped.elapsed();
    assert!((15..=17).contains(&waited.as_secs()), "{waited:?}");
}

/// kunobi-ha 0.6.1 and others clear the holder and keep the rest, so that a rollout hands over.
#[tokio::test(start_paused = true)]
async fn a_release_that_only_removes_the_holder_is_taken_at_once() {
    let server = TestServer::new();
    let (first, second) = (election(&server, "a").build(), election(&server, "b").build());
    let guard = first.acquire().await.unwrap();
    let waiting = tokio::spawn(async move { second.acquire().await });
    sleep(Duration::from_secs(5)).await;
    drop(guard); // It does not renew any more.
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = Value::Null).unwrap();
    let released = Instant::now();
    let _leader = waiting.await.unwrap().unwrap();
    assert!(released.elapsed() <= Duration::from_secs(2), "{:?}", released.elapsed());
}

/// The requests get nowhere, and no connection breaks.
#[tokio::test(start_paused = true)]
async fn a_server_that_swallows_every_request_is_told() {
    let log = Log::capture();
    let server = TestServer::new();
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    let leader = election(&server, "a").build();
    let waited = timeout(Duration::from_secs(20), leader.acquire()).await;
    assert!(waited.is_err());
    let told = log.lines("requests to the API server fail");
    assert!(matches!(&told[..], [line] if line.contains("no answer in time")), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_brings_nothing_is_opened_again() {
    let server = TestServer::new();
    // The Lease is read; then the watch hangs.
    server.script("a", [Fault::Pass, Fault::Hang]);
    let election = election(&server, "a").watch(true).build();
    let guard = election.acquire().await.unwrap();
    let watches = || {
        let requests = server.requests();
        requests.iter().filter(|request| request.query.contains("watch=true")).count()
    };
    sleep(Duration::from_secs(80)).await;
    assert_eq!(watches(), 1);
    sleep(Duration::from_secs(20)).await;
    assert_eq!(watches(), 2);
    drop(guard);
}
