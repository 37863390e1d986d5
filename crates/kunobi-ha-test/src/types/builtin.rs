//! The built-in types, from a table that `scripts/kubernetes-resources.py` writes.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, LazyLock},
};

use serde::Deserialize;

use super::{Origin, Resource, Subresource};
use crate::shape::Shape;

const TEXT: &str = include_str!("resources.json");
static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

#[derive(Debug)]
struct Table {
    release: &'static str,
    /// In the order of discovery.
    all: Vec<Arc<Resource>>,
    /// By group, version and plural.
    served: HashMap<(&'static str, &'static str, &'static str), Arc<Resource>>,
}

#[derive(Default, Deserialize)]
struct Document {
    #[serde(borrow)]
    kubernetes: &'static str,
    resources: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    singular: String,
    kind: String,
    list: String,
    r#type: &'static str,
    short_names: Vec<String>,
    categories: Vec<String>,
    namespaced: bool,
    verbs: Vec<String>,
    hash: &'static str,
    subresources: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    name: &'static str,
    group: String,
    version: String,
    kind: String,
    verbs: Vec<String>,
    r#type: &'static str,
}

pub(super) fn release() -> &'static str {
    TABLE.release
}

pub(super) fn all() -> &'static [Arc<Resource>] {
    &TABLE.all
}

pub(super) fn find(group: &str, version: &str, plural: &str) -> Option<Arc<Resource>> {
    TABLE.served.get(&(group, version, plural)).cloned()
}

/// The shape of a kind that only subresources have, such as Scale.
pub(super) fn body(group: &str, version: &str, kind: &str) -> Option<Shape> {
    TABLE.all.iter().find_map(|resource| {
        let has = |part: &&Subresource| {
            part.kind == kind && part.group == group && part.version == version
        };
        let part = resource.subresources.iter().find(has)?;
        match &resource.origin {
            Origin::BuiltIn { bodies, .. } => bodies.get(part.name.as_str()).cloned(),
            Origin::Custom(_) => None,
        }
    })
}

impl Table {
    fn read() -> Self {
        // A test reads the text, too: it is not empty.
        let document: Document = serde_json::from_str(TEXT).unwrap_or_default();
        let mut table =
            Self { release: document.kubernetes, all: Vec::new(), served: HashMap::new() };
        for entry in document.resources {
            table.add(entry);
        }
        table
    }

    fn add(&mut self, entry: Entry) {
        let (group, version, plural) = (entry.group, entry.version, entry.plural);
        let resource = Arc::new(entry.resource());
        self.served.insert((group, version, plural), Arc::clone(&resource));
        self.all.push(resource);
    }
}

impl Entry {
    fn resource(self) -> Resource {
        let bodies: BTreeMap<&'static str, Shape> = self
            .subresources
            .iter()
            .filter(|part| !part.r#type.is_empty())
            .map(|part| (part.name, Shape::named(part.r#type)))
            .collect();
        Resource {
            group: self.group.into(),
            version: self.version.into(),
            plural: self.plural.into(),
            singular: self.singular,
            kind: self.kind,
            list_kind: self.list,
            short_names: self.short_names,
            categories: self.categories,
            is_namespaced: self.namespaced,
            verbs: self.verbs,
            subresources: self.subresources.into_iter().map(Part::subresource).collect(),
            origin: Origin::BuiltIn {
                shape: Shape::named(self.r#type),
                bodies,
                storage_version_hash: self.hash,
            },
        }
    }
}

impl Part {
    fn subresource(self) -> Subresource {
        Subresource {
            name: self.name.into(),
            group: self.group,
            version: self.version,
            kind: self.kind,
            verbs: self.verbs,
        }
    }
}
