//! What a request is about, as authorization sees it: before anything else of it is read.

use http::Method;

use crate::{
    go,
    request::{path::is_segment, query::Query},
    selector,
    status::{Rejection, qualified},
};

/// What somebody wants to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Attributes {
    /// `get`, `list`, `create`, ...; of a path the method in small letters.
    pub(crate) verb: String,
    pub(crate) object: Object,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Object {
    /// What is not a resource: discovery, health, metrics.
    Path(String),
    Resource(Place),
}

/// Any part may be empty. There need not be such a type.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) group: String,
    pub(crate) resource: String,
    pub(crate) subresource: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Attributes {
    /// Reads a path without escapes. None: it begins as a resource, and ends before there is one.
    pub(crate) fn of(method: &Method, path: &str, query: &str) -> Option<Self> {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (group, rest) = match segments.as_slice() {
            ["api", _, rest @ ..] if !rest.is_empty() => ("", rest),
            ["apis", group, _, rest @ ..] if !rest.is_empty() => (*group, rest),
            _ => {
                let verb = method.as_str().to_ascii_lowercase();
                return Some(Self { verb, object: Object::Path(path.into()) });
            }
        };
        let (mut verb, rest) = match rest {
            ["proxy" | "watch"] => return None,
            [verb @ ("proxy" | "watch"), rest @ ..] => (*verb, rest),
            rest => (verb(method), rest),
        };
        let (namespace, rest) = match rest {
            ["namespaces", namespace] | ["namespaces", namespace, "status" | "finalize", ..] => {
                (*namespace, rest)
            }
            ["namespaces", namespace, rest @ ..] => (*namespace, rest),
            rest => ("", rest),
        };
        let part = |index: usize| rest.get(index).copied().unwrap_or_default();
        let mut name = part(1).to_owned();
        if name.is_empty() && verb == "get" {
            let query = Query::parse(query);
            let watches = query.first("watch").is_some_and(go::boolean);
            verb = if watches { "watch" } else { "list" };
            // Who may list one object by its name may select it from the collection, too.
            name = named(&query).filter(|name| is_segment(name)).unwrap_or_default();
        } else if name.is_empty() && verb == "delete" {
            verb = "deletecollection";
        }
        let subresource = if verb == "proxy" { "" } else { part(2) };
        let place = Place {
            group: group.into(),
            resource: part(0).into(),
            subresource: subresource.into(),
            namespace: namespace.into(),
            name,
        };
        Some(Self { verb: verb.into(), object: Object::Resource(place) })
    }

    /// Of what is not even a path.
    pub(crate) fn nothing() -> Self {
        Self { verb: String::new(), object: Object::Path(String::new()) }
    }

    pub(crate) fn on(verb: &str, place: Place) -> Self {
        Self { verb: verb.into(), object: Object::Resource(place) }
    }

    pub(crate) fn namespace(&self) -> &str {
        match &self.object {
            Object::Path(_) => "",
            Object::Resource(place) => &place.namespace,
        }
    }

    /// 403, in the words of kube-apiserver.
    pub(crate) fn forbidden(&self, user: &str, reason: &str) -> Rejection {
        let (user, verb) = (go::quoted(user), &self.verb);
        let (what, place) = match &self.object {
            Object::Path(path) => {
                (format!("User {user} cannot {verb} path {}", go::quoted(path)), &NOWHERE)
            }
            Object::Resource(place) => {
                (format!("User {user} cannot {verb} {}", place.described()), place)
            }
        };
        let what = sanitized(&what);
        let why = if reason.is_empty() { what } else { format!("{what}: {reason}") };
        let Place { group, resource, name, .. } = place;
        let object = match (resource.as_str(), name.as_str()) {
            ("", _) if group.is_empty() => String::new(),
            (resource, "") => format!("{} is ", qualified(group, resource)),
            (resource, name) => format!("{} {} is ", qualified(group, resource), go::quoted(name)),
        };
        Rejection::forbidden(format!("{object}forbidden: {why}"), group, resource, name)
    }
}

impl Place {
    /// Every user may ask who it is and what it may do.
    pub(super) fn is_about_oneself(&self) -> bool {
        matches!(
            (self.group.as_str(), self.resource.as_str()),
            ("authorization.k8s.io", "selfsubjectaccessreviews" | "selfsubjectrulesreviews")
                | ("authentication.k8s.io", "selfsubjectreviews")
        )
    }

    /// `pods/log`, as rules name it.
    pub(crate) fn combined(&self) -> String {
        match self.subresource.as_str() {
            "" => self.resource.clone(),
            subresource => format!("{}/{subresource}", self.resource),
        }
    }

    fn described(&self) -> String {
        let (resource, group) = (go::quoted(&self.combined()), go::quoted(&self.group));
        let place = match self.namespace.as_str() {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace {}", go::quoted(namespace)),
        };
        format!("resource {resource} in API group {group} {place}")
    }
}

fn verb(method: &Method) -> &'static str {
    match method.as_str() {
        "POST" => "create",
        "GET" | "HEAD" => "get",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => "",
    }
}

/// The name that a list is limited to, unless something else of it can't be read.
fn named(query: &Query) -> Option<String> {
    let name = selector::required(query.first("fieldSelector")?, "metadata.name")?;
    let is_number = |name| query.first(name).is_none_or(|text| go::integer(text).is_ok());
    let reads_labels = query.first("labelSelector").is_none_or(selector::are_labels);
    (reads_labels && is_number("limit") && is_number("timeoutSeconds")).then_some(name)
}

/// So that no text of a client looks like HTML.
pub(crate) fn sanitized(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

static NOWHERE: Place = Place {
    group: String::new(),
    resource: String::new(),
    subresource: String::new(),
    namespace: String::new(),
    name: String::new(),
};

#[cfg(test)]
mod tests;
