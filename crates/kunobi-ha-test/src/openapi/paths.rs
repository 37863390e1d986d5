//! The paths of a resource.

use serde_json::{Map, Value};

use super::{
    documents,
    operations::{Operation, Scope},
    schemas::Schemas,
};
use crate::{
    request::Verb,
    types::{Origin, Resource, Subresource},
};

type Paths = Map<String, Value>;

pub(super) fn add(resource: &Resource, schemas: &mut Schemas, paths: &mut Paths) {
    let collection = collection(resource);
    let object = format!("{collection}/{{name}}");
    let mut add = |path: &str, verb: Verb, scope: Scope| {
        if resource.has_verb(verb.name()) {
            put(paths, path, &Operation { resource, part: None, verb, scope }, schemas);
        }
    };
    for verb in [Verb::List, Verb::Create, Verb::DeleteCollection] {
        add(&collection, verb, Scope::Collection);
    }
    for verb in [Verb::Get, Verb::Update, Verb::Patch, Verb::Delete] {
        add(&object, verb, Scope::Object);
    }
    if resource.is_namespaced {
        add(&everywhere(resource), Verb::List, Scope::Everywhere);
    }
    if matches!(resource.origin, Origin::BuiltIn { .. }) {
        add(&watched(&collection, resource), Verb::Watch, Scope::Collection);
        add(&watched(&object, resource), Verb::Watch, Scope::Object);
        if resource.is_namespaced {
            add(&watched(&everywhere(resource), resource), Verb::Watch, Scope::Everywhere);
        }
    }
    for part in &resource.subresources {
        add_part(resource, part, &format!("{object}/{}", part.name), schemas, paths);
    }
}

/// A stream (`exec`, `proxy`) is not documented: there is none.
fn add_part(
    resource: &Resource,
    part: &Subresource,
    path: &str,
    schemas: &mut Schemas,
    paths: &mut Paths,
) {
    let is_stream = part.name == "log" || schemas.part(resource, &part.name).is_none();
    if is_stream {
        return;
    }
    for verb in [Verb::Get, Verb::Create, Verb::Update, Verb::Patch] {
        if part.verbs.iter().any(|is| is == verb.name()) {
            let scope = Scope::Object;
            put(paths, path, &Operation { resource, part: Some(part), verb, scope }, schemas);
        }
    }
}

fn put(paths: &mut Paths, path: &str, operation: &Operation<'_>, schemas: &mut Schemas) {
    let item = paths.entry(path).or_insert_with(|| Value::Object(Map::new()));
    item[operation.method()] = operation.document(schemas);
}

/// `/apis/apps/v1/namespaces/{namespace}/deployments`.
fn collection(resource: &Resource) -> String {
    let namespace = if resource.is_namespaced { "namespaces/{namespace}/" } else { "" };
    format!("{}/{namespace}{}", root(resource), resource.plural)
}

fn everywhere(resource: &Resource) -> String {
    format!("{}/{}", root(resource), resource.plural)
}

fn watched(path: &str, resource: &Resource) -> String {
    let root = root(resource);
    format!("{root}/watch{}", path.strip_prefix(&root).unwrap_or(path))
}

fn root(resource: &Resource) -> String {
    format!("/{}", documents::name(&resource.group, &resource.version))
}
