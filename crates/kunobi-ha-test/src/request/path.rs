//! URLs of the Kubernetes API.

use std::cmp::Ordering;

use super::query::{Part, unescape};
use crate::{
    go, lease,
    status::Rejection,
    types::{Resource, events},
};

/// What a URL names: a collection, or with a name an object.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Target {
    pub(crate) group: String,
    pub(crate) version: String,
    /// The plural name of the type.
    pub(crate) resource: String,
    /// Empty for cluster resources, and for a collection over all namespaces.
    pub(crate) namespace: String,
    /// Empty for a collection.
    pub(crate) name: String,
    pub(crate) subresource: String,
    /// What follows the subresource, as in `proxy/metrics/cadvisor`.
    pub(crate) rest: String,
    /// It begins with `watch/`, the old way to ask for a watch: of a single object, too.
    pub(crate) is_watch: bool,
}

/// Whether this can be the name of an object in a path.
pub(crate) fn is_segment(name: &str) -> bool {
    !(matches!(name, "" | "." | "..") || name.contains(['/', '%']))
}

/// Identifies an object: its qualified resource, namespace (empty if it has none), and name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Key {
    pub(crate) group: String,
    pub(crate) resource: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Ord for Key {
    /// The order of etcd, where a slash ends the namespace: `a-b` comes before `a`.
    fn cmp(&self, other: &Self) -> Ordering {
        let (namespace, other_namespace) = (self.namespace.bytes(), other.namespace.bytes());
        (self.group.cmp(&other.group))
            .then_with(|| self.resource.cmp(&other.resource))
            .then_with(|| namespace.chain([b'/']).cmp(other_namespace.chain([b'/'])))
            .then_with(|| self.name.cmp(&other.name))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Target {
    /// None: the path is not one of a resource. As on kube-apiserver, an escaped slash is a slash,
    /// slashes at the end are no matter, and one too many elsewhere is.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let path = unescape(path, Part::Path)?;
        let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        let (group, parts) = match parts.as_slice() {
            ["", "api", parts @ ..] => ("", parts),
            ["", "apis", group, parts @ ..] => (*group, parts),
            _ => return None,
        };
        let (version, parts) = parts.split_first()?;
        let (is_watch, parts) = match parts {
            ["watch", parts @ ..] => (true, parts),
            parts => (false, parts),
        };
        let (namespace, parts) = match parts {
            ["namespaces", _] | ["namespaces", _, "status" | "finalize", ..] => ("", parts),
            ["namespaces", namespace, parts @ ..] => (*namespace, parts),
            parts => ("", parts),
        };
        // An empty namespace stands for all of them, even there; other parts must be something.
        if parts.iter().any(|part| part.is_empty()) {
            return None;
        }
        let part = |index: usize| parts.get(index).copied().unwrap_or_default().to_owned();
        Some(Self {
            group: group.to_owned(),
            version: (*version).to_owned(),
            resource: (*parts.first()?).to_owned(),
            namespace: namespace.to_owned(),
            name: part(1),
            subresource: part(2),
            rest: parts.get(3..).unwrap_or_default().join("/"),
            is_watch,
        })
    }

    /// 404: this version of the group has no such type, or has it elsewhere. Only of the built-in
    /// groups does kube-apiserver know so much that it says it in a `Status`.
    pub(crate) fn no_such_type(is_group_built_in: bool) -> Rejection {
        if is_group_built_in { Rejection::no_such_path() } else { Rejection::page_not_found() }
    }

    /// Refuses what can't be the name of an object.
    pub(crate) fn check_name(&self) -> Result<(), Rejection> {
        let name = self.name.as_str();
        let why = match name {
            "." | ".." => format!("may not be '{name}'"),
            name if name.contains('%') => "may not contain '%'".to_owned(),
            _ => return Ok(()),
        };
        let name = go::quoted(name);
        Err(Rejection::bad_request(format!("Name parameter invalid: {name}: {why}")))
    }

    pub(crate) fn key(&self) -> Key {
        Key {
            group: self.stored_group().into(),
            resource: self.resource.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }

    /// The group under which objects are stored: events are the same in both of their groups.
    fn stored_group(&self) -> &str {
        match (self.group.as_str(), self.resource.as_str()) {
            (events::GROUP, "events") => "",
            (group, _) => group,
        }
    }

    /// The URL of the object.
    pub(crate) fn path(&self) -> String {
        let root = if self.group.is_empty() { "api" } else { "apis" };
        let mut parts = vec![String::new(), root.to_owned(), self.api_version()];
        if !self.namespace.is_empty() {
            parts.extend(["namespaces".to_owned(), self.namespace.clone()]);
        }
        parts.extend([self.resource.clone(), self.name.clone()]);
        parts.join("/")
    }

    /// The collection of a type in a namespace; an empty one stands for all, or for none.
    pub(crate) fn collection(resource: &Resource, namespace: &str) -> Self {
        Self {
            group: resource.group.clone(),
            version: resource.version.clone(),
            resource: resource.plural.clone(),
            namespace: namespace.into(),
            ..Self::default()
        }
    }

    /// The object of this type with this key.
    pub(crate) fn at(&self, key: &Key) -> Self {
        Self { namespace: key.namespace.clone(), name: key.name.clone(), ..self.clone() }
    }

    pub(crate) fn named(&self, name: &str) -> Self {
        Self { name: name.into(), ..self.clone() }
    }

    /// Returns whether an object belongs to this collection, or is this object.
    pub(crate) fn covers(&self, key: &Key) -> bool {
        self.resource == key.resource
            && self.stored_group() == key.group
            && (self.namespace.is_empty() || self.namespace == key.namespace)
            && (self.name.is_empty() || self.name == key.name)
    }

    pub(crate) fn is_lease(&self) -> bool {
        self.group == lease::GROUP && self.resource == lease::RESOURCE
    }

    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    pub(crate) fn not_found(&self) -> Rejection {
        Rejection::not_found(&self.group, &self.resource, &self.name)
    }

    pub(crate) fn already_exists(&self, is_being_deleted: bool) -> Rejection {
        Rejection::already_exists(&self.group, &self.resource, &self.name, is_being_deleted)
    }

    pub(crate) fn modified(&self) -> Rejection {
        Rejection::modified(&self.group, &self.resource, &self.name)
    }

    pub(crate) fn other_uid(&self, sent: &str, is: &str) -> Rejection {
        let object = (self.group.as_str(), self.resource.as_str(), self.name.as_str());
        Rejection::other_uid(object, &self.registry_key(), sent, is)
    }

    /// Where kube-apiserver keeps the object in etcd.
    fn registry_key(&self) -> String {
        let place = match (self.group.as_str(), self.resource.as_str()) {
            ("", "endpoints") => "services/endpoints".into(),
            ("", "nodes") => "minions".into(),
            ("", "replicationcontrollers") => "controllers".into(),
            ("", "services") => "services/specs".into(),
            ("networking.k8s.io", "ingresses") => "ingress".into(),
            ("apiextensions.k8s.io" | "apiregistration.k8s.io", resource) => {
                format!("{}/{resource}", self.group)
            }
            // Without a dot or under k8s.io, it is a built-in group.
            (group, resource) if !group.contains('.') || group.ends_with(".k8s.io") => {
                resource.to_owned()
            }
            (group, resource) => format!("{group}/{resource}"),
        };
        let parts = ["", "registry", &place, &self.namespace, &self.name];
        let parts =
            parts.iter().enumerate().filter(|(index, part)| *index == 0 || !part.is_empty());
        parts.map(|(_, part)| *part).collect::<Vec<_>>().join("/")
    }
}

#[cfg(test)]
mod tests;
