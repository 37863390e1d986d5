//! Events on the Lease, as client-go writes them.

use std::time::Duration;

use http::Method;
use jiff::Timestamp;
use kunobi_ha_core::Connection;
use serde_json::{Value, json};
use tokio::{runtime::Handle as Runtime, time::timeout};

use super::{Driver, in_flight::request};
use crate::{journal::warn, leader::words::Words};

impl Driver {
    /// Writes an Event, if the user wants Events. The election does not wait for it.
    pub(super) fn record_event(&self, what: &str) {
        if !self.events {
            return;
        }
        let body = self.event(what, Timestamp::now()).to_string().into_bytes();
        let uri = format!("/api/v1/namespaces/{}/events", self.lease.namespace);
        let request = request(Method::POST, &uri, body);
        let (transport, span) = (self.transport.clone(), self.span.clone());
        let writing = async move {
            let sending = async { transport.exchange(request?, Connection::Any).await };
            let said = match timeout(TIME_TO_WRITE, sending).await {
                Ok(Ok(answer)) if answer.is_success() => return,
                Ok(Ok(answer)) => format!("answered with {}", answer.status),
                Ok(Err(error)) => Words::of_error(&*error).into(),
                Err(_) => "no answer".into(),
            };
            span.in_scope(|| warn!("no event was written: {said}"));
        };
        // A driver that is dropped after its runtime has nowhere to write from.
        if let Ok(runtime) = Runtime::try_current() {
            runtime.spawn(writing);
        }
    }

    fn event(&self, what: &str, now: Timestamp) -> Value {
        let identity = self.elector.identity();
        let version = self.elector.version();
        let time = format!("{now:.0}");
        json!({
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": format!("{}.{:x}", self.lease.name, now.as_nanosecond()),
                "namespace": self.lease.namespace,
            },
            "involvedObject": {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "name": self.lease.name,
                "namespace": self.lease.namespace,
                "uid": version.map(|version| version.uid.as_str()),
                "resourceVersion": version.map(|version| version.resource_version.to_string()),
            },
            "type": "Normal",
            "reason": "LeaderElection",
            "message": format!("{identity} {what}"),
            "source": { "component": COMPONENT },
            "reportingComponent": COMPONENT,
            "reportingInstance": identity,
            "firstTimestamp": time,
            "lastTimestamp": time,
            "count": 1,
        })
    }
}

const COMPONENT: &str = "kunobi-ha";
const TIME_TO_WRITE: Duration = Duration::from_secs(5);
