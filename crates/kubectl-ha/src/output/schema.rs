//! The schema of `-o json` and `-o yaml`, which the README documents.

use jiff::SignedDuration;
use serde::Serialize;

use crate::{
    holder::HolderPod,
    lease::Lease,
    observe::Slack,
    pod::{Owner, Pod},
};

/// The version of the schema. A field is never removed or changed within a version; new ones can come.
pub(crate) const SCHEMA: &str = "kubectl-ha.kunobi.ninja/v1";

/// A list of Leases.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeaseList {
    pub(crate) api_version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) items: Vec<LeaseDocument>,
}

/// One Lease. A time is the text that the Lease has; a field that is not known is `null`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeaseDocument {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) holder: Option<String>,
    pub(crate) lease_duration_seconds: Option<u64>,
    pub(crate) acquire_time: Option<String>,
    pub(crate) renew_time: Option<String>,
    /// By the server's clock.
    pub(crate) renewed_seconds_ago: Option<f64>,
    pub(crate) slack_seconds: Option<f64>,
    /// `observed`: a renewal was seen; `at-most`: none was seen yet.
    pub(crate) slack_is: Option<&'static str>,
    /// By the clocks of the holder and of the server, which need not agree.
    pub(crate) run_out_by_clocks: Option<bool>,
    pub(crate) transitions: Option<u64>,
    pub(crate) transitions_per_hour: Option<f64>,
    /// Whether the holder's Pod is `found`, `none` or `unknown`.
    pub(crate) holder_is: &'static str,
    pub(crate) pod: Option<PodDocument>,
    pub(crate) created: Option<String>,
    /// It is being deleted, and still there.
    pub(crate) deleting: bool,
    /// It was deleted; this is the last state that was seen.
    pub(crate) deleted: bool,
    /// What could not be read of it, and what can't be, in words.
    pub(crate) odd: Vec<String>,
}

/// A Pod.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PodDocument {
    pub(crate) name: String,
    pub(crate) phase: String,
    /// As kubectl says it: the phase, or what is wrong.
    pub(crate) status: String,
    pub(crate) ready: bool,
    pub(crate) terminating: bool,
    pub(crate) restarts: u64,
    pub(crate) node: String,
    pub(crate) owner: Option<Owner>,
}

/// What is known of a Lease beside what it says.
#[derive(Clone, Debug)]
pub(crate) struct Known<'a> {
    pub(crate) age: Option<SignedDuration>,
    pub(crate) slack: Slack,
    pub(crate) run_out: Option<bool>,
    pub(crate) rate: Option<f64>,
    pub(crate) odd: Vec<String>,
    pub(crate) pod: &'a HolderPod,
    pub(crate) deleted: bool,
}

impl LeaseList {
    pub(crate) const fn new(items: Vec<LeaseDocument>) -> Self {
        Self { api_version: SCHEMA, kind: "LeaseList", items }
    }
}

impl LeaseDocument {
    pub(crate) fn new(lease: &Lease, known: &Known<'_>) -> Self {
        let (slack, slack_is) = match known.slack {
            Slack::Left(left) => (Some(left), Some("observed")),
            // So much is not left by any account.
            Slack::AtMost(_) if known.run_out == Some(true) => (None, None),
            Slack::AtMost(left) => (Some(left), Some("at-most")),
            Slack::None => (None, None),
        };
        Self {
            namespace: lease.namespace.clone(),
            name: lease.name.clone(),
            holder: lease.holder.clone(),
            lease_duration_seconds: lease.duration.map(|duration| duration.as_secs()),
            acquire_time: lease.acquired.as_ref().map(|moment| moment.text.clone()),
            renew_time: lease.renewed.as_ref().map(|moment| moment.text.clone()),
            renewed_seconds_ago: known.age.map(|age| age.as_secs_f64()),
            slack_seconds: slack.map(|slack| slack.as_secs_f64()),
            slack_is,
            run_out_by_clocks: known.run_out,
            transitions: lease.transitions,
            transitions_per_hour: known.rate,
            holder_is: match known.pod {
                HolderPod::Found(_) => "found",
                HolderPod::None => "none",
                HolderPod::Unknown => "unknown",
            },
            pod: known.pod.pod().map(PodDocument::new),
            created: lease.created.map(|created| created.to_string()),
            deleting: lease.deleting.is_some(),
            deleted: known.deleted,
            odd: known.odd.clone(),
        }
    }
}

impl PodDocument {
    pub(crate) fn new(pod: &Pod) -> Self {
        Self {
            name: pod.name.clone(),
            phase: pod.phase.clone(),
            status: pod.status().into(),
            ready: pod.ready,
            terminating: pod.terminating,
            restarts: pod.restarts,
            node: pod.node.clone(),
            owner: pod.owner.clone(),
        }
    }
}
