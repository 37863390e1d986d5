//! Operators that run as pods.

use std::{io::Cursor, time::Duration};

use kubectl_ha::{Console, Terminal};
use kunobi_ha::{
    leader::{Clock, LeaderElection, LeaderState},
    operator::Operator,
    shutdown::Shutdown,
};
use serde_json::{Value, json};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{
    election::{ORDERS, s},
    support::{Done, Ground},
};

/// An operator that runs as a pod.
pub(super) struct Replica {
    pub(super) state: LeaderState,
    _task: JoinHandle<()>,
}

pub(super) async fn two_replicas(ground: &Ground) -> [Replica; 2] {
    pod(ground, "orders-1");
    pod(ground, "orders-2");
    let one = replica(ground, "orders-1", |operator| operator);
    leads(&one).await;
    let two = replica(ground, "orders-2", |operator| operator);
    sleep(s(20)).await;
    [one, two]
}

pub(super) fn replica(
    ground: &Ground,
    name: &str,
    configure: impl FnOnce(Operator) -> Operator,
) -> Replica {
    let client = kube::Client::new(ground.server.service(name), "default");
    let election = LeaderElection::builder(client, "default", "orders")
        .identity(name)
        .clock(Clock::tokio())
        .build();
    let state = election.state();
    let stop = Shutdown::builder().manual().unwrap();
    let operator = Operator::new(election).shutdown(stop).lead("work", |lead| async move {
        lead.stopped().await;
        Ok(())
    });
    let run = configure(operator).run();
    let task = tokio::spawn(async move { drop(run.await) });
    Replica { state, _task: task }
}

pub(super) async fn leads(replica: &Replica) {
    let led = async {
        while !replica.state.is_leader() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(s(60), led).await.unwrap();
}

pub(super) fn pod(ground: &Ground, name: &str) {
    ground.put(&json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "namespace": "default", "name": name, "uid": name, "labels": { "app": "orders", "pod-template-hash": "abc" },
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "orders-abc", "uid": "r", "controller": true }],
        },
        "spec": { "containers": [{ "name": "manager", "image": "i" }] },
        "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] },
    }));
}

pub(super) fn wish(ground: &Ground) -> Value {
    ground.server.get(ORDERS).unwrap()["metadata"]["annotations"]["kunobi.ninja/wish"].clone()
}

pub(super) fn nothing_was_written(ground: &Ground) {
    let writes = ground.server.requests();
    let ours = writes.iter().filter(|request| request.client == "me" && request.method != "GET");
    assert_eq!(ours.count(), 0);
}

/// What is written to the errors after it is told that the command looks at the Lease.
pub(super) fn after_look(done: &Done) -> &str {
    let (look, rest) = done.errors.split_once('\n').unwrap();
    assert!(look.starts_with("Looking at default/orders for a renewal, at most "), "{look}");
    rest
}

pub(super) fn terminal() -> Terminal {
    let mut terminal = Terminal::default();
    terminal.answers = true;
    terminal
}

pub(super) async fn answered(ground: &Ground, words: &str, answer: &str) -> Done {
    let answer = Cursor::new(answer.to_owned());
    ground.run_with(words, |console: Console| console.with_input(answer)).await
}
