//! Where an object or a collection is, as a test writes it.

use std::{collections::BTreeSet, fmt, sync::Arc};

use crate::{
    request::path::Target,
    types::{Resource, Types, events},
};

/// Why an address leads nowhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Astray {
    /// The server has no such type, which may be defined later.
    Undefined(String),
    /// It can't be an address, whatever is stored.
    Wrong(String),
}

/// What an address must name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wanted {
    Object,
    Collection,
}

/// Reads an API path, or `PLURAL[.GROUP] [NAMESPACE/][NAME]` as requests are shown.
pub(crate) fn read(address: &str, wanted: Wanted, types: &Types) -> Result<Target, Astray> {
    let target =
        if address.starts_with('/') { path(address, types)? } else { words(address, types)? };
    let is_object = !target.name.is_empty();
    let wrong = |why: &str| Err(Astray::Wrong(format!("{address:?} {why}")));
    match wanted {
        _ if !target.subresource.is_empty() => wrong("is a subresource: leave it out"),
        Wanted::Object if !is_object => wrong("is a collection: the name of the object is missing"),
        Wanted::Collection if is_object => wrong("is an object: a collection has no name"),
        Wanted::Object | Wanted::Collection => Ok(target),
    }
}

/// Fails if no type can have this name, `PLURAL` or `PLURAL.GROUP`, now or later.
pub(crate) fn check_type(name: &str, types: &Types) -> Result<(), Astray> {
    let (plural, group) = split(name);
    if named(plural, group, types).next().is_some() {
        return Ok(());
    }
    match missing(plural, group, types) {
        Astray::Undefined(_) => Ok(()),
        astray @ Astray::Wrong(_) => Err(astray),
    }
}

fn path(address: &str, types: &Types) -> Result<Target, Astray> {
    let wrong = |why: &str| Err(Astray::Wrong(format!("{address:?} {why}")));
    let Some(target) = Target::parse(address) else {
        return wrong("is no API path, as /api/v1/namespaces/default/pods/p is");
    };
    let Some(resource) = types.find(&target.group, &target.version, &target.resource) else {
        if types.is_built_in(&target.group) {
            return wrong("names a type that its group does not have");
        }
        let why = format!("no type is served at {address:?}: is it defined yet?");
        return Err(Astray::Undefined(why));
    };
    match (resource.is_namespaced, target.namespace.is_empty()) {
        (true, true) if !target.name.is_empty() => wrong("lacks the namespace"),
        (false, false) => wrong("has a namespace, but the type has none"),
        (true, _) | (false, true) => Ok(target),
    }
}

fn words(address: &str, types: &Types) -> Result<Target, Astray> {
    let wrong = |why: &str| Err(Astray::Wrong(format!("{address:?} {why}")));
    let parts: Vec<&str> = address.split_whitespace().collect();
    let (name, place) = match parts.as_slice() {
        [name] => (*name, ""),
        [name, place] => (*name, *place),
        _ => return wrong("is neither an API path nor `PLURAL[.GROUP] [NAMESPACE/][NAME]`"),
    };
    let (plural, group) = split(name);
    let resource = find(plural, group, types)?;
    match (resource.is_namespaced, place.split_once('/')) {
        (_, None) if place.is_empty() => Ok(Target::collection(&resource, "")),
        (true, None) => wrong("lacks the namespace: write NAMESPACE/NAME"),
        (true, Some((namespace, object))) if !namespace.is_empty() && !object.contains('/') => {
            Ok(Target::collection(&resource, namespace).named(object))
        }
        (true, Some(_)) => wrong("has no namespace and name: write NAMESPACE/NAME"),
        (false, Some(_)) => wrong("has a namespace, but the type has none"),
        (false, None) => Ok(Target::collection(&resource, "").named(place)),
    }
}

fn split(name: &str) -> (&str, Option<&str>) {
    name.split_once('.').map_or((name, None), |(plural, group)| (plural, Some(group)))
}

/// The type in its preferred version.
fn find(plural: &str, group: Option<&str>, types: &Types) -> Result<Arc<Resource>, Astray> {
    let found: Vec<&Arc<Resource>> = named(plural, group, types).collect();
    let groups: BTreeSet<&str> = found.iter().map(|resource| resource.group.as_str()).collect();
    // Events are the same in both of their groups.
    let is_one = groups.len() == 1 || groups.contains(events::GROUP);
    match found.first() {
        Some(first) if is_one => Ok(Arc::clone(first)),
        Some(_) => {
            let names: BTreeSet<String> = found.iter().map(|found| found.qualified()).collect();
            let names: Vec<String> = names.into_iter().collect();
            Err(Astray::Wrong(format!("which {plural}? There are {}", names.join(", "))))
        }
        None => Err(missing(plural, group, types)),
    }
}

fn named<'a>(
    plural: &'a str,
    group: Option<&'a str>,
    types: &'a Types,
) -> impl Iterator<Item = &'a Arc<Resource>> {
    types.all().filter(move |resource| {
        resource.plural == plural && group.is_none_or(|group| resource.group == group)
    })
}

fn missing(plural: &str, group: Option<&str>, types: &Types) -> Astray {
    match group {
        Some(group) if types.is_built_in(group) => {
            Astray::Wrong(format!("the group {group} has no type with the plural name {plural:?}"))
        }
        Some(group) => {
            Astray::Undefined(format!("no type {plural}.{group} is served: is it defined yet?"))
        }
        None => Astray::Wrong(format!(
            "no type has the plural name {plural:?}; of one that is not defined yet, write \
             PLURAL.GROUP"
        )),
    }
}

impl fmt::Display for Astray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undefined(why) | Self::Wrong(why) => f.write_str(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_path_or_what_requests_are_shown_as() {
        let types = Types::new();
        let object = |address| read(address, Wanted::Object, &types).map(|target| target.path());
        let map = "/api/v1/namespaces/default/configmaps/a";
        assert_eq!(object(map).as_deref(), Ok(map));
        assert_eq!(object("configmaps default/a").as_deref(), Ok(map));
        let deployment = "/apis/apps/v1/namespaces/x/deployments/web";
        assert_eq!(object("deployments x/web").as_deref(), Ok(deployment));
        assert_eq!(object("deployments.apps  x/web").as_deref(), Ok(deployment));
        assert_eq!(object("nodes a").as_deref(), Ok("/api/v1/nodes/a"));
        assert_eq!(object("events x/e").as_deref(), Ok("/api/v1/namespaces/x/events/e"));
        let collection =
            |address| read(address, Wanted::Collection, &types).map(|target| target.path());
        assert_eq!(collection("pods x/").as_deref(), Ok("/api/v1/namespaces/x/pods/"));
        assert_eq!(collection("pods").as_deref(), Ok("/api/v1/pods/"));
    }

    #[test]
    fn what_can_not_be_an_address_is_told_why() {
        let types = Types::new();
        for (address, why) in [
            ("/metrics", "no API path"),
            ("/api/v1/namespaces/x/configmap/a", "type that its group does not have"),
            ("/api/v1/configmaps/a", "lacks the namespace"),
            ("/api/v1/namespaces/x/nodes/a", "the type has none"),
            ("/api/v1/namespaces/x/pods/a/status", "subresource"),
            ("/api/v1/namespaces/x/pods", "name of the object is missing"),
            ("configmap default/a", "no type has the plural name \"configmap\""),
            ("deployments.batch x/a", "the group batch has no type"),
            ("configmaps a", "write NAMESPACE/NAME"),
            ("configmaps /a", "write NAMESPACE/NAME"),
            ("nodes x/a", "the type has none"),
            ("get pods x/a", "neither an API path"),
            ("", "neither an API path"),
        ] {
            match read(address, Wanted::Object, &types) {
                Err(Astray::Wrong(text)) => assert!(text.contains(why), "{address}: {text}"),
                other => panic!("{address}: {other:?}"),
            }
        }
        assert!(matches!(read("pods x/a", Wanted::Collection, &types), Err(Astray::Wrong(_))));
    }

    #[test]
    fn a_type_with_a_group_may_be_defined_later() {
        let types = Types::new();
        for address in
            ["/apis/kunobi.ninja/v1/namespaces/x/documents/a", "documents.kunobi.ninja x/a"]
        {
            let read = read(address, Wanted::Object, &types);
            assert!(matches!(read, Err(Astray::Undefined(_))), "{address}: {read:?}");
        }
        assert!(check_type("documents.kunobi.ninja", &types).is_ok());
        assert!(check_type("documents", &types).is_err());
        assert!(check_type("events", &types).is_ok());
    }
}
