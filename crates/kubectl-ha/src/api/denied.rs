//! A right that is missing.

use std::fmt;

use super::Target;

/// What was refused with a 403, and what the server said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Denied {
    pub(crate) target: Target,
    pub(crate) message: String,
}

impl Denied {
    /// Returns a Role or a `ClusterRole` that gives the right, as YAML to paste.
    pub(crate) fn role(&self) -> String {
        let Target { verb, kind, namespace, .. } = &self.target;
        let (role, place) = namespace.as_ref().map_or_else(
            || ("ClusterRole", String::new()),
            |namespace| ("Role", format!(", namespace: {namespace}")),
        );
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: {role}\nmetadata: {{ name: kubectl-ha{place} }}\nrules:\n\
             - apiGroups: [\"{}\"]\n  resources: [{}]\n  verbs: [{verb}]",
            kind.group,
            self.target.resource(),
        )
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Target { verb, namespace, .. } = &self.target;
        let place = namespace
            .as_ref()
            .map_or_else(|| "in all namespaces".into(), |name| format!("in the namespace {name}"));
        writeln!(f, "you may not {verb} {} {place}: {}", self.target.resource(), self.message)?;
        write!(f, "This rule, bound to you, would allow it:\n{}", self.role())
    }
}
