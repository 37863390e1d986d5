//! Doctor finds the pod that the other commands show.

use k8s_openapi::api::core::v1::Node;
use serde_json::json;

use super::super::{
    election::Holder,
    facts::{Cluster, Elsewhere, Subject},
    index::Index,
    pods::{self, Pod},
};

#[test]
fn the_holder_is_found_by_the_names_that_its_pod_can_have() {
    let cluster = cluster();
    let index = Index::new(&cluster);
    for (namespace, identity, wanted) in [
        ("shop", "orders-1", "pod shop/orders-1"),
        ("shop", "orders-1_3f2a", "pod shop/orders-1"),
        ("shop", "orders-1-external-orders", "pod shop/orders-1"),
        // A Pod whose name is the first part of another's is not that one.
        ("shop", "orders-1-gone", "unknown"),
        ("mall", "orders-1", "pod mall/orders-1"),
        // Two pods have that name, and neither is known to be meant.
        ("away", "orders-1", "unknown"),
        ("away", "db-0", "pod team-b/db-0"),
        // That of another tenant; and a kind of the same name that is not the same.
        ("team-a", "db-0", "unknown"),
        ("team-a", "queue-0", "pod team-b/queue-0"),
        ("away", "scheduler-n1", "pod kube-system/scheduler-n1"),
        ("kube-system", "n1_3f2a", "pod kube-system/scheduler-n1"),
        ("kube-system", "n2_3f2a", "on node n2"),
        ("kube-system", "n2", "node n2"),
    ] {
        let lease = Subject {
            namespace: namespace.into(),
            name: "scheduler".into(),
            holder: Some(identity.into()),
            ..Subject::default()
        };
        let found = match index.holder(&lease).unwrap() {
            Holder::Nobody => "nobody".into(),
            Holder::Pod(pod) => {
                let namespace = pod.metadata.namespace.as_deref().unwrap();
                format!("pod {namespace}/{}", pods::name(&pod.metadata))
            }
            Holder::Node(node) => format!("node {node}"),
            Holder::OnNode(node) => format!("on node {node}"),
            Holder::Unknown(_) => "unknown".into(),
        };
        assert_eq!(found, wanted, "{namespace} {identity}");
    }
}

fn cluster() -> Cluster {
    let pods = [
        ("shop", "orders-1", "v1"),
        ("mall", "orders-1", "v1"),
        ("kube-system", "scheduler-n1", "v1"),
        ("team-b", "db-0", "apps/v1"),
        ("team-b", "queue-0", "apps.kruise.io/v1beta1"),
    ];
    let pod = |(namespace, name, version): (&str, &str, &str)| {
        let owner = json!({ "apiVersion": version, "kind": "StatefulSet", "uid": "o", "controller": true,
                            "name": name.split('-').next() });
        let meta = json!({ "namespace": namespace, "name": name, "ownerReferences": [owner] });
        serde_json::from_value::<Pod>(json!({ "metadata": meta })).unwrap()
    };
    let stateful_set = |name| {
        let meta = json!({ "namespace": "team-a", "name": name });
        let spec = json!({ "selector": {}, "serviceName": name, "template": {} });
        serde_json::from_value(json!({ "metadata": meta, "spec": spec })).unwrap()
    };
    let node =
        |name| serde_json::from_value::<Node>(json!({ "metadata": { "name": name } })).unwrap();
    Cluster {
        pods: Ok(pods.map(pod).into()),
        deployments: Ok(Vec::new()),
        stateful_sets: Ok(["db", "queue"].map(stateful_set).into()),
        daemon_sets: Ok(Vec::new()),
        nodes: Ok(["n1", "n2"].map(node).into()),
        budgets: Ok(Vec::new()),
        events: Ok(Vec::new()),
        elsewhere: Elsewhere::default(),
    }
}
