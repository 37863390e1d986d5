//! DELETE: removes an object, or marks it for deletion.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Object, Store, Written, text};
use crate::{
    path::{Key, Target},
    status::Rejection,
};

/// The grace period that the client asked for, in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Grace(pub(crate) Option<i64>);

impl Store {
    /// DELETE. Returns the object as it was stored last, and whether it is gone.
    pub(crate) fn delete(
        &mut self,
        target: &Target,
        options: &Value,
        asked: Grace,
    ) -> Result<(Object, bool), Rejection> {
        let key = target.key();
        let old = self.find(&key).ok_or_else(|| target.not_found())?;
        check_preconditions(target, old, options)?;
        let asked = options.get("gracePeriodSeconds").and_then(Value::as_i64).or(asked.0);
        let grace = grace(target, &old.value, asked);
        let pending = old.value.pointer("/metadata/deletionGracePeriodSeconds");
        if pending.and_then(Value::as_i64).is_some_and(|pending| pending <= grace) {
            return Ok((old.clone(), false));
        }
        let mut value = old.value.clone();
        let end = Timestamp::now() + SignedDuration::from_secs(grace);
        value["metadata"][TIMESTAMP] = format!("{end:.0}").into();
        value["metadata"][GRACE] = grace.into();
        if is_due(&value) {
            let removed = self.remove(&key).ok_or_else(|| target.not_found())?;
            return Ok((removed, true));
        }
        let Written { object, .. } = self.replace(key, value);
        Ok((object, false))
    }

    /// Deletes without checks, as etcdctl would.
    pub(crate) fn remove(&mut self, key: &Key) -> Option<Object> {
        let mut object = self.objects.remove(key)?;
        self.revision += 1;
        object = Object::new(object.value, self.revision);
        self.log(key.clone(), "DELETED", object.clone());
        Some(object)
    }
}

fn check_preconditions(target: &Target, old: &Object, options: &Value) -> Result<(), Rejection> {
    let sent = |field| options.pointer(&format!("/preconditions/{field}")).and_then(Value::as_str);
    let is_uid = text(&old.value, "uid").unwrap_or_default();
    if let Some(sent) = sent("uid").filter(|sent| *sent != is_uid) {
        return Err(target.other_uid(sent, is_uid));
    }
    if sent("resourceVersion").is_some_and(|sent| sent != old.revision.to_string()) {
        return Err(target.modified());
    }
    Ok(())
}

/// Only a pod that runs on a node has a grace period.
fn grace(target: &Target, value: &Value, asked: Option<i64>) -> i64 {
    let text = |pointer| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let runs = target.is_pod()
        && !text("/spec/nodeName").is_empty()
        && !matches!(text("/status/phase"), "Succeeded" | "Failed");
    if !runs {
        return 0;
    }
    let own = value.pointer("/spec/terminationGracePeriodSeconds").and_then(Value::as_i64);
    asked.or(own).unwrap_or(30).max(0)
}

/// Keeps the mark of a deletion: an update can't take it back.
pub(super) fn keep(target: &Target, old: &Value, new: &mut Value) -> Result<(), Rejection> {
    if old.pointer("/metadata/deletionTimestamp").is_none() {
        return match metadata(new).and_then(|metadata| metadata.get(TIMESTAMP)) {
            None | Some(Value::Null) => Ok(()),
            Some(_) => Err(target.immutable("metadata.deletionTimestamp")),
        };
    }
    if let Some(added) = finalizers(new).iter().find(|name| !finalizers(old).contains(name)) {
        return Err(target.late_finalizer(added));
    }
    for field in [TIMESTAMP, GRACE] {
        let kept = old.pointer(&format!("/metadata/{field}")).cloned();
        if let (Some(kept), Some(metadata)) = (kept, metadata(new)) {
            metadata.insert(field.into(), kept);
        }
    }
    Ok(())
}

/// Only a DELETE sets these.
pub(super) fn forget(value: &mut Value) {
    if let Some(metadata) = metadata(value) {
        metadata.remove(TIMESTAMP);
        metadata.remove(GRACE);
    }
}

/// Returns whether an object that is marked for deletion can be removed.
pub(super) fn is_due(value: &Value) -> bool {
    let grace = value.pointer("/metadata/deletionGracePeriodSeconds").and_then(Value::as_i64);
    grace == Some(0) && finalizers(value).is_empty()
}

fn finalizers(value: &Value) -> Vec<&str> {
    let list = value.pointer("/metadata/finalizers").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn metadata(value: &mut Value) -> Option<&mut serde_json::Map<String, Value>> {
    value.get_mut("metadata")?.as_object_mut()
}

const TIMESTAMP: &str = "deletionTimestamp";
const GRACE: &str = "deletionGracePeriodSeconds";
