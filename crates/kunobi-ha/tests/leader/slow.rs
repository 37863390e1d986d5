//! An API server that is slow, hangs or fails: three replicas at 5/3/1 s, watched for 40 s.

use std::time::Duration;

use kunobi_ha::leader::LeaderState;
use kunobi_ha_test::{Faults, Share, TestServer};
use tokio::{
    task::JoinSet,
    time::{interval, sleep},
};

use crate::elections::election;

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_every_request_takes_a_third_of_the_deadline() {
    let slow = Faults { latency_before_ms: 450, latency_after_ms: 450, ..Faults::default() };
    assert_eq!(time_without_a_leader(&slow).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_every_request_takes_almost_half_of_the_deadline() {
    let slow = Faults { latency_before_ms: 675, latency_after_ms: 675, ..Faults::default() };
    assert_eq!(time_without_a_leader(&slow).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_every_fifth_request_hangs_for_ever() {
    let hanging = Faults { hang_every: 5, ..Faults::default() };
    assert_eq!(time_without_a_leader(&hanging).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn at_most_a_second_is_lost_in_the_median_when_half_of_all_answers_fail() {
    for code in [500, 409] {
        let mut lost = Vec::new();
        for seed in 0..9 {
            let share = Some(Share { ratio: 0.5, code, retry_after: None });
            let failing = Faults { share, seed, ..Faults::default() };
            lost.push(time_without_a_leader(&failing).await);
        }
        lost.sort();
        println!("seeds 0 to 8, half of all answers {code}: {lost:?}");
        assert!(lost[4] <= Duration::from_secs(1), "{code}: {lost:?}");
    }
}

/// Counts from when the faults begin, half a second after the first leader.
async fn time_without_a_leader(faults: &Faults) -> Duration {
    let server = TestServer::new();
    let mut replicas = JoinSet::new();
    let mut states = Vec::new();
    for name in ["a", "b", "c"] {
        let replica = election(&server, name)
            .lease_duration(Duration::from_secs(5))
            .renew_deadline(Duration::from_secs(3))
            .retry_period(Duration::from_secs(1))
            .build();
        states.push(replica.state());
        replicas.spawn(async move {
            while let Ok(mut guard) = replica.acquire().await {
                guard.lost().await;
            }
        });
    }
    while !states.iter().any(LeaderState::is_leader) {
        sleep(Duration::from_millis(10)).await;
    }
    sleep(Duration::from_millis(500)).await;
    for (number, name) in (0..).zip(["a", "b", "c"]) {
        server.set_faults(name, Faults { seed: faults.seed * 3 + number, ..faults.clone() });
    }
    let step = Duration::from_millis(10);
    let mut ticks = interval(step);
    let mut without = Duration::ZERO;
    for _ in 0..4_000 {
        ticks.tick().await;
        let leaders = states.iter().filter(|state| state.is_leader()).count();
        assert!(leaders <= 1);
        if leaders == 0 {
            without += step;
        }
    }
    without
}
