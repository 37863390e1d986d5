//! What the status of a Job says.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{End, wanted::Wanted};
use crate::controllers::{
    conditions::{Conditions, Says, time},
    memory::Ends,
    pods::Pods,
};

/// How far a Job is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress<'a> {
    pub(super) pods: &'a Pods,
    pub(super) ends: &'a Ends,
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<End>,
}

/// When it has begun, or was resumed last.
pub(super) fn start(
    object: &Value,
    wanted: &Wanted,
    conditions: &Conditions,
    now: Timestamp,
) -> Option<Timestamp> {
    let began = object["status"]["startTime"].as_str().and_then(|text| text.parse().ok());
    let was_suspended = conditions.is("Suspended");
    match (wanted.is_suspended, was_suspended) {
        // It loses its time with the condition.
        (true, false) | (false, true) if wanted.is_deleted => began,
        (true, _) => None,
        (false, true) => Some(now),
        (false, false) => Some(began.unwrap_or(now)),
    }
}

pub(super) fn status(
    wanted: &Wanted,
    Progress { pods, ends, start, end }: Progress,
    mut conditions: Conditions,
    now: Timestamp,
) -> Value {
    let mut status = Map::new();
    for (field, count) in
        [("active", pods.len()), ("succeeded", ends.succeeded), ("failed", ends.failed)]
    {
        if count != 0 {
            status.insert(field.into(), count.into());
        }
    }
    for field in ["ready", "terminating"] {
        status.insert(field.into(), 0.into());
    }
    status.insert("uncountedTerminatedPods".into(), json!({}));
    let indexes = indexes(ends.succeeded);
    let indexes = indexes.filter(|_| wanted.is_indexed).map(Value::from);
    let completed = matches!(end, Some(End::Complete)).then(|| time(now).into());
    finish(end, &mut conditions);
    for (field, value) in [
        ("startTime", start.map(|start| time(start).into())),
        ("completionTime", completed),
        ("completedIndexes", indexes),
        ("conditions", conditions.into_value()),
    ] {
        if let Some(value) = value {
            status.insert(field.into(), value);
        }
    }
    Value::Object(status)
}

fn finish(end: Option<End>, conditions: &mut Conditions) {
    let (kinds, reason, message) = match end {
        None => return,
        Some(End::Complete) => (
            ["SuccessCriteriaMet", "Complete"],
            "CompletionsReached",
            "Reached expected number of succeeded pods",
        ),
        Some(End::Failed { reason, message }) => (["FailureTarget", "Failed"], reason, message),
    };
    for kind in kinds {
        conditions.probe(Says { kind, status: "True", reason, message });
    }
}

/// The indexes of the first so many pods.
fn indexes(count: i64) -> Option<String> {
    match count {
        0 => None,
        1 => Some("0".into()),
        2 => Some("0,1".into()),
        _ => Some(format!("0-{}", count - 1)),
    }
}
