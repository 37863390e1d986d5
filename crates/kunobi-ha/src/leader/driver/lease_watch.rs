//! The optional watch of the Lease.

use std::time::Duration;

use kunobi_ha_core::Observed;

use super::{
    lease::{LeaseName, Served},
    watch::{Presence, WatchFailure, Watched},
};
use crate::{error::BoxError, journal::warn, leader::words::Words};

/// The Lease of this name.
pub(super) struct LeaseWatch(pub(super) LeaseName);

/// What a watch event showed, with the object that came with it.
pub(super) struct WatchEvent {
    pub(super) observed: Observed,
    pub(super) served: Option<Served>,
}

impl Watched for LeaseWatch {
    type Event = WatchEvent;

    const PAUSE_AFTER_REFUSAL: Duration = Duration::ZERO;
    const LASTING_REFUSALS: u32 = 1;

    fn collection(&self) -> String {
        format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases", self.0.namespace)
    }

    fn name(&self) -> &str {
        &self.0.name
    }

    fn read(&self, presence: Presence, object: &str) -> Result<WatchEvent, BoxError> {
        match presence {
            Presence::Present => {
                let served = self.0.read(object.as_bytes())?;
                let observed = Observed::Found(served.lease());
                Ok(WatchEvent { observed, served: Some(served) })
            }
            Presence::Deleted => Ok(WatchEvent { observed: Observed::Deleted, served: None }),
        }
    }

    fn failed(&self, failure: &WatchFailure) -> Option<WatchEvent> {
        let Self(LeaseName { namespace, name, .. }) = self;
        warn!(
            "the watch of lease {namespace}/{name} failed, polling goes on: {}",
            Words::of_error(&*failure.error)
        );
        None
    }
}
