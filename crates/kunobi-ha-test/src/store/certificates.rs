//! Requests for certificates: who makes one, and what an approval writes.

use serde_json::{Map, Value, json};

use super::Call;
use crate::defaults::fields::{child, text};

/// The server says who asks, whatever the request does.
pub(super) fn begin(call: &Call, object: &mut Map<String, Value>) {
    let Some(spec) = child(object, "spec") else {
        return;
    };
    for field in ["extra", "groups", "uid", "username"] {
        spec.remove(field);
    }
    let Some(user) = call.by.map(|by| &by.who.user) else {
        return;
    };
    spec.insert("username".into(), user.name().into());
    spec.insert("groups".into(), user.groups().into());
    if !user.uid.is_empty() {
        spec.insert("uid".into(), user.uid.as_str().into());
    }
    if !user.extra.is_empty() {
        spec.insert("extra".into(), json!(user.extra));
    }
}

/// An approval writes conditions and the metadata; nothing but a status writes a certificate, and nothing a spec.
pub(super) fn keep(call: &Call, old: &Value, new: &mut Value) {
    if !call.is("certificates.k8s.io", "certificatesigningrequests") {
        return;
    }
    let Some(object) = new.as_object_mut() else {
        return;
    };
    if let Some(spec) = old.get("spec") {
        object.insert("spec".into(), spec.clone());
    }
    let conditions = object
        .get("status")
        .and_then(|status| status.get("conditions"))
        .cloned()
        .unwrap_or_default();
    if call.target.subresource == "status" {
        keep_decisions(old, object);
    } else if call.target.subresource == "approval" {
        let mut status = old.get("status").cloned().unwrap_or_else(|| json!({}));
        if let Some(status) = status.as_object_mut() {
            status.insert("conditions".into(), conditions);
        }
        object.insert("status".into(), status);
    }
    if !call.target.subresource.is_empty() {
        date(call, old, object);
    }
}

/// A status can't say what an approval says. That it adds or removes such a condition is refused later.
fn keep_decisions(old: &Value, object: &mut Map<String, Value>) {
    let was = old.pointer("/status/conditions").and_then(Value::as_array);
    let new = child(object, "status").and_then(|status| status.get_mut("conditions"));
    let (Some(was), Some(new)) = (was, new.and_then(Value::as_array_mut)) else {
        return;
    };
    for kind in ["Approved", "Denied"] {
        let is_kind = |condition: &&Value| condition.get("type").is_some_and(|is| is == kind);
        let old: Vec<&Value> = was.iter().filter(is_kind).collect();
        let new: Vec<&mut Value> = new.iter_mut().filter(|new| is_kind(&&**new)).collect();
        if old.len() == new.len() {
            new.into_iter().zip(old).for_each(|(new, old)| new.clone_from(old));
        }
    }
}

/// A condition that has not changed has its old time.
fn date(call: &Call, old: &Value, object: &mut Map<String, Value>) {
    let was = old.pointer("/status/conditions").and_then(Value::as_array);
    let conditions = child(object, "status").and_then(|status| status.get_mut("conditions"));
    for new in conditions.and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(new) = new.as_object_mut() else {
            continue;
        };
        let is_same =
            |was: &Value| ["status", "type"].iter().all(|field| was.get(field) == new.get(*field));
        let since = was.into_iter().flatten().find(|was| is_same(was));
        let since = since.and_then(|was| was.get("lastTransitionTime")).cloned();
        let now = || Value::from(call.time());
        if text(new, "lastUpdateTime").is_empty() {
            new.insert("lastUpdateTime".into(), now());
        }
        if text(new, "lastTransitionTime").is_empty() {
            new.insert("lastTransitionTime".into(), since.unwrap_or_else(now));
        }
    }
}
