//! Somebody changes the Lease at an awkward moment.

use std::time::Duration;

use kunobi_ha::leader::{Release, StepDownReason};
use kunobi_ha_test::{Fault, Faults, Request, TestServer};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::elections::{LEASE, election};

// rule 16: a release gives back a record of its own term, whatever labels it has by now
#[tokio::test(start_paused = true)]
async fn a_release_that_meets_a_new_label_is_sent_again() {
    let server = TestServer::new();
    let guard = election(&server, "a").build().acquire().await.unwrap();
    sleep(s(5)).await;
    label(&server, "1");
    assert_eq!(guard.step_down().await, Release::Released);
    assert_eq!(statuses(&server, "PUT").split_off(3), [409, 200]);
    let lease = server.get(LEASE).unwrap();
    assert_eq!(lease["spec"]["holderIdentity"], "");
    assert_eq!(lease["metadata"]["labels"], json!({ "nth": "1" }));
}

// rule 16: a release gives back only a record of its own term
#[tokio::test(start_paused = true)]
async fn a_release_that_arrives_after_another_took_over_writes_nothing() {
    let server = TestServer::new();
    let patient = election(&server, "a").release_timeout(s(60));
    let guard = patient.build().acquire().await.unwrap();
    let next = election(&server, "b").build();
    let waiting = tokio::spawn(async move { next.acquire().await });
    sleep(s(9)).await;
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    let releasing = tokio::spawn(guard.step_down());
    let next = waiting.await.unwrap().unwrap();
    server.heal("a");
    assert_eq!(releasing.await.unwrap(), Release::NotOurs);
    sleep(s(60)).await;
    assert!(next.is_leader());
    let history = server.history();
    let first = history.iter().position(|write| write.client == "b").unwrap();
    assert!(history[first..].iter().all(|write| write.client == "b"));
}

// rule 16: a lost term is not released
#[tokio::test(start_paused = true)]
async fn a_term_that_was_lost_is_not_released_when_the_network_is_back() {
    let server = TestServer::new();
    let mut guard = election(&server, "a").build().acquire().await.unwrap();
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    let renewed = server.history().last().unwrap().at_us;
    assert_eq!(guard.lost().await, StepDownReason::RenewDeadlineExceeded);
    let late = |request: &Request| request.at_us >= renewed + 10_000_000;
    assert!(!server.requests().iter().any(late), "not at the end of the term either");
    server.heal("a");
    let asked = server.requests().len();
    assert_eq!(guard.step_down().await, Release::NotHeld);
    sleep(s(60)).await;
    assert_eq!(server.requests().len(), asked, "not a word");
    assert_eq!(server.get(LEASE).unwrap()["spec"]["holderIdentity"], "a");
}

// rule 7: a takeover carries the uid, so that it never creates
#[tokio::test(start_paused = true)]
async fn a_takeover_of_a_lease_that_was_just_deleted_creates_nothing() {
    let server = TestServer::new();
    let guard = election(&server, "a").build().acquire().await.unwrap();
    let next = election(&server, "b").watch(true).build();
    let waiting = tokio::spawn(async move { next.acquire().await });
    sleep(s(5)).await;
    let renewed = server.history().last().unwrap().at_us;
    drop(guard);
    sleep(s(12)).await;
    server.set_faults("b", Faults { latency_before_ms: 1_000, ..Faults::default() });
    let now = server_now(&server);
    sleep(Duration::from_micros(renewed + 15_500_000 - now)).await;
    assert!(server.delete(LEASE));
    let deleted = Instant::now();
    let _next = waiting.await.unwrap().unwrap();
    let puts = statuses(&server, "PUT");
    let [.., takeover, create] = puts[..] else { panic!("{puts:?}") };
    assert_eq!((takeover, create), (409, 201));
    // It read a record before, so it waits for a lease duration from its first 404 on.
    let waited = deleted.elapsed();
    assert!(waited >= s(15) && waited < s(20), "{waited:?}");
}

// rule 14: another holder's record ends the term at once
#[tokio::test(start_paused = true)]
async fn a_leader_that_watches_ends_at_the_event_of_another_holder() {
    let server = TestServer::new();
    let leader = election(&server, "a").watch(true).build();
    let mut guard = leader.acquire().await.unwrap();
    sleep(s(5)).await;
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "x".into()).unwrap();
    let edited = Instant::now();
    assert_eq!(guard.lost().await, StepDownReason::HolderChanged);
    assert!(edited.elapsed() <= Duration::from_millis(20), "{:?}", edited.elapsed());
}

// rule 14: another replica may lead already
#[tokio::test(start_paused = true)]
async fn no_time_to_stop_is_left_unless_a_term_ended_at_its_deadline() {
    let server = TestServer::new();
    let election = election(&server, "a").build();
    let state = election.state();
    let mut guard = election.acquire().await.unwrap();
    sleep(s(5)).await;
    assert!(state.time_to_stop() > s(10), "{:?}", state.time_to_stop());
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "x".into()).unwrap();
    assert_eq!(guard.lost().await, StepDownReason::HolderChanged);
    assert_eq!(state.time_to_stop(), Duration::ZERO);
    drop(guard);
    let guard = election.acquire().await.unwrap();
    assert_eq!(guard.step_down().await, Release::Released);
    assert_eq!(state.time_to_stop(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_was_erased_ends_the_term_at_the_next_renewal() {
    let server = TestServer::new();
    let mut guard = election(&server, "a").build().acquire().await.unwrap();
    let next = election(&server, "b").build();
    let waiting = tokio::spawn(async move { next.acquire().await });
    sleep(s(5)).await;
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "".into()).unwrap();
    let erased = Instant::now();
    assert_eq!(guard.lost().await, StepDownReason::HolderChanged);
    assert!(erased.elapsed() <= s(2), "{:?}", erased.elapsed());
    let next = waiting.await.unwrap().unwrap();
    assert!(erased.elapsed() <= s(4), "{:?}", erased.elapsed());
    assert_eq!(next.term().transitions(), 1);
}

// rule 4: a label changes no age
#[tokio::test(start_paused = true)]
async fn a_label_a_second_keeps_no_dead_leader_alive() {
    let server = TestServer::new();
    let guard = election(&server, "a").build().acquire().await.unwrap();
    let next = election(&server, "b").build();
    let waiting = tokio::spawn(async move { next.acquire().await });
    sleep(s(5)).await;
    let renewed = server.history().last().unwrap().at_us;
    drop(guard);
    for nth in 0.. {
        if waiting.is_finished() {
            break;
        }
        assert!(nth < 100, "never");
        label(&server, &nth.to_string());
        sleep(s(1)).await;
    }
    let history = server.history();
    let won = history.iter().find(|write| write.client == "b").unwrap().at_us;
    let took = Duration::from_micros(won - renewed);
    // One poll to see the last renewal, and one read and write for each conflict.
    assert!(took >= s(15) && took <= s(19), "{took:?}");
}

// rule 14: a record that shows our term keeps it
#[tokio::test(start_paused = true)]
async fn a_label_a_second_costs_a_leader_nothing() {
    let server = TestServer::new();
    let mut guard = election(&server, "a").build().acquire().await.unwrap();
    for nth in 0..120 {
        label(&server, &nth.to_string());
        assert!(timeout(s(1), guard.lost()).await.is_err(), "lost at label {nth}");
    }
    assert!(guard.is_leader());
    assert!(statuses(&server, "PUT").contains(&409));
    assert_eq!(server.get(LEASE).unwrap()["metadata"]["labels"]["nth"], "119");
}

// rule 7: a renewal carries the version that it replaces
#[tokio::test(start_paused = true)]
async fn a_renewal_that_arrives_after_another_took_over_changes_nothing() {
    let server = TestServer::new();
    let mut guard = election(&server, "a").build().acquire().await.unwrap();
    server.script("a", [Fault::Delay { before_ms: 1_500, after_ms: 0 }]);
    sleep(Duration::from_millis(2_500)).await;
    server
        .edit(LEASE, |lease| {
            lease["spec"]["holderIdentity"] = "x".into();
            lease["spec"]["leaseTransitions"] = 1.into();
        })
        .unwrap();
    let theirs = server.get(LEASE);
    assert_eq!(guard.lost().await, StepDownReason::HolderChanged);
    sleep(s(10)).await;
    assert!(statuses(&server, "PUT").contains(&409));
    assert_eq!(server.get(LEASE), theirs);
}

// rule 1: times of others are compared with none of ours
#[tokio::test(start_paused = true)]
async fn a_holder_whose_renew_times_are_wrong_is_waited_out_like_any_other() {
    let server = TestServer::new();
    drop(election(&server, "x").build().acquire().await.unwrap());
    let replica = election(&server, "a").build();
    let state = replica.state();
    let waiting = tokio::spawn(async move { replica.acquire().await });
    // The clock of this holder is years slow, and at its last renewal years fast.
    for nth in 0..30 {
        renew(&server, &format!("2020-01-01T00:{nth:02}:00.000000Z"));
        sleep(s(2)).await;
        assert!(!state.is_leader());
    }
    renew(&server, "2099-01-01T00:00:00.000000Z");
    let renewed = Instant::now();
    let _guard = waiting.await.unwrap().unwrap();
    let took = renewed.elapsed();
    assert!(took >= s(15) && took <= s(17), "{took:?}");
}

fn renew(server: &TestServer, at: &str) {
    server.edit(LEASE, |lease| lease["spec"]["renewTime"] = at.into()).unwrap();
}

fn label(server: &TestServer, value: &str) {
    server.edit(LEASE, |lease| lease["metadata"]["labels"] = json!({ "nth": value })).unwrap();
}

fn statuses(server: &TestServer, method: &str) -> Vec<u16> {
    let requests = server.requests();
    let of = requests.iter().filter(|request| request.method == method && request.path == LEASE);
    of.filter_map(|request| request.status).collect()
}

/// Returns the microseconds since the start of the server, as of an edit that changes nothing else.
fn server_now(server: &TestServer) -> u64 {
    server.edit(LEASE, |lease| lease["metadata"]["labels"] = Value::Null).unwrap();
    server.history().last().unwrap().at_us
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
