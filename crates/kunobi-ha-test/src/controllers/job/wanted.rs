//! What a Job asks for, and how far it is.

use jiff::Timestamp;
use serde_json::Value;

use crate::controllers::{conditions::Conditions, later, memory::Ends, number, seconds};

/// The parts of a Job that decide.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) completions: Option<i64>,
    pub(super) parallelism: i64,
    pub(super) backoff_limit: i64,
    active_deadline: Option<i64>,
    /// How many seconds it is left when it has ended.
    pub(super) left: Option<i64>,
    pub(super) restart: Restart,
    pub(super) is_suspended: bool,
    pub(super) is_indexed: bool,
    pub(super) is_deleted: bool,
}

/// What follows the failure of a pod.
#[derive(Clone, Copy, Debug)]
pub(super) enum Restart {
    /// The Job makes another one.
    AnotherPod,
    /// The kubelet runs it again.
    InPlace,
}

impl Wanted {
    pub(super) fn read(object: &Value) -> Self {
        let spec = &object["spec"];
        let number = |field: &str| number(&spec[field]);
        Self {
            completions: number("completions"),
            parallelism: number("parallelism").unwrap_or(1),
            backoff_limit: number("backoffLimit").unwrap_or(6),
            active_deadline: spec["activeDeadlineSeconds"].as_i64(),
            left: number("ttlSecondsAfterFinished"),
            restart: match spec["template"]["spec"]["restartPolicy"].as_str() {
                Some("OnFailure") => Restart::InPlace,
                _ => Restart::AnotherPod,
            },
            is_suspended: spec["suspend"].as_bool().unwrap_or_default(),
            is_indexed: spec["completionMode"] == "Indexed",
            is_deleted: !object["metadata"]["deletionTimestamp"].is_null(),
        }
    }

    /// When it has been active too long.
    pub(super) fn deadline(&self, start: Option<Timestamp>) -> Option<Timestamp> {
        let limit = self.active_deadline.filter(|_| !self.is_suspended)?;
        Some(later(start?, seconds(limit)))
    }
}

/// False: somebody else manages it, or it depends on what happens in pods.
pub(super) fn is_ours(object: &Value) -> bool {
    let spec = &object["spec"];
    let needs_pods = ["podFailurePolicy", "successPolicy", "backoffLimitPerIndex"];
    spec["managedBy"].as_str().is_none_or(|manager| manager == OURS)
        && needs_pods.iter().all(|field| spec[*field].is_null())
}

/// When it has ended; none: it has not.
pub(super) fn finished(conditions: &Conditions) -> Option<Timestamp> {
    let kind = ["Complete", "Failed"].into_iter().find(|kind| conditions.is(kind))?;
    conditions.text(kind, "lastTransitionTime")?.parse().ok()
}

/// What was counted of a Job of which nothing is remembered.
pub(super) fn ends(object: &Value) -> Ends {
    let count = |field: &str| number(&object["status"][field]).unwrap_or_default();
    Ends { succeeded: count("succeeded"), failed: count("failed"), ..Ends::default() }
}

const OURS: &str = "kubernetes.io/job-controller";
