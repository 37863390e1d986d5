//! Two replicas of an operator on the test server, and a leader that crashes, is cut off, or is stopped.
//!
//! `docs/test-your-operator.md` shows it.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

// A program of its own depends on k8s-openapi under its own name.
extern crate k8s_openapi_0_29 as k8s_openapi;

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use k8s_openapi::api::{coordination::v1::Lease, core::v1::ConfigMap};
use kube::{
    Api, Client, ResourceExt,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
    runtime::{Controller, controller::Action, watcher},
};
use kunobi_ha::leader::{Clock, Lead, LeaderElection, Release, RunEnd};
use kunobi_ha_test::{Fault, FaultRule, Matcher, TestServer};
use serde_json::json;
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep},
};

/// What a replica works with for as long as it leads.
struct Desk {
    maps: Api<ConfigMap>,
    lead: Lead,
}

/// The operator: writes a receipt for each order, and marks the order.
async fn work(client: Client, lead: Lead) {
    let maps: Api<ConfigMap> = Api::default_namespaced(client);
    let open = watcher::Config::default().labels("order=open");
    let desk = Desk { maps: maps.clone(), lead: lead.clone() };
    Controller::new(maps, open)
        .graceful_shutdown_on(lead.stopped())
        .run(serve, |_, _, _| Action::requeue(Duration::from_secs(2)), Arc::new(desk))
        .for_each(|_| async {})
        .await;
}

async fn serve(order: Arc<ConfigMap>, desk: Arc<Desk>) -> kube::Result<Action> {
    let name = order.name_any();
    let receipt = map(&format!("receipt-{name}"), "receipt");
    if desk.lead.ensure().is_err() {
        return Ok(Action::await_change());
    }
    match desk.maps.create(&PostParams::default(), &receipt).await {
        Err(kube::Error::Api(status)) if status.is_already_exists() => {} // By the leader before.
        outcome => drop(outcome?),
    }
    if desk.lead.ensure().is_ok() {
        let done = Patch::Merge(json!({ "metadata": { "labels": { "order": "done" } } }));
        desk.maps.patch(&name, &PatchParams::default(), &done).await?;
    }
    Ok(Action::await_change())
}

fn map(name: &str, order: &str) -> ConfigMap {
    let labels = [("order".into(), order.into())].into();
    let metadata =
        ObjectMeta { name: Some(name.into()), labels: Some(labels), ..Default::default() };
    ConfigMap { metadata, ..ConfigMap::default() }
}

struct Replica {
    stop: oneshot::Sender<()>,
    task: JoinHandle<kunobi_ha::Result<RunEnd<()>>>,
}

/// Starts a replica, which works when it leads, until it is stopped.
fn start(server: &TestServer, name: &str) -> Replica {
    let client = Client::new(server.service(name), "default");
    let election = LeaderElection::builder(client.clone(), "default", "desk");
    let election = election.identity(name).clock(Clock::tokio()).build();
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(async move {
        let stopped = async { _ = stopped.await };
        election.run_until(stopped, |lead| work(client, lead)).await
    });
    Replica { stop, task }
}

/// A server on which replica `a` leads and `b` stands by.
async fn pair() -> (TestServer, Replica, Replica) {
    let server = TestServer::new();
    let a = start(&server, "a");
    let leads = |lease: &Lease| {
        lease.spec.as_ref().and_then(|spec| spec.holder_identity.as_deref()) == Some("a")
    };
    server.until_object("leases default/desk", "is held by a", leads).await;
    let b = start(&server, "b");
    (server, a, b)
}

/// Orders something each second, and waits until all of it is done.
async fn order(server: &TestServer, numbers: std::ops::RangeInclusive<u32>) {
    let client = Client::new(server.service("customer"), "default");
    let maps: Api<ConfigMap> = Api::default_namespaced(client);
    for number in numbers.clone() {
        maps.create(&PostParams::default(), &map(&number.to_string(), "open")).await.unwrap();
        sleep(Duration::from_secs(1)).await;
    }
    for number in numbers {
        let done = |order: &ConfigMap| order.labels()["order"] == "done";
        server.until_object(&format!("configmaps default/{number}"), "is done", done).await;
    }
}

/// No replica writes any more once the next one has begun, and each order has one receipt, written once.
fn assert_one_after_the_other(server: &TestServer, replicas: &[&str], orders: u32) {
    let writes = server.writes_matching(Matcher::writes("configmaps"));
    let mut clients: Vec<String> = writes.into_iter().map(|write| write.client).collect();
    clients.retain(|client| client != "customer");
    clients.dedup();
    assert_eq!(clients, replicas);
    for order in 1..=orders {
        let receipt = Matcher::create("configmaps").name(&format!("receipt-{order}"));
        server.assert_requested_times(1, receipt.status(201));
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_between_two_writes_the_other_replica_goes_on() {
    let (server, a, _b) = pair().await;
    order(&server, 1..=3).await;
    // The receipt of the fourth order is written, and then nothing: the replica dies.
    let marks = Matcher::patch("configmaps").name("4");
    server.add_rule("a", FaultRule::new(marks.clone(), Fault::Hang));
    let crash = async {
        server.until_requested(marks.client("a"), 1).await;
        a.task.abort();
    };
    tokio::join!(order(&server, 4..=30), crash);
    assert_one_after_the_other(&server, &["a", "b"], 30);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_can_not_renew_is_silent_before_the_next_one_begins() {
    let (server, a, _b) = pair().await;
    // It can still write everything else, and there is always something to write.
    server.add_rule("a", FaultRule::new(Matcher::all("leases"), Fault::Hang));
    order(&server, 1..=60).await;
    assert_one_after_the_other(&server, &["a", "b"], 60);
    assert!(matches!(a.task.await.unwrap().unwrap(), RunEnd::Lost { .. }));
}

#[tokio::test(start_paused = true)]
async fn at_a_shutdown_the_other_replica_takes_over_at_once() {
    let (server, a, _b) = pair().await;
    order(&server, 1..=3).await;
    a.stop.send(()).unwrap();
    let released = RunEnd::Done { output: (), release: Release::Released };
    assert_eq!(a.task.await.unwrap().unwrap(), released);
    let began = Instant::now();
    order(&server, 4..=4).await;
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert_one_after_the_other(&server, &["a", "b"], 4);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_whose_answer_is_lost_changes_nothing() {
    let (server, _a, _b) = pair().await;
    let renewals = Matcher::update("leases");
    server.add_rule("a", FaultRule::new(renewals, Fault::LoseReply).nth(3));
    order(&server, 1..=60).await;
    assert_one_after_the_other(&server, &["a"], 60);
    assert!(server.unused_rules("a").is_empty());
}
