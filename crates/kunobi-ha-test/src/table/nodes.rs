//! Nodes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    View,
    field::{filled, flag, list, text},
};

pub(super) fn node(view: &View<'_>) -> Vec<Value> {
    let node = view.value;
    let info = |field: &str| filled(node, field, "<unknown>").to_owned();
    let kernel = info("/status/nodeInfo/kernelVersion");
    let kernel = match text(node, "/status/nodeInfo/architecture") {
        "" => kernel,
        architecture => format!("{kernel} ({architecture})"),
    };
    cells![
        view.name(),
        status(node),
        roles(node),
        view.age(),
        text(node, "/status/nodeInfo/kubeletVersion"),
        address(node, "InternalIP"),
        address(node, "ExternalIP"),
        info("/status/nodeInfo/osImage"),
        kernel,
        info("/status/nodeInfo/containerRuntimeVersion"),
    ]
}

fn status(node: &Value) -> String {
    let conditions = list(node, "/status/conditions").iter();
    let ready = conditions.rev().find(|condition| text(condition, "/type") == "Ready");
    let ready = ready.map_or("Unknown", |ready| match text(ready, "/status") {
        "True" => "Ready",
        _ => "NotReady",
    });
    let is_off = flag(node, "/spec/unschedulable");
    format!("{ready}{}", if is_off { ",SchedulingDisabled" } else { "" })
}

fn roles(node: &Value) -> String {
    let labels = node.pointer("/metadata/labels").and_then(Value::as_object);
    let roles: BTreeSet<&str> = labels
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) => Some(role),
            None if key == "kubernetes.io/role" => value.as_str(),
            None => None,
        })
        .filter(|role| !role.is_empty())
        .collect();
    let roles: Vec<&str> = roles.into_iter().collect();
    if roles.is_empty() { "<none>".into() } else { roles.join(",") }
}

fn address<'a>(node: &'a Value, kind: &str) -> &'a str {
    let addresses = list(node, "/status/addresses").iter();
    let address = addresses.into_iter().find(|address| text(address, "/type") == kind);
    address.map_or("<none>", |address| text(address, "/address"))
}
