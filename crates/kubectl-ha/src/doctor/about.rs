//! Which object something is said of.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

/// An object.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct About {
    pub(crate) kind: &'static str,
    /// `None` if its type has none.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_that_there_is_not_is_null() {
        let about = About { kind: "Node", namespace: None, name: "n1".into() };
        let written = serde_json::to_value(&about).unwrap();
        assert_eq!(written, serde_json::json!({ "kind": "Node", "namespace": null, "name": "n1" }));
    }
}
