//! What controllers of the group `apps` report.

use crate::validation::field::Field;

pub(in crate::validation) fn deployment_status(object: &Field, old: &Field) {
    let status = object.get("status");
    not_negative(
        &status,
        &[
            "observedGeneration",
            "replicas",
            "updatedReplicas",
            "readyReplicas",
            "availableReplicas",
            "unavailableReplicas",
            "terminatingReplicas",
            "collisionCount",
        ],
    );
    parts(&status, &["updatedReplicas", "readyReplicas", "availableReplicas"], "readyReplicas");
    counts_up(&status, &old.get("status"));
}

/// Of a `ReplicaSet` or a replication controller.
pub(in crate::validation) fn replica_set_status(object: &Field, _: &Field) {
    let status = object.get("status");
    not_negative(
        &status,
        &[
            "replicas",
            "fullyLabeledReplicas",
            "readyReplicas",
            "availableReplicas",
            "observedGeneration",
            "terminatingReplicas",
        ],
    );
    parts(
        &status,
        &["fullyLabeledReplicas", "readyReplicas", "availableReplicas"],
        "readyReplicas",
    );
}

pub(in crate::validation) fn stateful_set_status(object: &Field, old: &Field) {
    let status = object.get("status");
    not_negative(
        &status,
        &[
            "replicas",
            "readyReplicas",
            "currentReplicas",
            "updatedReplicas",
            "availableReplicas",
            "observedGeneration",
            "collisionCount",
        ],
    );
    let all = ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"];
    parts(&status, &all, "status.readyReplicas");
    counts_up(&status, &old.get("status"));
}

pub(in crate::validation) fn daemon_set_status(object: &Field, old: &Field) {
    let status = object.get("status");
    not_negative(
        &status,
        &[
            "currentNumberScheduled",
            "numberMisscheduled",
            "desiredNumberScheduled",
            "numberReady",
            "observedGeneration",
            "updatedNumberScheduled",
            "numberAvailable",
            "numberUnavailable",
            "collisionCount",
        ],
    );
    counts_up(&status, &old.get("status"));
}

fn not_negative(status: &Field, fields: &[&'static str]) {
    for field in fields {
        status.get(field).not_negative();
    }
}

/// Numbers of pods that are a part of all of them. The last is a part of those that are ready.
fn parts(status: &Field, fields: &[&'static str], ready: &str) {
    let all = status.get("replicas").integer();
    for part in fields.iter().map(|field| status.get(field)) {
        if part.integer() > all {
            part.wrong_number("cannot be greater than status.replicas");
        }
    }
    let available = status.get("availableReplicas");
    if available.integer() > status.get("readyReplicas").integer() {
        available.wrong_number(&format!("cannot be greater than {ready}"));
    }
}

fn counts_up(status: &Field, old: &Field) {
    let (new, old) = (status.get("collisionCount"), old.get("collisionCount"));
    if old.is_set() && new.number().is_none_or(|new| new < old.integer()) {
        new.wrong_number("cannot be decremented");
    }
}
