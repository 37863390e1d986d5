//! The schema of a version as a whole.

use serde_json::Value;

use super::{defaults, internal, openapi, structural};
use crate::{
    crd::{path::Path, raw},
    status::Cause,
};

/// What may stand at the root of a schema when `status` is a subresource.
const ROOT_FIELDS: [(&str, &str); 22] = [
    ("description", "Description"),
    ("type", "Type"),
    ("format", "Format"),
    ("title", "Title"),
    ("maximum", "Maximum"),
    ("exclusiveMaximum", "ExclusiveMaximum"),
    ("minimum", "Minimum"),
    ("exclusiveMinimum", "ExclusiveMinimum"),
    ("maxLength", "MaxLength"),
    ("minLength", "MinLength"),
    ("pattern", "Pattern"),
    ("maxItems", "MaxItems"),
    ("minItems", "MinItems"),
    ("uniqueItems", "UniqueItems"),
    ("multipleOf", "MultipleOf"),
    ("required", "Required"),
    ("items", "Items"),
    ("properties", "Properties"),
    ("externalDocs", "ExternalDocs"),
    ("example", "Example"),
    ("x-kubernetes-preserve-unknown-fields", "XPreserveUnknownFields"),
    ("x-kubernetes-validations", "XValidations"),
];

/// What is checked. An update may keep what was wrong before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    is_status_enabled: bool,
    must_be_structural: bool,
}

impl Options {
    pub(super) fn new(is_status_enabled: bool, old: Option<&Value>) -> Self {
        let is_wrong = |schema: &Value| {
            structural::unsupported(schema).is_some()
                || !structural::check(schema, &Path::Root).is_empty()
        };
        let was_wrong = old.is_some_and(|old| {
            raw::list(old, "versions")
                .iter()
                .filter_map(|version| version.pointer("/schema/openAPIV3Schema"))
                .any(is_wrong)
        });
        Self { is_status_enabled, must_be_structural: !was_wrong }
    }
}

/// Checks `schema` of a version, or `spec.validation`.
pub(super) fn check(
    validation: &Value,
    options: Options,
    path: &Path<'_>,
    causes: &mut Vec<Cause>,
) {
    let Some(schema) = raw::object(validation, "openAPIV3Schema") else { return };
    let mut found = Vec::new();
    let path = path.child("openAPIV3Schema");
    if options.is_status_enabled {
        check_root_fields(schema, &path, &mut found);
    }
    if raw::flag(schema, "nullable") {
        let why = "nullable cannot be true at the root";
        found.push(Cause::forbidden(path.child("nullable"), why));
    }
    let mut unsupported = None;
    if options.must_be_structural {
        unsupported = structural::unsupported(schema);
        if unsupported.is_none() {
            let before = found.len();
            found.extend(structural::check(schema, &path));
            if found.len() == before {
                defaults::check(schema, &path, &mut found);
            }
        }
    }
    openapi::check(schema, &path, &mut found);
    if let Some(why) = unsupported.filter(|_| found.is_empty()) {
        found.push(Cause::invalid(path, &"".into(), &why));
    }
    causes.append(&mut found);
}

fn check_root_fields(schema: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let kind = raw::text(schema, "type");
    if !kind.is_empty() && kind != "object" {
        let why = "only \"object\" is allowed as the type at the root of the schema if the status \
                   subresource is enabled";
        causes.push(Cause::invalid(path.child("type"), &kind.into(), why));
        return;
    }
    let is_allowed = |field: &String| ROOT_FIELDS.iter().any(|(name, _)| name == field);
    if schema.as_object().is_some_and(|fields| !fields.keys().all(is_allowed)) {
        let all = ROOT_FIELDS.map(|(_, name)| name).join(" ");
        let message = format!(
            "Invalid value: {}: only [{all}] fields are allowed at the root of the schema if the \
             status subresource is enabled",
            internal::schema(schema)
        );
        causes.push(Cause::new("FieldValueInvalid", path, message));
    }
}
