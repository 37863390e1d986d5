//! Watches: the objects that exist, then each change, with bookmarks in between.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{self, Sender},
    time::{self, Instant},
};

use super::{ResponseBody, TestServer};
use crate::{
    path::{Key, Target},
    status::Rejection,
    store::Selector,
};

struct Watch {
    server: TestServer,
    client: String,
    target: Target,
    selector: Selector,
    /// Everything up to this version was sent.
    sent: u64,
    bookmarks: bool,
    events: Sender<Bytes>,
}

impl TestServer {
    pub(super) fn watch(
        &self,
        client: &str,
        target: &Target,
        selector: Selector,
        query: &BTreeMap<String, String>,
    ) -> Result<ResponseBody, Rejection> {
        let number = |name: &str| {
            query.get(name).filter(|text| !text.is_empty()).map(|text| {
                text.parse::<u64>()
                    .map_err(|_| Rejection::internal(&format!("{name}: Invalid value: {text:?}")))
            })
        };
        let from = number("resourceVersion").transpose()?.unwrap_or(0);
        let timeout = number("timeoutSeconds").transpose()?.unwrap_or(LONGEST_SECONDS);
        let (events, receiver) = mpsc::channel(64);
        let mut watch = Watch {
            server: self.clone(),
            client: client.into(),
            target: target.clone(),
            selector,
            sent: from,
            bookmarks: query.get("allowWatchBookmarks").is_some_and(|value| value == "true"),
            events,
        };
        // The first events describe the objects as they are now, even if they are sent later.
        let (first, sent) = watch.news();
        watch.sent = sent;
        tokio::spawn(watch.run(first, Duration::from_secs(timeout)));
        Ok(ResponseBody::stream(receiver))
    }
}

impl Watch {
    /// Ends with the timeout, when the client is gone, or after an error.
    async fn run(mut self, mut first: Vec<Bytes>, timeout: Duration) {
        let server = self.server.clone();
        let end = Instant::now() + timeout;
        let mut bookmark = time::interval_at(Instant::now() + BOOKMARK_PERIOD, BOOKMARK_PERIOD);
        loop {
            let changed = server.shared.changed.notified();
            let faults = self.server.faults(&self.client);
            let cut = faults.cut_requests || faults.cut_answers;
            if !cut && self.send(std::mem::take(&mut first)).await.is_err() {
                return;
            }
            tokio::select! {
                // The order is fixed, so that equal runs of a simulation are equal.
                biased;
                () = changed => {}
                () = self.events.closed() => return,
                _ = bookmark.tick(), if self.bookmarks => {
                    let line = self.bookmark();
                    if self.events.send(line).await.is_err() {
                        return;
                    }
                }
                () = time::sleep_until(end) => return,
            }
        }
    }

    /// Sends these events and all newer ones. Fails when the watch is over.
    async fn send(&mut self, first: Vec<Bytes>) -> Result<(), ()> {
        let over = self.sent == OVER;
        let (news, sent) = if over { (Vec::new(), OVER) } else { self.news() };
        self.sent = sent;
        for line in first.into_iter().chain(news) {
            self.events.send(line).await.map_err(drop)?;
        }
        if sent == OVER { Err(()) } else { Ok(()) }
    }

    fn news(&self) -> (Vec<Bytes>, u64) {
        let state = self.server.state();
        let wanted =
            |key: &Key, value: &Value| self.target.covers(key) && self.selector.matches(key, value);
        if self.sent == 0 {
            let all = state.store.all().filter(|(key, object)| wanted(key, &object.value));
            let lines = all.map(|(_, object)| line("ADDED", &object.bytes)).collect();
            return (lines, state.store.revision());
        }
        match state.store.changes_since(self.sent) {
            Ok(changes) => {
                let changes = changes.filter(|change| wanted(&change.key, &change.object.value));
                let lines = changes.map(|change| line(change.kind, &change.object.bytes)).collect();
                (lines, state.store.revision())
            }
            Err(rejection) => (vec![line("ERROR", rejection.body().to_string().as_bytes())], OVER),
        }
    }

    fn bookmark(&self) -> Bytes {
        let state = self.server.state();
        let object = json!({
            "kind": state.store.kind(&self.target),
            "apiVersion": self.target.api_version(),
            "metadata": { "resourceVersion": self.sent.to_string() },
        });
        line("BOOKMARK", object.to_string().as_bytes())
    }
}

fn line(kind: &str, object: &[u8]) -> Bytes {
    let mut line = format!(r#"{{"type":"{kind}","object":"#).into_bytes();
    line.extend_from_slice(object);
    line.extend_from_slice(b"}\n");
    Bytes::from(line)
}

/// The shortest timeout that kube-apiserver chooses if the client does not choose one.
const LONGEST_SECONDS: u64 = 1_800;
/// Stands in `sent` after an error: nothing more can follow.
const OVER: u64 = u64::MAX;
const BOOKMARK_PERIOD: Duration = Duration::from_secs(60);
