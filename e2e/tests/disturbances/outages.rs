//! Outages of etcd and of API servers.

use std::time::{Duration, Instant};

use kunobi_ha::leader::StepDownReason;

use crate::{
    DEADLINE, LEASE, RETRY, SLACK,
    cluster::Cluster,
    field::Field,
    is_part,
    report::{report, seconds},
    scaled,
};

/// Gives commands, one after the other, and reports what became of the leader.
async fn outage(disturbance: &str, name: &str, candidates: &[&str], orders: &[&str]) {
    let cluster = Cluster::shared("outages").await;
    let field = Field::led(&cluster, name, candidates, |it| it).await;
    let began = Instant::now();
    let mut took = Duration::ZERO;
    for order in orders {
        took += cluster.order(order);
    }
    field.leader().await;
    field.calm(LEASE).await;
    let silence = field.judge.longest_silence(field.began);
    let ended = field.terms().first().and_then(|term| term.ended);
    let fate = match ended {
        None => "the leader goes on".into(),
        Some((at, reason)) => {
            assert_eq!(reason, StepDownReason::RenewDeadlineExceeded);
            format!("{reason:?} after {}", seconds(at - began))
        }
    };
    // From the last renewal that was answered to the first one after it came back.
    assert!(silence < took + LEASE + RETRY * 2 + SLACK * 2, "{silence:?}");
    report(&field, disturbance, &format!("out for {}; {fate}", seconds(took)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_election_outlives_a_restart_of_etcd() {
    outage("etcd restart", "etcd", &["a", "b@1", "c"], &["restart-etcd"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_election_outlives_a_kill_of_etcd() {
    let orders = ["kill-etcd", "start-etcd"];
    outage("etcd killed and started", "etcd-kill", &["a", "b@1", "c"], &orders).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_election_outlives_a_restart_of_the_api_server() {
    let all = ["a", "b", "c"];
    if !is_part() {
        outage("API server restart", "server", &all, &["restart-apiserver 0"]).await;
    }
    let orders = ["kill-apiserver 0", "start-apiserver 0"];
    outage("API server killed and started", "server-kill", &all, &orders).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_election_outlives_a_rolling_restart_of_two_api_servers() {
    let orders = ["restart-apiserver 0", "restart-apiserver 1"].repeat(scaled(2, 1));
    outage("rolling restart of two API servers", "rolling", &["a", "b@1", "c"], &orders).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_leader_at_a_paused_api_server_stops_before_another_begins() {
    let cluster = Cluster::shared("outages").await;
    let field = Field::led(&cluster, "paused", &["a", "b@1"], |it| it).await;
    let mut slowest = Duration::ZERO;
    let rounds = scaled(3, 1);
    for _ in 0..rounds {
        let leader = field.leader().await;
        let server = usize::from(field.name(leader).ends_with("@1"));
        let began = Instant::now();
        cluster.order(&format!("pause-apiserver {server}"));
        let (after, reason) = field.end_of(leader, began).await;
        assert_eq!(reason, StepDownReason::RenewDeadlineExceeded);
        assert!(after < DEADLINE + SLACK, "{after:?}");
        field.leader_but(leader).await;
        slowest = slowest.max(field.judge.longest_silence(field.began));
        assert!(slowest < LEASE.saturating_sub(DEADLINE) * 2 + RETRY * 2 + SLACK, "{slowest:?}");
        // Requests that were under way to it arrive now.
        cluster.order(&format!("resume-apiserver {server}"));
        field.calm(LEASE).await;
    }
    let happened = format!("{rounds} times: the other one, at the other server, takes over");
    report(&field, "API server of the leader paused, then resumed", &happened);
}
