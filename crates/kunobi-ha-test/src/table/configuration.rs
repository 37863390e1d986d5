//! What configures, limits and coordinates.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    View,
    field::{count, flag, number, quantity, text},
};

pub(super) fn config_map(view: &View<'_>) -> Vec<Value> {
    let count = count(view.value, "/data") + count(view.value, "/binaryData");
    cells![view.name(), count, view.age()]
}

pub(super) fn secret(view: &View<'_>) -> Vec<Value> {
    cells![view.name(), text(view.value, "/type"), count(view.value, "/data"), view.age()]
}

/// The name and the age, as of a service account.
pub(super) fn named(view: &View<'_>) -> Vec<Value> {
    cells![view.name(), view.age()]
}

/// The name and the time of the creation: of types for which nobody has thought of columns.
pub(super) fn plain(view: &View<'_>) -> Vec<Value> {
    cells![view.name(), view.created_at()]
}

pub(super) fn namespace(view: &View<'_>) -> Vec<Value> {
    cells![view.name(), text(view.value, "/status/phase"), view.age()]
}

pub(super) fn quota(view: &View<'_>) -> Vec<Value> {
    let status = |part: &str, resource: &str| {
        let of_part = view.value.pointer("/status").and_then(|status| status.get(part));
        let value = of_part.and_then(|of_part| of_part.get(resource));
        value.and_then(|value| quantity(value, "")).unwrap_or_else(|| "0".into())
    };
    let hard = view.value.pointer("/status/hard").and_then(Value::as_object);
    let hard: BTreeMap<&String, &Value> = hard.into_iter().flatten().collect();
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    for resource in hard.keys() {
        let line = format!("{resource}: {}/{}", status("used", resource), status("hard", resource));
        let column = if resource.starts_with("limits.") { &mut limits } else { &mut requests };
        column.push(line);
    }
    cells![view.name(), requests.join(", "), limits.join(", "), view.age()]
}

pub(super) fn lease(view: &View<'_>) -> Vec<Value> {
    cells![view.name(), text(view.value, "/spec/holderIdentity"), view.age()]
}

pub(super) fn priority_class(view: &View<'_>) -> Vec<Value> {
    cells![
        view.name(),
        number(view.value, "/value"),
        flag(view.value, "/globalDefault"),
        view.age(),
        text(view.value, "/preemptionPolicy"),
    ]
}

pub(super) fn runtime_class(view: &View<'_>) -> Vec<Value> {
    cells![view.name(), text(view.value, "/handler"), view.age()]
}
