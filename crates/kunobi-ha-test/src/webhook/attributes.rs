//! What a write is about, whatever webhook it is shown to.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::Operation;
use crate::types::Resource;

#[derive(Clone, Debug)]
pub(crate) struct Attributes {
    pub(crate) operation: Operation,
    /// The type of the request.
    pub(crate) resource: Arc<Resource>,
    /// The same type in the other versions that are served.
    pub(crate) equivalents: Vec<Arc<Resource>>,
    pub(crate) subresource: String,
    /// Of a namespace, its own name.
    pub(crate) namespace: String,
    /// Empty while it is not generated yet.
    pub(crate) name: String,
    pub(crate) old: Option<Value>,
    pub(crate) is_dry_run: bool,
    /// Of the namespace of the object, if there is one.
    pub(crate) namespace_labels: Map<String, Value>,
}

impl Attributes {
    pub(super) fn is_namespace(&self) -> bool {
        self.resource.group.is_empty() && self.resource.plural == "namespaces"
    }

    /// Group, version and kind of the object: a subresource may have its own.
    pub(crate) fn kind<'a>(&'a self, resource: &'a Resource) -> (&'a str, &'a str, &'a str) {
        let part = resource.subresource(&self.subresource);
        if let Some(part) = part.filter(|part| !part.version.is_empty()) {
            return (&part.group, &part.version, &part.kind);
        }
        let kind = part.map_or(&resource.kind, |part| &part.kind);
        (&resource.group, &resource.version, kind)
    }

    /// Returns whether the object is of the type of the request, not of a kind that only a subresource has.
    pub(crate) fn is_whole(&self) -> bool {
        self.kind(&self.resource).2 == self.resource.kind
    }
}
