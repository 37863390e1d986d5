//! The documents as they are served, each made when it is first asked for.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError},
};

use bytes::Bytes;
use serde_json::{Value, json};

use super::{document, protobuf, swagger::swagger};
use crate::types::{GroupVersion, Origin, Types, api_version};

/// The documents of one set of types. A change of definitions begins with none.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    versions: Mutex<BTreeMap<String, Arc<Written>>>,
    all: OnceLock<All>,
}

/// A document, with the tag by which a client knows it again.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) bytes: Bytes,
    pub(crate) tag: String,
}

/// All types in one document.
#[derive(Debug)]
pub(crate) struct All {
    pub(crate) json: Written,
    pub(crate) protobuf: Written,
}

/// The documents of built-in types alone are the same on every server.
static BUILT_IN: LazyLock<Documents> = LazyLock::new(Documents::default);

impl Documents {
    /// `/openapi/v3`: where the documents are. The path of one changes with what is in it.
    pub(crate) fn index(&self, types: &Types) -> Written {
        let mut paths = BTreeMap::new();
        for group in types.groups() {
            for served in &group.versions {
                let name = name(group.name, served.version);
                let tag = &self.of(&name, served).tag;
                let url = format!("/openapi/v3/{name}?hash={tag}");
                paths.insert(name, json!({ "serverRelativeURL": url }));
            }
        }
        Written::new(&json!({ "paths": paths }))
    }

    /// `/openapi/v3/…`, without what is in front of `api/v1` or `apis/apps/v1`.
    pub(crate) fn version(&self, types: &Types, path: &str) -> Option<Arc<Written>> {
        let groups = types.groups();
        groups.iter().find_map(|group| {
            let is_asked = |served: &&GroupVersion<'_>| name(group.name, served.version) == path;
            group.versions.iter().find(is_asked).map(|served| self.of(path, served))
        })
    }

    /// `/openapi/v2`: all types in one document.
    pub(crate) fn all(&self, types: &Types) -> &All {
        let documents = if types.custom().next().is_none() { &*BUILT_IN } else { self };
        documents.all.get_or_init(|| {
            let groups = types.groups();
            let documents: Vec<Value> =
                groups.iter().flat_map(|group| &group.versions).map(document).collect();
            let document = swagger(&documents);
            All {
                json: Written::new(&document),
                protobuf: Written::tagged(protobuf::encode(&document).into()),
            }
        })
    }

    fn of(&self, name: &str, served: &GroupVersion<'_>) -> Arc<Written> {
        let is_built_in = served
            .resources
            .iter()
            .all(|resource| matches!(resource.origin, Origin::BuiltIn { .. }));
        let documents = if is_built_in { &*BUILT_IN } else { self };
        let mut versions = documents.versions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(written) = versions.get(name) {
            return Arc::clone(written);
        }
        let written = Arc::new(Written::new(&document(served)));
        versions.insert(name.into(), Arc::clone(&written));
        written
    }
}

impl Written {
    fn new(document: &Value) -> Self {
        Self::tagged(document.to_string().into())
    }

    /// The tag of the same bytes is always the same.
    pub(crate) fn tagged(bytes: Bytes) -> Self {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        Self { bytes, tag: format!("{:016X}", hasher.finish()) }
    }
}

/// `api/v1`, `apis/apps/v1`.
pub(super) fn name(group: &str, version: &str) -> String {
    let root = if group.is_empty() { "api" } else { "apis" };
    format!("{root}/{}", api_version(group, version))
}
