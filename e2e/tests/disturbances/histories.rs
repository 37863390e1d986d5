//! An etcd that forgets: compaction, and a restore from an older snapshot.

use std::time::{Duration, Instant};

use http::Request;
use kunobi_ha::leader::StepDownReason;
use serde_json::{Value, json};

use crate::{
    LEASE, RETRY, SLACK,
    cluster::Cluster,
    field::{Configure, Field},
    is_part, logs,
    report::{report, row, seconds},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_watch_outlives_a_compaction() {
    logs::listen();
    let cluster = Cluster::shared("compacted").await;
    let field = Field::led(&cluster, "compacted", &["a@1", "b", "c@1"], |it| it.watch(true)).await;
    let before = cluster.lease("compacted").await.expect("it is there");
    // Server 0 misses a part of the history, which is then forgotten.
    cluster.order("pause-apiserver 0");
    cluster.order("kill-etcd");
    cluster.order("start-etcd");
    field.calm(RETRY * 4).await;
    cluster.order("compact");
    cluster.order("resume-apiserver 0");
    field.calm(LEASE).await;
    let gone = watch_from(&cluster, before["metadata"]["resourceVersion"].as_str()).await;
    assert!(gone.contains("410"), "{gone}");
    // Watches work again: a release is taken up at once.
    let leader = field.leader().await;
    let released = Instant::now();
    field.step_down(leader).await;
    field.leader_but(leader).await;
    let handover = released.elapsed();
    assert!(handover < RETRY + SLACK, "{handover:?}");
    let happened = format!(
        "a watch from the version before is answered with 410; ours begin with what is there, \
         {} were opened again; next handover in {}",
        watches(&cluster).saturating_sub(3),
        seconds(handover)
    );
    report(&field, "etcd compacted under watches that had missed a part", &happened);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_older_snapshot_makes_no_second_leader() {
    restore("etcd restored from an older snapshot", "", |it| it).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_older_snapshot_under_running_servers_makes_no_second_leader() {
    if is_part() {
        println!("only in scope all");
        return;
    }
    restore("the same under running API servers", " etcd-only", |it| it).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_leader_that_outlives_the_outage_notices_the_rewind() {
    if is_part() {
        println!("only in scope all: it needs a long lease");
        return;
    }
    restore("the same, with a lease of 30 s", " etcd-only", |it| {
        it.lease_duration(Duration::from_secs(30))
            .renew_deadline(Duration::from_secs(25))
            .retry_period(Duration::from_secs(1))
    })
    .await;
}

async fn restore(disturbance: &str, how: &str, configure: Configure) {
    logs::listen();
    let cluster = Cluster::own("restored").await;
    let field = Field::led(&cluster, "restored", &["a", "b", "c"], configure).await;
    let file = cluster.plane.directory().join("snapshot");
    cluster.order(&format!("snapshot {}", file.display()));
    let snapshot = version(&cluster).await;
    field.calm(RETRY * 4).await;
    let newest = version(&cluster).await;
    let began = Instant::now();
    let took = cluster.order(&format!("restore {}{how}", file.display()));
    let (after, reason) = field.end_of(0, began).await;
    field.leader().await;
    field.calm(LEASE).await;
    let known = [StepDownReason::RenewDeadlineExceeded, StepDownReason::Rewound].contains(&reason);
    assert!(known, "{reason:?}");
    let rewinds = logs::said("older state: all is forgotten");
    assert!(rewinds >= 2, "all who were there notice: {rewinds}");
    let happened = format!(
        "from version {newest} to {snapshot}, out for {}; {reason:?} after {}; {rewinds} \
         candidates say that the server went back",
        seconds(took),
        seconds(after)
    );
    report(&field, disturbance, &happened);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_term_that_the_snapshot_does_not_know_ends_with_it() {
    if is_part() {
        println!("only in scope all");
        return;
    }
    let cluster = Cluster::own("unknown").await;
    let field = Field::led(&cluster, "restored", &["a", "b", "c"], |it| it).await;
    let file = cluster.plane.directory().join("snapshot");
    cluster.order(&format!("snapshot {}", file.display()));
    for count in 0..100 {
        let change = json!({ "metadata": { "annotations": { "count": count.to_string() } } });
        cluster.edit("/api/v1/namespaces/unknown", change).await;
    }
    field.step_down(0).await;
    let second = field.leader_but(0).await;
    let unknown = field.state(second).term().expect("it leads").fence();
    let began = Instant::now();
    let took = cluster.order(&format!("restore {}", file.display()));
    let (_, reason) = field.end_of(second, began).await;
    field.leader().await;
    field.calm(LEASE).await;
    let overlaps = field.judge.overlaps();
    let next = field.terms().last().expect("a term").term.fence();
    let happened = format!(
        "out for {}; {reason:?}; tokens {unknown}, then {next}: they start again with the server's \
         versions",
        seconds(took)
    );
    row(&field, "a restore that forgets the whole term", &happened);
    assert!(overlaps.is_empty(), "{overlaps:?}");
}

async fn version(cluster: &Cluster) -> u64 {
    let lease = cluster.lease("restored").await.expect("it is there");
    let version = lease["metadata"]["resourceVersion"].as_str().and_then(|it| it.parse().ok());
    version.expect("a number")
}

/// Returns what the first server says to a watch that begins with an old version.
async fn watch_from(cluster: &Cluster, version: Option<&str>) -> String {
    let path = format!(
        "/apis/coordination.k8s.io/v1/namespaces/{}/leases?watch=true&timeoutSeconds=3&\
         resourceVersion={}",
        cluster.namespace,
        version.expect("a version")
    );
    let request = Request::get(path).body(Vec::new()).expect("a request");
    cluster.admin.request_text(request).await.unwrap_or_else(|error| format!("{error:?}"))
}

/// Counts the watches that the candidates have opened, in the audit log.
fn watches(cluster: &Cluster) -> usize {
    let log = cluster.plane.audit().expect("a log");
    let ours = log.iter().filter(|entry| {
        entry["objectRef"]["namespace"] == *cluster.namespace
            && entry["stage"] == "ResponseStarted"
            && ["a", "b", "c"].iter().any(|name| entry["user"]["username"] == *name)
    });
    ours.filter(|entry: &&Value| entry["verb"] == "watch").count()
}
