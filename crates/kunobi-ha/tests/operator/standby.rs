//! A standby that is told to stop while its takeover is under way.

use kunobi_ha_test::{Faults, TestServer};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::setup::{LEASE, Replica, SIGTERM, Setup, assert_about, holder, names, s};

async fn leader(server: &TestServer) -> Replica {
    let replica = Setup::on(server, "a").run(|operator| {
        operator.lead("controllers", |lead| async move {
            lead.stopped().await;
            Ok(())
        })
    });
    replica.leads().await;
    replica
}

fn standby(server: &TestServer) -> Replica {
    Setup::on(server, "b").run(|operator| {
        operator.lead("controllers", |_| async { panic!("a program that ends began a term") })
    })
}

/// Returns a standby whose takeover was applied, and whose answer is under way for this long.
async fn takes_over(millis: u64) -> (TestServer, Replica) {
    let server = TestServer::new();
    let leader = leader(&server).await;
    let replica = standby(&server);
    sleep(s(5)).await;
    server.set_faults("b", Faults { latency_after_ms: millis, ..Faults::default() });
    assert_eq!(names(&leader.stop().await.released), ["lease"]);
    replica.wait_for(|replica| replica.holder() == "b").await;
    (server, replica)
}

#[tokio::test(start_paused = true)]
async fn its_lease_is_released_once_the_answer_is_there() {
    let (server, replica) = takes_over(1000).await;
    let began = Instant::now();
    replica.handle.trigger(SIGTERM);
    let report = replica.end.await.unwrap();
    // One second for the answer to the takeover, and one for the answer to the release.
    assert_about(began.elapsed(), s(2));
    assert_eq!((names(&report.released), report.exit_code()), (vec!["lease"], 0));
    assert_eq!(holder(&server), json!(""));
}

#[tokio::test(start_paused = true)]
async fn its_end_does_not_wait_longer_than_a_release_may_take() {
    let (server, replica) = takes_over(4000).await;
    let began = Instant::now();
    let report = replica.stop().await;
    assert!(began.elapsed() <= s(3), "{:?}", began.elapsed());
    assert_eq!(names(&report.not_released), ["lease"]);
    assert_eq!(holder(&server), json!("b"));
}

#[tokio::test(start_paused = true)]
async fn a_standby_that_only_looks_ends_at_once() {
    let server = TestServer::new();
    let _leader = leader(&server).await;
    let replica = standby(&server);
    sleep(s(5)).await;
    let began = Instant::now();
    let report = replica.stop().await;
    assert_about(began.elapsed(), s(0));
    assert!(report.released.is_empty() && report.not_released.is_empty(), "{report}");
    assert_eq!(server.get(LEASE).unwrap()["spec"]["holderIdentity"], "a");
}

#[tokio::test(start_paused = true)]
async fn a_term_that_began_as_the_program_was_told_to_end_has_no_work() {
    let server = TestServer::new();
    let replica = standby(&server);
    let (mut state, handle) = (replica.state.clone(), replica.handle.clone());
    // It is woken before the operator is.
    tokio::spawn(async move {
        while !state.is_leader() {
            state.changed().await;
        }
        handle.trigger(SIGTERM);
    });
    let report = replica.end.await.unwrap();
    assert_eq!((names(&report.released), report.exit_code()), (vec!["lease"], 0), "{report}");
    assert_eq!(holder(&server), json!(""));
}
