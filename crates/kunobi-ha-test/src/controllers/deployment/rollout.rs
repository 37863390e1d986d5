//! How many pods of which template there are next.

use super::wanted::{Strategy, Wanted};
use crate::controllers::{
    memory::Memory,
    pods::{Clock, Pods},
};

/// Brings the only template that has pods to the wanted number, when that number has changed or nothing is rolled
/// out because the Deployment is paused.
pub(super) fn scale(wanted: &Wanted, memory: &mut Memory, clock: &Clock) {
    let before = memory.replicas.replace(wanted.replicas);
    let is_scaled = before.is_some_and(|before| before != wanted.replicas);
    let mut active = memory.revisions.iter().filter(|revision| memory.pods.of(revision) > 0);
    let revision = match (active.next(), active.next()) {
        (Some(only), None) if is_scaled || wanted.is_paused => Some(only.clone()),
        (None, _) if wanted.is_paused => memory.revisions.last().cloned(),
        _ => None,
    };
    if let Some(revision) = revision {
        memory.pods.scale(wanted.replicas, &revision, clock);
    }
}

/// Replaces as many pods as the strategy allows now.
pub(super) fn roll(wanted: &Wanted, pods: &mut Pods, clock: &Clock) {
    match wanted.strategy {
        Strategy::Recreate => {
            pods.0.retain(|pod| pod.revision == wanted.revision);
            pods.scale(wanted.replicas, &wanted.revision, clock);
        }
        Strategy::RollingUpdate { surge, .. } => {
            while make(wanted, surge, pods, clock) || remove_old(wanted, pods, clock) {}
        }
    }
}

/// Brings the pods of the new template up to the wanted number, as far as the surge allows.
fn make(wanted: &Wanted, surge: i64, pods: &mut Pods, clock: &Clock) -> bool {
    let has = pods.of(&wanted.revision);
    let room = (wanted.replicas + surge - pods.len()).max(0);
    let number =
        if has > wanted.replicas { wanted.replicas } else { has + room.min(wanted.replicas - has) };
    pods.scale(number, &wanted.revision, clock);
    pods.of(&wanted.revision) != has
}

/// Removes old pods: those that are not available first, then as many as may be missing.
fn remove_old(wanted: &Wanted, pods: &mut Pods, clock: &Clock) -> bool {
    let min_available = wanted.replicas - wanted.max_unavailable();
    let new_unavailable = pods.unavailable_of(&wanted.revision, clock);
    let may_go = pods.len() - min_available - new_unavailable;
    if may_go <= 0 {
        return false;
    }
    let is_old = |revision: &str| revision != wanted.revision;
    let unhealthy = pods.remove(may_go, |pod| is_old(&pod.revision) && !pod.is_available(clock));
    let surplus = pods.available(clock) - min_available;
    unhealthy + pods.remove(surplus, |pod| is_old(&pod.revision)) > 0
}
