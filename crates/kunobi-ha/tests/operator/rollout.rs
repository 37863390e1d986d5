//! At a signal, leadership goes to a Pod of the newer revision.

use std::time::Duration;

use kunobi_ha::{leader::Successors, operator::Operator};
use kunobi_ha_test::{Fault, Faults, Role, TestServer};
use tokio::time::{Instant, sleep};

use crate::{
    deployment::add_pod,
    log::Log,
    setup::{LEASE, Replica, SIGTERM, Setup, assert_about, election, names, s},
};

// A rolling update of two replicas with maxSurge 1: this Pod ends when a new one is ready.
#[tokio::test(start_paused = true)]
async fn a_rollout_hands_over_to_the_newer_revision_at_once() {
    for (old, new) in [("b", "c"), ("c", "b")] {
        let server = TestServer::new();
        add_pod(&server, "a", "old", Some(1));
        add_pod(&server, old, "old", Some(2));
        add_pod(&server, new, "new", Some(40));
        let a = with_successor(&server, "a");
        a.leads().await;
        let (old, new) = (with_successor(&server, old), with_successor(&server, new));
        sleep(s(5)).await;
        let report = a.stop().await;
        assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]), "{report}");
        new.leads().await;
        assert_eq!(old.stop().await.exit_code(), 0);
        sleep(s(10)).await;
        assert!(new.state.is_leader() && new.notes.times("begins").len() == 1);
        assert_eq!(new.stop().await.exit_code(), 0);
    }
}

// The list is made while work ends, and the release waits for work alone.
#[tokio::test(start_paused = true)]
async fn the_pods_are_listed_beside_the_drain() {
    let server = TestServer::new();
    add_pod(&server, "a", "old", Some(1));
    add_pod(&server, "b", "new", Some(2));
    let a = election(&server, "a").successor(Successors::new()).build();
    let a = run(Setup::of(&server, a), s(5), |operator| operator);
    a.leads().await;
    sleep(s(5)).await;
    let slow = Faults { latency_before_ms: 900, ..Faults::default() };
    server.set_faults("a", slow);
    let began = Instant::now();
    a.handle.trigger(SIGTERM);
    sleep(s(4)).await;
    server.heal("a");
    let report = a.end.await.unwrap();
    assert_about(began.elapsed(), s(5));
    assert_eq!(names(&report.released), ["lease"]);
    assert!(successor(&server).starts_with("b "));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_refused_or_hangs_does_not_keep_the_lease() {
    let log = Log::capture();
    let verbs = ["get", "create", "update"].map(Into::into).into();
    let role = Some(Role { verbs, resource_names: Vec::new() });
    for (faults, waits) in [
        (Faults { role, ..Faults::default() }, s(0)),
        (Faults { script: [Fault::Hang].into(), ..Faults::default() }, s(1)),
    ] {
        let server = TestServer::new();
        add_pod(&server, "a", "old", Some(1));
        add_pod(&server, "b", "new", Some(2));
        let a = with_successor(&server, "a");
        a.leads().await;
        // Right after a renewal, so that the list comes next.
        let renewals = server.history().len();
        a.wait_for(|a| a.server.history().len() > renewals).await;
        server.set_faults("a", faults);
        let began = Instant::now();
        let report = a.stop().await;
        assert_about(began.elapsed(), waits);
        assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]), "{report}");
        assert_eq!(successor(&server), "");
    }
    assert_eq!(log.lines("nobody is named as successor").len(), 2);
}

/// Runs a replica whose leader work notes its begin, and takes this long to end.
pub(crate) fn run(
    setup: Setup,
    time: Duration,
    configure: impl FnOnce(Operator) -> Operator,
) -> Replica {
    let notes = setup.notes.clone();
    setup.run(|operator| {
        configure(operator).lead("work", move |lead| {
            let notes = notes.clone();
            async move {
                notes.add("begins");
                lead.stopped().await;
                notes.add("stops");
                sleep(time).await;
                Ok(())
            }
        })
    })
}

pub(crate) fn replica(server: &TestServer, name: &str, time: Duration) -> Replica {
    run(Setup::on(server, name), time, |operator| operator)
}

fn with_successor(server: &TestServer, name: &str) -> Replica {
    let election = election(server, name).successor(Successors::new()).build();
    run(Setup::of(server, election), s(0), |operator| operator)
}

pub(crate) fn successor(server: &TestServer) -> String {
    let lease = server.get(LEASE).unwrap();
    let said = &lease["metadata"]["annotations"]["kunobi.ninja/successor"];
    said.as_str().unwrap_or_default().to_owned()
}
