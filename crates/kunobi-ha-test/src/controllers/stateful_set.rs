//! `StatefulSets`: pods in the order of their numbers.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    Pace, Step,
    memory::Memory,
    number,
    pods::{Clock, MOST, Pod},
    revision,
    share::{Rounds, share},
};

/// The parts of a `StatefulSet` that decide.
struct Wanted {
    replicas: usize,
    min_ready: i64,
    /// Pods are made, updated and removed one after the other.
    is_ordered: bool,
    is_deleted: bool,
    update: Update,
    /// Stands for the template.
    revision: String,
}

/// Which pods take a new template.
#[derive(Clone, Copy)]
enum Update {
    OnDelete,
    Rolling { partition: usize, max_unavailable: usize },
}

pub(super) fn step(object: &Value, mut memory: Memory, pace: &Pace, now: Timestamp) -> Step {
    let wanted = Wanted::read(object);
    let clock = Clock::of_running(object, pace, now, wanted.min_ready);
    let fields = ["replicas", "updatedReplicas", "readyReplicas"];
    memory.recall(object, fields, &wanted.revision, &clock);
    let current = memory.revisions.first().unwrap_or(&wanted.revision).clone();
    if !wanted.is_deleted {
        memory.pods.review(&wanted.revision, &clock);
        while advance(&wanted, &current, &mut memory.pods.0, &clock) {}
    }
    let status = status(&wanted, object, current, &mut memory, &clock);
    let again = memory.pods.next(&clock);
    Step::report(object, status, memory, again)
}

impl Wanted {
    fn read(object: &Value) -> Self {
        let spec = &object["spec"];
        let count = |value: i64| usize::try_from(value).unwrap_or_default();
        let replicas = number(&spec["replicas"]).unwrap_or(1);
        let rolling = &spec["updateStrategy"]["rollingUpdate"];
        let max_unavailable = match &rolling["maxUnavailable"] {
            Value::Null => 1,
            value => count(share(value, replicas, Rounds::Down)).max(1),
        };
        let partition = count(number(&rolling["partition"]).unwrap_or_default());
        Self {
            replicas: count(replicas),
            min_ready: number(&spec["minReadySeconds"]).unwrap_or_default(),
            is_ordered: spec["podManagementPolicy"] != "Parallel",
            is_deleted: !object["metadata"]["deletionTimestamp"].is_null(),
            update: match spec["updateStrategy"]["type"].as_str() {
                Some("OnDelete") => Update::OnDelete,
                _ => Update::Rolling { partition, max_unavailable },
            },
            revision: revision(&spec["template"]),
        }
    }
}

/// Does one step; false if there is none to do now.
fn advance(wanted: &Wanted, current: &str, pods: &mut Vec<Pod>, clock: &Clock) -> bool {
    let partition = match wanted.update {
        Update::OnDelete => 0,
        Update::Rolling { partition, .. } => partition,
    };
    if wanted.is_ordered && pods.iter().take(wanted.replicas).any(|pod| !pod.is_available(clock)) {
        return false;
    }
    if pods.len() < wanted.replicas.min(MOST) {
        let revision = if pods.len() < partition { current } else { &wanted.revision };
        pods.push(Pod::new(revision, clock));
        return true;
    }
    if pods.len() > wanted.replicas {
        pods.pop();
        return true;
    }
    let Update::Rolling { max_unavailable, .. } = wanted.update else { return false };
    let unavailable = pods.iter().filter(|pod| !pod.is_available(clock)).count();
    let updated = pods.iter_mut().skip(partition).rev().find(|pod| pod.revision != wanted.revision);
    match updated {
        Some(pod) if unavailable < max_unavailable => {
            *pod = Pod::new(&wanted.revision, clock);
            true
        }
        Some(_) | None => false,
    }
}

fn status(
    wanted: &Wanted,
    object: &Value,
    current: String,
    memory: &mut Memory,
    clock: &Clock,
) -> Value {
    let pods = &memory.pods;
    let (all, ready, updated) = (pods.len(), pods.ready(clock), pods.of(&wanted.revision));
    let replicas = i64::try_from(wanted.replicas).unwrap_or(i64::MAX);
    let is_complete = matches!(wanted.update, Update::Rolling { .. })
        && [all, ready, updated].iter().all(|count| *count == replicas);
    let current = if is_complete { wanted.revision.clone() } else { current };
    let mut status = Map::new();
    for (field, count) in [
        ("observedGeneration", object["metadata"]["generation"].as_i64().unwrap_or_default()),
        ("readyReplicas", ready),
        ("currentReplicas", pods.of(&current)),
        ("updatedReplicas", updated),
    ] {
        if count != 0 {
            status.insert(field.into(), count.into());
        }
    }
    status.insert("replicas".into(), all.into());
    status.insert("availableReplicas".into(), pods.available(clock).into());
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    for (field, revision) in [("currentRevision", &current), ("updateRevision", &wanted.revision)] {
        status.insert(field.into(), format!("{name}-{revision}").into());
    }
    let kept = |field: &str| object["status"].get(field).cloned();
    status.insert("collisionCount".into(), kept("collisionCount").unwrap_or_else(|| 0.into()));
    status.extend(kept("conditions").map(|list| ("conditions".to_owned(), list)));
    memory.revisions = vec![current];
    Value::Object(status)
}
