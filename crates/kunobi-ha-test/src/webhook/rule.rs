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

    fn covers(&self, operation: Operation, resource: &Resource, subresource: &str) -> bool {
        let is = |pattern: &str, text: &str| pattern == "*" || pattern == text;
        let any = |patterns: &[String], text: &str| patterns.iter().any(|one| is(one, text));
        any(&self.operations, operation.name())
            && any(&self.groups, &resource.group)
            && any(&self.versions, &resource.version)
            && self
                .resources
                .iter()
                .any(|(plural, part)| is(plural, &resource.plural) && is(part, subresource))
    }
}
