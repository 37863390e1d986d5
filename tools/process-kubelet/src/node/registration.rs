//! The Node object and its heartbeat.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use k8s_openapi::{
    api::{coordination::v1::Lease, core::v1::Node},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
};
use serde_json::json;
use tokio::time;

use crate::{api::insist, config::Config};

/// Makes the node, says that it is ready, and renews its Lease for ever.
pub(super) async fn keep(client: Client, config: Arc<Config>) {
    let nodes: Api<Node> = Api::all(client.clone());
    let name = config.node.as_str();
    let parameters = PatchParams::default();
    let node: Node = Node {
        metadata: kube::api::ObjectMeta {
            name: Some(name.into()),
            labels: Some([("kubernetes.io/hostname".to_owned(), name.to_owned())].into()),
            ..Default::default()
        },
        ..Node::default()
    };
    insist("create", name, || async {
        nodes.create(&PostParams::default(), &node).await.map(drop)
    })
    .await;
    let since = Timestamp::now();
    let mut beat = time::interval(HEARTBEAT);
    loop {
        beat.tick().await;
        let status = Patch::Strategic(json!({ "status": status(&config, since) }));
        insist("status", name, || async {
            nodes.patch_status(name, &parameters, &status).await.map(drop)
        })
        .await;
        insist("renew", name, || renew(&client, name)).await;
    }
}

fn status(config: &Config, since: Timestamp) -> serde_json::Value {
    let capacity = json!({ "cpu": "64", "memory": "256Gi", "pods": "254" });
    json!({
        "addresses": [
            { "type": "InternalIP", "address": config.node_address.to_string() },
            { "type": "Hostname", "address": config.node },
        ],
        "capacity": capacity,
        "allocatable": capacity,
        "conditions": [{
            "type": "Ready",
            "status": "True",
            "reason": "KubeletReady",
            "message": "processes can be run",
            "lastTransitionTime": format!("{since:.0}"),
            "lastHeartbeatTime": format!("{:.0}", Timestamp::now()),
        }],
    })
}

async fn renew(client: &Client, name: &str) -> kube::Result<()> {
    let leases: Api<Lease> = Api::namespaced(client.clone(), "kube-node-lease");
    let spec = json!({
        "holderIdentity": name,
        "leaseDurationSeconds": 40,
        "renewTime": MicroTime(Timestamp::now()),
    });
    let patch = Patch::Merge(json!({ "spec": spec }));
    match leases.patch(name, &PatchParams::default(), &patch).await {
        Err(kube::Error::Api(status)) if status.code == 404 => {
            let lease = json!({ "metadata": { "name": name }, "spec": spec });
            let lease = serde_json::from_value(lease).map_err(kube::Error::SerdeError)?;
            leases.create(&PostParams::default(), &lease).await.map(drop)
        }
        answer => answer.map(drop),
    }
}

const HEARTBEAT: Duration = Duration::from_secs(10);
