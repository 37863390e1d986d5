//! The names of several elections, and configurations that can't work.

use std::future::pending;

use kunobi_ha::{
    leader::{LeaderElection, LeaderState},
    operator::{LeaderWork, Operator},
    readiness::{Health, LeaderGate},
    shutdown::{Reason, Shutdown},
};
use kunobi_ha_test::TestServer;

use super::pair::{drains, lease, wait_for};
use crate::setup::{SIGTERM, names, s};

#[tokio::test(start_paused = true)]
async fn the_election_without_a_name_may_be_one_of_several() {
    let server = TestServer::new();
    let (first, second) = (lease(&server, "a", "l").build(), lease(&server, "a", "m").build());
    let states = [first.state(), second.state()];
    let shutdown = Shutdown::builder().manual().unwrap();
    let handle = shutdown.handle();
    let operator = Operator::new(first)
        .shutdown(shutdown)
        .election("m", second, |l| l.lead("work", |_| pending()))
        .lead("work", drains(1));
    let end = tokio::spawn(operator.run());
    wait_for(|| states.iter().all(LeaderState::is_leader)).await;
    handle.trigger(SIGTERM);
    let report = end.await.unwrap();
    assert_eq!((names(&report.released), names(&report.not_released)), (vec!["lease"], vec!["m"]));
    assert_eq!((report.exit_code(), names(&report.stuck)), (3, vec!["m/work"]));
}

#[tokio::test]
async fn each_has_checks_and_numbers_of_its_own() {
    let server = TestServer::new();
    let [reports, cleanup] = ["reports", "cleanup"].map(|name| lease(&server, "a", name).build());
    let health = Health::builder()
        .leader_named("reports", &reports.state(), LeaderGate::ElectionHealthy)
        .leader_named("cleanup", &cleanup.state(), LeaderGate::ElectionHealthy)
        .build()
        .unwrap();
    let labels = [reports.state(), cleanup.state()].map(|state| {
        let stats = state.stats();
        (stats.namespace, stats.name)
    });
    assert_eq!(labels, ["reports", "cleanup"].map(|name| ("default".into(), name.into())));
    let guard = reports.acquire().await.unwrap();
    let status = |path: &str| health.probe(path).unwrap().status;
    assert_eq!((status("/leaderz/reports"), status("/leaderz/cleanup")), (200, 503));
    assert_eq!((status("/leaderz"), status("/readyz/leader-election-reports")), (503, 200));
    guard.step_down().await;
}

#[tokio::test]
async fn elections_that_cannot_work_start_nothing() {
    let server = TestServer::new();
    let of = |name: &str| lease(&server, "a", name).build();
    let several = Operator::several;
    let lead = |l: LeaderWork| l.lead("work", |_| pending());
    let broken = lease(&server, "a", "l").renew_deadline(s(15)).build();
    let taken = "two elections are called";
    let cases = [
        (several(), "there is no election: begin with Operator::new"),
        (several().lead("work", |_| pending()), "leader work \"work\" belongs to no election"),
        (several().election("", of("l"), lead), "an election can't be called \"\""),
        (several().election("a/b", of("l"), lead), "an election can't be called \"a/b\""),
        (several().election("x", of("l"), lead).election("x", of("m"), lead), taken),
        (Operator::new(of("l")).election("lease", of("m"), lead), taken),
        (
            several().election("x", of("l"), lead).election("y", of("l"), lead),
            "the elections \"x\" and \"y\" have the same Lease, default/l",
        ),
        (
            Operator::new(of("l")).election("y", of("l"), lead),
            "the elections \"lease\" and \"y\" have the same Lease, default/l",
        ),
        (
            several().election("x", of("m"), lead).election("y", broken, lead),
            "election y: invalid leader-election config: renew_deadline (15s)",
        ),
    ];
    for (operator, told) in cases {
        let operator = operator
            .always("webhook", |_| async { panic!("nothing runs") })
            .probes("127.0.0.1:0", Health::builder())
            .shutdown(Shutdown::builder().manual().unwrap());
        let report = operator.run().await;
        assert_eq!((report.exit_code(), report.failures.len()), (1, 1), "{report}");
        assert!(report.failures[0].starts_with(told), "{told}: {report}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn elections_without_a_cluster_have_names_too() {
    let [x, y] = ["x", "y"].map(LeaderElection::standalone_as);
    let operator = Operator::several()
        .election("x", x, |l| l.lead("work", |_| async { Ok(()) }))
        .election("y", y, |l| l.lead("work", drains(0)))
        .shutdown(Shutdown::builder().manual().unwrap());
    let report = operator.run().await;
    assert_eq!(report.reason, Reason::Requested("x/work is done".into()));
    assert_eq!((report.exit_code(), report.not_released.len()), (0, 0), "{report}");
}
