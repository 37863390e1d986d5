//! The process kubelet itself, on a real API server.

use std::time::Instant;

use k8s_openapi::api::core::v1::{Node, Pod};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, EvictParams, PostParams},
};
use serde_json::json;

use super::{
    deployment::is_ready,
    site::{Site, poll},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pod_is_bound_becomes_ready_and_ends_by_deletion_or_eviction() {
    let site = Site::new("node").await;
    let pods: Api<Pod> = Api::namespaced(site.client.clone(), "node");
    for name in ["deleted", "evicted"] {
        create(&pods, name).await;
    }
    for name in ["deleted", "evicted"] {
        let pod = poll("it is ready", || async {
            pods.get_opt(name).await.expect("an answer").filter(is_ready)
        })
        .await;
        let spec = pod.spec.as_ref().expect("it has one");
        assert_eq!(spec.node_name.as_deref(), Some("node-of-node"));
        let status = pod.status.as_ref().expect("it has one");
        assert_eq!(status.phase.as_deref(), Some("Running"));
        let address = status.pod_ip.clone().unwrap_or_default();
        assert!(address.starts_with("127.1."), "{status:#?}");
        // The server's own part of the status is still there.
        assert_eq!(status.qos_class.as_deref(), Some("BestEffort"));
        let logs = site.kubelet.logs(&format!("node/{name}"));
        assert!(logs.contains(&format!("listening on {address}:8090")), "{logs:?}");
        assert!(logs.contains(&format!("I am {name}")), "{logs:?}");
    }

    let since = Instant::now();
    pods.delete("deleted", &DeleteParams::default()).await.expect("it is deleted");
    pods.evict("evicted", &EvictParams::default()).await.expect("it is evicted");
    for name in ["deleted", "evicted"] {
        poll("it is gone", || async {
            pods.get_opt(name).await.expect("an answer").is_none().then_some(())
        })
        .await;
        let logs = site.kubelet.logs(&format!("node/{name}"));
        assert!(logs.ends_with(&["SIGTERM".into(), "done".into()]), "{logs:?}");
    }
    let took = since.elapsed();
    assert!((1..20).contains(&took.as_secs()), "SIGTERM, 1.5 s, and no SIGKILL: {took:?}");

    let nodes: Api<Node> = Api::all(site.client.clone());
    let node = nodes.get("node-of-node").await.expect("it registered itself");
    assert_eq!(node.labels()["kubernetes.io/hostname"], "node-of-node");
    site.kubelet.stop().await;
}

async fn create(pods: &Api<Pod>, name: &str) {
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": name },
        "spec": {
            "terminationGracePeriodSeconds": 20,
            "containers": [{
                "name": "sample",
                "image": "sample:v1",
                "args": ["--port=8090", "--print=I am $(NAME)", "--linger=1500"],
                "env": [
                    { "name": "NAME", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } },
                    { "name": "POD_IP", "valueFrom": { "fieldRef": { "fieldPath": "status.podIP" } } },
                ],
                "ports": [{ "name": "http", "containerPort": 8090 }],
                "readinessProbe": {
                    "httpGet": { "path": "/is/ready", "port": "http" },
                    "periodSeconds": 1,
                },
            }],
        },
    });
    let pod: Pod = serde_json::from_value(pod).expect("it is a pod");
    // The namespace's service account is made a moment after the namespace.
    poll("it is created", || async { pods.create(&PostParams::default(), &pod).await.ok() }).await;
}
