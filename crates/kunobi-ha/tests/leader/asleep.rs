//! A process that stands still for a while: stopped, starved, or on a machine that sleeps.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use kunobi_ha::leader::StepDownReason;
use kunobi_ha_test::{Faults, TestServer};
use tokio::time::{advance, sleep, timeout};

use crate::elections::election;

// rule 3: readers compare the clock, and need no timer
#[tokio::test(start_paused = true)]
async fn after_an_hour_asleep_nothing_leads_from_the_first_look_on() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let state = leader.state();
    let mut guard = leader.acquire().await.unwrap();
    sleep(s(5)).await;
    assert!(state.is_leader() && guard.is_leader());
    let asked = server.requests().len();
    // One poll moves the clock, and lets no other task run.
    let mut hour = pin!(advance(s(3600)));
    let polled = hour.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Pending);
    assert!(!state.is_leader() && !guard.is_leader());
    assert!(state.time_left().is_none_or(|left| left.is_zero()));
    hour.await;
    let lost = timeout(Duration::from_millis(1), guard.lost()).await;
    assert_eq!(lost, Ok(StepDownReason::RenewDeadlineExceeded));
    assert_eq!(server.requests().len(), asked, "the old term sends nothing more");
}

// rule 2: the send instant is read before the request is made
#[tokio::test(start_paused = true)]
async fn a_request_that_leaves_late_counts_from_the_reading_of_the_clock() {
    let server = TestServer::new();
    server.set_faults("a", Faults { latency_before_ms: 1_500, ..Faults::default() });
    let mut guard = election(&server, "a").build().acquire().await.unwrap();
    sleep(s(20)).await;
    // No write that arrives from now on is answered.
    let late = Faults { latency_before_ms: 1_500, cut_answers: true, ..Faults::default() };
    server.set_faults("a", late);
    let answered = server.history().len();
    sleep(s(1)).await;
    let arrived = server.history()[answered - 1].at_us;
    assert_eq!(guard.lost().await, StepDownReason::RenewDeadlineExceeded);
    server.delete(crate::elections::LEASE);
    let ended = server.history().last().unwrap().at_us;
    let after = Duration::from_micros(ended - arrived);
    assert!(after.abs_diff(Duration::from_millis(8_500)) <= Duration::from_millis(5), "{after:?}");
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
