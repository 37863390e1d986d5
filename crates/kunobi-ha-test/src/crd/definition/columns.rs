//! Printer columns and subresources of a version.

use serde_json::Value;

use crate::{
    crd::{path::Path, raw},
    status::Cause,
};

const TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
const FORMATS: [&str; 8] =
    ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

pub(super) fn check(version: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    for (index, column) in raw::list(version, "additionalPrinterColumns").iter().enumerate() {
        check_column(column, &path.index(index), causes);
    }
}

fn check_column(column: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    if raw::text(column, "name").is_empty() {
        causes.push(Cause::required(path.child("name"), ""));
    }
    for (field, all, is_required) in [("type", &TYPES[..], true), ("format", &FORMATS[..], false)] {
        let (text, why) = (raw::text(column, field), format!("must be one of {}", all.join(",")));
        if text.is_empty() && is_required {
            causes.push(Cause::required(path.child(field), &why));
        } else if !text.is_empty() && !all.contains(&text) {
            causes.push(Cause::invalid(path.child(field), &text.into(), &why));
        }
    }
    let json_path = raw::text(column, "jsonPath");
    if json_path.is_empty() {
        causes.push(Cause::required(path.child("JSONPath"), ""));
    } else {
        check_path(json_path, &path.child("JSONPath"), causes);
    }
}

/// Returns whether it is a path.
fn check_path(text: &str, path: &Path<'_>, causes: &mut Vec<Cause>) -> bool {
    let is_path = text.starts_with('.');
    if !is_path {
        let why = "must be a simple json path starting with .";
        causes.push(Cause::invalid(path, &text.into(), why));
    }
    is_path
}

pub(super) fn check_subresources(enabled: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let Some(scale) = raw::object(enabled, "scale") else { return };
    for (field, under, is_required) in [
        ("specReplicasPath", &[".spec."][..], true),
        ("statusReplicasPath", &[".status."], true),
        ("labelSelectorPath", &[".spec.", ".status."], false),
    ] {
        let name = format!("scale.{field}");
        let path = path.child(&name);
        let text = raw::text(scale, field);
        if text.is_empty() {
            if is_required {
                causes.push(Cause::required(path, ""));
            }
        } else if check_path(text, &path, causes)
            && !under.iter().any(|beginning| text.starts_with(beginning))
        {
            let why = match under {
                [only] => format!("should be a json path under {}", only.trim_end_matches('.')),
                _ => "should be a json path under either .spec or .status".to_owned(),
            };
            causes.push(Cause::invalid(path, &text.into(), &why));
        }
    }
}
