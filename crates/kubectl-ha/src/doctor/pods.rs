//! What a pod says of itself.

use jiff::Timestamp;
use k8s_openapi::{
    api::core::v1::{Node, Pod},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

pub(crate) fn name(meta: &ObjectMeta) -> &str {
    meta.name.as_deref().unwrap_or_default()
}

pub(crate) fn node(pod: &Pod) -> Option<&str> {
    pod.spec.as_ref()?.node_name.as_deref().filter(|name| !name.is_empty())
}

pub(crate) fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|it| it.conditions.iter().flatten());
    let mut ready = conditions.filter(|it| it.type_ == "Ready");
    ready.next().is_some_and(|it| it.status == "True")
}

/// Since when all of its containers run; `None` if one does not, because it crashes for example.
pub(crate) fn runs_since(pod: &Pod) -> Option<Timestamp> {
    let containers = pod.status.as_ref()?.container_statuses.as_ref()?;
    let started = containers
        .iter()
        .map(|it| Some(it.state.as_ref()?.running.as_ref()?.started_at.as_ref()?.0));
    started.collect::<Option<Vec<_>>>()?.into_iter().max()
}

pub(crate) fn is_terminating(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_some()
}

pub(crate) fn phase(pod: &Pod) -> &str {
    pod.status.as_ref().and_then(|it| it.phase.as_deref()).unwrap_or("Unknown")
}

/// Whether it runs, so that it can lead: none of its containers waits or has ended, as that of one that crashes does.
pub(crate) fn can_lead(pod: &Pod) -> bool {
    phase(pod) == "Running" && !is_terminating(pod) && stopped(pod).is_none()
}

/// Says why a pod can't lead.
pub(crate) fn trouble(pod: &Pod) -> String {
    if is_terminating(pod) {
        return "Terminating".into();
    }
    let conditions = pod.status.iter().flat_map(|it| it.conditions.iter().flatten());
    let mut unplaced = conditions.filter(|it| it.type_ == "PodScheduled" && it.status == "False");
    let reason = unplaced.next().and_then(|it| it.reason.as_deref()).or_else(|| stopped(pod));
    reason.map_or_else(|| phase(pod).into(), |reason| format!("{} ({reason})", phase(pod)))
}

/// Says why one of its containers does not run.
fn stopped(pod: &Pod) -> Option<&str> {
    let all = pod.status.as_ref()?;
    let first = all.init_container_statuses.iter().flatten().filter_map(|it| it.state.as_ref());
    let mut first = first.filter_map(|it| it.waiting.as_ref());
    let others = all.container_statuses.iter().flatten().filter_map(|it| it.state.as_ref());
    let mut others = others.filter_map(|it| {
        let waits = it.waiting.as_ref().map(|it| it.reason.as_deref().unwrap_or("waits"));
        let ended = || it.terminated.as_ref().map(|it| it.reason.as_deref().unwrap_or("ended"));
        waits.or_else(ended)
    });
    // The other containers only wait for the first ones.
    let first = first.next().map(|it| it.reason.as_deref().unwrap_or("waits"));
    first.or_else(|| others.next())
}

/// Whether its containers have ended for good.
pub(crate) fn has_ended(pod: &Pod) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

pub(crate) fn is_on_host_network(pod: &Pod) -> bool {
    pod.spec.as_ref().and_then(|it| it.host_network).unwrap_or_default()
}

/// Returns what the node says of its readiness, `True` if all is well.
pub(crate) fn node_condition(node: &Node) -> &str {
    let conditions = node.status.iter().flat_map(|it| it.conditions.iter().flatten());
    let mut ready = conditions.filter(|it| it.type_ == "Ready");
    ready.next().map_or("Unknown", |it| it.status.as_str())
}

/// Whether a pod can be placed there.
pub(crate) fn takes_pods(node: &Node) -> bool {
    let closed = node.spec.as_ref().and_then(|it| it.unschedulable).unwrap_or_default();
    let taints = node.spec.iter().flat_map(|it| it.taints.iter().flatten());
    let mut barred = taints.filter(|it| it.effect != "PreferNoSchedule");
    node_condition(node) == "True" && !closed && barred.next().is_none()
}
