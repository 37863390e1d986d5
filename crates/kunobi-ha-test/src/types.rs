//! The types that the server knows: the built-in ones, and those of `CustomResourceDefinition`s.

mod builtin;
pub(crate) mod events;
mod part;
mod priority;
mod returned;
mod storage;
#[cfg(test)]
pub(crate) mod tests;
mod versions;

use std::{borrow::Cow, cmp::Reverse, collections::BTreeMap, sync::Arc};

pub(crate) use self::priority::Priority;
use crate::{crd, openapi::Documents, shape::Shape, status::qualified};

/// Which types there are. Part of the store: a `CustomResourceDefinition` changes it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Types {
    /// The types of each `CustomResourceDefinition`, by its name: `PLURAL.GROUP`.
    custom: BTreeMap<String, Vec<Arc<Resource>>>,
    /// The same in all versions, also those that are not served.
    definitions: BTreeMap<String, crd::Defined>,
    /// The `OpenAPI` documents of these types.
    pub(crate) documents: Arc<Documents>,
}

/// One type in one version, as it is served.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) plural: String,
    pub(crate) singular: String,
    pub(crate) kind: String,
    /// Empty if it can't be listed.
    pub(crate) list_kind: String,
    pub(crate) short_names: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) is_namespaced: bool,
    /// As discovery lists them: `create`, `deletecollection`, `get`, ...
    pub(crate) verbs: Vec<String>,
    pub(crate) subresources: Vec<Subresource>,
    pub(crate) origin: Origin,
}

#[derive(Debug)]
pub(crate) struct Subresource {
    /// `status`, `scale`, `log`, ...
    pub(crate) name: String,
    /// The kind that it takes and returns. Group and version are those of the resource, or empty,
    /// unless the kind is of another group.
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) verbs: Vec<String>,
}

/// Where a type comes from.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a resource is behind an Arc, and most are built-in")]
pub(crate) enum Origin {
    BuiltIn {
        shape: Shape,
        /// Of the bodies of its subresources, by name. Streams (`exec`, `proxy`) have none.
        bodies: BTreeMap<&'static str, Shape>,
        /// What discovery tells of the version in which etcd holds it.
        storage_version_hash: &'static str,
    },
    Custom(crd::Version),
}

/// A group as discovery lists it.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    /// Empty for the core group.
    pub(crate) name: &'a str,
    /// The preferred version is the first. There is at least one.
    pub(crate) versions: Vec<GroupVersion<'a>>,
}

/// The resources of one version of a group.
#[derive(Debug)]
pub(crate) struct GroupVersion<'a> {
    pub(crate) version: &'a str,
    /// By name. There is at least one.
    pub(crate) resources: Vec<&'a Resource>,
}

impl Types {
    /// The built-in types alone.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn find(&self, group: &str, version: &str, plural: &str) -> Option<Arc<Resource>> {
        builtin::find(group, version, plural).or_else(|| {
            self.defined(group, plural).find(|resource| resource.version == version).cloned()
        })
    }

    pub(crate) fn find_kind(
        &self,
        group: &str,
        version: &str,
        kind: &str,
    ) -> Option<Arc<Resource>> {
        let is_it = |resource: &&Arc<Resource>| {
            resource.kind == kind && resource.group == group && resource.version == version
        };
        self.all().find(is_it).cloned()
    }

    /// Takes the types of a `CustomResourceDefinition`, in place of those that it had.
    pub(crate) fn learn(&mut self, name: &str, defined: crd::Defined) {
        self.define(name, defined.served().cloned().collect());
        self.definitions.insert(name.into(), defined);
    }

    /// Serves these types.
    pub(crate) fn define(&mut self, name: &str, mut resources: Vec<Arc<Resource>>) {
        self.forget(name);
        if resources.is_empty() {
            return;
        }
        resources.sort_by(|a, b| Priority::of(&b.version).cmp(&Priority::of(&a.version)));
        self.custom.insert(name.into(), resources);
    }

    pub(crate) fn forget(&mut self, name: &str) {
        self.custom.remove(name);
        self.definitions.remove(name);
        self.documents = Arc::default();
    }

    /// Every type in every version, the built-in ones first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Resource>> {
        builtin::all().iter().chain(self.custom())
    }

    /// The types of all `CustomResourceDefinition`s, the preferred version of each first.
    pub(crate) fn custom(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.custom.values().flatten()
    }

    /// The types of all `CustomResourceDefinition`s but this one.
    pub(crate) fn others<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<Resource>> {
        self.custom.iter().filter(move |(other, _)| *other != name).flat_map(|(_, types)| types)
    }

    /// All groups: the core group, the built-in ones in their order, then the others by name.
    pub(crate) fn groups(&self) -> Vec<Group<'_>> {
        let mut groups = Vec::new();
        for resource in builtin::all() {
            insert(&mut groups, resource);
        }
        let mut custom: Vec<&Resource> = self.custom().map(Arc::as_ref).collect();
        custom.sort_by_key(|resource| {
            (&resource.group, Reverse(Priority::of(&resource.version)), &resource.plural)
        });
        for resource in custom {
            insert(&mut groups, resource);
        }
        groups
    }

    pub(crate) fn group(&self, name: &str) -> Option<Group<'_>> {
        self.groups().into_iter().find(|group| group.name == name)
    }

    /// Returns whether the server has the group without any `CustomResourceDefinition`.
    pub(crate) fn is_built_in(&self, group: &str) -> bool {
        let mut group = self.all().filter(|resource| resource.group == group);
        group.any(|resource| matches!(resource.origin, Origin::BuiltIn { .. }))
    }

    fn defined(&self, group: &str, plural: &str) -> impl Iterator<Item = &Arc<Resource>> {
        let is_any = !self.custom.is_empty();
        let name = is_any.then(|| format!("{plural}.{group}"));
        name.and_then(|name| self.custom.get(&name)).into_iter().flatten()
    }
}

impl Resource {
    pub(crate) fn has_verb(&self, verb: &str) -> bool {
        self.verbs.iter().any(|has| has == verb)
    }

    pub(crate) fn subresource(&self, name: &str) -> Option<&Subresource> {
        self.subresources.iter().find(|subresource| subresource.name == name)
    }

    /// `coordination.k8s.io/v1`, or `v1` in the core group.
    pub(crate) fn api_version(&self) -> String {
        api_version(&self.group, &self.version)
    }

    /// `leases.coordination.k8s.io`, or `configmaps` in the core group.
    pub(crate) fn qualified(&self) -> String {
        qualified(&self.group, &self.plural)
    }

    /// What each answer warns of, if the version is deprecated.
    pub(crate) fn deprecation(&self) -> Vec<String> {
        let text = match (&self.origin, self.group.as_str(), self.plural.as_str()) {
            (Origin::Custom(version), _, _) => version.deprecation(),
            (Origin::BuiltIn { .. }, "", "endpoints") => {
                Some("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice")
            }
            (Origin::BuiltIn { .. }, "", "componentstatuses") => {
                Some("v1 ComponentStatus is deprecated in v1.19+")
            }
            (Origin::BuiltIn { .. }, _, _) => None,
        };
        text.map(str::to_owned).into_iter().collect()
    }

    pub(crate) fn shape(&self) -> &Shape {
        match &self.origin {
            Origin::BuiltIn { shape, .. } => shape,
            Origin::Custom(version) => version.shape(),
        }
    }

    /// The shape of what a subresource takes and returns: none for a stream.
    pub(crate) fn body_of(&self, subresource: &str) -> Option<Shape> {
        match &self.origin {
            Origin::BuiltIn { bodies, .. } => bodies.get(subresource).cloned(),
            Origin::Custom(version) => {
                let subresource = self.subresource(subresource)?;
                if subresource.kind == self.kind {
                    return Some(version.shape().clone());
                }
                builtin::body(&subresource.group, &subresource.version, &subresource.kind)
            }
        }
    }

    /// Empty for a custom type, as the server may leave it.
    pub(crate) fn storage_version_hash(&self) -> &str {
        match &self.origin {
            Origin::BuiltIn { storage_version_hash, .. } => storage_version_hash,
            Origin::Custom(_) => "",
        }
    }

    /// Where the fields of `/scale` are, if the type has that subresource.
    pub(crate) fn scale(&self) -> Option<Cow<'_, crd::ScalePaths>> {
        match &self.origin {
            Origin::Custom(version) => version.scale().map(Cow::Borrowed),
            Origin::BuiltIn { .. } => {
                self.subresource("scale").map(|_| Cow::Owned(crd::ScalePaths::of_workloads()))
            }
        }
    }

    pub(crate) fn custom(&self) -> Option<&crd::Version> {
        match &self.origin {
            Origin::BuiltIn { .. } => None,
            Origin::Custom(version) => Some(version),
        }
    }
}

impl Subresource {
    /// The group and version of its kind, if they are not those of the resource.
    pub(crate) fn foreign<'a>(&'a self, resource: &Resource) -> Option<(&'a str, &'a str)> {
        let is_own = self.version.is_empty()
            || (self.group == resource.group && self.version == resource.version);
        (!is_own).then_some((&self.group, &self.version))
    }
}

/// The release of Kubernetes whose types these are: `v1.37.2`.
pub(crate) fn release() -> &'static str {
    builtin::release()
}

pub(crate) fn api_version(group: &str, version: &str) -> String {
    if group.is_empty() { version.into() } else { format!("{group}/{version}") }
}

/// Puts a resource into its group and version, which are most often the last ones.
fn insert<'a>(groups: &mut Vec<Group<'a>>, resource: &'a Resource) {
    let name = resource.group.as_str();
    let index = groups.iter().rposition(|group| group.name == name).unwrap_or(groups.len());
    if index == groups.len() {
        groups.push(Group { name, versions: Vec::new() });
    }
    let Some(Group { versions, .. }) = groups.get_mut(index) else { return };
    let version = resource.version.as_str();
    match versions.iter_mut().find(|served| served.version == version) {
        Some(served) => served.resources.push(resource),
        None => versions.push(GroupVersion { version, resources: vec![resource] }),
    }
}
