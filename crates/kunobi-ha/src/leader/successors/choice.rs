//! Which Pod is to lead when this one has released the Lease.

use jiff::Timestamp;

/// What the choice needs to know of a Pod.
#[derive(Clone, Debug)]
pub(super) struct Pod {
    pub(super) name: Box<str>,
    pub(super) owner: Owner,
    /// The hash of the template that it was made from.
    pub(super) revision: Option<Box<str>>,
    pub(super) created: Option<Timestamp>,
    pub(super) node: Option<Box<str>>,
    pub(super) restarts: u64,
    pub(super) condition: Condition,
}

/// What made a Pod, and will make more of its kind.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) uid: Box<str>,
    /// The Deployment whose `ReplicaSet` owns the Pod, as far as names tell it.
    pub(super) deployment: Option<Box<str>>,
}

/// Whether a Pod may lead.
#[derive(Clone, Copy, Debug)]
pub(super) enum Condition {
    Ready {
        /// `None` if that is not known.
        since: Option<Timestamp>,
    },
    /// It may not lead, but tells what its owner makes.
    Unfit,
    /// It ends, or has ended.
    Over,
}

/// Chooses the successor of a Pod (rule P1); `None` if nobody fits.
pub(super) fn choose<'a>(pods: &'a [Pod], own: &'a Pod) -> Option<&'a Pod> {
    let kin = || pods.iter().filter(|pod| pod.name != own.name && pod.owner.is_kin_of(&own.owner));
    let stays = |pod: &&Pod| match pod.condition {
        Condition::Ready { .. } | Condition::Unfit => true,
        Condition::Over => false,
    };
    let all = kin().filter(stays).chain([own]);
    let youngest = all.max_by_key(|pod| (pod.created, pod.revision != own.revision));
    // What a rollout makes is younger than what it replaces.
    let wanted = youngest.map(|pod| &pod.revision).filter(|revision| **revision != own.revision);
    let fit = kin().filter_map(|pod| match pod.condition {
        Condition::Ready { since } => Some((pod, since)),
        Condition::Unfit | Condition::Over => None,
    });
    let best = fit.min_by_key(|(pod, since)| {
        let is_replaced = wanted.is_some_and(|wanted| pod.revision != *wanted);
        let falls_with_us = pod.node.is_some() && pod.node == own.node;
        (is_replaced, falls_with_us, since.is_none(), *since, pod.restarts, &pod.name)
    });
    best.map(|(pod, _)| pod)
}

impl Owner {
    /// Tells whether both are the same, or belong to the same Deployment.
    fn is_kin_of(&self, other: &Self) -> bool {
        self.uid == other.uid || (self.deployment.is_some() && self.deployment == other.deployment)
    }
}
