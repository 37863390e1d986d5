//! Changing the durations during a rollout.

use std::time::Duration;

use kunobi_ha::leader::{LeaderElectionBuilder, LeaderState};
use kunobi_ha_test::TestServer;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::elections::election;

/// One number for all three durations, in the proportions of the defaults: 15, 10 and 2 s.
fn with_lease_of(seconds: u32, election: LeaderElectionBuilder) -> LeaderElectionBuilder {
    let lease = Duration::from_secs(seconds.into()); // whole seconds: the Lease object has no others
    election.lease_duration(lease).renew_deadline(lease * 10 / 15).retry_period(lease * 2 / 15)
}

/// Old and new replicas beside each other. The one with the first duration leads and crashes.
async fn crash(leader: u32, follower: u32) -> Duration {
    let server = TestServer::new();
    let (old, task) = start(&server, "old", leader);
    until(|| old.is_leader()).await;
    let (new, _task) = start(&server, "new", follower);
    sleep(Duration::from_secs(300)).await;
    assert!(old.is_leader() && !new.is_leader(), "{leader} s beside {follower} s");
    task.abort();
    let crashed = Instant::now();
    until(|| new.is_leader()).await;
    crashed.elapsed()
}

fn start(server: &TestServer, name: &str, lease: u32) -> (LeaderState, JoinHandle<()>) {
    let election = with_lease_of(lease, election(server, name)).build();
    let state = election.state();
    let task = tokio::spawn(async move {
        election.acquire().await.unwrap().lost().await;
    });
    (state, task)
}

async fn until(happened: impl Fn() -> bool) {
    while !happened() {
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn replicas_with_different_durations_wait_for_the_longer_lease() {
    for (leader, follower) in [(15, 60), (60, 15), (15, 120), (120, 15), (15, 15)] {
        let gap = crash(leader, follower).await.as_secs();
        // Since its last renewal up to a retry period had passed, and the next read is one away.
        let longer = u64::from(leader.max(follower));
        let least = longer - u64::from(leader) * 2 / 15 - 1;
        let most = longer + u64::from(follower) * 2 / 15 + 1;
        assert!((least..=most).contains(&gap), "{leader} s, then {follower} s: {gap} s");
    }
}

#[tokio::test(start_paused = true)]
async fn each_number_of_seconds_is_accepted() {
    let server = TestServer::new();
    for seconds in 5..=3600 {
        let election = with_lease_of(seconds, election(&server, "a")).build();
        assert!(election.bounds().is_ok(), "{seconds} s: {:?}", election.bounds());
    }
}
