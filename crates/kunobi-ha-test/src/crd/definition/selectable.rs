//! `selectableFields` of a version.

use std::collections::BTreeSet;

use serde_json::Value;

use super::versions::Common;
use crate::{
    crd::{
        field_path,
        path::Path,
        raw,
        schema::{Kind, Schema},
    },
    status::Cause,
};

const MOST: usize = 8;

/// The fields that all versions have in common.
pub(super) fn check_common(
    version: &Value,
    common: &Common<'_>,
    path: &Path<'_>,
    causes: &mut Vec<Cause>,
) {
    if raw::list(version, "selectableFields").is_empty() {
        return;
    }
    let path = path.child("selectableFields");
    if let Some(schema) = common.of_field("schema") {
        check(version, schema, &path, causes);
    } else {
        let why = "may only be set when validations.schema is included";
        causes.push(Cause::invalid(path, &"".into(), why));
    }
}

/// The fields that only one version has.
pub(super) fn check_own(
    version: &Value,
    common: &Common<'_>,
    path: &Path<'_>,
    causes: &mut Vec<Cause>,
) {
    if raw::list(version, "selectableFields").is_empty() {
        return;
    }
    let path = path.child("selectableFields");
    if let Some(schema) = raw::object(version, "schema").filter(|_| !common.has("schema")) {
        check(version, schema, &path, causes);
    } else {
        let why = "may only be set when `version.schema.openAPIV3Schema` is not included";
        causes.push(Cause::invalid(path, &"".into(), why));
    }
}

fn check(version: &Value, schema: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let schema = Schema::read(raw::object(schema, "openAPIV3Schema").unwrap_or(&Value::Null));
    let mut seen = BTreeSet::new();
    for (index, field) in raw::list(version, "selectableFields").iter().enumerate() {
        let path = path.index(index);
        let path = path.child("jsonPath");
        let text = raw::text(field, "jsonPath");
        if text.is_empty() {
            causes.push(Cause::required(path, ""));
            continue;
        }
        let kind = match field_path::find(text, &schema, false) {
            Ok(field) => field.kind,
            Err(why) => {
                let why = format!("is an invalid path: {why}");
                causes.push(Cause::invalid(path, &text.into(), &why));
                continue;
            }
        };
        if text == ".metadata" || text.starts_with(".metadata.") {
            let why = "must not point to fields in metadata";
            causes.push(Cause::invalid(path, &text.into(), why));
        }
        match kind {
            Kind::Boolean | Kind::Integer | Kind::String => {}
            Kind::Any | Kind::Array | Kind::IntOrString | Kind::Number | Kind::Object => {
                let why = "must point to a field of type string, boolean or integer. Enum string \
                           fields and strings with formats are allowed.";
                causes.push(Cause::invalid(path, &text.into(), why));
            }
        }
        if !seen.insert(text) {
            causes.push(Cause::duplicate(path, &text.into()));
        }
    }
    if seen.len() > MOST {
        causes.push(Cause::too_many(path, seen.len(), MOST));
    }
}
