//! Ways into the cluster, and addresses in it.

use serde_json::Value;

use super::{
    View,
    field::{joined, list, set, some, text},
    labels,
    services::balancer,
};

/// So many hosts are shown.
const SHOWN: usize = 3;

pub(super) fn ingress(view: &View<'_>) -> Vec<Value> {
    let ingress = view.value;
    let has_tls = !list(ingress, "/spec/tls").is_empty();
    cells![
        view.name(),
        set(ingress, "/spec/ingressClassName").unwrap_or("<none>"),
        hosts(list(ingress, "/spec/rules")),
        balancer(ingress),
        if has_tls { "80, 443" } else { "80" },
        view.age(),
    ]
}

pub(super) fn ingress_class(view: &View<'_>) -> Vec<Value> {
    let class = view.value;
    let is_default = view.annotation("ingressclass.kubernetes.io/is-default-class") == "true";
    let parameters = some(class, "/spec/parameters").map(|parameters| {
        let (kind, name) = (text(parameters, "/kind"), text(parameters, "/name"));
        match set(parameters, "/apiGroup") {
            Some(group) => format!("{kind}.{group}/{name}"),
            None => format!("{kind}/{name}"),
        }
    });
    cells![
        format!("{}{}", view.name(), if is_default { " (default)" } else { "" }),
        text(class, "/spec/controller"),
        parameters.unwrap_or_else(|| "<none>".into()),
        view.age(),
    ]
}

pub(super) fn network_policy(view: &View<'_>) -> Vec<Value> {
    cells![view.name(), labels::selector(view.value, "/spec/podSelector"), view.age()]
}

pub(super) fn ip_address(view: &View<'_>) -> Vec<Value> {
    let parent = some(view.value, "/spec/parentRef").map(|parent| {
        let type_ = qualified(parent).to_lowercase();
        let namespace = text(parent, "/namespace");
        let slash = if namespace.is_empty() { "" } else { "/" };
        format!("{type_}{slash}{namespace}/{}", text(parent, "/name"))
    });
    cells![view.name(), parent.unwrap_or_else(|| "<none>".into()), view.age()]
}

pub(super) fn service_cidr(view: &View<'_>) -> Vec<Value> {
    cells![view.name(), joined(view.value, "/spec/cidrs"), view.age()]
}

/// The type that a reference names: `deployments.apps`.
pub(super) fn qualified(reference: &Value) -> String {
    crate::status::qualified(text(reference, "/group"), text(reference, "/resource"))
}

/// As there, a rule without a host is not shown, but counts.
fn hosts(rules: &[Value]) -> String {
    let mut hosts = Vec::new();
    let mut is_cut = false;
    for rule in rules {
        is_cut = hosts.len() == SHOWN;
        let host = text(rule, "/host");
        if !(is_cut || host.is_empty()) {
            hosts.push(host);
        }
    }
    match (hosts.join(","), is_cut) {
        (shown, _) if shown.is_empty() => "*".into(),
        (shown, true) => format!("{shown} + {} more...", rules.len() - SHOWN),
        (shown, false) => shown,
    }
}
