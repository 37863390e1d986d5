//! What may be a definition of a custom resource, with the defaults of its fields.
//!
//! kube-apiserver checks a definition in its internal form, in which what all versions have in
//! common stands once, under `spec.validation` and the like: so do the paths of what is wrong.

mod columns;
mod conversion;
mod defaults;
mod internal;
mod openapi;
mod selectable;
mod structural;
mod validation;
mod versions;
mod warnings;

use serde_json::{Map, Value, json};

pub(crate) use self::warnings::warnings;
use self::{
    validation::Options,
    versions::{Common, check_versions, has_status},
};
use super::{names, path::Path, raw, schema::Format};
use crate::status::Cause;

/// Begins the status of a definition, and says why it can't be accepted. `old` is what it replaces.
pub(crate) fn admit(value: &mut Value, old: Option<&Value>) -> Result<(), Vec<Cause>> {
    begin_status(value, old);
    let mut causes = Vec::new();
    if old.is_none() {
        check_name(value, &mut causes);
    }
    let spec = raw::object(value, "spec").unwrap_or(&Value::Null);
    let old_spec = old.and_then(|old| raw::object(old, "spec"));
    let root = Path::Root;
    let path = root.child("spec");
    check_spec(spec, old_spec, &path, &mut causes);
    if let (Some(old), Some(old_spec)) = (old, old_spec) {
        check_unchanged(spec, old, old_spec, &path, &mut causes);
    }
    check_stored(value, spec, &mut causes);
    check_approval(value, old, &mut causes);
    if raw::flag(spec, "preserveUnknownFields")
        && !old_spec.is_some_and(|old| raw::flag(old, "preserveUnknownFields"))
    {
        let why = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in \
                   spec.versions[*].schema instead";
        causes.push(Cause::invalid(path.child("preserveUnknownFields"), &true.into(), why));
    }
    if causes.is_empty() { Ok(()) } else { Err(causes) }
}

fn begin_status(value: &mut Value, old: Option<&Value>) {
    let status = old.and_then(|old| old.get("status")).cloned().unwrap_or_else(|| {
        json!({ "conditions": null, "acceptedNames": { "plural": "", "kind": "" }, "storedVersions": null })
    });
    let Some(definition) = value.as_object_mut() else { return };
    definition.insert("status".into(), status);
    let Some(spec) = raw::object_mut(value, "spec") else { return };
    let storage = spec.get("versions").and_then(Value::as_array).and_then(|versions| {
        versions.iter().find(|version| raw::flag(version, "storage"))?.get("name").cloned()
    });
    let stored = value.pointer_mut("/status/storedVersions");
    if let (Some(stored), Some(storage)) = (stored, storage) {
        match stored {
            Value::Array(stored) if stored.contains(&storage) => {}
            Value::Array(stored) => stored.push(storage),
            other => *other = json!([storage]),
        }
    }
}

/// What a definition has where it states nothing.
pub(crate) fn default_spec(spec: &mut Map<String, Value>) {
    spec.entry("conversion").or_insert_with(|| json!({ "strategy": "None" }));
    if let Some(names) = spec.get_mut("names").and_then(Value::as_object_mut) {
        let kind = names.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
        for (field, name) in
            [("singular", kind.to_lowercase()), ("listKind", format!("{kind}List"))]
        {
            let is_empty = names.get(field).and_then(Value::as_str).is_none_or(str::is_empty);
            if is_empty && !kind.is_empty() {
                names.insert(field.into(), name.into());
            }
        }
    }
    conversion::set_defaults(spec);
}

/// A status that names no stored version is about the storage version.
pub(crate) fn complete_status(value: &mut Value) {
    let versions = value.pointer("/spec/versions").and_then(Value::as_array);
    let storage = versions.into_iter().flatten().find(|version| raw::flag(version, "storage"));
    let storage = storage.and_then(|version| version.get("name")).cloned();
    let status = value.get_mut("status").and_then(Value::as_object_mut);
    let (Some(status), Some(storage)) = (status, storage) else { return };
    let stored = status.entry("storedVersions").or_insert_with(|| json!([]));
    if stored.as_array().is_none_or(Vec::is_empty) {
        *stored = json!([storage]);
    }
}

fn check_name(value: &Value, causes: &mut Vec<Cause>) {
    let text = |path| value.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let name = text("/metadata/name");
    let mut complain = |why: &str| {
        causes.push(Cause::invalid("metadata.name", &name.into(), why));
    };
    if let Some(why) = names::domain_error(name) {
        complain(&why);
    }
    if name != format!("{}.{}", text("/spec/names/plural"), text("/spec/group")) {
        complain("must be spec.names.plural+\".\"+spec.group");
    }
}

fn check_spec(spec: &Value, old: Option<&Value>, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let group = raw::text(spec, "group");
    if group.is_empty() {
        causes.push(Cause::required(path.child("group"), ""));
    } else if let Some(why) = names::domain_error(group) {
        causes.push(Cause::invalid(path.child("group"), &group.into(), &why));
    } else if !group.contains('.') {
        let why = "should be a domain with at least one dot";
        causes.push(Cause::invalid(path.child("group"), &group.into(), why));
    }
    let scope = raw::text(spec, "scope");
    check_choice(scope, &["Cluster", "Namespaced"], &path.child("scope"), causes);
    check_versions(spec, old, path, causes);
    let names = raw::object(spec, "names").unwrap_or(&Value::Null);
    let names_path = path.child("names");
    for field in ["plural", "singular", "kind", "listKind"] {
        if raw::text(names, field).is_empty() {
            causes.push(Cause::required(names_path.child(field), ""));
        }
    }
    names::check(names, &names_path, causes);
    let options = Options::new(has_status(spec), old);
    let common = Common::of(spec);
    if let Some(schema) = common.of_field("schema") {
        validation::check(schema, options, &path.child("validation"), causes);
    }
    if let Some(enabled) = common.of_field("subresources") {
        columns::check_subresources(enabled, &path.child("subresources"), causes);
    }
    if common.has("additionalPrinterColumns") {
        columns::check(common.first, &path.child("additionalPrinterColumns"), causes);
    }
    if common.has("selectableFields") {
        selectable::check_common(common.first, &common, path, causes);
    }
    conversion::check(spec, path, causes);
}

fn check_choice(text: &str, choices: &[&str], path: &Path<'_>, causes: &mut Vec<Cause>) {
    if text.is_empty() {
        causes.push(Cause::required(path, ""));
    } else if !choices.contains(&text) {
        let choices: Vec<Value> = choices.iter().map(|choice| Value::from(*choice)).collect();
        causes.push(Cause::not_supported(path, &text.into(), &choices));
    }
}

/// What can't be changed.
fn check_unchanged(
    spec: &Value,
    old: &Value,
    old_spec: &Value,
    path: &Path<'_>,
    causes: &mut Vec<Cause>,
) {
    let conditions = old.pointer("/status/conditions").and_then(Value::as_array);
    let is_established = conditions.into_iter().flatten().any(|condition| {
        raw::text(condition, "type") == "Established" && raw::text(condition, "status") == "True"
    });
    let mut check = |pointer: &str| {
        let value = |spec: &Value| spec.pointer(pointer).cloned().unwrap_or_else(|| "".into());
        if value(spec) != value(old_spec) {
            let field = format!("{path}{}", pointer.replace('/', "."));
            causes.push(Cause::invalid(field, &value(spec), "field is immutable"));
        }
    };
    if is_established {
        check("/scope");
        check("/names/kind");
    }
    check("/group");
    check("/names/plural");
}

/// Versions that were stored can't go, because objects may still be in them.
fn check_stored(value: &Value, spec: &Value, causes: &mut Vec<Cause>) {
    let field = "status.storedVersions";
    let stored = value.pointer(&format!("/{}", field.replace('.', "/"))).unwrap_or(&Value::Null);
    let names = stored.as_array().map(Vec::as_slice).unwrap_or_default();
    if names.is_empty() {
        causes.push(Cause::invalid(field, &Value::Null, "must have at least one stored version"));
    }
    let versions = raw::list(spec, "versions");
    for version in versions.iter().filter(|version| raw::flag(version, "storage")) {
        let name = version.get("name").unwrap_or(&Value::Null);
        if !names.is_empty() && !names.contains(name) {
            let name = name.as_str().unwrap_or_default();
            let why = format!("must have the storage version {name}");
            causes.push(Cause::invalid(field, stored, &why));
        }
    }
    for (index, name) in names.iter().enumerate() {
        if versions.iter().all(|version| version.get("name") != Some(name)) {
            let text = name.as_str().unwrap_or_default();
            let why = format!(
                "missing from spec.versions; {text} was previously a storage version, and must \
                 remain in spec.versions until a storage migration ensures no data remains \
                 persisted in {text} and removes {text} from status.storedVersions"
            );
            causes.push(Cause::invalid(format!("{field}[{index}]"), name, &why));
        }
    }
}

/// Groups of Kubernetes itself need the annotation that says who approved the type.
fn check_approval(value: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
    const NAME: &str = "api-approved.kubernetes.io";
    const SEE: &str = "see https://github.com/kubernetes/enhancements/pull/1111";
    let group = value.pointer("/spec/group").and_then(Value::as_str).unwrap_or_default();
    let is_protected = ["k8s.io", "kubernetes.io"]
        .iter()
        .any(|of| format!(".{group}").ends_with(&format!(".{of}")));
    let annotation = |value: &Value| {
        let all = value.pointer("/metadata/annotations")?;
        Some(all.get(NAME)?.as_str().unwrap_or_default().to_owned())
    };
    let is = annotation(value).unwrap_or_default();
    let is_known = old.is_some_and(|old| annotation(old).unwrap_or_default() == is);
    if !is_protected || is_known || is.starts_with("unapproved") {
        return;
    }
    let field = format!("metadata.annotations[{NAME}]");
    let what = format!("protected groups must have approval annotation \"{NAME}\"");
    if is.is_empty() {
        causes.push(Cause::required(field, &format!("{what}, {SEE}")));
    } else if !(is.contains("://") && Format::is_uri(&is)) {
        let why =
            format!("{what} with either a URL or a reason starting with \"unapproved\", {SEE}");
        causes.push(Cause::invalid(field, &is.into(), &why));
    }
}
