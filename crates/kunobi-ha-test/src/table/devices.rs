//! Devices that pods claim.

use serde_json::Value;

use super::{
    View,
    field::{list, some, text},
};

pub(super) fn claim(view: &View<'_>) -> Vec<Value> {
    let is_allocated = some(view.value, "/status/allocation").is_some();
    let is_reserved = is_allocated && !list(view.value, "/status/reservedFor").is_empty();
    let states = [
        (view.is_deleted(), "deleted"),
        (!is_allocated && !view.is_deleted(), "pending"),
        (is_allocated, "allocated"),
        (is_reserved, "reserved"),
    ];
    let states: Vec<&str> = states.into_iter().filter(|(is, _)| *is).map(|(_, it)| it).collect();
    cells![view.name(), states.join(","), view.age()]
}

pub(super) fn slice(view: &View<'_>) -> Vec<Value> {
    cells![
        view.name(),
        text(view.value, "/spec/nodeName"),
        text(view.value, "/spec/driver"),
        text(view.value, "/spec/pool/name"),
        view.age(),
    ]
}

pub(super) fn taint(view: &View<'_>) -> Vec<Value> {
    let added = "/spec/taint/timeAdded";
    cells![
        view.name(),
        text(view.value, "/spec/taint/key"),
        text(view.value, "/spec/taint/value"),
        text(view.value, "/spec/taint/effect"),
        some(view.value, added).map(|_| view.since(added)).unwrap_or_default(),
        view.age(),
    ]
}
