//! What extends the API: webhooks, policies, definitions, other servers.

use serde_json::Value;

use super::{
    View,
    field::{condition, count, flag, is_true, joined, list, some, text},
    labels,
};

pub(super) fn webhooks(view: &View<'_>) -> Vec<Value> {
    cells![view.name(), count(view.value, "/webhooks"), view.age()]
}

pub(super) fn validating_policy(view: &View<'_>) -> Vec<Value> {
    policy(view, "/spec/validations")
}

pub(super) fn mutating_policy(view: &View<'_>) -> Vec<Value> {
    policy(view, "/spec/mutations")
}

fn policy(view: &View<'_>, rules: &str) -> Vec<Value> {
    let parameters = some(view.value, "/spec/paramKind")
        .map(|kind| format!("{}/{}", text(kind, "/apiVersion"), text(kind, "/kind")));
    let parameters = parameters.unwrap_or_else(|| "<unset>".into());
    cells![view.name(), count(view.value, rules), parameters, view.age()]
}

pub(super) fn policy_binding(view: &View<'_>) -> Vec<Value> {
    let parameters = some(view.value, "/spec/paramRef").and_then(|reference| {
        match (text(reference, "/name"), text(reference, "/namespace")) {
            ("", _) => some(reference, "/selector").map(labels::in_source),
            (name, "") => Some(format!("*/{name}")),
            (name, namespace) => Some(format!("{namespace}/{name}")),
        }
    });
    cells![
        view.name(),
        text(view.value, "/spec/policyName"),
        parameters.unwrap_or_else(|| "<unset>".into()),
        view.age(),
    ]
}

pub(super) fn definition(view: &View<'_>) -> Vec<Value> {
    let definition = view.value;
    let versions = list(definition, "/spec/versions").iter();
    let mut versions: Vec<String> = versions
        .filter(|version| flag(version, "/served"))
        .map(|version| {
            let storage = if flag(version, "/storage") { "(storage)" } else { "" };
            format!("{}{storage}", text(version, "/name"))
        })
        .collect();
    versions.sort();
    cells![
        view.name(),
        text(definition, "/spec/scope"),
        versions.join(","),
        view.created_at(),
        text(definition, "/spec/group"),
        text(definition, "/spec/names/kind"),
        joined(definition, "/spec/names/shortNames"),
        is_true(condition(definition, "/status/conditions", "Established")),
    ]
}

pub(super) fn api_service(view: &View<'_>) -> Vec<Value> {
    let service = some(view.value, "/spec/service")
        .map(|service| format!("{}/{}", text(service, "/namespace"), text(service, "/name")));
    let available = condition(view.value, "/status/conditions", "Available");
    let status = available.map_or("Unknown", |available| text(available, "/status"));
    let status = match available.map_or("", |available| text(available, "/reason")) {
        "" => status.to_owned(),
        _ if status == "True" => status.to_owned(),
        reason => format!("{status} ({reason})"),
    };
    cells![view.name(), service.unwrap_or_else(|| "Local".into()), status, view.age()]
}
