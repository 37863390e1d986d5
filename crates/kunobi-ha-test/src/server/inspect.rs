//! What is stored, what was asked, and what was written: for the test.

use std::{any, borrow::Borrow, sync::Arc};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::TestServer;
use crate::{
    address::{self, Astray, Wanted},
    log::{Entry, Request, Write},
    matcher::Matcher,
    request::path::Target,
    store::Object,
};

impl TestServer {
    /// Returns the object at an address, in the API version of the address. `None`: there is no such object, or its
    /// type is not defined.
    ///
    /// An address is an API path, such as `kube::Resource::url_path` and a name make one, or what requests are shown
    /// as: `configmaps default/colours`, `deployments.apps default/web`, `nodes a`. The group may be left out if no other
    /// group has the type, unless the type is still to be defined.
    ///
    /// ```
    /// let server = kunobi_ha_test::TestServer::new();
    /// assert!(server.get("namespaces default").is_some());
    /// assert!(server.get("/api/v1/namespaces/default").is_some());
    /// assert!(server.get("configmaps default/colours").is_none());
    /// ```
    ///
    /// # Panics
    ///
    /// The address is not valid: it names a built-in type that does not exist, for example.
    #[must_use]
    #[track_caller]
    pub fn get(&self, address: &str) -> Option<Value> {
        match self.look_up(address) {
            Ok(found) => found,
            Err(Astray::Undefined(_)) => None,
            Err(astray @ Astray::Wrong(_)) => panic!("{astray}"),
        }
    }

    /// Returns the object at an address (see [`get`](Self::get)) as a Rust type.
    ///
    /// ```
    /// use k8s_openapi::api::core::v1::Namespace;
    ///
    /// let server = kunobi_ha_test::TestServer::new();
    /// let namespace: Namespace = server.get_as("namespaces default").expect("it is always there");
    /// assert_eq!(namespace.metadata.name.as_deref(), Some("default"));
    /// ```
    ///
    /// # Panics
    ///
    /// The address is not valid, or the object is not of that type.
    #[must_use]
    #[track_caller]
    pub fn get_as<T: DeserializeOwned>(&self, address: &str) -> Option<T> {
        self.get(address).map(|value| read(address, &value))
    }

    /// Returns the objects of a collection, ordered by namespace and name. Its address is an API path, or as in
    /// `configmaps default/` or, in all namespaces, `configmaps`. None are there if the type is not defined.
    ///
    /// ```
    /// let server = kunobi_ha_test::TestServer::new();
    /// assert_eq!(server.list("namespaces").len(), 4);
    /// assert!(server.list("configmaps default/").is_empty());
    /// ```
    ///
    /// # Panics
    ///
    /// The address is not valid, or it is that of an object.
    #[must_use]
    #[track_caller]
    pub fn list(&self, address: &str) -> Vec<Value> {
        let state = self.state();
        let target = match address::read(address, Wanted::Collection, &state.store.types) {
            Ok(target) => target,
            Err(Astray::Undefined(_)) => return Vec::new(),
            Err(astray @ Astray::Wrong(_)) => {
                drop(state);
                panic!("{astray}")
            }
        };
        let resource = state.store.types.find(&target.group, &target.version, &target.resource);
        let objects = state.store.covered(&target).map(|(_, object)| Arc::clone(object));
        let objects: Vec<Arc<Object>> = objects.collect();
        drop(state);
        let Some(resource) = resource else { return Vec::new() };
        objects.iter().map(|object| object.served(&resource).value.clone()).collect()
    }

    /// Returns the objects of a collection (see [`list`](Self::list)) as a Rust type.
    ///
    /// # Panics
    ///
    /// The address is not valid, or one of the objects is not of that type.
    #[must_use]
    #[track_caller]
    pub fn list_as<T: DeserializeOwned>(&self, address: &str) -> Vec<T> {
        let mut typed = Vec::new();
        for value in self.list(address) {
            typed.push(read(address, &value));
        }
        typed
    }

    /// Returns the requests that arrived, oldest first: the last 100,000, unless
    /// [`log_capacity`](super::TestServerBuilder::log_capacity) says otherwise.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.state().log.requests.iter().cloned().collect()
    }

    /// Returns the requests that are meant, oldest first.
    #[must_use]
    pub fn requests_matching(&self, matcher: impl Borrow<Matcher>) -> Vec<Request> {
        let matcher = matcher.borrow();
        let state = self.state();
        state.log.requests.iter().filter(|request| matcher.matches(request)).cloned().collect()
    }

    /// Returns the writes that were accepted, oldest first: the last 100,000, unless
    /// [`log_capacity`](super::TestServerBuilder::log_capacity) says otherwise.
    #[must_use]
    pub fn history(&self) -> Vec<Write> {
        // The objects are copied without the lock.
        let entries: Vec<Entry> = self.state().log.writes.iter().cloned().collect();
        entries.iter().map(Entry::write).collect()
    }

    /// Returns the writes that are meant, oldest first.
    #[must_use]
    pub fn writes_matching(&self, matcher: impl Borrow<Matcher>) -> Vec<Write> {
        let matcher = matcher.borrow();
        let entries: Vec<Entry> = self.state().log.writes.iter().cloned().collect();
        entries.iter().filter(|entry| matcher.matches_entry(entry)).map(Entry::write).collect()
    }

    pub(super) fn look_up(&self, address: &str) -> Result<Option<Value>, Astray> {
        let target = self.target(address)?;
        let state = self.state();
        let resource = state.store.types.find(&target.group, &target.version, &target.resource);
        let object = state.store.find(&target.key()).cloned();
        drop(state);
        let found = resource.zip(object);
        Ok(found.map(|(resource, object)| object.served(&resource).value.clone()))
    }

    /// Where the object of an address is. If the type was defined once, its objects may be stored still.
    #[track_caller]
    pub(super) fn find(&self, address: &str) -> Option<Target> {
        match self.target(address) {
            Ok(target) => Some(target),
            Err(Astray::Undefined(_)) => Target::parse(address),
            Err(astray @ Astray::Wrong(_)) => panic!("{astray}"),
        }
    }

    pub(super) fn target(&self, address: &str) -> Result<Target, Astray> {
        address::read(address, Wanted::Object, &self.state().store.types)
    }
}

#[track_caller]
pub(super) fn read<T: DeserializeOwned>(address: &str, value: &Value) -> T {
    match T::deserialize(value) {
        Ok(typed) => typed,
        Err(error) => {
            panic!("what is at {address:?} is no {}: {error}; it is {value}", any::type_name::<T>())
        }
    }
}
