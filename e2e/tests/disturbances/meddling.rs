//! People and other processes at awkward moments: edits before a release, under a dead leader, of the
//! whole record, and a namesake.

use std::time::{Duration, Instant};

use kunobi_ha::leader::StepDownReason;
use serde_json::json;
use tokio::time;

use crate::{
    DEADLINE, LEASE, RETRY, SLACK,
    cluster::Cluster,
    field::Field,
    report::{report, seconds},
    scaled,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_release_is_repeated_while_others_edit_the_lease() {
    let cluster = Cluster::shared("meddling").await;
    let field = Field::led(&cluster, "released", &["a", "b@1"], |it| it).await;
    let (mut slowest, mut repeated) = (Duration::ZERO, 0);
    for round in 0..scaled(10, 3) {
        let leader = field.leader().await;
        let before = field.terms().len();
        let began = Instant::now();
        // Each edit is newer than the version that the release is made on.
        mark(&cluster, "released", round).await;
        field.step_down(leader).await;
        field.leader_but(leader).await;
        slowest = slowest.max(began.elapsed());
        repeated += usize::from(field.terms().len() > before);
    }
    assert!(slowest < RETRY + SLACK, "{slowest:?}");
    let lease = cluster.lease("released").await.expect("it is there");
    assert!(lease["metadata"]["annotations"].is_object(), "{lease:#}");
    let happened = format!("{repeated} handovers, each within {}", seconds(slowest));
    report(&field, "a label just before a release", &happened);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_dead_leader_is_followed_though_its_lease_is_edited_all_the_time() {
    let cluster = Cluster::shared("meddling").await;
    let mut field = Field::led(&cluster, "churned", &["a", "b@1"], |it| it).await;
    let dead = field.kill(0);
    let mut edits = 0;
    while !field.state(1).is_leader() {
        assert!(dead.elapsed() < LEASE + RETRY * 4 + SLACK, "after {edits} edits: never");
        mark(&cluster, "churned", edits).await;
        edits += 1;
        time::sleep(Duration::from_millis(50)).await;
    }
    let after = dead.elapsed();
    assert!(after + RETRY * 2 > LEASE, "{after:?}");
    let happened = format!("taken over {} after its end, across {edits} edits", seconds(after));
    report(&field, "a dead leader, and 20 edits a second", &happened);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_record_that_is_erased_ends_the_term_and_is_waited_out() {
    let cluster = Cluster::shared("meddling").await;
    let field = Field::led(&cluster, "erased", &["a", "b@1"], |it| it).await;
    let began = Instant::now();
    cluster.edit(&cluster.path("erased"), json!({ "spec": null })).await;
    let (after, reason) = field.end_of(0, began).await;
    assert_eq!(reason, StepDownReason::HolderChanged);
    assert!(after < RETRY + SLACK, "{after:?}");
    field.leader().await;
    let waited = began.elapsed();
    assert!(waited > DEADLINE, "{waited:?}");
    assert!(field.judge.overlaps().is_empty(), "{:?}", field.judge.overlaps());
    let happened = format!("HolderChanged after {}; led again {}", seconds(after), seconds(waited));
    report(&field, "`kubectl edit`: the whole spec erased", &happened);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_takeover_of_a_lease_that_was_deleted_creates_nothing() {
    let cluster = Cluster::shared("meddling").await;
    let mut field = Field::led(&cluster, "gone", &["a", "b@1"], |it| it).await;
    let dead = field.kill(0);
    time::sleep(LEASE.saturating_sub(RETRY)).await;
    cluster.delete(&cluster.path("gone")).await;
    let deleted = Instant::now();
    field.leader_but(0).await;
    let waited = deleted.elapsed();
    assert!(waited + RETRY > LEASE, "it was created {waited:?} after the deletion");
    let happened = format!(
        "deleted {} after its end; created {} later",
        seconds(deleted - dead),
        seconds(waited)
    );
    report(&field, "a dead leader's Lease deleted before its takeover", &happened);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn two_processes_of_one_name_never_lead_together() {
    let cluster = Cluster::shared("meddling").await;
    let field = Field::led(&cluster, "namesakes", &["a", "a", "b@1"], |it| it).await;
    for _ in 0..scaled(6, 2) {
        let leader = field.leader().await;
        field.step_down(leader).await;
        field.leader_but(leader).await;
    }
    field.calm(LEASE * 2).await;
    assert!(field.judge.overlaps().is_empty(), "{:?}", field.judge.overlaps());
    assert!(field.tokens_grow(), "{:#?}", field.terms());
    report(&field, "two candidates of one name", "never together; each is another holder");
}

async fn mark(cluster: &Cluster, lease: &str, nth: usize) {
    let mark = json!({ "example.com/mark": nth.to_string() });
    cluster.edit(&cluster.path(lease), json!({ "metadata": { "annotations": mark } })).await;
}
