//! The kind of a subresource, such as Scale, as a type.

use std::collections::BTreeMap;

use super::{Origin, Resource, Subresource};

impl Resource {
    /// The kind of a subresource as a type of its own, whose objects are sent and never stored.
    pub(crate) fn part(&self, subresource: &str) -> Option<Self> {
        let Subresource { group, version, kind, .. } = self.subresource(subresource)?;
        let shape = self.body_of(subresource)?;
        Some(Self {
            group: group.clone(),
            version: version.clone(),
            plural: String::new(),
            singular: String::new(),
            kind: kind.clone(),
            list_kind: String::new(),
            short_names: Vec::new(),
            categories: Vec::new(),
            is_namespaced: self.is_namespaced,
            verbs: Vec::new(),
            subresources: Vec::new(),
            origin: Origin::BuiltIn { shape, bodies: BTreeMap::new(), storage_version_hash: "" },
        })
    }
}
