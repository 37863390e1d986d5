//! The handle of the server.

mod access;
mod admin;
mod answer;
mod assert;
mod builder;
mod controllers;
mod discovery;
mod form;
mod handler;
mod inspect;
mod listen;
mod page;
#[cfg(test)]
mod random;
mod route;
mod sequence;
mod service;
mod snapshot;
mod tell;
mod until;
mod watch;
mod watches;
mod webhooks;

use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::{
    sync::{Notify, watch::Sender},
    time::Instant,
};

pub use self::{
    answer::ResponseBody,
    builder::{LoadError, TestServerBuilder},
    listen::Listener,
    sequence::{Sequence, SequenceOnPanic},
    service::{ClientService, ServiceFuture},
    snapshot::Snapshot,
    until::Until,
};
use crate::{
    access::{Issued, Mode, User},
    fault::ClientFaults,
    log::{Entry, Log, micros},
    request::path::Target,
    store::{FollowUp, Object, Outcome, Store, Written},
};

/// An API server in this process. Clones are handles of the same server.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use kube::{Api, Client, api::PostParams};
/// use kunobi_ha_test::{Fault, TestServer};
///
/// let server = TestServer::new();
/// let maps: Api<ConfigMap> = Api::namespaced(Client::new(server.service("me"), "default"), "default");
///
/// let mut map = ConfigMap::default();
/// map.metadata.name = Some("colours".into());
/// maps.create(&PostParams::default(), &map).await?;
///
/// // The next request is lost on its way back, although it was handled.
/// server.script("me", [Fault::LoseReply]);
/// assert!(maps.get("colours").await.is_err());
/// assert!(maps.get("colours").await.is_ok());
/// assert_eq!(server.requests().len(), 3);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TestServer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Told after each write and each change of faults. It wakes in the order in which they wait.
    changed: Notify,
    /// Told after each change of the log of requests.
    asked: Notify,
    watches: watches::Watches,
    /// Told as `changed` is, and closed with the server: one for each controller, which must not keep it alive. A channel
    /// for all would wake them in a random order.
    woken: Vec<Sender<()>>,
    started: Instant,
    /// What the clock on the wall said then, in whole seconds. Timestamps of objects follow tokio's clock from here on.
    began: Timestamp,
}

#[derive(Debug)]
struct State {
    store: Store,
    clients: BTreeMap<String, ClientFaults>,
    /// Those of whom more than the name is known.
    users: BTreeMap<String, User>,
    /// What service accounts were given.
    tokens: BTreeMap<String, Issued>,
    /// By what right users have impersonated others last.
    impersonations: BTreeMap<String, Mode>,
    log: Log,
    webhooks: webhooks::Known,
    /// How often the store went back, and the version that it had then.
    restores: u64,
    restored_at: u64,
}

thread_local! {
    /// This thread runs what `edit` was given, with the lock held.
    static EDITS: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread while it runs what `edit` was given, however that ends.
struct Editing;

impl Editing {
    fn begin() -> Self {
        EDITS.set(true);
        Self
    }
}

impl Drop for Editing {
    fn drop(&mut self) {
        EDITS.set(false);
    }
}

impl Default for TestServer {
    fn default() -> Self {
        Self::new()
    }
}

impl TestServer {
    /// Starts an empty server without faults.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Starts to describe a server.
    pub fn builder() -> TestServerBuilder {
        TestServerBuilder::new()
    }

    /// Returns a connection without sockets for a client of this name: what
    /// [`kube::Client::new`](https://docs.rs/kube/latest/kube/struct.Client.html#method.new) takes.
    #[must_use]
    pub fn service(&self, client: &str) -> ClientService {
        ClientService::new(self.clone(), client)
    }

    /// Changes the stored object at an address (see [`get`](Self::get)) as a write to etcd would: unchecked, and without
    /// counting its generation or its managers. Returns the object as it is stored then, or `None` if it
    /// does not exist.
    ///
    /// # Panics
    ///
    /// The address is not valid; or `edit` uses the server, which waits for it.
    #[track_caller]
    pub fn edit(&self, address: &str, edit: impl FnOnce(&mut Value)) -> Option<Value> {
        let target = self.find(address)?;
        let mut state = self.state();
        let mut value = state.store.find(&target.key())?.value.clone();
        let mark = Editing::begin();
        edit(&mut value);
        drop(mark);
        let written = state.store.replace(target.key(), value);
        self.record_written(&mut state, "", "PUT", &target, &written);
        self.settle(&mut state);
        drop(state);
        self.notify();
        Some(written.object.value.clone())
    }

    /// Removes the stored object at an address (see [`get`](Self::get)) as etcdctl would, whatever its finalizers. Returns false if
    /// it does not exist. What it owns is collected; of a definition, the objects stay in the store, unserved.
    ///
    /// # Panics
    ///
    /// The address is not valid.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "most tests know that the object exists")]
    pub fn delete(&self, address: &str) -> bool {
        let Some(target) = self.find(address) else {
            return false;
        };
        let mut state = self.state();
        let Some(object) = state.store.remove(&target.key()) else {
            return false;
        };
        self.record(&mut state, "", "DELETE", &target, object.revision, None);
        self.settle(&mut state);
        drop(state);
        self.notify();
        true
    }

    /// Serves this object at an address (see [`get`](Self::get)) as it is: unchecked, and with the `resourceVersion` that it states, so that an
    /// update with that version is a conflict. The history tells it as a PUT without a client; its `revision` is that of the
    /// store, whatever the object states. What it owns or is owned by is collected as garbage as always.
    ///
    /// # Panics
    ///
    /// The address is not valid, or its type is not defined.
    #[track_caller]
    pub fn inject(&self, address: &str, value: Value) {
        let target = match self.target(address) {
            Ok(target) => target,
            Err(astray) => panic!("{astray}"),
        };
        let mut state = self.state();
        let object = state.store.inject(target.key(), value);
        self.record(&mut state, "", "PUT", &target, object.revision, Some(&object));
        self.settle(&mut state);
        drop(state);
        self.notify();
    }

    /// Forgets all changes up to now: a watch from an older version ends with 410.
    pub fn compact(&self) {
        self.state().store.compact();
        self.notify();
    }

    /// Does what follows from the writes so far, and records it.
    fn settle(&self, state: &mut State) {
        for FollowUp { method, target, written } in state.store.settle(self.now()) {
            self.record_written(state, "", method, &target, &written);
        }
    }

    fn record_written(
        &self,
        state: &mut State,
        client: &str,
        method: &str,
        target: &Target,
        written: &Written,
    ) {
        if written.is_stored {
            let object = (written.outcome != Outcome::Gone).then_some(&written.object);
            self.record(state, client, method, target, written.revision, object);
        }
    }

    fn record(
        &self,
        state: &mut State,
        client: &str,
        method: &str,
        target: &Target,
        revision: u64,
        object: Option<&Arc<Object>>,
    ) {
        let at_us = micros(self.uptime());
        state.log.write(|sequence| Entry {
            sequence,
            at_us,
            client: client.into(),
            method: method.into(),
            path: target.path(),
            subresource: target.subresource.clone(),
            revision,
            object: object.cloned(),
        });
    }

    /// The time that the objects are stamped with.
    fn now(&self) -> Timestamp {
        let uptime = SignedDuration::try_from(self.uptime()).unwrap_or(SignedDuration::MAX);
        self.shared.began.checked_add(uptime).unwrap_or(Timestamp::MAX)
    }

    fn uptime(&self) -> Duration {
        self.shared.started.elapsed()
    }

    fn notify(&self) {
        self.shared.changed.notify_waiters();
        for woken in &self.shared.woken {
            woken.send_replace(());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        assert!(!EDITS.get(), "what `TestServer::edit` calls must not use the server");
        // A test that panicked while it held the lock has failed already.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
