//! The API server is away, or refuses, for longer than one candidacy lasts.

use std::future::pending;

use kunobi_ha::{leader::ElectionTrouble, operator::OnLost};
use kunobi_ha_test::{Faults, Role, TestServer};
use tokio::time::{Instant, sleep};

use crate::{
    log::Log,
    setup::{Replica, Setup, assert_about, election, holder, names, s},
};

#[tokio::test(start_paused = true)]
async fn an_outage_longer_than_the_observe_timeout_ends_nothing_and_is_told() {
    let log = Log::capture();
    let setup = Setup::new();
    away(&setup.server);
    let replica = run(setup, OnLost::Exit);
    sleep(s(302)).await;
    let told = log.lines("contending again in 1s");
    assert!(matches!(&told[..], [line] if line.contains("WARN")), "{told:?}");
    assert!(told[0].contains("within 300s") && told[0].contains("refused"), "{told:?}");
    // It is unready all the time: while it waits, and while it contends again.
    for _ in 0..1_000 {
        let health = replica.state.healthy();
        assert!(matches!(health, Err(ElectionTrouble::NoLeader(_))), "{health:?}");
        assert_eq!(replica.state.alive(), Ok(()));
        sleep(s(1)).await;
    }
    for wait in ["1s", "2s", "4s", "8s"] {
        assert_eq!(log.lines(&format!("contending again in {wait}")).len(), 1, "{wait}");
    }
    let failures = replica.state.stats().failures;
    assert_eq!(failures, [("observe_timeout", 4), ("refused", 0), ("other", 0)]);
    assert!(!replica.end.is_finished());
    replica.server.heal("a");
    replica.leads().await;
    assert_eq!(replica.state.healthy(), Ok(()));
    assert_eq!(replica.notes.all(), ["webhook", "leads"]);
    let report = replica.stop().await;
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]));
}

#[tokio::test(start_paused = true)]
async fn a_former_leader_sits_an_outage_out() {
    let replica = run(Setup::new(), OnLost::Recontend { backoff: s(1) });
    replica.leads().await;
    away(&replica.server);
    sleep(s(1_000)).await;
    assert!(!replica.end.is_finished() && !replica.state.is_leader());
    replica.server.heal("a");
    replica.leads().await;
    assert_eq!(replica.notes.all(), ["webhook", "leads", "leads"]);
    assert_eq!(replica.stop().await.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_program_that_asked_for_it_ends_with_the_observe_timeout() {
    let setup = Setup::new();
    away(&setup.server);
    let began = Instant::now();
    let replica =
        setup.run(|operator| operator.exit_on_observe_timeout().lead("work", |_| pending()));
    let report = replica.end.await.unwrap();
    assert_about(began.elapsed(), s(300));
    assert_eq!(report.exit_code(), 1);
    assert!(report.failures[0].contains("failed to observe or acquire leader lease"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_waited_out_by_a_replica_that_took_part_before() {
    let log = Log::capture();
    let (server, replica) = refused().await;
    for _ in 0..200 {
        let health = replica.state.healthy();
        assert!(health == Err(ElectionTrouble::Refused), "{health:?}");
        sleep(s(1)).await;
    }
    let told = log.lines("not allowed to update the lease");
    assert!(told.len() > 5 && told.iter().all(|line| line.contains("WARN")), "{told:?}");
    for wait in ["1s", "2s", "32s", "60s"] {
        assert!(!log.lines(&format!("contending again in {wait}")).is_empty(), "{wait}");
    }
    server.heal("b");
    replica.leads().await;
    assert_eq!(replica.notes.all(), ["webhook", "leads"]);
    assert_eq!((replica.stop().await.exit_code(), holder(&server)), (0, "".into()));
}

/// Refuses every request, as a server does that has just started.
#[tokio::test(start_paused = true)]
async fn a_refusal_after_an_outage_is_waited_out() {
    let setup = Setup::new();
    away(&setup.server);
    let replica = run(setup, OnLost::Exit);
    sleep(s(310)).await;
    let role = Some(Role { verbs: vec![], resource_names: vec![] });
    replica.server.set_faults("a", Faults { role, ..Faults::default() });
    replica.wait_for(|replica| replica.state.healthy() == Err(ElectionTrouble::Refused)).await;
    sleep(s(5)).await;
    assert!(!replica.end.is_finished());
    replica.server.heal("a");
    replica.leads().await;
    assert_eq!(replica.stop().await.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_the_next_candidacy() {
    let (_server, replica) = refused().await;
    sleep(s(90)).await;
    let began = Instant::now();
    let report = replica.stop().await;
    assert_about(began.elapsed(), s(0));
    assert_eq!(report.exit_code(), 0, "{report}");
    assert!(report.not_released.is_empty(), "{report}");
}

/// Returns a standby that has lost the right to take over, and whose leader is gone.
async fn refused() -> (TestServer, Replica) {
    let server = TestServer::new();
    let leader = election(&server, "a").build().acquire().await.unwrap();
    let replica = run(Setup::on(&server, "b"), OnLost::Exit);
    replica.wait_for(|replica| replica.state.leader_identity().as_deref() == Some("a")).await;
    let role = Role { verbs: vec!["get".into()], resource_names: vec!["l".into()] };
    server.set_faults("b", Faults { role: Some(role), ..Faults::default() });
    drop(leader);
    replica.wait_for(|replica| replica.state.healthy().is_err()).await;
    (server, replica)
}

fn run(setup: Setup, policy: OnLost) -> Replica {
    let (always, leads) = (setup.notes.clone(), setup.notes.clone());
    setup.run(|operator| {
        operator
            .on_lost(policy)
            .always("webhook", move |all| async move {
                always.add("webhook");
                all.draining().await;
                Ok(())
            })
            .lead("work", move |lead| {
                leads.add("leads");
                async move {
                    lead.stopped().await;
                    Ok(())
                }
            })
    })
}

fn away(server: &TestServer) {
    server.set_faults("a", Faults { refuse: true, ..Faults::default() });
}
