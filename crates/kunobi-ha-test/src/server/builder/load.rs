//! Fills the store that a server begins with.

use std::{collections::BTreeSet, error::Error, fmt, io, io::Write, path::PathBuf, sync::Arc};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    super::Snapshot,
    crd, {Authorization, Settings, Store},
};
use crate::{
    request::{
        FieldValidation, WriteOptions,
        body::Content,
        path::{Key, Target},
    },
    status::Rejection,
    store::Call,
    types::Resource,
};

/// Why a server can't have what it was to begin with.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum LoadError {
    /// A file or a folder can't be read, or has no objects in YAML or JSON: mend it, or name another one.
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// An object is refused, as it would be for a client.
    Object {
        /// The file that it is from, if it is from one.
        file: Option<PathBuf>,
        /// Which one, as in `v1 ConfigMap default/a`.
        name: String,
        /// The words of the server, with what to do.
        why: String,
    },
}

/// An object to begin with.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) value: Value,
    pub(super) file: Option<PathBuf>,
}

#[derive(Debug)]
pub(super) struct Loader {
    store: Store,
    now: Timestamp,
    /// What the snapshot has, but for what was asked for meanwhile.
    kept: BTreeSet<Key>,
}

impl Loader {
    /// A store with what every cluster has.
    pub(super) fn new(settings: Settings, snapshot: Option<Snapshot>, now: Timestamp) -> Self {
        let (mut store, kept) = match snapshot {
            Some(Snapshot(mut store)) => {
                store.settings = settings;
                let kept = store.keys().cloned().collect();
                (store, kept)
            }
            None => (Store::new(settings), BTreeSet::new()),
        };
        store.create_system_namespaces(now);
        store.create_own_service(now);
        if settings.authorization == Authorization::Rbac {
            store.create_system_roles(now);
        }
        store.settle(now);
        Self { store, now, kept }
    }

    /// Creates an object as a client would, unless the snapshot has it.
    pub(super) fn load(&mut self, wanted: Wanted) -> Result<(), LoadError> {
        let Wanted { value, file } = wanted;
        let text = |pointer: &str| {
            value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let (api_version, kind) = (text("/apiVersion"), text("/kind"));
        let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
        let shown = format!("{api_version} {kind} {namespace}/{name}");
        let refused = |why: String| LoadError::Object { file, name: shown.clone(), why };
        let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
        let Some(resource) = self.store.types.find_kind(group, version, &kind) else {
            let why = "no such type is known; define it first, with `with_crds`";
            return Err(refused(why.to_owned()));
        };
        let namespace = match (resource.is_namespaced, namespace.is_empty()) {
            (true, true) => "default",
            (true, false) => &namespace,
            (false, _) => "",
        };
        let target = Target::collection(&resource, namespace);
        let warnings = self.write(&resource, &target, &name, value).map_err(|rejection| {
            let missing = Rejection::not_found("", "namespaces", namespace);
            let is_missing = rejection.message() == missing.message();
            let advice = if is_missing { "; create it first, with `with_namespaces`" } else { "" };
            refused(format!("{}{advice}", rejection.message()))
        })?;
        // There is no client that could read them, nor perhaps anybody else.
        for warning in warnings {
            let _ = writeln!(io::stderr(), "kunobi-ha-test: {shown}: {warning}");
        }
        self.store.settle(self.now);
        Ok(())
    }

    /// Returns the warnings.
    fn write(
        &mut self,
        resource: &Arc<Resource>,
        target: &Target,
        name: &str,
        mut value: Value,
    ) -> Result<Vec<String>, Rejection> {
        let options = WriteOptions {
            is_dry_run: false,
            manager: "kunobi-ha-test".into(),
            validation: FieldValidation::Strict,
        };
        let one = target.named(name);
        let written = if self.kept.remove(&one.key()) {
            if (resource.group.as_str(), resource.plural.as_str()) != (crd::GROUP, crd::PLURAL) {
                return Ok(Vec::new());
            }
            let revision = self.store.get(&one)?.revision.to_string();
            value["metadata"]["resourceVersion"] = revision.into();
            let call = Call::by_server(resource, &one, self.now);
            self.store.update(&call, Content { value, duplicates: Vec::new() }, &options)
        } else {
            let call = Call::by_server(resource, target, self.now);
            self.store.create(&call, Content { value, duplicates: Vec::new() }, &options)
        };
        written.map(|written| written.warnings)
    }

    pub(super) fn finish(self) -> Store {
        self.store
    }
}

impl From<Value> for Wanted {
    fn from(value: Value) -> Self {
        Self { value, file: None }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, why } => write!(f, "can't load {}: {why}", path.display()),
            Self::Object { file, name, why } => {
                if let Some(file) = file {
                    write!(f, "{}: ", file.display())?;
                }
                write!(f, "{name} can't be created: {why}")
            }
        }
    }
}

impl Error for LoadError {}
