//! People who change the Lease, or delete it.

use std::time::{Duration, Instant};

use kunobi_ha::leader::StepDownReason;
use serde_json::{Value, json};
use tokio::time;

use crate::{
    DEADLINE, LEASE, PATIENCE, RETRY, SLACK,
    cluster::Cluster,
    field::{Configure, Field},
    report::{report, row, seconds},
    scaled,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_others_add_to_the_lease_is_kept_and_the_leader_goes_on() {
    let cluster = Cluster::shared("edited").await;
    let field = Field::led(&cluster, "edited", &["a", "b@1", "c"], |it| it).await;
    let path = cluster.path("edited");
    let edits = scaled(60, 20);
    for edit in 0..edits {
        let mark = json!({ format!("example.com/mark-{edit}"): edit.to_string() });
        let kind = if edit % 2 == 0 { "annotations" } else { "labels" };
        cluster.edit(&path, json!({ "metadata": { kind: mark } })).await;
        time::sleep(Duration::from_millis(50)).await;
    }
    renewals(&cluster, "edited", 2).await;
    let lease = cluster.lease("edited").await.expect("it is there");
    for kind in ["annotations", "labels"] {
        let marks = lease["metadata"][kind].as_object().map_or(0, serde_json::Map::len);
        assert_eq!(marks, edits / 2, "{lease:#}");
    }
    assert_eq!(field.terms().len(), 1, "the leader goes on");
    let conflicts = count(&field.state(0).stats().renewals, "conflict");
    let happened = format!(
        "all {edits} kept; {conflicts} renewals met one (409, read, again); the same term goes on"
    );
    report(&field, "`kubectl edit`: annotations and labels, 20 a second", &happened);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_holder_that_was_edited_by_hand_ends_the_term() {
    hand_edit("holder", "`kubectl edit` of the holder, polling", |it| it).await;
    hand_edit("holder-w", "`kubectl edit` of the holder, watching", |it| it.watch(true)).await;
}

async fn hand_edit(name: &str, disturbance: &str, configure: Configure) {
    let cluster = Cluster::shared("holder").await;
    let field = Field::led(&cluster, name, &["a", "b@1", "c"], configure).await;
    let mut slowest = Duration::ZERO;
    for _ in 0..scaled(4, 1) {
        let leader = field.leader().await;
        let edited = Instant::now();
        cluster.edit(&cluster.path(name), json!({ "spec": { "holderIdentity": "by-hand" } })).await;
        let (after, reason) = field.end_of(leader, edited).await;
        assert_eq!(reason, StepDownReason::HolderChanged);
        assert!(after < RETRY + SLACK, "{after:?}");
        slowest = slowest.max(after);
        field.leader().await;
    }
    let silence = field.judge.longest_silence(field.began);
    assert!(silence < (LEASE + RETRY) * 2 + SLACK, "{silence:?}");
    let happened = format!("HolderChanged, at most {} after the edit", seconds(slowest));
    report(&field, disturbance, &happened);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_leader_makes_a_deleted_lease_anew_and_goes_on() {
    let cluster = Cluster::shared("deleted").await;
    let field = Field::led(&cluster, "deleted", &["a", "b@1", "c"], |it| it).await;
    let rounds = scaled(5, 2);
    for _ in 0..rounds {
        let before = cluster.lease("deleted").await.expect("it is there");
        cluster.delete(&cluster.path("deleted")).await;
        let after = until(&cluster, "deleted", |lease| {
            lease["metadata"]["uid"] != before["metadata"]["uid"]
        })
        .await;
        assert_eq!(after["spec"]["acquireTime"], before["spec"]["acquireTime"]);
        assert_eq!(after["spec"]["holderIdentity"], before["spec"]["holderIdentity"]);
    }
    renewals(&cluster, "deleted", 2).await;
    assert_eq!(field.terms().len(), 1, "the leader goes on");
    let happened = format!("{rounds} times: re-created by its leader, whose term goes on");
    report(&field, "`kubectl delete lease` under the leader", &happened);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_process_that_knows_nothing_may_create_a_deleted_lease_and_grace_closes_the_gap() {
    let without: Configure = |it| it;
    let with: Configure = |it| it.create_grace(LEASE);
    for (grace, configure) in [("without", without), ("with", with)] {
        let cluster = Cluster::shared("newcomer").await;
        let (mut won, mut longest) = (0, Duration::ZERO);
        let rounds = scaled(6, 1);
        for round in 0..rounds {
            let name = format!("newcomer-{grace}-{round}");
            let mut field = Field::led(&cluster, &name, &["a"], configure).await;
            let client = cluster.client("late").await;
            // The Lease was just renewed, so the next renewal comes after what follows.
            renewals(&cluster, &name, 1).await;
            cluster.delete(&cluster.path(&name)).await;
            let newcomer = field.enter_with("late", client, configure);
            until(&cluster, &name, |_| true).await;
            renewals(&cluster, &name, 2).await;
            field.calm(RETRY * 2).await;
            won += usize::from(field.state(newcomer).is_leader());
            let overlaps = field.judge.overlaps();
            longest = longest.max(overlaps.iter().copied().max().unwrap_or_default());
            if grace == "with" {
                assert!(overlaps.is_empty(), "{overlaps:?}");
            }
            assert!(longest < DEADLINE, "{longest:?}");
            assert!(field.tokens_grow(), "{:#?}", field.terms());
            if round + 1 == rounds {
                let disturbance =
                    format!("delete, and a new process creates it, {grace} create_grace");
                let happened = format!(
                    "{won} of {rounds} times the newcomer won; longest overlap {}; figures of the \
                     last",
                    seconds(longest)
                );
                row(&field, &disturbance, &happened);
            }
        }
    }
}

/// Waits for that many renewals.
async fn renewals(cluster: &Cluster, name: &str, count: usize) {
    for _ in 0..count {
        let before = cluster.lease(name).await.unwrap_or_default();
        until(cluster, name, |lease| lease["spec"]["renewTime"] != before["spec"]["renewTime"])
            .await;
    }
}

async fn until(cluster: &Cluster, name: &str, is: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(lease) = cluster.lease(name).await.filter(&is) {
            return lease;
        }
        assert!(Instant::now() < end, "never");
        time::sleep(Duration::from_millis(10)).await;
    }
}

fn count(counters: &[(&str, u64)], label: &str) -> u64 {
    counters.iter().find(|(known, _)| *known == label).map_or(0, |(_, count)| *count)
}
