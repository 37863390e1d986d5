//! An object that kubectl applied by itself until now: `kubectl apply --server-side` takes it over.

use serde_json::Value;

use super::{check, collect, compare::Changes, set::Set};
use crate::{go, shape::Form};

const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The fields that kubectl applied last and that still have its values. Changing them is no conflict.
pub(super) fn owned(form: &Form, live: &Value, api_version: &str) -> Option<Set> {
    let text = live.get("metadata")?.get("annotations")?.get(ANNOTATION)?.as_str()?;
    let last: Value = serde_json::from_str(text).ok()?;
    if last.get("apiVersion")?.as_str()? != api_version || !check::check(form, &last).is_empty() {
        return None;
    }
    let mut owned = collect::collect(form, &last);
    let Changes { changed, removed } = Changes::between(form, Some(&last), live);
    owned.subtract(&changed);
    owned.subtract(&removed);
    Some(owned)
}

/// Writes the configuration where kubectl keeps it, if it did so before.
pub(super) fn refresh(object: &mut Value, applied: &Value) {
    let text =
        object.get_mut("metadata").and_then(|m| m.get_mut("annotations")?.get_mut(ANNOTATION));
    let Some(text) = text.filter(|text| text.as_str().is_some_and(|text| !text.is_empty())) else {
        return;
    };
    let mut applied = applied.clone();
    let annotations = applied.get_mut("metadata").and_then(|m| m.get_mut("annotations"));
    if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
        annotations.remove(ANNOTATION);
    }
    // Go's encoder ends with a line.
    *text = Value::String(go::json(&applied) + "\n");
}
