//! The Events of a Lease.

use std::cmp::Reverse;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;
use serde::Serialize;

use crate::{
    api::{Cluster, Kind, Target},
    event,
    failure::Failure,
};

/// One Event.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LeaseEvent {
    pub(super) time: Option<Timestamp>,
    pub(super) count: u32,
    pub(super) reason: String,
    pub(super) source: String,
    pub(super) message: String,
}

/// Returns the last Events of a Lease, the last one first.
pub(super) async fn of(
    cluster: &Cluster,
    namespace: &str,
    name: &str,
) -> Result<Vec<LeaseEvent>, Failure> {
    let target = Target::list(Kind::EVENTS, Some(namespace));
    let selector = format!("involvedObject.kind=Lease,involvedObject.name={name}");
    let mut events =
        cluster.list(&target, &[("fieldSelector", &selector)], LeaseEvent::parse).await?.items;
    events.sort_by_key(|event| Reverse(event.time));
    events.truncate(MOST);
    Ok(events)
}

impl LeaseEvent {
    fn parse(text: &str) -> Self {
        let event: Event = serde_json::from_str(text).unwrap_or_default();
        Self {
            time: event::last(&event),
            count: event::count(&event),
            source: event::source(&event).unwrap_or("?").into(),
            reason: event.reason.filter(|it| !it.is_empty()).unwrap_or_else(|| "?".into()),
            message: event.message.unwrap_or_default(),
        }
    }
}

/// How many Events are shown.
const MOST: usize = 10;
