//! A rule of a webhook: which requests it is about.

use serde_json::Value;

use super::{Attributes, Operation};
use crate::types::Resource;

#[derive(Debug)]
pub(super) struct Rule {
    operations: Vec<String>,
    groups: Vec<String>,
    versions: Vec<String>,
    /// With their subresources: `pods/status`, `*/scale`.
    resources: Vec<(String, String)>,
    scope: Scope,
}

#[derive(Clone, Copy, Debug)]
enum Scope {
    All,
    Cluster,
    Namespaced,
}

impl Rule {
    pub(super) fn read(rule: &Value) -> Self {
        let texts = |field: &str| {
            let list = rule.get(field).and_then(Value::as_array).into_iter().flatten();
            list.filter_map(Value::as_str).map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        let resources = texts("resources").into_iter().map(|text| match text.split_once('/') {
            Some((resource, part)) => (resource.to_owned(), part.to_owned()),
            None => (text, String::new()),
        });
        Self {
            operations: texts("operations"),
            groups: texts("apiGroups"),
            versions: texts("apiVersions"),
            resources: resources.collect(),
            scope: match rule.get("scope").and_then(Value::as_str) {
                Some("Cluster") => Scope::Cluster,
                Some("Namespaced") => Scope::Namespaced,
                _ => Scope::All,
            },
        }
    }

    pub(super) fn matches(&self, attributes: &Attributes, resource: &Resource) -> bool {
        let is_namespaced = !attributes.namespace.is_empty() && !attributes.is_namespace();
        self.covers(attributes.operation, resource, &attributes.subresource)
            && match self.scope {
                Scope::All => true,
                Scope::Cluster => !is_namespaced,
                Scope::Namespaced => is_namespaced,
            }
    }

    /// Whether it is about an operation on resources with this name, whatever their group and version are.
    pub(super) fn concerns(&self, operation: Operation, plural: &str, subresource: &str) -> bool {
        let mut resources = self.resources.iter();
        any(&self.operations, operation.name())
            && resources.any(|(resource, part)| is(resource, plural) && is(part, subresource))
    }

    fn covers(&self, operation: Operation, resource: &Resource, subresource: &str) -> bool {
        self.concerns(operation, &resource.plural, subresource)
            && any(&self.groups, &resource.group)
            && any(&self.versions, &resource.version)
    }
}

fn any(patterns: &[String], text: &str) -> bool {
    patterns.iter().any(|pattern| is(pattern, text))
}

fn is(pattern: &str, text: &str) -> bool {
    pattern == "*" || pattern == text
}
