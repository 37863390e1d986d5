//! What a method asks for at a URL, and what the type allows there.

use http::Method;
use serde::{Deserialize, Serialize};

use super::path::Target;
use crate::{
    access::Review,
    status::Rejection,
    types::{Origin, Resource},
};

/// What is done with an object or a collection.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verb {
    Get,
    List,
    Watch,
    Create,
    Update,
    Patch,
    Delete,
    DeleteCollection,
}

impl Verb {
    pub(super) const ALL: [Self; 8] = [
        Self::Get,
        Self::List,
        Self::Watch,
        Self::Create,
        Self::Update,
        Self::Patch,
        Self::Delete,
        Self::DeleteCollection,
    ];

    pub(crate) const READS: [Self; 3] = [Self::Get, Self::List, Self::Watch];
    pub(crate) const WRITES: [Self; 5] =
        [Self::Create, Self::Update, Self::Patch, Self::Delete, Self::DeleteCollection];

    /// What a method asks for, whatever the type allows.
    pub(crate) fn asked(method: &str, is_named: bool, watches: bool) -> Option<Self> {
        Some(match (method, is_named) {
            ("GET", _) if watches => Self::Watch,
            ("GET" | "HEAD", true) => Self::Get,
            ("GET" | "HEAD", false) => Self::List,
            ("POST", _) => Self::Create,
            ("PUT", _) => Self::Update,
            ("PATCH", _) => Self::Patch,
            ("DELETE", true) => Self::Delete,
            ("DELETE", false) => Self::DeleteCollection,
            _ => return None,
        })
    }

    /// The verb of a request. Only a collection is watched: `watches` says nothing at an object.
    pub(crate) fn of(
        method: &Method,
        target: &Target,
        resource: &Resource,
        watches: bool,
    ) -> Result<Self, Rejection> {
        let is_custom = matches!(resource.origin, Origin::Custom(_));
        if is_custom && target.is_watch {
            return watch_of_custom(target, resource);
        }
        check_place(target, resource)?;
        let is_named = !target.name.is_empty();
        let is_everywhere = resource.is_namespaced && target.namespace.is_empty();
        if is_custom && is_everywhere && (is_named || !READS.contains(method)) {
            return Err(Rejection::page_not_found());
        }
        let verb = match *method {
            Method::GET if target.is_watch || (watches && !is_named) => Self::Watch,
            _ if target.is_watch => return Err(Rejection::method_not_allowed()),
            Method::GET if is_named => Self::Get,
            Method::GET => Self::List,
            Method::HEAD if is_custom && is_named => Self::Get,
            Method::HEAD if is_custom => Self::List,
            Method::POST if is_named != target.subresource.is_empty() => Self::Create,
            // The name in the URL says nothing then.
            Method::POST if is_custom && target.subresource.is_empty() => Self::Create,
            Method::PUT if is_named => Self::Update,
            Method::PATCH if is_named => Self::Patch,
            Method::DELETE if is_named => Self::Delete,
            Method::DELETE => Self::DeleteCollection,
            Method::PUT | Method::PATCH if is_custom => {
                return Err(Rejection::bad_request("name must be provided"));
            }
            _ => return Err(not_allowed(method, target, resource)),
        };
        let is_allowed = match resource.subresource(&target.subresource) {
            Some(subresource) => subresource.verbs.iter().any(|is| is == verb.name()),
            None => resource.has_verb(verb.name()),
        };
        if !is_allowed || (is_everywhere && !matches!(verb, Self::List | Self::Watch)) {
            return Err(not_allowed(method, target, resource));
        }
        check_support(target, resource).map(|()| verb)
    }

    /// As discovery and authorization name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
        }
    }

    /// Whether a list is returned, not one object.
    pub(super) fn returns_list(self) -> bool {
        matches!(self, Self::List | Self::DeleteCollection)
    }
}

/// Custom resources are watched by any method, if only the URL begins so.
fn watch_of_custom(target: &Target, resource: &Resource) -> Result<Verb, Rejection> {
    if target.subresource.is_empty() {
        return Ok(Verb::Watch);
    }
    Err(match resource.subresource(&target.subresource) {
        Some(_) => Rejection::verb_not_supported("watch", &resource.group, &resource.plural),
        None => target.not_found(),
    })
}

/// Whether there is something of this type at this URL at all.
fn check_place(target: &Target, resource: &Resource) -> Result<(), Rejection> {
    let is_custom = matches!(resource.origin, Origin::Custom(_));
    let is_namespaced = !target.namespace.is_empty();
    let is_homeless = resource.is_namespaced && !is_namespaced && !target.name.is_empty();
    if is_homeless || (is_namespaced && !resource.is_namespaced) {
        return Err(Target::no_such_type(!is_custom));
    }
    let subresource = target.subresource.as_str();
    let is_known = subresource.is_empty() || resource.subresource(subresource).is_some();
    // What follows a subresource is no matter to a custom resource.
    match (is_custom, is_known) {
        (true, false) => Err(target.not_found()),
        (false, false) => Err(Rejection::no_such_path()),
        (false, _) if !target.rest.is_empty() && subresource != "proxy" => {
            Err(Rejection::no_such_path())
        }
        (false, _) if target.is_watch && !subresource.is_empty() => Err(Rejection::no_such_path()),
        _ if is_anything(target, resource) => Ok(()),
        _ => Err(Rejection::no_such_path()),
    }
}

/// Whether any verb is for this place: there are types whose objects can only be created.
fn is_anything(target: &Target, resource: &Resource) -> bool {
    let verbs: &[Verb] = match (target.name.as_str(), target.namespace.as_str()) {
        _ if !target.subresource.is_empty() || target.is_watch => return true,
        ("", "") if resource.is_namespaced => &[Verb::List],
        ("", _) => &[Verb::List, Verb::Create, Verb::DeleteCollection],
        _ => &[Verb::Get, Verb::Update, Verb::Patch, Verb::Delete],
    };
    verbs.iter().any(|verb| resource.has_verb(verb.name()))
}

/// Refuses what kube-apiserver can do here, and this server can't.
fn check_support(target: &Target, resource: &Resource) -> Result<(), Rejection> {
    let Target { resource: plural, subresource, .. } = target;
    if CONNECTS.contains(&subresource.as_str()) {
        return Err(Rejection::not_supported(&format!("the subresource {plural}/{subresource}")));
    }
    if (resource.group.as_str(), resource.version.as_str()) == ("autoscaling", "v1") {
        let feature =
            "autoscaling/v1, whose fields are others than those of autoscaling/v2: use that";
        return Err(Rejection::not_supported(feature));
    }
    let is_stored = resource.has_verb("create") && resource.has_verb("get");
    if !is_stored && Review::of(resource).is_none() {
        return Err(Rejection::not_supported(&format!("the type {}", resource.qualified())));
    }
    Ok(())
}

fn not_allowed(method: &Method, target: &Target, resource: &Resource) -> Rejection {
    if matches!(resource.origin, Origin::BuiltIn { .. }) {
        return Rejection::method_not_allowed();
    }
    let verb = match method.as_str() {
        "GET" | "HEAD" => "get",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" if target.name.is_empty() => "deletecollection",
        "DELETE" => "delete",
        _ => "",
    };
    Rejection::verb_not_supported(verb, &resource.group, &resource.plural)
}

const READS: [Method; 2] = [Method::GET, Method::HEAD];
/// They open a connection to a container or a node, which do not exist here.
const CONNECTS: [&str; 5] = ["attach", "exec", "log", "portforward", "proxy"];
