//! The defaults of a schema must be valid in it.

use serde_json::Value;

use crate::{
    crd::{check, embedded, path::Path, prune, raw, schema::Schema},
    status::Cause,
};

pub(super) fn check(schema: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    check_inside(schema, true, path, causes);
}

fn check_inside(schema: &Value, is_root: bool, path: &Path<'_>, causes: &mut Vec<Cause>) {
    if let Some(default) = raw::some(schema, "default") {
        check_default(schema, default, &path.child("default"), causes);
    }
    if let Some(items) = raw::object(schema, "items") {
        check_inside(items, false, &path.child("items"), causes);
    }
    let has_meta = is_root || raw::flag(schema, "x-kubernetes-embedded-resource");
    let properties = path.child("properties");
    for (name, schema) in raw::entries(schema, "properties") {
        // Defaults of metadata are refused elsewhere, or say nothing of the value around them.
        if !(has_meta && prune::META.contains(&name)) {
            check_inside(schema, false, &properties.key(name), causes);
        }
    }
}

fn check_default(schema: &Value, default: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let schema = Schema::read(schema);
    let mut pruned = default.clone();
    if prune::prune_part(&schema, &mut pruned) {
        causes.push(Cause::invalid(path, default, "must not have unknown fields"));
    }
    let before = causes.len();
    embedded::check(&schema, default, path, causes);
    if causes.len() == before {
        let failures = check::check(&schema, default, None, &Path::Root).failures;
        causes.extend(failures.into_iter().map(|failure| failure.cause(path)));
    }
}
