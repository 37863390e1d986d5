//! Watches. They only bring news earlier than polling, and may fail at any time.

use std::{pin::Pin, sync::Arc, time::Duration};

use http::{Request, header::ACCEPT};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::timeout,
};

use super::lease::Fields;
use crate::{
    error::BoxError,
    leader::transport::{Lines, Transport},
};

/// A watch that opens itself again and again, for as long as it is polled.
pub(super) struct Watch<T> {
    running: Pin<Box<dyn Future<Output = ()> + Send>>,
    events: Receiver<T>,
}

/// What is watched, and what that shows.
pub(super) trait Watched: Send + Sync + 'static {
    type Event: Send + 'static;

    /// How long to wait before it is tried again after a refusal that an administrator must change.
    const PAUSE_AFTER_REFUSAL: Duration;
    /// After so many refusals in a row one is taken for what an administrator must change, because an
    /// API server that has just started refuses everybody for a moment.
    const LASTING_REFUSALS: u32;

    /// Returns the path of its collection.
    fn collection(&self) -> String;

    /// Returns its name, which needs no escaping.
    fn name(&self) -> &str;

    /// Reads an object that is there, or that is there no longer.
    fn read(&self, presence: Presence, object: &str) -> Result<Self::Event, BoxError>;

    /// Says what is to be told of a failure, which is the first since it worked.
    fn failed(&self, failure: &WatchFailure) -> Option<Self::Event>;
}

/// Whether an object that an event shows is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Presence {
    Present,
    Deleted,
}

/// Why a watch has ended before its time.
#[derive(Debug)]
pub(super) struct WatchFailure {
    pub(super) status: Option<u16>,
    pub(super) error: BoxError,
}

struct Feed<W: Watched> {
    transport: Arc<dyn Transport>,
    watched: W,
    pause: Duration,
    events: Sender<W::Event>,
}

impl<T: Send + 'static> Watch<T> {
    pub(super) fn open<W>(transport: Arc<dyn Transport>, watched: W, pause: Duration) -> Self
    where
        W: Watched<Event = T>,
    {
        let (sender, events) = channel(16);
        let feed = Feed { transport, watched, pause, events: sender };
        Self { running: Box::pin(feed.run()), events }
    }

    /// Waits for the next event.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing that was received is lost.
    pub(super) async fn next(&mut self) -> Option<T> {
        tokio::select! {
            biased;
            event = self.events.recv() => event,
            () = &mut self.running => None,
        }
    }
}

impl WatchFailure {
    /// Tells whether an administrator must change something.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self.status, Some(401 | 403))
    }
}

impl<E: Into<BoxError>> From<E> for WatchFailure {
    fn from(error: E) -> Self {
        Self { status: None, error: error.into() }
    }
}

impl<W: Watched> Feed<W> {
    async fn run(self) {
        let (mut pause, mut spared) = (self.pause, W::LASTING_REFUSALS);
        loop {
            let mut least = Duration::ZERO;
            // The server ends each watch after some minutes: that is not a failure.
            match self.follow().await {
                Ok(()) => (pause, spared) = (self.pause, W::LASTING_REFUSALS),
                Err(failure) => {
                    let is_news;
                    (is_news, spared) = if failure.is_refusal() {
                        (spared == 1, spared.saturating_sub(1))
                    } else {
                        (pause == self.pause, W::LASTING_REFUSALS)
                    };
                    if is_news
                        && let Some(event) = self.watched.failed(&failure)
                        && self.events.send(event).await.is_err()
                    {
                        return;
                    }
                    if spared == 0 {
                        least = W::PAUSE_AFTER_REFUSAL;
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE.max(self.pause));
                }
            }
            let percent = fastrand::u32(80..=100);
            tokio::time::sleep(pause.max(least) * percent / 100).await;
        }
    }

    async fn follow(&self) -> Result<(), WatchFailure> {
        // Without a resourceVersion, a watch begins with what is there now.
        let (collection, name) = (self.watched.collection(), self.watched.name());
        let uri = format!(
            "{collection}?watch=true&fieldSelector=metadata.name%3D{name}&allowWatchBookmarks=true"
        );
        let request = Request::get(uri).header(ACCEPT, "application/json").body(Vec::new())?;
        let response = heard(self.transport.send(request)).await?;
        let status = response.status();
        if !status.is_success() {
            let error = format!("the watch was answered with {status}").into();
            return Err(WatchFailure { status: Some(status.as_u16()), error });
        }
        let mut lines = Lines::new(response.into_body());
        while let Some(line) = heard(lines.next()).await? {
            self.tell(&line).await?;
        }
        Ok(())
    }

    async fn tell(&self, line: &[u8]) -> Result<(), BoxError> {
        let event = Fields::read(line)?.unwrap_or_default();
        let presence = match event.text("type")?.as_deref() {
            Some("ADDED" | "MODIFIED") => Presence::Present,
            Some("DELETED") => Presence::Deleted,
            Some("BOOKMARK") => return Ok(()),
            Some(_) | None => return Err("the watch has to be opened again".into()),
        };
        let event = self.watched.read(presence, event.get("object").unwrap_or("null"))?;
        self.events.send(event).await.map_err(|_| "nobody listens any more".into())
    }
}

/// Waits for what a connection brings, unless it is silent for too long.
async fn heard<T>(brings: impl Future<Output = Result<T, BoxError>>) -> Result<T, BoxError> {
    timeout(LONGEST_SILENCE, brings).await.map_err(|_| "it has brought nothing for 90 s")?
}

/// A server sends a bookmark every minute. A connection that brings nothing for longer is dead.
const LONGEST_SILENCE: Duration = Duration::from_secs(90);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
