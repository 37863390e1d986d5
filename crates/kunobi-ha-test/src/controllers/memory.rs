//! What a controller remembers of an object between two looks at it.

use jiff::Timestamp;

use super::pods::Pods;

/// Everything that is not in the object, because the real controllers find it in pods and replica sets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    pub(super) pods: Pods,
    /// The templates that were rolled out, the newest last. Of a `StatefulSet`: the one before the update.
    pub(super) revisions: Vec<String>,
    /// How many pods were wanted last.
    pub(super) replicas: Option<i64>,
    /// Of a Job: how its pods have ended.
    pub(super) ends: Option<Ends>,
}

/// How the pods of a Job have ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    pub(super) succeeded: i64,
    pub(super) failed: i64,
    /// How many have failed since the last success, and when the last one did.
    pub(super) in_a_row: u32,
    pub(super) last_failure: Option<Timestamp>,
}
