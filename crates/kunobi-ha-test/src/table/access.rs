//! Who may do what, and who vouches for whom.

use jiff::SignedDuration;
use serde_json::Value;

use super::{
    View, age,
    field::{filled, list, some, text},
    labels,
};

/// A binding of a role or a cluster role.
pub(super) fn binding(view: &View<'_>) -> Vec<Value> {
    let binding = view.value;
    let of_kind = |kind: &str| {
        let subjects = list(binding, "/subjects").iter();
        subjects.filter(move |subject| text(subject, "/kind") == kind).collect::<Vec<_>>()
    };
    let names = |kind: &str| {
        let names: Vec<&str> = of_kind(kind).into_iter().map(|it| text(it, "/name")).collect();
        names.join(", ")
    };
    let accounts: Vec<String> = of_kind("ServiceAccount")
        .into_iter()
        .map(|account| format!("{}/{}", text(account, "/namespace"), text(account, "/name")))
        .collect();
    cells![
        view.name(),
        format!("{}/{}", text(binding, "/roleRef/kind"), text(binding, "/roleRef/name")),
        view.age(),
        names("User"),
        names("Group"),
        accounts.join(", "),
    ]
}

pub(super) fn signing_request(view: &View<'_>) -> Vec<Value> {
    let request = view.value;
    let lifetime = some(request, "/spec/expirationSeconds").and_then(Value::as_i64);
    let lifetime = lifetime.map(|seconds| age::human(SignedDuration::from_secs(seconds)));
    let has = |kind: &str| {
        list(request, "/status/conditions").iter().any(|condition| text(condition, "/type") == kind)
    };
    let decision = match (has("Denied"), has("Approved")) {
        (true, _) => "Denied",
        (false, true) => "Approved",
        (false, false) => "Pending",
    };
    let failed = if has("Failed") { ",Failed" } else { "" };
    let is_issued = !text(request, "/status/certificate").is_empty();
    let issued = if is_issued { ",Issued" } else { "" };
    cells![
        view.name(),
        view.age(),
        filled(request, "/spec/signerName", "<none>"),
        text(request, "/spec/username"),
        lifetime.unwrap_or_else(|| "<none>".into()),
        format!("{decision}{failed}{issued}"),
    ]
}

pub(super) fn trust_bundle(view: &View<'_>) -> Vec<Value> {
    cells![view.name(), filled(view.value, "/spec/signerName", "<none>")]
}

pub(super) fn pod_certificate_request(view: &View<'_>) -> Vec<Value> {
    let request = view.value;
    let ends = list(request, "/status/conditions").iter().map(|condition| text(condition, "/type"));
    let state = ends.rev().find(|kind| matches!(*kind, "Issued" | "Denied" | "Failed"));
    cells![
        view.name(),
        text(request, "/spec/podName"),
        text(request, "/spec/serviceAccountName"),
        text(request, "/spec/nodeName"),
        text(request, "/spec/signerName"),
        state.unwrap_or("Pending"),
        labels::labels(request, "/spec/unverifiedUserAnnotations"),
    ]
}
