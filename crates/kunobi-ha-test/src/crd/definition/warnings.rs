//! What the author of a definition is warned of.

use serde_json::Value;

use crate::crd::{
    raw,
    schema::{Format, Kind, ListType, Schema},
};

/// The warnings of a create or, with `old`, of an update. An update repeats none.
pub(crate) fn warnings(value: &Value, old: Option<&Value>) -> Vec<String> {
    let known = old.map(all).unwrap_or_default();
    let mut new = all(value);
    new.retain(|warning| !known.contains(warning));
    new
}

fn all(value: &Value) -> Vec<String> {
    let versions = value.pointer("/spec/versions").and_then(Value::as_array);
    let schemas = versions
        .into_iter()
        .flatten()
        .filter_map(|version| version.pointer("/schema/openAPIV3Schema"));
    let (mut formats, mut others) = (Vec::new(), Vec::new());
    for schema in schemas {
        unknown_formats(schema, &mut formats);
        Schema::read(schema).walk(&mut |schema| of_schema(schema, &mut others));
    }
    others.sort();
    others.dedup();
    formats.append(&mut others);
    formats
}

fn unknown_formats(schema: &Value, warnings: &mut Vec<String>) {
    let format = raw::text(schema, "format");
    let kind = Schema::kind_of(schema);
    if !format.is_empty() && Format::of(kind, format).is_none() {
        let warning = format!("unrecognized format \"{format}\"");
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    let inside = ["items", "additionalProperties", "not"];
    let single = inside.iter().filter_map(|field| raw::object(schema, field));
    let lists = ["allOf", "anyOf", "oneOf"];
    let listed = lists.iter().flat_map(|field| raw::list(schema, field));
    let fields = raw::entries(schema, "properties").map(|(_, schema)| schema);
    fields.chain(single).chain(listed).for_each(|schema| unknown_formats(schema, warnings));
}

fn of_schema(schema: &Schema, warnings: &mut Vec<String>) {
    let items = schema.items.as_ref().map(|items| items.kind);
    if let (ListType::Set, Some(kind @ (Kind::Array | Kind::Object))) = (&schema.list, items) {
        let kind = kind.name().unwrap_or_default();
        warnings.push(format!(
            "x-kubernetes-list-type: set for items of type \"{kind}\" is not supported by \
             server-side apply or CEL validation rules"
        ));
    }
    if !schema.rules.is_empty() && !cfg!(feature = "cel") {
        warnings.push(
            "kunobi-ha-test does not check x-kubernetes-validations without its feature \"cel\""
                .to_owned(),
        );
    }
}
