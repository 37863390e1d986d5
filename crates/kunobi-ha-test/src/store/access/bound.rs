//! A role that a user has by a binding.

use serde_json::Value;

use crate::{
    access::{User, service_account},
    go,
    request::path::Key,
};

#[derive(Debug)]
pub(super) struct Bound<'a> {
    pub(super) key: &'a Key,
    pub(super) binding: &'a Value,
    /// The first subject of the binding that is the user.
    pub(super) subject: &'a Value,
    pub(super) role: &'a Value,
}

impl Bound<'_> {
    /// As kube-apiserver names a reason.
    pub(super) fn described(&self) -> String {
        let (name, namespace) = (&self.key.name, &self.key.namespace);
        let (kind, name) = if namespace.is_empty() {
            ("ClusterRoleBinding", go::quoted(name))
        } else {
            ("RoleBinding", go::quoted(&format!("{name}/{namespace}")))
        };
        let reference = &self.binding["roleRef"];
        let role = format!("{} {}", text(reference, "kind"), go::quoted(text(reference, "name")));
        let (subject, is) = (text(self.subject, "kind"), text(self.subject, "name"));
        let is = match (subject, text(self.subject, "namespace")) {
            ("ServiceAccount", "") => format!("{is}/{namespace}"),
            ("ServiceAccount", own) => format!("{is}/{own}"),
            _ => is.to_owned(),
        };
        format!("{kind} {name} of {role} to {subject} {}", go::quoted(&is))
    }
}

/// The first subject of a binding that is this user.
pub(super) fn subject<'a>(binding: &'a Value, user: &User, namespace: &str) -> Option<&'a Value> {
    let subjects = binding.get("subjects").and_then(Value::as_array);
    subjects.into_iter().flatten().find(|subject| is(subject, user, namespace))
}

fn is(subject: &Value, user: &User, namespace: &str) -> bool {
    let name = text(subject, "name");
    match text(subject, "kind") {
        "User" => user.name() == name,
        "Group" => user.is_in(name),
        "ServiceAccount" => {
            // Without a namespace it is one of that of the binding.
            let own = text(subject, "namespace");
            let namespace = if own.is_empty() { namespace } else { own };
            service_account(user.name()) == Some((namespace, name))
        }
        _ => false,
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}
