//! The watch of the Pod in which the leader runs (rule C2).

use std::{sync::Arc, time::Duration};

use super::watch::{Presence, WatchFailure, Watched};
use crate::{
    error::BoxError,
    leader::{certificates::Ends, words::Words},
};

/// The Pod of this name.
pub(super) struct PodWatch {
    pub(super) namespace: Arc<str>,
    pub(super) name: String,
    /// The container whose ends are of interest.
    pub(super) container: Arc<str>,
}

/// What a watch of a Pod brings.
pub(super) enum PodEvent {
    /// How its container has ended, as far as it has.
    Shown(Ends),
    /// The watch does not work, for the first time since it did.
    Failed { is_refusal: bool, why: Words },
}

impl Watched for PodWatch {
    type Event = PodEvent;

    /// A right that is missing now will most likely be missing for long, and nothing depends on it.
    const PAUSE_AFTER_REFUSAL: Duration = Duration::from_secs(600);
    const LASTING_REFUSALS: u32 = 3;

    fn collection(&self) -> String {
        format!("/api/v1/namespaces/{}/pods", self.namespace)
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn read(&self, presence: Presence, object: &str) -> Result<PodEvent, BoxError> {
        match presence {
            // The last status of a Pod that is gone may be the first that says how it ended.
            Presence::Present | Presence::Deleted => {
                let pod = serde_json::from_str(object)?;
                let Self { namespace, name, container } = self;
                Ok(PodEvent::Shown(Ends::read(&pod, namespace, name, container)))
            }
        }
    }

    fn failed(&self, failure: &WatchFailure) -> Option<PodEvent> {
        let why = Words::of_error(&*failure.error);
        Some(PodEvent::Failed { is_refusal: failure.is_refusal(), why })
    }
}
