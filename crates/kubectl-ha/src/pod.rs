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
    /// Why it does not run as it should, as kubectl says it: `CrashLoopBackOff`, `Init:Error`, `Evicted`.
    pub(crate) reason: Option<String>,
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
        let reason = reason(&read.status);
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
            reason,
            node: read.spec.node_name.unwrap_or_default(),
            restarts: containers.iter().map(|container| container.restart_count).sum(),
            ready: conditions
                .iter()
                .any(|condition| condition.kind == "Ready" && condition.status == "True"),
            terminating: read.metadata.deletion_timestamp.is_some(),
            created: read.metadata.creation_timestamp.and_then(|created| created.parse().ok()),
        }
    }

    /// Returns what kubectl calls its status: its phase, or what is wrong, or that it ends.
    pub(crate) fn status(&self) -> &str {
        match (self.terminating, &self.reason, self.phase.as_str()) {
            (true, ..) => "Terminating",
            (false, Some(reason), _) => reason,
            (false, None, "") => "Unknown",
            (false, None, phase) => phase,
        }
    }

    /// Returns its status, where nothing else says that it is not ready.
    pub(crate) fn status_alone(&self) -> &str {
        match self.status() {
            RUNNING if !self.ready => "NotReady",
            status => status,
        }
    }

    /// Returns those of these pods that can lead after it: the ones of the same owner that are well.
    pub(crate) fn successors<'a>(&'a self, pods: &'a [Self]) -> impl Iterator<Item = &'a Self> {
        pods.iter().filter(|pod| pod.is_sibling_of(self) && pod.unfit().is_none())
    }

    /// Whether the two are replicas of the same.
    pub(crate) fn is_sibling_of(&self, other: &Self) -> bool {
        self.owner.is_some() && self.owner == other.owner && self.name != other.name
    }

    /// Says why it can't lead next.
    pub(crate) const fn unfit(&self) -> Option<&'static str> {
        match (self.terminating, self.ready) {
            (true, _) => Some("ending"),
            (false, false) => Some("not ready"),
            (false, true) => None,
        }
    }

    /// Whether nothing is wrong with it.
    pub(crate) fn is_well(&self) -> bool {
        self.ready && self.status() == RUNNING
    }
}

/// Finds what is wrong as kubectl does: what the kubelet says of the pod, then of the first init container that does not go on, then of
/// the first container that does not run.
fn reason(status: &Status) -> Option<String> {
    let init = status.init_container_statuses.iter().flatten().find_map(|container| {
        let why = container.state.why().filter(|_| container.started != Some(true))?;
        (why != COMPLETED).then(|| format!("Init:{why}"))
    });
    let wrong = |container: &Container| {
        container.state.why().filter(|why| *why != COMPLETED).map(Into::into)
    };
    let container = || status.container_statuses.iter().flatten().find_map(wrong);
    let of_pod = status.reason.clone().filter(|reason| !reason.is_empty());
    of_pod.or(init).or_else(container)
}

impl State {
    /// Why it does not run.
    fn why(&self) -> Option<&str> {
        let waiting = self.waiting.as_ref().map(|it| it.reason.as_str());
        let ended = self.terminated.as_ref().map(|it| it.reason.as_str());
        let why = waiting.or(ended)?;
        Some(if why.is_empty() { "Error" } else { why })
    }
}

impl RawOwner {
    /// Looks through a `ReplicaSet` to its Deployment: during a rollout the candidates are in two of them.
    fn of(self, hash: Option<&str>) -> Owner {
        let hash = hash.filter(|_| self.kind == "ReplicaSet");
        match hash.and_then(|hash| deployment_of(&self.name, hash)) {
            Some(name) => Owner { kind: "Deployment".into(), name: name.into() },
            None => Owner { kind: self.kind, name: self.name },
        }
    }
}

/// Returns the Deployment of a `ReplicaSet`, whose name ends with the hash that its pods have as a label, so that no
/// `ReplicaSet` has to be looked at.
pub(crate) fn deployment_of<'a>(replica_set: &'a str, hash: &str) -> Option<&'a str> {
    replica_set.strip_suffix(hash)?.strip_suffix('-')
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
    reason: Option<String>,
    conditions: Option<Vec<Condition>>,
    init_container_statuses: Option<Vec<Container>>,
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
    /// Of an init container that goes on beside the others, too.
    started: Option<bool>,
    state: State,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct State {
    waiting: Option<Ended>,
    terminated: Option<Ended>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ended {
    reason: String,
}

const RUNNING: &str = "Running";
/// It ended as it should.
const COMPLETED: &str = "Completed";

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
            (pod.status(), pod.node.as_str(), pod.restarts, pod.ready),
            ("Running", "node-1", 3, true)
        );
        assert_eq!(pod.owner, Some(Owner { kind: "Deployment".into(), name: "orders".into() }));
        assert_eq!(Pod::parse("7").status(), "Unknown");
    }

    #[test]
    fn a_pod_that_does_not_work_says_so_as_kubectl_does() {
        let crashed = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
        let ended = |reason: &str| json!({ "terminated": { "reason": reason, "exitCode": 1 } });
        let running = json!({ "running": { "startedAt": "2026-11-27T10:00:00Z" } });
        let of = |state: &serde_json::Value| json!([{ "state": state }]);
        let cases = [
            ("Running", json!({ "phase": "Running", "containerStatuses": of(&running) })),
            ("CrashLoopBackOff", json!({ "phase": "Running", "containerStatuses": of(&crashed) })),
            ("Error", json!({ "phase": "Running", "containerStatuses": of(&ended("Error")) })),
            ("Error", json!({ "phase": "Running", "containerStatuses": of(&ended("")) })),
            (
                "Init:CrashLoopBackOff",
                json!({ "phase": "Pending", "initContainerStatuses": of(&crashed) }),
            ),
            (
                "Pending",
                json!({ "phase": "Pending", "initContainerStatuses": of(&ended("Completed")) }),
            ),
            ("Evicted", json!({ "phase": "Failed", "reason": "Evicted" })),
        ];
        for (status, object) in cases {
            let pod = Pod::parse(&json!({ "status": object }).to_string());
            assert_eq!(pod.status(), status, "{object}");
            assert!(!pod.is_well());
        }
        let unready = Pod { phase: "Running".into(), ..Pod::default() };
        assert_eq!((unready.status(), unready.status_alone()), ("Running", "NotReady"));
    }
}
