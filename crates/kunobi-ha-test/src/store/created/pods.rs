//! The status of a new pod.

use serde_json::{Map, Value, json};

use crate::defaults::fields::is_empty;

pub(super) fn begin(pod: &mut Map<String, Value>, now: &str) {
    let class = pod.get("spec").map_or("BestEffort", class);
    let is_gated = pod
        .get("spec")
        .and_then(Value::as_object)
        .is_some_and(|spec| !is_empty(spec, "schedulingGates"));
    let mut status = json!({ "phase": "Pending", "qosClass": class });
    if let (true, Some(status)) = (is_gated, status.as_object_mut()) {
        let condition = json!({
            "type": "PodScheduled", "status": "False", "reason": "SchedulingGated",
            "message": "Scheduling is blocked due to non-empty scheduling gates",
            "lastProbeTime": null, "lastTransitionTime": now,
        });
        status.insert("conditions".into(), json!([condition]));
    }
    pod.insert("status".into(), status);
}

/// The quality of service: of the whole pod if it states resources, else that which all its
/// containers have in common.
fn class(spec: &Value) -> &'static str {
    if let Some(resources) = spec.get("resources").and_then(Value::as_object)
        && !(is_empty(resources, "limits") && is_empty(resources, "requests"))
    {
        return common(COMPUTED.into_iter().map(|name| of(spec, name)));
    }
    let lists = ["initContainers", "containers"].into_iter();
    let containers = lists.filter_map(|list| spec.get(list)?.as_array()).flatten();
    common(containers.flat_map(|container| COMPUTED.map(|name| of(container, name))))
}

/// That of one resource: none, the same requested as allowed, or more allowed than requested.
fn of(container: &Value, name: &str) -> &'static str {
    let quantity = |list: &str| {
        let text = container.get("resources")?.get(list)?.get(name)?.as_str()?;
        Some(text).filter(|text| *text != "0")
    };
    match (quantity("requests"), quantity("limits")) {
        (None, None) => "BestEffort",
        (request, limit) if request == limit => "Guaranteed",
        _ => "Burstable",
    }
}

fn common(mut classes: impl Iterator<Item = &'static str>) -> &'static str {
    let first = classes.next().unwrap_or("BestEffort");
    if classes.all(|class| class == first) { first } else { "Burstable" }
}

const COMPUTED: [&str; 2] = ["cpu", "memory"];
