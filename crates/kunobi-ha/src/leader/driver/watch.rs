//! The optional watch of the Lease. It only brings news earlier than polling, and may fail at any
//! time.

use std::{pin::Pin, sync::Arc, time::Duration};

use http::{Request, header::ACCEPT};
use kunobi_ha_core::{Lease, Observed};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::timeout,
};

use super::lease::{Fields, LeaseName, Served};
use crate::{
    error::BoxError,
    journal::warn,
    leader::{
        transport::{Lines, Transport},
        words::Words,
    },
};

/// A watch that opens itself again and again, for as long as it is polled.
pub(super) struct Watch {
    running: Pin<Box<dyn Future<Output = ()> + Send>>,
    events: Receiver<WatchEvent>,
}

/// What a watch event showed, with the object that came with it.
pub(super) struct WatchEvent {
    pub(super) observed: Observed,
    pub(super) served: Option<Served>,
}

struct Feed {
    transport: Arc<dyn Transport>,
    lease: LeaseName,
    pause: Duration,
    events: Sender<WatchEvent>,
}

impl Watch {
    pub(super) fn open(transport: Arc<dyn Transport>, lease: LeaseName, pause: Duration) -> Self {
        let (sender, events) = channel(16);
        let feed = Feed { transport, lease, pause, events: sender };
        Self { running: Box::pin(feed.run()), events }
    }

    /// Waits for the next event.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing that was received is lost.
    pub(super) async fn next(&mut self) -> Option<WatchEvent> {
        tokio::select! {
            biased;
            event = self.events.recv() => event,
            () = &mut self.running => None,
        }
    }
}

impl Feed {
    async fn run(self) {
        let mut pause = self.pause;
        loop {
            // The server ends each watch after some minutes: that is not a failure.
            match self.follow().await {
                Ok(()) => pause = self.pause,
                Err(error) => {
                    if pause == self.pause {
                        let LeaseName { namespace, name, .. } = &self.lease;
                        warn!(
                            "the watch of lease {namespace}/{name} failed, polling goes on: {}",
                            Words::of_error(&*error)
                        );
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE.max(self.pause));
                }
            }
            let percent = fastrand::u32(80..=100);
            tokio::time::sleep(pause * percent / 100).await;
        }
    }

    async fn follow(&self) -> Result<(), BoxError> {
        let LeaseName { namespace, name, .. } = &self.lease;
        // Without a resourceVersion, a watch begins with what is there now.
        let uri = format!(
            "/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases?watch=true\
             &fieldSelector=metadata.name%3D{name}&allowWatchBookmarks=true"
        );
        let request = Request::get(uri).header(ACCEPT, "application/json").body(Vec::new())?;
        let response = heard(self.transport.send(request)).await?;
        if !response.status().is_success() {
            return Err(format!("the watch was answered with {}", response.status()).into());
        }
        let mut lines = Lines::new(response.into_body());
        while let Some(line) = heard(lines.next()).await? {
            self.tell(&line).await?;
        }
        Ok(())
    }

    async fn tell(&self, line: &[u8]) -> Result<(), BoxError> {
        let event = Fields::read(line)?.unwrap_or_default();
        let event = match event.text("type")?.as_deref() {
            Some("ADDED" | "MODIFIED") => {
                let object = event.get("object").unwrap_or("null");
                let served = self.lease.read(object.as_bytes())?;
                let observed = Observed::Found(Lease {
                    version: served.version.clone(),
                    record: served.record.clone(),
                });
                WatchEvent { observed, served: Some(served) }
            }
            Some("DELETED") => WatchEvent { observed: Observed::Deleted, served: None },
            Some("BOOKMARK") => return Ok(()),
            Some(_) | None => return Err("the watch has to be opened again".into()),
        };
        Ok(self.events.send(event).await?)
    }
}

/// Waits for what a connection brings, unless it is silent for too long.
async fn heard<T>(brings: impl Future<Output = Result<T, BoxError>>) -> Result<T, BoxError> {
    timeout(LONGEST_SILENCE, brings).await.map_err(|_| "it has brought nothing for 90 s")?
}

/// A server sends a bookmark every minute. A connection that brings nothing for longer is dead.
const LONGEST_SILENCE: Duration = Duration::from_secs(90);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
