//! What a pod says of itself, and a node of itself.

use jiff::Timestamp;
use k8s_openapi::{
    api::core::v1::Node,
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time},
};
use serde::{Deserialize, Deserializer};

/// What is read of a pod. There may be very many, and all are kept in memory, so this is no more than the checks need.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub(crate) struct Pod {
    #[serde(deserialize_with = "meta")]
    pub(crate) metadata: ObjectMeta,
    spec: Spec,
    status: Status,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    node_name: Option<String>,
    host_network: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    phase: Option<String>,
    #[serde(deserialize_with = "conditions")]
    conditions: Vec<Condition>,
    init_container_statuses: Option<Vec<Container>>,
    container_statuses: Option<Vec<Container>>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    reason: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Container {
    name: String,
    /// Whether its startup probe has passed, if it has one.
    started: Option<bool>,
    state: State,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct State {
    running: Option<Running>,
    waiting: Option<Stopped>,
    terminated: Option<Stopped>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct Running {
    started_at: Option<Time>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Stopped {
    reason: Option<String>,
}

pub(crate) fn name(meta: &ObjectMeta) -> &str {
    meta.name.as_deref().unwrap_or_default()
}

pub(crate) fn node(pod: &Pod) -> Option<&str> {
    pod.spec.node_name.as_deref().filter(|name| !name.is_empty())
}

pub(crate) fn is_ready(pod: &Pod) -> bool {
    pod.condition(READY).is_some_and(|it| it.status == "True")
}

/// Since when all of its containers run, and have passed their startup probes; `None` if one does not, because it
/// crashes for example.
pub(crate) fn runs_since(pod: &Pod) -> Option<Timestamp> {
    let containers = pod.status.container_statuses.as_ref()?;
    let started = containers.iter().map(|it| {
        let running = it.state.running.as_ref().filter(|_| it.started != Some(false));
        Some(running?.started_at.as_ref()?.0)
    });
    started.collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// Returns of which revision of its workload it is.
pub(crate) fn revision(pod: &Pod) -> Option<&str> {
    let labels = pod.metadata.labels.as_ref()?;
    REVISIONS.iter().find_map(|label| labels.get(*label)).map(String::as_str)
}

pub(crate) fn is_terminating(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_some()
}

pub(crate) fn phase(pod: &Pod) -> &str {
    pod.status.phase.as_deref().unwrap_or("Unknown")
}

/// Whether it runs, so that it can lead. `electing` are the containers that elect.
pub(crate) fn can_lead(pod: &Pod, electing: &[&str]) -> bool {
    phase(pod) == "Running" && !is_terminating(pod) && stopped(pod, electing).is_none()
}

/// Says why a pod can't lead.
pub(crate) fn trouble(pod: &Pod, electing: &[&str]) -> String {
    if is_terminating(pod) {
        return "Terminating".into();
    }
    let unplaced = pod.condition(PLACED).filter(|it| it.status == "False");
    let reason = unplaced.and_then(|it| it.reason.as_deref()).or_else(|| stopped(pod, electing));
    reason.map_or_else(|| phase(pod).into(), |reason| format!("{} ({reason})", phase(pod)))
}

/// Says why none of the containers that elect runs, as those of a pod that crashes. If it is not known which ones do,
/// any may.
fn stopped<'a>(pod: &'a Pod, electing: &[&str]) -> Option<&'a str> {
    let all = pod.status.container_statuses.as_deref().unwrap_or_default();
    let elects = |it: &&Container| electing.contains(&it.name.as_str());
    let is_known = all.iter().any(|it| elects(&it));
    let mut judged = all.iter().filter(|it| !is_known || elects(it));
    if judged.clone().any(|it| it.state.running.is_some()) {
        return None;
    }
    // The other containers only wait for the first ones.
    let mut first = pod.status.init_container_statuses.iter().flatten();
    let first = first.find_map(|it| reason(it.state.waiting.as_ref(), "waits"));
    first.or_else(|| {
        judged.find_map(|Container { state, .. }| {
            let ended = || reason(state.terminated.as_ref(), "ended");
            reason(state.waiting.as_ref(), "waits").or_else(ended)
        })
    })
}

fn reason<'a>(stopped: Option<&'a Stopped>, otherwise: &'a str) -> Option<&'a str> {
    stopped.map(|it| it.reason.as_deref().unwrap_or(otherwise))
}

/// Whether its containers have ended for good.
pub(crate) fn has_ended(pod: &Pod) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

pub(crate) fn is_on_host_network(pod: &Pod) -> bool {
    pod.spec.host_network.unwrap_or_default()
}

/// Returns what the node says of its readiness, `True` if all is well.
pub(crate) fn node_condition(node: &Node) -> &str {
    let conditions = node.status.iter().flat_map(|it| it.conditions.iter().flatten());
    let mut ready = conditions.filter(|it| it.type_ == READY);
    ready.next().map_or("Unknown", |it| it.status.as_str())
}

/// Whether a pod can be placed there.
pub(crate) fn takes_pods(node: &Node) -> bool {
    let closed = node.spec.as_ref().and_then(|it| it.unschedulable).unwrap_or_default();
    let taints = node.spec.iter().flat_map(|it| it.taints.iter().flatten());
    let mut barred = taints.filter(|it| it.effect != "PreferNoSchedule");
    node_condition(node) == "True" && !closed && barred.next().is_none()
}

impl Pod {
    fn condition(&self, kind: &str) -> Option<&Condition> {
        self.status.conditions.iter().find(|it| it.kind == kind)
    }
}

fn meta<'de, D: Deserializer<'de>>(from: D) -> Result<ObjectMeta, D::Error> {
    let ObjectMeta { name, namespace, uid, deletion_timestamp, labels, owner_references, .. } =
        ObjectMeta::deserialize(from)?;
    let is_revision = |label: &String| REVISIONS.contains(&label.as_str());
    let labels = labels.into_iter().flatten().filter(|(label, _)| is_revision(label)).collect();
    let owners = owner_references.into_iter().flatten();
    Ok(ObjectMeta {
        name,
        namespace,
        uid,
        deletion_timestamp,
        labels: Some(labels),
        owner_references: Some(owners.filter(|it| it.controller == Some(true)).collect()),
        ..ObjectMeta::default()
    })
}

fn conditions<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Condition>, D::Error> {
    let all = Option::<Vec<Condition>>::deserialize(from)?;
    Ok(all.into_iter().flatten().filter(|it| [READY, PLACED].contains(&&*it.kind)).collect())
}

const READY: &str = "Ready";
const PLACED: &str = "PodScheduled";
/// What Deployments, and the other workloads, label their pods with.
const REVISIONS: [&str; 2] = ["pod-template-hash", "controller-revision-hash"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_pod_no_more_is_kept_than_the_checks_read() {
        let pod: Pod = serde_json::from_value(json!({
            "metadata": {
                "namespace": "shop", "name": "orders-7d9-x", "uid": "x",
                "labels": { "app": "orders", "pod-template-hash": "7d9" },
                "annotations": { "note": "long" }, "managedFields": [{ "manager": "kubelet" }],
                "ownerReferences": [
                    { "apiVersion": "v1", "kind": "Secret", "name": "s", "uid": "s" },
                    { "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "orders-7d9", "uid": "r",
                      "controller": true },
                ],
            },
            "spec": { "nodeName": "n1", "containers": [{ "name": "c", "image": "i" }] },
            "status": { "phase": "Running", "conditions": [
                { "type": "Initialized", "status": "True" }, { "type": "Ready", "status": "True" },
            ] },
        }))
        .unwrap();
        let meta = &pod.metadata;
        assert_eq!((&meta.annotations, &meta.managed_fields), (&None, &None));
        assert_eq!(meta.labels.as_ref().unwrap().len(), 1);
        assert_eq!(meta.owner_references.as_ref().unwrap().len(), 1);
        assert_eq!(pod.status.conditions.len(), 1);
        assert_eq!((node(&pod), revision(&pod), is_ready(&pod)), (Some("n1"), Some("7d9"), true));
    }

    #[test]
    fn a_pod_is_judged_by_the_container_that_elects() {
        let pod = |elects: &str, ships: &str| -> Pod {
            let state = |name: &str, state: &str| json!({ "name": name, "state": { state: { "reason": "CrashLoopBackOff" } } });
            serde_json::from_value(json!({ "status": { "phase": "Running", "containerStatuses": [
                state("operator", elects), state("shipper", ships),
            ] } }))
            .unwrap()
        };
        for (elects, ships, electing, can) in [
            ("running", "waiting", &["operator"][..], true),
            ("waiting", "running", &["operator"], false),
            ("terminated", "running", &["operator"], false),
            ("running", "waiting", &[], true),
            ("waiting", "running", &[], true),
            ("waiting", "terminated", &[], false),
            ("waiting", "running", &["of-another-revision"], true),
        ] {
            let pod = pod(elects, ships);
            assert_eq!(can_lead(&pod, electing), can, "{elects} {ships} {electing:?}");
        }
        assert_eq!(
            trouble(&pod("waiting", "running"), &["operator"]),
            "Running (CrashLoopBackOff)"
        );
    }
}
