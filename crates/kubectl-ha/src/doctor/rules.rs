//! The table of all findings. The page of the crate, the tests and the doctor itself go by it.

use super::{
    checks::{
        access, durations, holder, identity, leading, lease, placement, readiness, shutdown, terms,
    },
    election::Election,
    finding::{
        Checked,
        Severity::{self, Error, Note, Warning},
    },
};

/// A check, and what it means if it finds something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// It does not change from version to version.
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    pub(crate) title: &'static str,
    pub(crate) why: &'static str,
    pub(crate) check: fn(&Election<'_>) -> Checked,
}

const fn rule(
    id: &'static str,
    severity: Severity,
    title: &'static str,
    why: &'static str,
    check: fn(&Election<'_>) -> Checked,
) -> Rule {
    Rule { id, severity, title, why, check }
}

/// In the order in which they are made; findings of one severity are shown in this order.
#[rustfmt::skip]
pub(crate) const RULES: [Rule; 36] = [
    rule("nobody-leads", Error, "Nobody leads",
         "Work of the leader stands still.", leading::nobody),
    rule("no-candidate", Error, "No candidate runs",
         "No pod can lead, or take over.", leading::no_candidate),
    rule("identity-shared", Error, "Several pods have one identity",
         "With most libraries each takes the other's term for its own, and both lead. With kunobi-ha one leads, but nobody can see which.", identity::shared),
    rule("holder-node-lost", Error, "The holder is on a lost node",
         "Its processes may still run there, cut off: they can't be told to end, and others wait for the lease.", holder::node_lost),
    rule("access-missing", Error, "A candidate may not read or renew the Lease",
         "It can't lead, or loses what it leads at the next renewal.", access::missing),
    rule("duration-invalid", Error, "The lease has no duration that can work",
         "Others treat a Lease without a duration as free, although it is held.", durations::invalid),
    rule("rollout-stuck", Error, "Readiness follows leadership, and a rollout never ends",
         "A new pod is ready only when it leads, and the old leader goes only when a new pod is ready.", readiness::stuck),
    rule("readiness-follows-leadership", Warning, "Readiness follows leadership",
         "Standbys look broken to budgets, alerts and `rollout status`, and one that can't work looks the same.", readiness::follows),
    rule("no-standby", Warning, "No standby runs",
         "When the leader ends, nobody takes over.", leading::no_standby),
    rule("scaled-to-zero", Warning, "No replica is wanted",
         "Nobody can lead.", leading::scaled_to_zero),
    rule("record-by-hand", Warning, "The record was written by hand",
         "The former leader learns of it at its next renewal only: two may lead until then.", lease::by_hand),
    rule("holder-not-ready", Warning, "The leader is not ready",
         "While it renews nobody takes over, although it may not work.", holder::not_ready),
    rule("holder-overdue", Warning, "The leader should have ended",
         "Its pod was deleted and its grace period is over, yet it holds the Lease.", holder::overdue),
    rule("holder-terminating", Note, "The leader is ending",
         "It drains, and hands over when that is done.", holder::terminating),
    rule("holder-gone", Warning, "The leader is gone, and did not release",
         "Others wait until the lease has run out.", holder::gone),
    rule("holder-unknown", Note, "The identity of the leader names no pod",
         "Nobody can tell which pod leads, `step-down` needs `--to` and can't evict it, and a leader whose pod was deleted can't be told from one that runs.", holder::unknown),
    rule("holder-is-node", Warning, "The identity of the leader is the name of a node",
         "Two pods on one node would have one identity: with most libraries both would lead.", holder::is_node),
    rule("duration-no-margin", Warning, "Renewals leave no margin",
         "If one renewal fails, the lease runs out and leadership is lost.", durations::margin),
    rule("duration-short", Warning, "The lease is too short for this API server",
         "A few slow answers end the term.", durations::short),
    rule("duration-long", Warning, "The lease is longer than an hour",
         "After a crash nobody leads for that long, and a replica with a shorter lease may lead too early.", durations::long),
    rule("flapping", Warning, "Leaders change often",
         "At each change the work starts again, and for a time nobody leads.", terms::flapping),
    rule("mixed-writers", Warning, "Replicas of another library contend beside those of kunobi-ha",
         "A client-go leader with ReleaseOnCancel that was cut off can erase its successor's Lease. Two may lead then.", terms::mixed),
    rule("clock-skew", Warning, "The clock of the leader is wrong",
         "Libraries that compare renewTime with their own clock take over too early or too late, and people are misled.", lease::clock),
    rule("lease-deleting", Warning, "The Lease is being deleted",
         "When it is gone, a replica that starts can lead beside the leader for a moment.", lease::deleting),
    rule("lease-owner", Warning, "The Lease is deleted together with something else",
         "Whenever the owner goes, the Lease goes, and its count of transitions with it: fencing tokens begin again.", lease::owner),
    rule("access-create", Warning, "A candidate may not create the Lease",
         "If it is deleted, or in a new namespace, there is no election.", access::create),
    rule("access-elsewhere", Warning, "A candidate may update Leases of other namespaces",
         "Anybody who gets its token can stop every controller of the cluster.", access::elsewhere),
    rule("access-wider", Note, "A candidate may do more with Leases than it needs",
         "Deleting a Lease lets two replicas lead for a moment; other elections of the namespace can be taken over.", access::wider),
    rule("access-pods", Warning, "A candidate may not read pods, but is configured to",
         "Fast failover, or the successor of a rollout, silently does not happen.", access::pods),
    rule("pdb-blocks", Warning, "A PodDisruptionBudget never allows an eviction",
         "No node with such a pod can be drained.", placement::budget),
    rule("one-node", Warning, "All replicas are on one node",
         "If that node fails, all replicas fail.", placement::one_node),
    rule("single-replica", Note, "One replica, with an election",
         "No standby takes over: after a crash work waits for the restart, and for the lease if the identity is new.", placement::single),
    rule("grace-period", Warning, "The grace period is shorter than the program plans with",
         "It is killed while it drains or releases, and others wait for the lease.", shutdown::grace),
    rule("grace-shorter-than-lease", Note, "The grace period is shorter than the lease",
         "A leader that is killed at the end of the grace period does not release, and its Lease outlives it.", shutdown::shorter_than_lease),
    rule("strategy-recreate", Note, "A rollout ends all replicas first",
         "Nobody leads between the last old pod and the first new one.", placement::recreate),
    rule("lease-abandoned", Warning, "Nobody uses the Lease",
         "It is left over, or its program has not run for a long time: nobody leads.", leading::abandoned),
];
