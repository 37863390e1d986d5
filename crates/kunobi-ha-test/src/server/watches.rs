//! The watches that are open now.

use std::{
    borrow::Borrow,
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use http::request::Parts;

use super::{EDITS, TestServer, handler::Caller};
use crate::{
    fault::Fault,
    log::{OpenWatch, micros},
    matcher::Matcher,
};

impl TestServer {
    /// Returns the watches that are open now, oldest first. One that a client has dropped is gone, over TCP as soon as
    /// the server notices.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use k8s_openapi::api::core::v1::ConfigMap;
    /// use kube::{Api, Client, api::WatchParams};
    /// use kunobi_ha_test::{Matcher, TestServer};
    ///
    /// let server = TestServer::new();
    /// let maps: Api<ConfigMap> = Api::default_namespaced(Client::new(server.service("me"), "default"));
    /// let watch = maps.watch(&WatchParams::default(), "0").await?;
    /// server.until_watched(Matcher::watch("configmaps").client("me"), 1).await;
    /// assert_eq!(server.watches()[0].client, "me");
    /// drop(watch);
    /// assert!(server.watches().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn watches(&self) -> Vec<OpenWatch> {
        let mut watches = self.shared.watches.all();
        let state = self.state();
        for watch in &mut watches {
            let client = state.clients.get(&watch.client);
            let is_cut = client.is_some_and(|client| client.faults.silences_watches());
            watch.is_stalled = is_cut || watch.is_stalled_by_fault();
        }
        drop(state);
        watches
    }

    /// Returns the open watches that are meant, oldest first.
    #[must_use]
    pub fn watches_matching(&self, matcher: impl Borrow<Matcher>) -> Vec<OpenWatch> {
        let mut watches = self.watches();
        watches.retain(|watch| matcher.borrow().matches_watch(watch));
        watches
    }

    /// Counts a watch as open until what is returned is dropped.
    pub(super) fn open_watch(
        &self,
        caller: &Caller,
        parts: &Parts,
        sequence: u64,
        version: u64,
    ) -> Followed {
        self.shared.watches.lock().insert(
            sequence,
            OpenWatch {
                sequence,
                at_us: micros(self.uptime()),
                client: caller.client.clone(),
                connection: caller.connection,
                path: parts.uri.path().to_owned(),
                query: parts.uri.query().unwrap_or_default().to_owned(),
                version,
                events: 0,
                fault: None,
                is_stalled: false,
            },
        );
        let is_logged = self.state().log.keeps();
        if is_logged {
            self.note(|log, _| log.told(sequence, 0));
        }
        Followed { server: self.clone(), sequence, is_logged }
    }
}

/// The open watches, by the sequence numbers of their requests. Nothing else is locked while this is, so that a watch may
/// be dropped anywhere.
#[derive(Debug, Default)]
pub(super) struct Watches(Mutex<BTreeMap<u64, OpenWatch>>);

impl Watches {
    fn all(&self) -> Vec<OpenWatch> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, OpenWatch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells how an open watch goes on; when this is dropped, it is over.
#[derive(Debug)]
pub(super) struct Followed {
    server: TestServer,
    sequence: u64,
    is_logged: bool,
}

impl Followed {
    /// It has told so many events, and what happened up to a version.
    pub(super) fn told(&self, events: u64, version: u64) {
        self.change(|watch| {
            watch.events = events;
            watch.version = version;
        });
        if self.is_logged {
            self.server.note(|log, _| log.told(self.sequence, events));
        } else {
            self.server.shared.asked.notify_waiters();
        }
    }

    pub(super) fn fails(&self, fault: Fault) {
        self.change(|watch| watch.fault = Some(fault));
        self.server.shared.asked.notify_waiters();
    }

    fn change(&self, change: impl FnOnce(&mut OpenWatch)) {
        if let Some(watch) = self.server.shared.watches.lock().get_mut(&self.sequence) {
            change(watch);
        }
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        let Self { server, sequence, is_logged } = self;
        server.shared.watches.lock().remove(sequence);
        // Within `edit` this thread holds the lock of the log.
        if *is_logged && !EDITS.get() {
            server.note(|log, at| log.ended(*sequence, at));
        } else {
            server.shared.asked.notify_waiters();
        }
    }
}
