//! API Priority and Fairness, which rejects.

use std::time::{Duration, Instant};

use http::Request;
use kunobi_ha::leader::StepDownReason;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time};

use crate::{
    DEADLINE, LEASE, RETRY, SLACK,
    field::Field,
    report::{report, seconds},
    scaled,
    stage::{IDENTITIES, Stage},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_leader_that_is_rejected_by_priority_and_fairness_stops_in_time() {
    let stage = Stage::shared("rejected").await;
    let field = Field::led(&stage, "rejected", &["a", "b@1", "c"], |it| it).await;
    let began = Instant::now();
    reject(&stage, "rejected", 0).await;
    let (after, reason) = field.end_of(0, began).await;
    assert_eq!(reason, StepDownReason::RenewDeadlineExceeded);
    let error = field.state(0).last_error().expect("it says why");
    assert!(error.contains("429"), "{error}");
    time::sleep(LEASE).await;
    allow(&stage, "rejected").await;
    let allowed = Instant::now();
    field.leader().await;
    let back = allowed.elapsed();
    assert!(back < LEASE + RETRY + SLACK * 2, "{back:?}");
    let happened = format!(
        "{} requests answered with 429; RenewDeadlineExceeded after {}, a leader {} after the end",
        rejections(&stage),
        seconds(after),
        seconds(back)
    );
    report(&field, "APF rejects all requests for Leases", &happened);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_flood_that_makes_priority_and_fairness_reject_makes_no_second_leader() {
    let stage = Stage::shared("flooded").await;
    let field = Field::led(&stage, "flooded", &["a", "b@1", "c"], |it| it).await;
    reject(&stage, "flooded", 1).await;
    let mut flood = JoinSet::new();
    let began = Instant::now();
    for _ in 0..24 {
        let client = stage.client("flood").await;
        let path = format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases", stage.namespace);
        flood.spawn(async move {
            loop {
                let request = Request::get(&path).body(Vec::new()).expect("a request");
                // As it is: kube's own repetition would spare the server.
                let _ = client.send(request.map(Into::into)).await;
            }
        });
    }
    time::sleep(scaled(Duration::from_secs(15), Duration::from_secs(5))).await;
    flood.shutdown().await;
    let lasted = began.elapsed();
    let of_candidates = rejections(&stage);
    allow(&stage, "flooded").await;
    field.leader().await;
    field.calm(DEADLINE).await;
    let errors = field.state(0).stats().renewals;
    let happened = format!(
        "{of_candidates} of the candidates' requests answered with 429 in {}; first leader's \
         renewals: {errors:?}; {}",
        seconds(lasted),
        if field.terms().len() == 1 { "it goes on" } else { "it is succeeded" },
    );
    report(&field, "APF rejects under a flood of requests", &happened);
}

/// Gives all candidates and the flood that many shares of the server, and no queue.
async fn reject(stage: &Stage, name: &str, shares: u32) {
    let level = json!({
        "metadata": { "name": name },
        "spec": { "type": "Limited", "limited": {
            "nominalConcurrencyShares": shares,
            "lendablePercent": 0,
            "borrowingLimitPercent": 0,
            "limitResponse": { "type": "Reject" },
        } },
    });
    stage.create(&format!("{FLOW}/prioritylevelconfigurations"), level).await;
    let subjects: Vec<Value> =
        IDENTITIES.iter().map(|name| json!({ "kind": "User", "user": { "name": name } })).collect();
    let leases = json!({
        "verbs": ["*"],
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "namespaces": ["*"],
    });
    let schema = json!({
        "metadata": { "name": name },
        "spec": {
            "priorityLevelConfiguration": { "name": name },
            "matchingPrecedence": 50,
            "rules": [{ "subjects": subjects, "resourceRules": [leases] }],
        },
    });
    stage.create(&format!("{FLOW}/flowschemas"), schema).await;
}

async fn allow(stage: &Stage, name: &str) {
    stage.delete(&format!("{FLOW}/flowschemas/{name}")).await;
    let probe = stage.client("late").await;
    let path = format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases", stage.namespace);
    let end = Instant::now() + SLACK * 5;
    loop {
        let request = Request::get(&path).body(Vec::new()).expect("a request");
        match probe.send(request.map(Into::into)).await {
            Ok(answer) if answer.status() == 200 => return,
            _ => assert!(Instant::now() < end, "it is still rejected"),
        }
        time::sleep(Duration::from_millis(50)).await;
    }
}

/// Counts, in the audit log, the candidates' requests that were rejected.
fn rejections(stage: &Stage) -> usize {
    let log = stage.plane.audit().expect("a log");
    let ours = log.iter().filter(|entry| {
        entry["objectRef"]["namespace"] == *stage.namespace
            && ["a", "b", "c"].iter().any(|name| entry["user"]["username"] == *name)
    });
    ours.filter(|entry| entry["responseStatus"]["code"] == 429).count()
}

const FLOW: &str = "/apis/flowcontrol.apiserver.k8s.io/v1";
