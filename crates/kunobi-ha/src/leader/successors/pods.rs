//! Reads a list of Pods, leniently: what can't be read is left out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, value::RawValue};

use super::choice::{Condition, Owner, Pod};
use crate::leader::names::is_subdomain;

/// Reads a list of Pods.
///
/// # Errors
///
/// Says why it is no list.
pub(super) fn read(list: &[u8]) -> serde_json::Result<Vec<Pod>> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_slice(list)?;
    let items = fields.get("items").map_or("null", |items| items.get());
    let items: Option<Vec<&RawValue>> = serde_json::from_str(items)?;
    // One by one: a Pod is many times as large as what is kept of it.
    Ok(items.unwrap_or_default().into_iter().filter_map(|pod| read_pod(pod.get())).collect())
}

/// Reads a Pod; `None` if it has no name or nobody makes more of its kind.
fn read_pod(json: &str) -> Option<Pod> {
    let pod: Value = serde_json::from_str(json).ok()?;
    let (metadata, spec, status) = (&pod["metadata"], &pod["spec"], &pod["status"]);
    let name = text(&metadata["name"]).filter(|name| is_subdomain(name))?;
    let revision = REVISIONS.iter().find_map(|label| text(&metadata["labels"][label]));
    Some(Pod {
        name,
        owner: read_owner(metadata)?,
        revision,
        created: time(&metadata["creationTimestamp"]),
        node: text(&spec["nodeName"]),
        restarts: restarts(status),
        condition: read_condition(metadata, spec, status),
    })
}

fn read_owner(metadata: &Value) -> Option<Owner> {
    let owners = metadata["ownerReferences"].as_array()?;
    let owner = owners.iter().find(|owner| owner["controller"] == true)?;
    let hash = text(&metadata["labels"][TEMPLATE_HASH]);
    let deployment =
        text(&owner["name"]).filter(|_| owner["kind"] == "ReplicaSet").and_then(|name| {
            // Its ReplicaSets differ in nothing but the hash of the template.
            let name = name.strip_suffix(&*hash?)?.strip_suffix('-')?;
            Some(name).filter(|name| !name.is_empty()).map(Box::from)
        });
    Some(Owner { uid: text(&owner["uid"])?, deployment })
}

fn read_condition(metadata: &Value, spec: &Value, status: &Value) -> Condition {
    let ends = !metadata["deletionTimestamp"].is_null();
    let has_ended = matches!(status["phase"].as_str(), Some("Failed" | "Succeeded"));
    if ends || has_ended {
        return Condition::Over;
    }
    let all = status["conditions"].as_array().map_or(&[][..], Vec::as_slice);
    let ready = all.iter().find(|condition| condition["type"] == "Ready");
    match ready.filter(|ready| ready["status"] == "True") {
        // With the network of its node, a Pod has the host name of the node.
        Some(ready) if spec["hostNetwork"] != true => {
            Condition::Ready { since: time(&ready["lastTransitionTime"]) }
        }
        Some(_) | None => Condition::Unfit,
    }
}

fn restarts(status: &Value) -> u64 {
    let containers = status["containerStatuses"].as_array().map_or(&[][..], Vec::as_slice);
    let each = containers.iter().filter_map(|container| container["restartCount"].as_u64());
    each.fold(0, u64::saturating_add)
}

fn text(value: &Value) -> Option<Box<str>> {
    value.as_str().filter(|text| !text.is_empty()).map(Box::from)
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

const TEMPLATE_HASH: &str = "pod-template-hash";
/// Of a Deployment, and of a `StatefulSet` or `DaemonSet`.
const REVISIONS: [&str; 2] = [TEMPLATE_HASH, "controller-revision-hash"];
