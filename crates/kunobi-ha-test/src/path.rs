//! URLs of the Kubernetes API.

use std::collections::BTreeMap;

use crate::{lease, status::Rejection};

/// What a URL names: a collection, or with a name an object.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Target {
    pub(crate) group: String,
    version: String,
    pub(crate) resource: String,
    /// Empty for cluster resources, and for a collection over all namespaces.
    pub(crate) namespace: String,
    /// Empty for a collection.
    pub(crate) name: String,
    pub(crate) subresource: String,
}

/// Identifies an object: its qualified resource, namespace (empty if it has none), and name.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key {
    pub(crate) group: String,
    pub(crate) resource: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// Whether a resource has `/status`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    /// It has none.
    Absent,
    /// It has one, and only a write to it changes the status.
    Separate,
    /// It may have one: both ways of writing work.
    Unknown,
}

impl Target {
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let mut target = Self::default();
        match parts.next()? {
            "api" => {}
            "apis" => target.group = parts.next()?.into(),
            _ => return None,
        }
        target.version = parts.next()?.into();
        let rest: Vec<&str> = parts.collect();
        let rest = match rest.as_slice() {
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() && !is_namespace_sub(rest) => {
                target.namespace = (*namespace).into();
                rest
            }
            rest => rest,
        };
        let (resource, rest) = rest.split_first()?;
        target.resource = (*resource).into();
        match rest {
            [] => {}
            [name] => target.name = (*name).into(),
            [name, subresource] => {
                target.name = (*name).into();
                target.subresource = (*subresource).into();
            }
            _ => return None,
        }
        Some(target)
    }

    pub(crate) fn key(&self) -> Key {
        Key {
            group: self.group.clone(),
            resource: self.resource.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
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

    pub(crate) fn named(&self, name: &str) -> Self {
        Self { name: name.into(), ..self.clone() }
    }

    /// Returns whether an object belongs to this collection, or is this object.
    pub(crate) fn covers(&self, key: &Key) -> bool {
        self.resource == key.resource
            && self.group == key.group
            && (self.namespace.is_empty() || self.namespace == key.namespace)
            && (self.name.is_empty() || self.name == key.name)
    }

    pub(crate) fn is_lease(&self) -> bool {
        self.group == lease::GROUP && self.resource == lease::RESOURCE
    }

    pub(crate) fn is_pod(&self) -> bool {
        self.group.is_empty() && self.resource == "pods"
    }

    /// Returns whether the server has the subresource. An object without one counts, too.
    pub(crate) fn has_subresource(&self) -> bool {
        match self.subresource.as_str() {
            "" => true,
            "status" => Status::of(self) != Status::Absent,
            _ => false,
        }
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

    pub(crate) fn already_exists(&self) -> Rejection {
        Rejection::already_exists(&self.group, &self.resource, &self.name)
    }

    pub(crate) fn modified(&self) -> Rejection {
        Rejection::modified(&self.group, &self.resource, &self.name)
    }

    pub(crate) fn other_uid(&self, sent: &str, is: &str) -> Rejection {
        Rejection::other_uid(&self.group, &self.resource, &self.name, sent, is)
    }

    pub(crate) fn immutable(&self, field: &str) -> Rejection {
        self.invalid(field, "Invalid value: field is immutable")
    }

    pub(crate) fn late_finalizer(&self, added: &str) -> Rejection {
        let why = format!(
            "Forbidden: no new finalizers can be added if the object is being deleted, found new \
             finalizers []string{{{added:?}}}"
        );
        self.invalid("metadata.finalizers", &why)
    }

    pub(crate) fn name_required(&self) -> Rejection {
        self.invalid("metadata.name", "Required value: name or generateName is required")
    }

    pub(crate) fn version_required(&self) -> Rejection {
        let why = "Invalid value: 0: must be specified for an update";
        self.invalid("metadata.resourceVersion", why)
    }

    fn invalid(&self, field: &str, why: &str) -> Rejection {
        Rejection::invalid(&self.resource, &self.group, &self.name, field, why)
    }
}

impl Status {
    pub(crate) fn of(target: &Target) -> Self {
        match (target.group.as_str(), target.resource.as_str()) {
            ("apps" | "autoscaling" | "batch" | "policy", _) => Self::Separate,
            ("", resource) if CORE.contains(&resource) => Self::Separate,
            ("" | "coordination.k8s.io" | "rbac.authorization.k8s.io", _) => Self::Absent,
            _ => Self::Unknown,
        }
    }
}

/// `namespaces/x/status` and `namespaces/x/finalize` are about the namespace itself.
fn is_namespace_sub(rest: &[&str]) -> bool {
    matches!(rest, ["status" | "finalize"])
}

/// Splits a query string; a parameter without a value is empty.
pub(crate) fn query(query: &str) -> BTreeMap<String, String> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        let escaped = (*first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None if *first == b'+' => bytes.push(b' '),
            None => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The resources of the core group that have a status.
const CORE: [&str; 8] = [
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "services",
];
