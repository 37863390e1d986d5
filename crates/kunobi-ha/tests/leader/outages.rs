//! A server that fails one replica for a while, and what that may cost.

use std::time::Duration;

use kunobi_ha::leader::{LeaderGuard, StepDownReason};
use kunobi_ha_test::{Fault, Faults, Share, TestServer};
use tokio::time::{Instant, sleep, timeout};

use crate::elections::{LEASE, election};

#[tokio::test(start_paused = true)]
async fn a_lone_replica_leads_after_two_round_trips() {
    let server = TestServer::new();
    let far = Faults { latency_before_ms: 200, latency_after_ms: 200, ..Faults::default() };
    server.set_faults("a", far);
    let began = Instant::now();
    let guard = election(&server, "a").build().acquire().await.unwrap();
    assert_eq!(began.elapsed().as_millis(), 800, "a read, and a create");
    assert!(guard.is_leader());
}

// rule 11: what fails is repeated in growing steps
#[tokio::test(start_paused = true)]
async fn resets_of_every_request_cost_the_term_at_its_deadline_and_few_requests() {
    for fault in [Fault::Reset, Fault::Refuse] {
        let (server, mut guard) = led().await;
        let sent = last_success(&server);
        server.script("a", vec![fault.clone(); 1_000]);
        assert_eq!(guard.lost().await, StepDownReason::RenewDeadlineExceeded);
        assert_ended(&server, sent);
        let asked = asked_since(&server, sent);
        assert!((8..=20).contains(&asked), "{fault:?}: {asked} requests in 8 s");
    }
}

// rule 11: Retry-After is obeyed within what is left of the term
#[tokio::test(start_paused = true)]
async fn a_retry_after_of_half_a_minute_keeps_no_leader_from_asking_in_time() {
    let (server, mut guard) = led().await;
    let sent = last_success(&server);
    server.set_faults("a", all(429, Some(30)));
    assert_eq!(guard.lost().await, StepDownReason::RenewDeadlineExceeded);
    assert_ended(&server, sent);
    let asked = asked_since(&server, sent);
    assert!((3..=16).contains(&asked), "{asked} requests in 8 s");
    drop(guard);

    let (server, mut guard) = led().await;
    server.set_faults("a", all(429, Some(30)));
    sleep(s(7)).await;
    server.heal("a");
    assert!(timeout(s(30), guard.lost()).await.is_err(), "it asked again in time");
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_errors_of_seven_seconds_costs_nothing() {
    // Just before a renewal is due, when least is left of the term; and just after one.
    for (code, after, burst) in [(500, 1_990, 7), (503, 1_990, 7), (504, 1_990, 7), (502, 20, 9)] {
        let (server, mut guard) = led().await;
        let next = election(&server, "b").build();
        let waiting = tokio::spawn(async move { next.acquire().await });
        sleep(Duration::from_millis(after + 10)).await;
        let term = guard.term();
        for name in ["a", "b"] {
            server.set_faults(name, all(code, None));
        }
        assert!(timeout(s(burst), guard.lost()).await.is_err(), "{code}");
        for name in ["a", "b"] {
            server.heal(name);
        }
        assert!(timeout(s(30), guard.lost()).await.is_err(), "{code}");
        assert_eq!((guard.term(), guard.is_leader()), (term, true));
        // The follower contends on, too.
        guard.step_down().await;
        assert!(timeout(s(3), waiting).await.unwrap().unwrap().unwrap().is_leader(), "{code}");
    }
}

// rule 2: belief counts from the send, not from the answer
#[tokio::test(start_paused = true)]
async fn a_renewal_that_is_answered_late_adds_only_what_is_left_of_it() {
    let (server, mut guard) = led().await;
    // It is applied at once, answered just before its hedge would join, and followed by nothing.
    server.script("a", [Fault::Delay { before_ms: 0, after_ms: 2_400 }]);
    sleep(s(4)).await;
    let sent = last_success(&server);
    server.set_faults("a", all(503, None));
    sleep(s(7)).await;
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    assert!(guard.is_leader());
    assert_eq!(guard.lost().await, StepDownReason::RenewDeadlineExceeded);
    assert_ended(&server, sent);
}

// rule 10: an attempt that is unanswered after T is joined by another one
#[tokio::test(start_paused = true)]
async fn a_candidate_whose_first_read_hangs_asks_again() {
    let server = TestServer::new();
    server.script("a", [Fault::Hang]);
    let began = Instant::now();
    let _guard = election(&server, "a").build().acquire().await.unwrap();
    assert!(began.elapsed() <= s(3), "{:?}", began.elapsed());
}

// rule 2: a term that has ended stays ended, whatever is answered later
#[tokio::test(start_paused = true)]
async fn a_guard_that_is_dropped_while_a_renewal_is_under_way_leads_no_more() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let guard = leader.acquire().await.unwrap();
    server.script("a", [Fault::Delay { before_ms: 100, after_ms: 1_000 }]);
    sleep(Duration::from_millis(2_500)).await;
    assert_eq!(server.history().len(), 2, "it was applied, and its answer is under way");
    drop(guard);
    for _ in 0..500 {
        assert!(!leader.state().is_leader());
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_silent_is_no_worse_than_polling() {
    let server = TestServer::new();
    let guard = election(&server, "a").build().acquire().await.unwrap();
    // The watch comes after the first read.
    server.script("b", [Fault::Pass, Fault::Hang]);
    let next = election(&server, "b").watch(true).build();
    let waiting = tokio::spawn(async move { next.acquire().await });
    sleep(s(5)).await;
    let requests = server.requests();
    let watch = requests.iter().find(|request| request.query.contains("watch=true"));
    assert_eq!(watch.unwrap().status, None, "it is open and says nothing");
    let renewed = last_success(&server);
    drop(guard);
    let _next = waiting.await.unwrap().unwrap();
    let took = last_success(&server) - renewed;
    assert!(took >= s(15) && took <= s(17), "{took:?}");
}

// rule 4: what a new watch shows is the same record
#[tokio::test(start_paused = true)]
async fn a_watch_that_begins_again_after_a_compaction_puts_no_takeover_off() {
    let server = TestServer::new();
    let guard = election(&server, "a").build().acquire().await.unwrap();
    let next = election(&server, "b").watch(true).build();
    let waiting = tokio::spawn(async move { next.acquire().await });
    sleep(s(5)).await;
    let renewed = last_success(&server);
    drop(guard);
    for _ in 0..4 {
        sleep(s(2)).await;
        server.edit(LEASE, |lease| lease["metadata"]["labels"]["nth"] = "x".into()).unwrap();
        server.compact();
    }
    let _next = waiting.await.unwrap().unwrap();
    let took = last_success(&server) - renewed;
    assert!(took >= s(15) && took <= s(17), "{took:?}");
}

async fn led() -> (TestServer, LeaderGuard) {
    let server = TestServer::new();
    let guard = election(&server, "a").build().acquire().await.unwrap();
    sleep(Duration::from_millis(3_990)).await;
    (server, guard)
}

/// Returns when the last write that succeeded was sent.
fn last_success(server: &TestServer) -> Duration {
    let requests = server.requests();
    let succeeded = |status: u16| matches!(status, 200 | 201);
    let mut writes = requests.iter().rev().filter(|request| request.method == "PUT");
    let last = writes.find(|request| request.status.is_some_and(succeeded));
    Duration::from_micros(last.unwrap().at_us)
}

fn asked_since(server: &TestServer, sent: Duration) -> usize {
    let later = |request: &&kunobi_ha_test::Request| Duration::from_micros(request.at_us) > sent;
    server.requests().iter().filter(later).count()
}

/// Asserts that now is the end of a term that was last renewed then.
#[track_caller]
fn assert_ended(server: &TestServer, sent: Duration) {
    server.edit(LEASE, |lease| lease["metadata"]["labels"]["now"] = "x".into()).unwrap();
    let now = Duration::from_micros(server.history().last().unwrap().at_us);
    let late = (now - sent).abs_diff(s(10));
    assert!(late <= Duration::from_millis(5), "{:?} after the send", now - sent);
}

fn all(code: u16, retry_after: Option<u64>) -> Faults {
    let share = Some(Share { ratio: 1.0, code, retry_after });
    Faults { share, ..Faults::default() }
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
