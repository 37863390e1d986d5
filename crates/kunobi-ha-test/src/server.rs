//! The handle of the server.

mod access;
mod admin;
mod answer;
mod builder;
mod discovery;
mod handler;
mod listen;
mod page;
mod route;
mod service;
mod watch;

use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::{sync::Notify, time::Instant};

pub use self::{
    answer::ResponseBody,
    builder::TestServerBuilder,
    listen::Listener,
    service::{ClientService, ServiceFuture},
};
use crate::{
    access::User,
    fault::{ClientFaults, Fault, Faults},
    log::{Entry, Log, Request, Write, micros},
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

/// A copy of everything that was stored at some time.
#[derive(Clone, Debug)]
pub struct Snapshot(Store);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Told after each write and each change of faults. It wakes in the order in which they wait.
    changed: Notify,
    started: Instant,
    /// What the clock on the wall said then. Timestamps of objects follow tokio's clock from here on.
    began: Timestamp,
}

#[derive(Debug)]
struct State {
    store: Store,
    clients: BTreeMap<String, ClientFaults>,
    /// Those of whom more than the name is known.
    users: BTreeMap<String, User>,
    log: Log,
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

    /// Sets what goes wrong for a client from now on.
    pub fn set_faults(&self, client: &str, faults: Faults) {
        self.state().clients.insert(client.into(), ClientFaults::new(faults));
        self.notify();
    }

    /// Returns what goes wrong for a client, with what is left of its script.
    #[must_use]
    pub fn faults(&self, client: &str) -> Faults {
        self.state().clients.get(client).map(|client| client.faults.clone()).unwrap_or_default()
    }

    /// Removes the faults of a client. A request that hangs already goes on hanging.
    pub fn heal(&self, client: &str) {
        self.state().clients.remove(client);
        self.notify();
    }

    /// Appends to the script of a client: what happens to its next requests.
    pub fn script(&self, client: &str, faults: impl IntoIterator<Item = Fault>) {
        self.state().clients.entry(client.into()).or_default().faults.script.extend(faults);
    }

    /// Returns the requests that arrived, oldest first: the last 100,000, unless
    /// [`log_capacity`](TestServerBuilder::log_capacity) says otherwise.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.state().log.requests.iter().cloned().collect()
    }

    /// Returns the writes that were accepted, oldest first: the last 100,000, unless
    /// [`log_capacity`](TestServerBuilder::log_capacity) says otherwise.
    #[must_use]
    pub fn history(&self) -> Vec<Write> {
        // The objects are copied without the lock.
        let entries: Vec<Entry> = self.state().log.writes.iter().cloned().collect();
        entries.iter().map(Entry::write).collect()
    }

    /// Returns the object at an API path, in the API version of the path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Value> {
        let target = Target::parse(path)?;
        let state = self.state();
        let resource = state.store.types.find(&target.group, &target.version, &target.resource)?;
        let object = state.store.get(&target).ok()?;
        Some(object.served(&resource).value.clone())
    }

    /// Changes the stored object at an API path as a write to etcd would: unchecked, and without
    /// counting its generation or its managers. Returns the object as it is stored then, or `None` if it
    /// does not exist.
    ///
    /// # Panics
    ///
    /// `edit` uses the server, which waits for it.
    pub fn edit(&self, path: &str, edit: impl FnOnce(&mut Value)) -> Option<Value> {
        let target = Target::parse(path)?;
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

    /// Removes the stored object at an API path as etcdctl would, whatever its finalizers. Returns false if
    /// it does not exist. What it owns is collected; of a definition, the objects stay in the store, unserved.
    #[expect(clippy::must_use_candidate, reason = "most tests know that the object exists")]
    pub fn delete(&self, path: &str) -> bool {
        let Some(target) = Target::parse(path) else {
            return false;
        };
        let mut state = self.state();
        let Some(object) = state.store.remove(&target.key()) else {
            return false;
        };
        self.record(&mut state, "", "DELETE", &target.path(), object.revision, None);
        self.settle(&mut state);
        drop(state);
        self.notify();
        true
    }

    /// Serves this object at an API path as it is: unchecked, and with the `resourceVersion` that it states, so that an
    /// update with that version is a conflict. The history tells nothing of it. What it owns or is owned by is
    /// collected as garbage as always.
    ///
    /// # Panics
    ///
    /// The path is not that of an object of a type that is served.
    #[track_caller]
    pub fn inject(&self, path: &str, value: Value) {
        let mut state = self.state();
        let place = Target::parse(path).filter(|target| {
            let is_namespaced = state
                .store
                .types
                .find(&target.group, &target.version, &target.resource)
                .map(|resource| resource.is_namespaced);
            let is_object = !target.name.is_empty() && target.subresource.is_empty();
            is_object && is_namespaced == Some(!target.namespace.is_empty())
        });
        let Some(target) = place else {
            drop(state);
            panic!(
                "{path:?} is not the path of an object, as /api/v1/namespaces/default/pods/p is"
            );
        };
        state.store.inject(target.key(), value);
        self.settle(&mut state);
        drop(state);
        self.notify();
    }

    /// Forgets all changes up to now: a watch from an older version ends with 410.
    pub fn compact(&self) {
        self.state().store.compact();
        self.notify();
    }

    /// Returns a copy of all objects and of the version counter.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.state().store.clone())
    }

    /// Goes back to a copy, with its version counter, as a restore of etcd from a backup does. Watches go on with
    /// what is written from then on. The history tells nothing of it.
    pub fn restore(&self, snapshot: Snapshot) {
        let mut state = self.state();
        let settings = state.store.settings;
        state.store = snapshot.0;
        state.store.settings = settings;
        state.restores += 1;
        state.restored_at = state.store.revision();
        drop(state);
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
            self.record(state, client, method, &target.path(), written.revision, object);
        }
    }

    fn record(
        &self,
        state: &mut State,
        client: &str,
        method: &str,
        path: &str,
        revision: u64,
        object: Option<&Arc<Object>>,
    ) {
        let at_us = micros(self.uptime());
        state.log.write(|sequence| Entry {
            sequence,
            at_us,
            client: client.into(),
            method: method.into(),
            path: path.into(),
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
    }

    fn state(&self) -> MutexGuard<'_, State> {
        assert!(!EDITS.get(), "what `TestServer::edit` calls must not use the server");
        // A test that panicked while it held the lock has failed already.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
