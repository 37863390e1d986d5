//! Records every version of a Lease.

use std::{error::Error, io, time::Duration};

use futures::StreamExt;
use http::Request;
use kube::{Client, core::WatchEvent};
use serde_json::Value;
use tokio::{sync::watch, task::JoinHandle, time};

use super::Version;
use crate::clock::{boottime, on_boottime};

/// A watch of one Lease.
#[derive(Debug)]
pub struct Recorder {
    seen: watch::Receiver<Seen>,
    watching: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    versions: Vec<Version>,
    objects: Vec<Value>,
}

impl Recorder {
    /// Starts to watch; a Lease that exists is the first version.
    ///
    /// # Errors
    ///
    /// The error of the server.
    pub async fn start(
        client: Client,
        namespace: &str,
        name: &str,
    ) -> Result<Self, Box<dyn Error>> {
        let leases = format!("/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases");
        let uri = format!("{leases}?fieldSelector=metadata.name%3D{name}");
        let list: Value = client.request(Request::get(&uri).body(Vec::new())?).await?;
        let mut since = list["metadata"]["resourceVersion"].as_str().unwrap_or("0").to_owned();
        let (sender, seen) = watch::channel(Seen::default());
        for item in list["items"].as_array().into_iter().flatten() {
            sender.send_modify(|seen| seen.add(item.clone()));
        }
        let watching = tokio::spawn(async move {
            loop {
                let uri = format!("{uri}&watch=true&resourceVersion={since}");
                let Ok(request) = Request::get(uri).body(Vec::new()) else { return };
                let Ok(stream) = client.request_events::<Value>(request).await else {
                    time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let mut stream = std::pin::pin!(stream);
                while let Some(Ok(event)) = stream.next().await {
                    let (WatchEvent::Added(object) | WatchEvent::Modified(object)) = event else {
                        continue;
                    };
                    if let Some(version) = object["metadata"]["resourceVersion"].as_str() {
                        version.clone_into(&mut since);
                    }
                    sender.send_modify(|seen| seen.add(object));
                }
            }
        });
        Ok(Self { seen, watching })
    }

    /// Returns all versions so far.
    #[must_use]
    pub fn versions(&self) -> Vec<Version> {
        self.seen.borrow().versions.clone()
    }

    /// Returns all versions so far, as they were served.
    #[must_use]
    pub fn objects(&self) -> Vec<Value> {
        self.seen.borrow().objects.clone()
    }

    /// Waits until `find` finds something in the versions.
    ///
    /// # Errors
    ///
    /// Nothing was found in time.
    pub async fn wait_for<T>(
        &self,
        limit: Duration,
        mut find: impl FnMut(&[Version]) -> Option<T>,
    ) -> io::Result<T> {
        let mut found = None;
        let mut seen = self.seen.clone();
        let looking = seen.wait_for(|seen| {
            found = find(&seen.versions);
            found.is_some()
        });
        let late = time::timeout(limit, looking).await.is_err();
        found.ok_or_else(|| {
            let last = self.versions().last().map(ToString::to_string);
            io::Error::other(format!("not seen in time ({late}); last {last:?}"))
        })
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl Seen {
    fn add(&mut self, object: Value) {
        self.versions.push(Version::of(&object));
        self.objects.push(object);
    }
}

impl Version {
    fn of(object: &Value) -> Self {
        let spec = &object["spec"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let renewed = text(&spec["renewTime"]).parse().map_or(0, on_boottime);
        Self {
            number: text(&object["metadata"]["resourceVersion"]).parse().unwrap_or(0),
            holder: text(&spec["holderIdentity"]),
            seconds: spec["leaseDurationSeconds"].as_u64().unwrap_or(0),
            transitions: spec["leaseTransitions"].as_u64().unwrap_or(0),
            acquired: text(&spec["acquireTime"]),
            renewed,
            seen: boottime(),
        }
    }
}
