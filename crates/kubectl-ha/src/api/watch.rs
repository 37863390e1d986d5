//! A watch: one request whose answer goes on.

use std::time::Duration;

use bytes::BytesMut;
use http::Method;
use http_body_util::BodyExt;
use kube::client::Body;
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Cluster, Server, Target, errors};
use crate::failure::Failure;

/// An open watch.
pub(super) struct Watch {
    body: Body,
    received: BytesMut,
    server: Server,
    target: Target,
    /// By then the server has ended it, if it can still be heard.
    ends: Instant,
}

/// What a watch says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    /// An object is there, or was changed.
    Applied(Value),
    /// An object was deleted; this is its last state.
    Deleted(Value),
    /// Nothing changed up to this version.
    Bookmark(String),
    /// The version that was asked for is forgotten: list again.
    Gone,
    /// The server ended it with an error.
    Failed(String),
}

impl Cluster {
    /// Watches what changes after a version.
    pub(super) async fn watch(
        &self,
        target: &Target,
        query: &[(&str, &str)],
        from: &str,
    ) -> Result<Watch, Failure> {
        let target = target.clone().with_verb("watch");
        let seconds = LIFE.as_secs().to_string();
        let pairs = [
            &[
                ("watch", "1"),
                ("allowWatchBookmarks", "true"),
                ("timeoutSeconds", seconds.as_str()),
                ("resourceVersion", from),
            ],
            query,
        ]
        .concat();
        let query = target.query(&pairs);
        let opened = async {
            let (parts, body) = self.open(Method::GET, &query, None).await?.into_parts();
            if parts.status.is_success() {
                return Ok(body);
            }
            let body = body.collect().await.map_err(|error| self.lost(&error))?.to_bytes();
            Err(errors::refused(&self.server, &target, parts.status, &body))
        };
        let body = match self.timeout {
            None => opened.await?,
            // A watch is open when its first bytes are there, which takes no longer than any answer.
            Some(limit) => {
                timeout(limit, opened).await.unwrap_or_else(|_| Err(self.late(limit)))?
            }
        };
        let (server, ends) = (self.server.clone(), Instant::now() + LIFE + GRACE);
        Ok(Watch { body, received: BytesMut::new(), server, target, ends })
    }
}

impl Watch {
    /// Waits for the next event; `None` if the server has ended the watch, or should have.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if it is dropped.
    pub(super) async fn next(&mut self) -> Result<Option<Event>, Failure> {
        loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                let line = self.received.split_to(end + 1);
                if line.trim_ascii().is_empty() {
                    continue;
                }
                let value: Value = serde_json::from_slice(&line).map_err(|error| {
                    Failure::Unreadable(self.target.to_string(), error.to_string())
                })?;
                return Ok(Some(event(value)));
            }
            // Nothing else tells that a firewall has forgotten the connection.
            match timeout_at(self.ends, self.body.frame()).await {
                Ok(None) | Err(_) => return Ok(None),
                Ok(Some(Err(error))) => return Err(errors::unreachable(&self.server, &error)),
                Ok(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        self.received.extend_from_slice(&data);
                    }
                }
            }
        }
    }
}

fn event(mut value: Value) -> Event {
    let object = value["object"].take();
    let text =
        |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    match value["type"].as_str() {
        Some("ADDED" | "MODIFIED") => Event::Applied(object),
        Some("DELETED") => Event::Deleted(object),
        Some("BOOKMARK") => Event::Bookmark(text("/metadata/resourceVersion")),
        Some("ERROR") if object["code"] == 410 => Event::Gone,
        Some("ERROR") => Event::Failed(text("/message")),
        _ => Event::Failed(format!("an event of an unknown type: {}", value["type"])),
    }
}

/// After this time the server ends the watch, as it would by itself sooner or later.
const LIFE: Duration = Duration::from_secs(300);
/// How long the end may take to arrive.
const GRACE: Duration = Duration::from_secs(30);
