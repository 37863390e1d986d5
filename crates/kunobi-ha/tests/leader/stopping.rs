//! A candidacy that its user ends.

use std::future::{pending, ready};

use kunobi_ha::leader::{Acquired, Release};
use kunobi_ha_test::{Faults, TestServer};
use tokio::time::{Duration, Instant, sleep};

use crate::elections::{LEASE, election};

#[tokio::test(start_paused = true)]
async fn a_candidate_that_is_never_stopped_leads() {
    let server = TestServer::new();
    let replica = election(&server, "a").build();
    let Acquired::Leading(guard) = replica.acquire_unless(pending()).await.unwrap() else {
        panic!("it was stopped");
    };
    assert!(guard.is_leader());
}

#[tokio::test(start_paused = true)]
async fn one_that_was_stopped_before_it_began_sends_nothing() {
    let server = TestServer::new();
    let replica = election(&server, "a").build();
    let came = replica.acquire_unless(ready(())).await.unwrap();
    assert!(matches!(came, Acquired::Stopped(Release::NotHeld)), "{came:?}");
    assert!(server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_that_is_stopped_while_it_creates_releases_and_never_leads() {
    let server = TestServer::new();
    server.set_faults("a", Faults { latency_after_ms: 500, ..Faults::default() });
    let replica = election(&server, "a").build();
    let state = replica.state();
    let led = tokio::spawn(async move {
        let mut state = state;
        loop {
            state.changed().await;
            assert!(!state.is_leader());
        }
    });
    let began = Instant::now();
    // The read takes 0.5 s, and the create is applied at once.
    let came = replica.acquire_unless(sleep(Duration::from_millis(700))).await.unwrap();
    assert!(matches!(came, Acquired::Stopped(Release::Released)), "{came:?}");
    assert_eq!(began.elapsed().as_millis(), 1500);
    assert_eq!(server.get(LEASE).unwrap()["spec"]["holderIdentity"], "");
    assert!(!led.is_finished());
    // It may contend again.
    server.heal("a");
    assert!(replica.acquire().await.unwrap().is_leader());
}
