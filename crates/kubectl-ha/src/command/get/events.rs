//! The Events of a Lease.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    api::{Cluster, Kind, Target},
    failure::Failure,
};

/// One Event.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LeaseEvent {
    pub(super) time: Option<Timestamp>,
    pub(super) count: u64,
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
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        let text = |path: &str| {
            value.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty())
        };
        let times = [
            "/series/lastObservedTime",
            "/lastTimestamp",
            "/eventTime",
            "/firstTimestamp",
            "/metadata/creationTimestamp",
        ];
        let count =
            value.pointer("/series/count").or_else(|| value.get("count")).and_then(Value::as_u64);
        Self {
            time: times.iter().find_map(|path| text(path)?.parse().ok()),
            count: count.unwrap_or(1),
            reason: text("/reason").unwrap_or("?").into(),
            source: text("/reportingComponent")
                .or_else(|| text("/source/component"))
                .unwrap_or("?")
                .into(),
            message: text("/message").unwrap_or_default().into(),
        }
    }
}

/// How many Events are shown.
const MOST: usize = 10;
