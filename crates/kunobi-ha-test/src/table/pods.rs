//! Pods: what they do is told by their containers.

mod containers;

use serde_json::{Value, json};

use self::containers::Progress;
use super::{
    View,
    field::{condition, filled, is_true, list, text},
    labels,
};

pub(super) fn pod(view: &View<'_>) -> Vec<Value> {
    let pod = view.value;
    let progress = Progress::of(pod);
    let restarts = match progress.last_restart {
        Some(time) if progress.restarts != 0 => {
            format!("{} ({} ago)", progress.restarts, view.since_moment(time))
        }
        Some(_) | None => progress.restarts.to_string(),
    };
    cells![
        view.name(),
        format!("{}/{}", progress.ready, progress.total),
        status(view, progress.reason),
        restarts,
        view.age(),
        filled(pod, "/status/podIPs/0/ip", NONE),
        filled(pod, "/spec/nodeName", NONE),
        filled(pod, "/status/nominatedNodeName", NONE),
        gates(pod),
    ]
}

/// The conditions of a row: whether the pod has ended.
pub(super) fn conditions(pod: &Value) -> Option<Value> {
    let (reason, message) = match text(pod, "/status/phase") {
        "Succeeded" => ("Succeeded", "The pod has completed successfully."),
        "Failed" => ("Failed", "The pod failed."),
        _ => return None,
    };
    let condition = json!({ "type": "Completed", "status": "True", "reason": reason,
                            "message": message });
    Some(json!([condition]))
}

pub(super) fn template(view: &View<'_>) -> Vec<Value> {
    let (names, images) = layout(view.value, "/template/spec/containers");
    cells![view.name(), names, images, labels::labels(view.value, "/template/metadata/labels")]
}

/// The names and the images of containers.
pub(super) fn layout(value: &Value, path: &str) -> (String, String) {
    let all = |field: &str| {
        let texts: Vec<&str> = list(value, path).iter().map(|it| text(it, field)).collect();
        texts.join(",")
    };
    (all("/name"), all("/image"))
}

fn status(view: &View<'_>, reason: String) -> String {
    let has_ended = matches!(text(view.value, "/status/phase"), "Succeeded" | "Failed");
    match text(view.value, "/status/reason") {
        "NodeLost" if view.is_deleted() => "Unknown".into(),
        _ if view.is_deleted() && !has_ended => "Terminating".into(),
        _ => reason,
    }
}

/// How many of the gates are open.
fn gates(pod: &Value) -> String {
    let gates = list(pod, "/spec/readinessGates");
    let is_open =
        |gate: &&Value| is_true(condition(pod, "/status/conditions", text(gate, "/conditionType")));
    match gates {
        [] => NONE.into(),
        [_, ..] => format!("{}/{}", gates.iter().filter(is_open).count(), gates.len()),
    }
}

const NONE: &str = "<none>";
