//! What a controller remembers of an object between two looks at it.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    number,
    pods::{Clock, Pods},
};

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

impl Memory {
    /// What the status of an object tells that nothing is remembered of, since the server began with a snapshot, for
    /// example. The fields are those for all pods, for those of the new template, and for those that are ready.
    pub(super) fn recall(
        &mut self,
        object: &Value,
        fields: [&str; 3],
        revision: &str,
        clock: &Clock,
    ) {
        if !(self.pods.0.is_empty() && self.revisions.is_empty()) {
            return;
        }
        let status = &object["status"];
        let [all, updated, ready] = fields.map(|field| number(&status[field]).unwrap_or_default());
        let is_current = status["observedGeneration"] == object["metadata"]["generation"];
        let old = if is_current { all - updated } else { all };
        for (number, revision) in [(old, BEFORE), (all - old, revision)] {
            if number > 0 {
                self.pods.make(number, revision, clock);
                self.revisions.push(revision.into());
            }
        }
        let ready = usize::try_from(ready).unwrap_or_default();
        for pod in self.pods.0.iter_mut().take(ready) {
            pod.ready = clock.now.checked_sub(clock.min_ready).ok();
        }
    }
}

/// Stands for a template that nobody knows any more.
const BEFORE: &str = "before";

/// How the pods of a Job have ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    pub(super) succeeded: i64,
    pub(super) failed: i64,
    /// How many have failed since the last success, and when the last one did.
    pub(super) in_a_row: u32,
    pub(super) last_failure: Option<Timestamp>,
}
