//! The mark of a deletion in the metadata of an object.

mod grace;
mod preconditions;
mod propagation;

use serde_json::Value;

pub(super) use self::{
    grace::Grace,
    preconditions::check as check_preconditions,
    propagation::{finalizers, warning},
};
use super::{Call, metadata, namespaces};

/// Keeps the mark: an update can't take it back.
pub(super) fn keep(old: &Value, new: &mut Value) {
    if metadata::get(old, TIMESTAMP).is_none() {
        return;
    }
    for field in [TIMESTAMP, GRACE] {
        metadata::set(new, field, metadata::get(old, field).cloned());
    }
}

/// Only a DELETE sets the mark.
pub(super) fn forget(value: &mut Value) {
    metadata::set(value, TIMESTAMP, None);
    metadata::set(value, GRACE, None);
}

pub(super) fn is_marked(value: &Value) -> bool {
    metadata::get(value, TIMESTAMP).is_some_and(|time| !time.is_null())
}

/// Returns whether an object that is marked for deletion can be removed.
pub(super) fn is_due(call: &Call, value: &Value) -> bool {
    is_marked(value)
        && metadata::get(value, GRACE).and_then(Value::as_i64).unwrap_or(0) == 0
        && metadata::finalizers(value).is_empty()
        && !(call.is("", "namespaces") && namespaces::has_finalizers(value))
}

/// Writes the finalizers, which are absent if there are none.
pub(super) fn set_finalizers(value: &mut Value, finalizers: &[&str]) {
    let list = (!finalizers.is_empty()).then(|| finalizers.into());
    metadata::set(value, "finalizers", list);
}

pub(super) fn remove_finalizer(value: &mut Value, finalizer: &str) {
    let mut finalizers = metadata::finalizers(value);
    finalizers.retain(|name| *name != finalizer);
    let finalizers: Vec<String> = finalizers.into_iter().map(ToOwned::to_owned).collect();
    let finalizers: Vec<&str> = finalizers.iter().map(String::as_str).collect();
    set_finalizers(value, &finalizers);
}

pub(super) const TIMESTAMP: &str = "deletionTimestamp";
pub(super) const GRACE: &str = "deletionGracePeriodSeconds";
/// The finalizers that the garbage collector removes.
pub(super) const ORPHAN: &str = "orphan";
pub(super) const FOREGROUND: &str = "foregroundDeletion";
