//! Whether a rollout gets on, and what the status says of it.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{seconds, wanted::Wanted};
use crate::controllers::{
    conditions::{Conditions, Says},
    later, number,
    pods::{Clock, Pods},
};

/// The numbers of a status.
#[derive(Debug)]
pub(super) struct Counts {
    replicas: i64,
    updated: i64,
    ready: i64,
    pub(super) available: i64,
}

impl Counts {
    pub(super) fn of(pods: &Pods, revision: &str, clock: &Clock) -> Self {
        Self {
            replicas: pods.len(),
            updated: pods.of(revision),
            ready: pods.ready(clock),
            available: pods.available(clock),
        }
    }

    /// Those that the object states.
    pub(super) fn reported(object: &Value) -> Self {
        let count = |field: &str| number(&object["status"][field]).unwrap_or_default();
        Self {
            replicas: count("replicas"),
            updated: count("updatedReplicas"),
            ready: count("readyReplicas"),
            available: count("availableReplicas"),
        }
    }

    fn old(&self) -> i64 {
        self.replicas - self.updated
    }

    fn is_more_than(&self, before: &Self) -> bool {
        self.updated > before.updated
            || self.old() < before.old()
            || self.ready > before.ready
            || self.available > before.available
    }

    fn is_complete(&self, wanted: &Wanted) -> bool {
        [self.updated, self.replicas, self.available].iter().all(|count| *count == wanted.replicas)
    }

    pub(super) fn status(self, wanted: &Wanted, object: &Value, conditions: Conditions) -> Value {
        let mut status = Map::new();
        for (field, count) in [
            ("observedGeneration", wanted.generation),
            ("replicas", self.replicas),
            ("updatedReplicas", self.updated),
            ("readyReplicas", self.ready),
            ("availableReplicas", self.available),
            ("unavailableReplicas", self.replicas - self.available),
        ] {
            if count != 0 {
                status.insert(field.into(), count.into());
            }
        }
        status.insert("terminatingReplicas".into(), 0.into());
        let kept =
            object["status"].get("collisionCount").map(|count| ("collisionCount", count.clone()));
        let conditions = conditions.into_value().map(|list| ("conditions", list));
        let more = kept.into_iter().chain(conditions);
        status.extend(more.map(|(field, value)| (field.to_owned(), value)));
        Value::Object(status)
    }
}

/// Notes that the Deployment is paused, or no longer.
pub(super) fn pause(wanted: &Wanted, conditions: &mut Conditions) {
    let reason = conditions.text(PROGRESSING, "reason");
    let says = match (wanted.is_paused, reason) {
        _ if wanted.deadline.is_none() => return,
        (_, Some("ProgressDeadlineExceeded")) | (true, Some("DeploymentPaused")) => return,
        (true, _) => ("DeploymentPaused", "Deployment is paused"),
        (false, Some("DeploymentPaused")) => ("DeploymentResumed", "Deployment is resumed"),
        (false, _) => return,
    };
    let (reason, message) = says;
    conditions.set(Says { kind: PROGRESSING, status: "Unknown", reason, message });
}

/// Notes that there is a replica set of a new template, which had no pods before.
pub(super) fn begin(wanted: &Wanted, before: &mut Counts, conditions: &mut Conditions) {
    before.updated = 0;
    if wanted.deadline.is_some() {
        let message = format!("Created new replica set {:?}", wanted.replica_set());
        conditions.set(is_true("NewReplicaSetCreated", &message));
    }
}

/// Says how the rollout gets on. Returns when it is too late, if that is to be found out.
pub(super) fn estimate(
    wanted: &Wanted,
    before: &Counts,
    counts: &Counts,
    conditions: &mut Conditions,
    now: Timestamp,
) -> Option<Timestamp> {
    let Some(deadline) = wanted.deadline else {
        conditions.remove(PROGRESSING);
        return None;
    };
    let set = wanted.replica_set();
    let was_available = conditions.text(PROGRESSING, "reason") == Some(AVAILABLE);
    if was_available && counts.old() == 0 {
        return None;
    }
    if counts.is_complete(wanted) {
        let message = format!("ReplicaSet {set:?} has successfully progressed.");
        conditions.set(is_true(AVAILABLE, &message));
    } else if counts.is_more_than(before) {
        let message = format!("ReplicaSet {set:?} is progressing.");
        conditions.renew(is_true("ReplicaSetUpdated", &message));
    }
    let reason = conditions.text(PROGRESSING, "reason")?;
    if [AVAILABLE, TIMED_OUT].contains(&reason) {
        return None;
    }
    let since: Timestamp = conditions.text(PROGRESSING, "lastUpdateTime")?.parse().ok()?;
    // A second more, since the time is cut to seconds.
    let end = later(since, seconds(deadline.saturating_add(1)));
    if now < end {
        return Some(end);
    }
    let message = format!("ReplicaSet {set:?} has timed out progressing.");
    let reason = TIMED_OUT;
    conditions.set(Says { kind: PROGRESSING, status: "False", reason, message: &message });
    None
}

fn is_true<'a>(reason: &'a str, message: &'a str) -> Says<'a> {
    Says { kind: PROGRESSING, status: "True", reason, message }
}

const PROGRESSING: &str = "Progressing";
const AVAILABLE: &str = "NewReplicaSetAvailable";
const TIMED_OUT: &str = "ProgressDeadlineExceeded";
