//! A Pod, as far as elections are concerned.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is read of a Pod. A field that it does not have is empty.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Pod {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) phase: String,
    pub(crate) node: String,
    /// Of all its containers.
    pub(crate) restarts: u64,
    pub(crate) ready: bool,
    /// It was told to end.
    pub(crate) terminating: bool,
    pub(crate) created: Option<Timestamp>,
    /// What manages it, if anything does.
    pub(crate) owner: Option<Owner>,
}

/// What manages a Pod.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Owner {
    pub(crate) kind: String,
    pub(crate) name: String,
}

impl Pod {
    /// Reads a Pod from JSON. What can't be read is empty.
    pub(crate) fn parse(text: &str) -> Self {
        let read: Raw = serde_json::from_str(text).unwrap_or_default();
        let hash = read.metadata.labels.and_then(|labels| labels.pod_template_hash);
        let owners = read.metadata.owner_references.unwrap_or_default();
        let conditions = read.status.conditions.unwrap_or_default();
        let containers = read.status.container_statuses.unwrap_or_default();
        Self {
            owner: owners
                .into_iter()
                .find(|owner| owner.controller)
                .map(|owner| owner.of(hash.as_deref())),
            namespace: read.metadata.namespace,
            name: read.metadata.name,
            uid: read.metadata.uid,
            phase: read.status.phase,
            node: read.spec.node_name.unwrap_or_default(),
            restarts: containers.iter().map(|container| container.restart_count).sum(),
            ready: conditions
                .iter()
                .any(|condition| condition.kind == "Ready" && condition.status == "True"),
            terminating: read.metadata.deletion_timestamp.is_some(),
            created: read.metadata.creation_timestamp.and_then(|created| created.parse().ok()),
        }
    }

    /// Returns its phase, or that it ends.
    pub(crate) fn shown_phase(&self) -> &str {
        match (self.terminating, self.phase.as_str()) {
            (true, _) => "Terminating",
            (false, "") => "Unknown",
            (false, phase) => phase,
        }
    }
}

impl RawOwner {
    /// Looks through a `ReplicaSet` to its Deployment: during a rollout the candidates are in two of them.
    fn of(self, hash: Option<&str>) -> Owner {
        let deployment = hash
            .filter(|_| self.kind == "ReplicaSet")
            .and_then(|hash| self.name.strip_suffix(hash)?.strip_suffix('-'));
        match deployment {
            Some(name) => Owner { kind: "Deployment".into(), name: name.into() },
            None => Owner { kind: self.kind, name: self.name },
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Raw {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    namespace: String,
    name: String,
    uid: String,
    creation_timestamp: Option<String>,
    deletion_timestamp: Option<String>,
    labels: Option<Labels>,
    owner_references: Option<Vec<RawOwner>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Labels {
    #[serde(rename = "pod-template-hash")]
    pod_template_hash: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawOwner {
    kind: String,
    name: String,
    controller: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    node_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    phase: String,
    conditions: Option<Vec<Condition>>,
    container_statuses: Option<Vec<Container>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Container {
    restart_count: u64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_of_a_deployment_is_read() {
        let pod = Pod::parse(
            &json!({
                "metadata": {
                    "namespace": "shop", "name": "orders-7d9-x2x4z", "labels": { "pod-template-hash": "7d9" },
                    "ownerReferences": [{ "kind": "ReplicaSet", "name": "orders-7d9", "controller": true }],
                },
                "spec": { "nodeName": "node-1" },
                "status": {
                    "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }],
                    "containerStatuses": [{ "restartCount": 2 }, { "restartCount": 1 }],
                },
            })
            .to_string(),
        );
        assert_eq!(
            (pod.shown_phase(), pod.node.as_str(), pod.restarts, pod.ready),
            ("Running", "node-1", 3, true)
        );
        assert_eq!(pod.owner, Some(Owner { kind: "Deployment".into(), name: "orders".into() }));
        assert_eq!(Pod::parse("7").shown_phase(), "Unknown");
    }
}
