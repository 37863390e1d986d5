//! What a server has from its start.

mod files;
mod load;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

pub use self::load::LoadError;
use self::load::{Loader, Wanted};
use super::{Shared, Snapshot, State, TestServer, watches::Watches, webhooks::Known};
use crate::{
    Controller, crd,
    log::Log,
    store::{Authorization, SYSTEM, Settings, Store},
};

/// Describes a [`TestServer`].
///
/// ```
/// use kunobi_ha_test::TestServer;
///
/// let server = TestServer::builder()
///     .with_objects(
///         "
/// apiVersion: v1
/// kind: ConfigMap
/// metadata:
///   name: colours
///   namespace: default
/// data:
///   sky: blue
/// ---
/// apiVersion: v1
/// kind: Namespace
/// metadata:
///   name: other
/// ",
///     )
///     .build();
/// let colours = server.get("/api/v1/namespaces/default/configmaps/colours").expect("it was loaded");
/// assert_eq!(colours["data"]["sky"], "blue");
/// assert!(server.get("/api/v1/namespaces/other").is_some());
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is built before `build`"]
pub struct TestServerBuilder {
    settings: Settings,
    log_capacity: usize,
    /// What is created first; then the objects, in their order.
    namespaces: BTreeSet<String>,
    objects: Vec<Wanted>,
    snapshot: Option<Snapshot>,
    pub(super) webhooks: Known,
    controllers: Vec<Controller>,
}

impl TestServerBuilder {
    pub(super) fn new() -> Self {
        Self {
            settings: Settings { strict_namespaces: true, ..Settings::default() },
            log_capacity: 100_000,
            namespaces: BTreeSet::new(),
            objects: Vec::new(),
            snapshot: None,
            webhooks: Known::default(),
            controllers: Vec::new(),
        }
    }

    /// Creates these namespaces, before all other objects. `default`, `kube-system`, `kube-public` and
    /// `kube-node-lease` exist anyway, and may be named.
    ///
    /// ```
    /// use kunobi_ha_test::TestServer;
    ///
    /// let server = TestServer::builder().with_namespaces(["team-a", "team-b"]).build();
    /// assert!(server.get("/api/v1/namespaces/team-b").is_some());
    /// ```
    pub fn with_namespaces<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.namespaces.extend(names.into_iter().map(Into::into));
        self
    }

    /// Accepts a write into a namespace that was not created; kube-apiserver answers 404, and so does this
    /// server without this call.
    pub const fn without_namespace_checks(mut self) -> Self {
        self.settings.strict_namespaces = false;
        self
    }

    /// Does nothing: a write into a namespace that was not created is a 404 anyway.
    #[deprecated(
        note = "namespaces are strict by default; `without_namespace_checks` is the opposite"
    )]
    pub const fn strict_namespaces(self) -> Self {
        self
    }

    /// Decides by the Roles, `ClusterRoles` and bindings in the store who may do what, as kube-apiserver does
    /// with `--authorization-mode=RBAC`; without this everybody may do everything. The roles and bindings
    /// that every cluster has are there from the start (`admin`, `edit`, `view`, `system:discovery`, ...).
    ///
    /// A client is the user of its name ([`TestServer::set_user`] adds groups), a service account if it is
    /// called `system:serviceaccount:NAMESPACE:NAME`. The client `admin` is in the group `system:masters`, which
    /// may do everything; the client `anonymous` is `system:anonymous`.
    pub const fn with_rbac(mut self) -> Self {
        self.settings.authorization = Authorization::Rbac;
        self
    }

    /// Answers 404 to a PUT of a missing Lease, as some emulators do; kube-apiserver creates it.
    pub const fn without_create_on_update(mut self) -> Self {
        self.settings.no_create_on_update = true;
        self
    }

    /// Leaves what kube-controller-manager deletes: the dependents of an object, and the contents of
    /// a namespace. A deletion in the foreground, or one that orphans, waits for the test to remove
    /// the finalizer, and a namespace for a PUT to `/finalize`, as on an API server without its
    /// controllers. A `ClusterRole` with an `aggregationRule` keeps the rules that it was written with. A `CustomResourceDefinition` still takes its objects with it.
    ///
    /// Without this, all of it is done before the answer of the write from which it follows.
    pub const fn without_garbage_collection(mut self) -> Self {
        self.settings.no_garbage_collection = true;
        self
    }

    /// Sets how many requests and how many writes are kept; zero keeps none.
    pub const fn log_capacity(mut self, capacity: usize) -> Self {
        self.log_capacity = capacity;
        self
    }

    /// Defines custom types: `with_crds([Document::crd()])` with a type that derives kube's `CustomResource`.
    ///
    /// # Panics
    ///
    /// A definition can't be serialised.
    #[track_caller]
    pub fn with_crds<D: Serialize>(mut self, definitions: impl IntoIterator<Item = D>) -> Self {
        for definition in definitions {
            match serde_json::to_value(definition) {
                Ok(value) => self.objects.push(value.into()),
                Err(error) => panic!("a CustomResourceDefinition can't be serialised: {error}"),
            }
        }
        self
    }

    /// Defines the custom types of a YAML or JSON file, or of all such files of a folder
    /// (`.yaml`, `.yml`, `.json`), in the order of their names. Other kinds in them are created, too.
    ///
    /// # Panics
    ///
    /// The file or folder can't be read, has no such file, or is not YAML.
    #[track_caller]
    pub fn with_crd_files(self, path: impl AsRef<Path>) -> Self {
        match self.try_with_files(path) {
            Ok(this) => this,
            Err(error) => panic!("{error}"),
        }
    }

    /// Creates the objects of a file or folder as [`with_crd_files`](Self::with_crd_files) does, and returns what is wrong
    /// with it instead of panicking.
    ///
    /// ```
    /// use kunobi_ha_test::TestServer;
    ///
    /// let error = TestServer::builder().try_with_files("no/such/folder").expect_err("there is none");
    /// assert!(error.to_string().starts_with("can't load no/such/folder: "));
    /// ```
    pub fn try_with_files(mut self, path: impl AsRef<Path>) -> Result<Self, LoadError> {
        self.objects.extend(files::read(path.as_ref())?);
        Ok(self)
    }

    /// Creates the objects of a YAML text, with `---` between them, as a client would: what a server
    /// states itself, such as the status, is not taken from the text. An object without a namespace goes into `default`.
    ///
    /// # Panics
    ///
    /// The text is not YAML.
    #[track_caller]
    pub fn with_objects(mut self, yaml: &str) -> Self {
        match crd::documents(yaml) {
            Ok(objects) => self.objects.extend(objects.into_iter().map(Wanted::from)),
            Err(error) => panic!("the objects are not YAML: {error}"),
        }
        self
    }

    /// Begins with a snapshot rather than with an empty store; what every cluster has is created if it is missing. Of
    /// the objects and definitions that this builder is given, those that the snapshot lacks are created, and definitions that
    /// it has are replaced. Its other objects stay as they are.
    ///
    /// ```
    /// use kunobi_ha_test::TestServer;
    ///
    /// let map = |sky: &str| {
    ///     format!("{{ apiVersion: v1, kind: ConfigMap, metadata: {{ name: a }}, data: {{ sky: {sky} }} }}")
    /// };
    /// let before = TestServer::builder().with_objects(&map("blue")).build().snapshot();
    /// let server = TestServer::builder().with_snapshot(before).with_objects(&map("grey")).build();
    /// assert_eq!(server.get("configmaps default/a").expect("it is there")["data"]["sky"], "blue");
    /// ```
    pub fn with_snapshot(mut self, snapshot: Snapshot) -> Self {
        self.snapshot = Some(snapshot);
        self
    }

    /// Adds [`Controller`]s, which work on the objects of the server. A later controller of a type replaces an earlier one. Build such
    /// a server within tokio's runtime, as in a `#[tokio::test]`.
    pub fn with_controllers(mut self, controllers: impl IntoIterator<Item = Controller>) -> Self {
        for controller in controllers {
            self.controllers.retain(|other| other.kind() != controller.kind());
            self.controllers.push(controller);
        }
        self
    }

    /// Starts the server.
    ///
    /// # Panics
    ///
    /// An object that it is to begin with is refused; the message says which and why. Or the server has controllers, which
    /// are tasks, and this is not called within tokio's runtime.
    #[must_use]
    #[track_caller]
    pub fn build(self) -> TestServer {
        match self.try_build() {
            Ok(server) => server,
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts the server, and returns what is wrong with what it is to begin with instead of panicking.
    ///
    /// ```
    /// use kunobi_ha_test::TestServer;
    ///
    /// let map = "{ apiVersion: v1, kind: ConfigMap, metadata: { name: a, namespace: team } }";
    /// let error = TestServer::builder().with_objects(map).try_build().expect_err("no namespace");
    /// assert!(error.to_string().contains("namespaces \"team\" not found"));
    /// ```
    ///
    /// # Errors
    ///
    /// An object that it is to begin with is refused.
    ///
    /// # Panics
    ///
    /// The server has controllers, which are tasks, and this is not called within tokio's runtime.
    #[track_caller]
    pub fn try_build(self) -> Result<TestServer, LoadError> {
        // Statuses have whole seconds, and deadlines are counted from them: with a fraction, equal runs would differ.
        let now = Timestamp::now();
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let mut loader = Loader::new(self.settings, self.snapshot, now);
        let wanted = self.namespaces.into_iter().filter(|name| !SYSTEM.contains(&name.as_str()));
        for object in wanted.map(|name| namespace(&name).into()).chain(self.objects) {
            loader.load(object)?;
        }
        let store = loader.finish();
        let state = State {
            store,
            clients: BTreeMap::new(),
            users: BTreeMap::new(),
            tokens: BTreeMap::new(),
            impersonations: BTreeMap::new(),
            log: Log::new(self.log_capacity),
            webhooks: self.webhooks,
            restores: 0,
            restored_at: 0,
        };
        let (woken, wakes) = self.controllers.iter().map(|_| watch::channel(())).unzip();
        let shared = Shared {
            state: Mutex::new(state),
            changed: Notify::new(),
            asked: Notify::new(),
            watches: Watches::default(),
            woken,
            started: Instant::now(),
            began: now,
        };
        let server = TestServer { shared: Arc::new(shared) };
        server.run_controllers(self.controllers, wakes);
        Ok(server)
    }
}

fn namespace(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } })
}
