//! The versions of a definition.

use serde_json::Value;

use super::{
    columns, internal, selectable,
    validation::{self, Options},
};
use crate::{
    crd::{names, path::Path, raw},
    status::Cause,
};

/// What all versions have in common.
pub(super) struct Common<'a> {
    pub(super) first: &'a Value,
    others: &'a [Value],
}

impl<'a> Common<'a> {
    pub(super) fn of(spec: &'a Value) -> Self {
        let versions = raw::list(spec, "versions");
        let (first, others) = versions.split_first().unwrap_or((&Value::Null, &[]));
        Self { first, others }
    }

    /// Whether a field is the same in all versions.
    pub(super) fn has(&self, field: &str) -> bool {
        let first = raw::some(self.first, field);
        self.others.iter().all(|other| raw::some(other, field) == first)
    }

    pub(super) fn of_field(&self, field: &str) -> Option<&'a Value> {
        raw::some(self.first, field).filter(|_| self.has(field))
    }
}

pub(super) fn has_status(spec: &Value) -> bool {
    raw::list(spec, "versions").iter().any(version_has_status)
}

fn version_has_status(version: &Value) -> bool {
    raw::object(version, "subresources").is_some_and(|it| raw::some(it, "status").is_some())
}

pub(super) fn check_versions(
    spec: &Value,
    old: Option<&Value>,
    path: &Path<'_>,
    causes: &mut Vec<Cause>,
) {
    let versions = raw::list(spec, "versions");
    let versions_path = path.child("versions");
    let has_schema = |version: &Value| version.pointer("/schema/openAPIV3Schema").is_some();
    let required = old.is_none_or(|old| raw::list(old, "versions").iter().all(&has_schema));
    for (index, version) in versions.iter().enumerate() {
        if !has_schema(version) && (required || raw::flag(version, "served")) {
            let why = if required { "" } else { "because otherwise all fields are pruned" };
            let path = versions_path.index(index);
            let path = path.child("schema");
            causes.push(Cause::required(path.child("openAPIV3Schema"), why));
        }
    }
    for (index, version) in versions.iter().enumerate() {
        check_version(version, &Common::of(spec), old, &versions_path.index(index), causes);
    }
    let mut complain = |why: &str| {
        let message = format!("Invalid value: {}: {why}", internal::versions(spec));
        causes.push(Cause::new("FieldValueInvalid", versions_path, message));
    };
    let is_double = |(index, version): (usize, &Value)| {
        let name = raw::text(version, "name");
        versions.iter().take(index).any(|before| raw::text(before, "name") == name)
    };
    if versions.iter().enumerate().any(is_double) {
        complain("must contain unique version names");
    }
    if versions.iter().filter(|version| raw::flag(version, "storage")).count() != 1 {
        complain("must have exactly one version marked as storage version");
    }
    let first = versions.first().map(|version| raw::text(version, "name")).unwrap_or_default();
    if let Some(why) = names::label_error(first).filter(|_| !first.is_empty()) {
        causes.push(Cause::invalid(path.child("version"), &first.into(), &why));
    }
}

fn check_version(
    version: &Value,
    common: &Common<'_>,
    old: Option<&Value>,
    path: &Path<'_>,
    causes: &mut Vec<Cause>,
) {
    let name = raw::text(version, "name");
    if let Some(why) = names::label_error(name) {
        causes.push(Cause::invalid(path.child("name"), &name.into(), &why));
    }
    check_deprecation(version, path, causes);
    let own = |field| raw::some(version, field).filter(|_| !common.has(field));
    if let Some(schema) = own("schema") {
        let is_status_enabled = version_has_status(version);
        let options = Options::new(is_status_enabled, old);
        validation::check(schema, options, &path.child("schema"), causes);
    }
    if let Some(enabled) = own("subresources") {
        columns::check_subresources(enabled, &path.child("subresources"), causes);
    }
    if own("additionalPrinterColumns").is_some() {
        columns::check(version, &path.child("additionalPrinterColumns"), causes);
    }
    if own("selectableFields").is_some() {
        selectable::check_own(version, common, path, causes);
    }
}

fn check_deprecation(version: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let Some(warning) = raw::some(version, "deprecationWarning") else { return };
    let text = warning.as_str().unwrap_or_default();
    let mut complain = |why: &str| {
        causes.push(Cause::invalid(path.child("deprecationWarning"), warning, why));
    };
    if !raw::flag(version, "deprecated") {
        return complain("can only be set for deprecated versions");
    }
    if text.len() > 256 {
        complain("must be <= 256 characters long");
    }
    if text.is_empty() {
        complain("must not be an empty string");
    }
    if let Some((index, _)) = text.char_indices().find(|(_, c)| c.is_control()) {
        let why = "must only contain printable UTF-8 characters; non-printable character found at";
        complain(&format!("{why} index {index}"));
    }
}
