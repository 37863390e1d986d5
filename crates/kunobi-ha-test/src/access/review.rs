//! Reviews: objects that are questions, and are never stored.

mod selectors;
mod validation;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub(crate) use self::{selectors::evaluation_error, validation::causes};
use super::{Attributes, Object, Place, Rule, User};
use crate::types::Resource;

/// What is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Review {
    /// Whether a user may do something.
    Access,
    /// The same in one namespace.
    LocalAccess,
    /// Whether the asker may do something.
    SelfAccess,
    /// What the asker may do in a namespace.
    SelfRules,
    /// Who asks.
    SelfSubject,
    /// Whose token this is.
    Token,
}

impl Review {
    pub(crate) fn of(resource: &Resource) -> Option<Self> {
        Some(match (resource.group.as_str(), resource.plural.as_str()) {
            ("authentication.k8s.io", "selfsubjectreviews") => Self::SelfSubject,
            ("authentication.k8s.io", "tokenreviews") => Self::Token,
            ("authorization.k8s.io", "localsubjectaccessreviews") => Self::LocalAccess,
            ("authorization.k8s.io", "selfsubjectaccessreviews") => Self::SelfAccess,
            ("authorization.k8s.io", "selfsubjectrulesreviews") => Self::SelfRules,
            ("authorization.k8s.io", "subjectaccessreviews") => Self::Access,
            _ => return None,
        })
    }
}

/// What an access review asks about.
pub(crate) fn attributes(spec: &Value) -> Attributes {
    let text = |part: &Value, field: &str| part[field].as_str().unwrap_or_default().to_owned();
    let (resource, path) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
    if resource.is_null() {
        return Attributes { verb: text(path, "verb"), object: Object::Path(text(path, "path")) };
    }
    let place = Place {
        group: text(resource, "group"),
        resource: text(resource, "resource"),
        subresource: text(resource, "subresource"),
        namespace: text(resource, "namespace"),
        name: text(resource, "name"),
    };
    Attributes { verb: text(resource, "verb"), object: Object::Resource(place) }
}

/// Whom an access review is about: in exactly the groups that it names.
pub(crate) fn subject(spec: &Value) -> User {
    let text = |field: &str| spec[field].as_str().unwrap_or_default().to_owned();
    let extra = spec["extra"].as_object().into_iter().flatten();
    let extra = extra.map(|(key, values)| (key.clone(), texts(values)));
    User {
        name: text("user"),
        uid: text("uid"),
        groups: texts(&spec["groups"]),
        extra: extra.collect::<BTreeMap<_, _>>(),
    }
}

/// A user as reviews describe it.
pub(crate) fn described(user: &User) -> Value {
    let mut described = json!({ "username": user.name });
    if !user.uid.is_empty() {
        described["uid"] = user.uid.as_str().into();
    }
    if !user.groups.is_empty() {
        described["groups"] = user.groups.clone().into();
    }
    if !user.extra.is_empty() {
        described["extra"] = json!(user.extra);
    }
    described
}

/// The status of a review of rules.
pub(crate) fn listed(rules: &[Rule], unresolved: Option<&str>) -> Value {
    const RESOURCE: [&str; 4] = ["verbs", "apiGroups", "resources", "resourceNames"];
    let of_resources = rules.iter().filter(|rule| rule.is_of_resources());
    let of_paths = rules.iter().filter(|rule| rule.is_of_paths());
    let mut status = json!({
        "resourceRules": of_resources.map(|rule| rule.listed(&RESOURCE)).collect::<Vec<_>>(),
        "nonResourceRules":
            of_paths.map(|rule| rule.listed(&["verbs", "nonResourceURLs"])).collect::<Vec<_>>(),
        "incomplete": false,
    });
    if let Some(why) = unresolved {
        status["evaluationError"] = why.into();
    }
    status
}

fn texts(values: &Value) -> Vec<String> {
    let values = values.as_array().into_iter().flatten();
    values.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}
