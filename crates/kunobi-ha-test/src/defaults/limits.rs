//! Limits of containers in a namespace, and what a node offers.

use serde_json::{Map, Value};

use super::fields::{child, fill, text};

/// The default limit is the maximum; the default request is the default limit, or else the minimum.
pub(super) fn range(item: &mut Map<String, Value>) {
    if text(item, "type") != "Container" {
        return;
    }
    for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")]
    {
        let Some(Value::Object(given)) = item.get(from).cloned() else { continue };
        if let Some(defaults) = child(item, to) {
            for (name, quantity) in given {
                defaults.entry(name).or_insert(quantity);
            }
        }
    }
}

/// All of a node can be given to pods.
pub(super) fn node(status: &mut Map<String, Value>) {
    if let Some(capacity) = status.get("capacity").cloned() {
        fill(status, "allocatable", &capacity);
    }
}
