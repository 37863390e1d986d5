//! Deployments: pods of the new template take the place of the old ones, step by step.

mod progress;
mod rollout;
mod wanted;

use jiff::Timestamp;
use serde_json::Value;

use self::{progress::Counts, wanted::Wanted};
use super::{
    Pace, Step,
    conditions::{Conditions, Says},
    memory::Memory,
    pods::Clock,
    seconds,
};

pub(super) fn step(object: &Value, mut memory: Memory, pace: &Pace, now: Timestamp) -> Step {
    let wanted = Wanted::read(object);
    let clock = Clock::of_running(object, pace, now, wanted.min_ready);
    let fields = ["replicas", "updatedReplicas", "readyReplicas"];
    memory.recall(object, fields, &wanted.revision, &clock);
    let mut conditions = Conditions::of(object, now);
    if !wanted.is_deleted {
        memory.pods.review(&wanted.revision, &clock);
        progress::pause(&wanted, &mut conditions);
        rollout::scale(&wanted, &mut memory, &clock);
    }
    let mut before = Counts::reported(object);
    let is_rolling = !wanted.is_deleted && !wanted.is_paused;
    if is_rolling {
        if !memory.revisions.contains(&wanted.revision) {
            memory.revisions.push(wanted.revision.clone());
            progress::begin(&wanted, &mut before, &mut conditions);
        }
        rollout::roll(&wanted, &mut memory.pods, &clock);
    }
    let counts = Counts::of(&memory.pods, &wanted.revision, &clock);
    availability(&wanted, &counts, &mut conditions);
    let deadline = if is_rolling {
        progress::estimate(&wanted, &before, &counts, &mut conditions, now)
    } else {
        None
    };
    let again = memory.pods.next(&clock).into_iter().chain(deadline).min();
    let status = counts.status(&wanted, object, conditions);
    Step::report(object, status, memory, again)
}

fn availability(wanted: &Wanted, counts: &Counts, conditions: &mut Conditions) {
    let is_available = counts.available >= wanted.replicas - wanted.max_unavailable();
    conditions.set(if is_available {
        Says {
            kind: "Available",
            status: "True",
            reason: "MinimumReplicasAvailable",
            message: "Deployment has minimum availability.",
        }
    } else {
        Says {
            kind: "Available",
            status: "False",
            reason: "MinimumReplicasUnavailable",
            message: "Deployment does not have minimum availability.",
        }
    });
}
