//! What a server has from its start.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{sync::Notify, time::Instant};

use super::{Shared, State, TestServer, watches::Watches, webhooks::Known};
use crate::{
    crd,
    log::Log,
    request::path::Target,
    request::{FieldValidation, WriteOptions, body::Content},
    status::Rejection,
    store::{Authorization, Call, SYSTEM, Settings, Store},
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
    objects: Vec<Value>,
    pub(super) webhooks: Known,
}

impl TestServerBuilder {
    pub(super) fn new() -> Self {
        Self {
            settings: Settings { strict_namespaces: true, ..Settings::default() },
            log_capacity: 100_000,
            namespaces: BTreeSet::new(),
            objects: Vec::new(),
            webhooks: Known::default(),
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
    /// controllers. A `CustomResourceDefinition` still takes its objects with it.
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
                Ok(value) => self.objects.push(value),
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
    /// The file or folder can't be read, or is not YAML.
    #[track_caller]
    pub fn with_crd_files(mut self, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        match read(path) {
            Ok(objects) => self.objects.extend(objects),
            Err(error) => panic!("can't load {}: {error}", path.display()),
        }
        self
    }

    /// Creates the objects of a YAML text, with `---` between them, as a client would: what a server
    /// states itself, such as the status, is not taken from the text.
    ///
    /// # Panics
    ///
    /// The text is not YAML.
    #[track_caller]
    pub fn with_objects(mut self, yaml: &str) -> Self {
        match crd::documents(yaml) {
            Ok(objects) => self.objects.extend(objects),
            Err(error) => panic!("the objects are not YAML: {error}"),
        }
        self
    }

    /// Starts the server.
    ///
    /// # Panics
    ///
    /// An object that it is to begin with is refused; the message says which and why.
    #[must_use]
    #[track_caller]
    pub fn build(self) -> TestServer {
        let mut store = Store::new(self.settings);
        let now = Timestamp::now();
        store.create_system_namespaces(now);
        store.create_own_service(now);
        if self.settings.authorization == Authorization::Rbac {
            store.create_system_roles(now);
            store.settle(now);
        }
        let wanted = self.namespaces.into_iter().filter(|name| !SYSTEM.contains(&name.as_str()));
        for object in wanted.map(|name| namespace(&name)).chain(self.objects) {
            if let Err((name, why)) = load(&mut store, object, now) {
                panic!("{name} can't be created: {why}");
            }
            store.settle(now);
        }
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
        TestServer {
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                changed: Notify::new(),
                asked: Notify::new(),
                watches: Watches::default(),
                started: Instant::now(),
                began: now,
            }),
        }
    }
}

fn namespace(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } })
}

/// Creates an object as a client would. The error is the name of the object and the words of the server.
fn load(store: &mut Store, object: Value, now: Timestamp) -> Result<(), (String, String)> {
    let text = |pointer: &str| {
        object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (api_version, kind) = (text("/apiVersion"), text("/kind"));
    let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
    let shown = format!("{api_version} {kind} {namespace}/{name}");
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let Some(resource) = store.types.find_kind(group, version, &kind) else {
        let why = "no such type is known; define it first, with `with_crds`".to_owned();
        return Err((shown, why));
    };
    let namespace = match (resource.is_namespaced, namespace.is_empty()) {
        (true, true) => "default".to_owned(),
        (true, false) => namespace,
        (false, _) => String::new(),
    };
    let target = Target::collection(&resource, &namespace);
    let call = Call::by_server(&resource, &target, now);
    let options = WriteOptions {
        is_dry_run: false,
        manager: "kunobi-ha-test".into(),
        validation: FieldValidation::Strict,
    };
    let content = Content { value: object, duplicates: Vec::new() };
    match store.create(&call, content, &options) {
        Ok(written) => {
            // There is no client that could read them.
            for warning in written.warnings {
                eprintln!("kunobi-ha-test: {shown}: {warning}");
            }
            Ok(())
        }
        Err(rejection) => {
            let missing = Rejection::not_found("", "namespaces", &namespace);
            let is_missing = rejection.message() == missing.message();
            let advice = if is_missing { "; create it first, with `with_namespaces`" } else { "" };
            Err((shown, format!("{}{advice}", rejection.message())))
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<Value>> {
    let mut files: Vec<PathBuf> = if path.is_dir() {
        let entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path()));
        entries.collect::<io::Result<Vec<_>>>()?
    } else {
        vec![path.to_owned()]
    };
    if path.is_dir() {
        let is_manifest = |file: &PathBuf| {
            let extension = file.extension().and_then(|extension| extension.to_str());
            matches!(extension, Some("json" | "yaml" | "yml"))
        };
        files.retain(is_manifest);
        files.sort();
    }
    let mut objects = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file)?;
        let documents = crd::documents(&text).map_err(|error| {
            io::Error::other(format!("{} is not YAML: {error}", file.display()))
        })?;
        objects.extend(documents);
    }
    Ok(objects)
}
