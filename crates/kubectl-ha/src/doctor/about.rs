//! Which object something is said of.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

/// An object.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct About {
    pub(crate) kind: &'static str,
    /// `None` if its type has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
}

impl About {
    pub(crate) fn of(kind: &'static str, meta: &ObjectMeta) -> Self {
        let name = meta.name.clone().unwrap_or_default();
        Self { kind, namespace: meta.namespace.clone(), name }
    }

    pub(crate) fn named(kind: &'static str, namespace: &str, name: &str) -> Self {
        Self { kind, namespace: Some(namespace.to_owned()), name: name.to_owned() }
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, namespace, name } = self;
        match namespace {
            Some(namespace) => write!(f, "{kind} {namespace}/{name}"),
            None => write!(f, "{kind} {name}"),
        }
    }
}
