//! The schemas of a document, each by the name of its type.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde_json::{Map, Value, json};

use super::{SCHEMAS, custom};
use crate::{
    shape::{Field, Form, ListKind, Scalar, Shape},
    types::{Origin, Resource},
};

/// The schemas that a document needs so far.
#[derive(Debug, Default)]
pub(super) struct Schemas {
    made: BTreeMap<String, Value>,
    /// Built-in types that are referred to and not made yet.
    open: BTreeSet<String>,
    /// The kinds of which a type is the schema: group, version and kind.
    kinds: BTreeMap<String, BTreeSet<(String, String, String)>>,
}

/// Where a value stands: the type, without `io.k8s.`, and the name of the field.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    owner: &'a str,
    field: &'a str,
}

impl Schemas {
    /// The type of the objects of a resource.
    pub(super) fn object(&mut self, resource: &Resource) -> String {
        let name = match &resource.origin {
            Origin::BuiltIn { shape, .. } => format!("{PREFIX}{}", shape.name()),
            Origin::Custom(_) => custom::name(resource),
        };
        self.is_kind(&name, &resource.group, &resource.version, &resource.kind);
        match &resource.origin {
            Origin::BuiltIn { .. } => _ = self.refer(&name),
            Origin::Custom(version) if !self.made.contains_key(&name) => {
                self.refer(&format!("{META}ObjectMeta"));
                self.made.insert(name.clone(), custom::object(version.document()));
            }
            Origin::Custom(_) => {}
        }
        name
    }

    /// The type of a list of such objects.
    pub(super) fn list(&mut self, resource: &Resource) -> String {
        let item = self.object(resource);
        let name = format!("{item}List");
        self.is_kind(&name, &resource.group, &resource.version, &resource.list_kind);
        let metadata = self.refer(&format!("{META}ListMeta"));
        let list = json!({
            "type": "object",
            "required": ["items"],
            "properties": {
                "apiVersion": { "type": "string" },
                "kind": { "type": "string" },
                "metadata": { "allOf": [metadata], "default": {} },
                "items": { "type": "array", "items": { "$ref": format!("{SCHEMAS}{item}") } },
            },
        });
        self.made.insert(name.clone(), list);
        name
    }

    /// The type of what a subresource takes and returns, if it is an object.
    pub(super) fn part(&mut self, resource: &Resource, subresource: &str) -> Option<String> {
        let part = resource.subresource(subresource)?;
        if part.kind == resource.kind && part.foreign(resource).is_none() {
            return Some(self.object(resource));
        }
        let shape = resource.body_of(subresource)?;
        let name = format!("{PREFIX}{}", shape.name());
        let (group, version) =
            part.foreign(resource).unwrap_or((&resource.group, &resource.version));
        self.is_kind(&name, group, version, &part.kind);
        self.refer(&name);
        Some(name)
    }

    /// A type of `meta/v1`, whose kind is served in this group and version, too.
    pub(super) fn meta(&mut self, kind: &str, resource: &Resource) -> String {
        let name = format!("{META}{kind}");
        if matches!(kind, "DeleteOptions" | "WatchEvent") {
            self.is_kind(&name, &resource.group, &resource.version, kind);
        }
        if matches!(kind, "DeleteOptions" | "Status" | "WatchEvent") {
            self.is_kind(&name, "", "v1", kind);
        }
        if kind == "WatchEvent" {
            self.refer(RAW);
        }
        self.refer(&name);
        name
    }

    /// Makes what is still referred to, and returns all.
    pub(super) fn finish(mut self) -> Map<String, Value> {
        while let Some(name) = self.open.pop_first() {
            let known = WELL_KNOWN.get(&name).cloned();
            let schema = known.unwrap_or_else(|| self.built_in(&name));
            self.made.insert(name, schema);
        }
        for (name, kinds) in self.kinds {
            if let Some(Value::Object(schema)) = self.made.get_mut(&name) {
                let kinds = kinds.into_iter().map(|(group, version, kind)| {
                    json!({ "group": group, "version": version, "kind": kind })
                });
                schema.insert(KIND.into(), kinds.collect());
            }
        }
        self.made.into_iter().collect()
    }

    fn is_kind(&mut self, name: &str, group: &str, version: &str, kind: &str) {
        let kinds = self.kinds.entry(name.into()).or_default();
        kinds.insert((group.into(), version.into(), kind.into()));
    }

    fn refer(&mut self, name: &str) -> Value {
        if !self.made.contains_key(name) {
            self.open.insert(name.into());
        }
        json!({ "$ref": format!("{SCHEMAS}{name}") })
    }

    fn built_in(&mut self, name: &str) -> Value {
        let owner = name.strip_prefix(PREFIX).unwrap_or(name);
        // What it refers to may be itself.
        self.made.insert(name.into(), Value::Null);
        let shape = Shape::named(owner);
        let Form::Struct(known) = shape.form() else {
            return json!({ "type": "object" });
        };
        let mut schema = json!({ "type": "object" });
        let properties: Map<String, Value> = known
            .fields
            .iter()
            .map(|(field, of)| (field.clone(), self.field(of, Place { owner, field })))
            .collect();
        if !properties.is_empty() {
            schema["properties"] = properties.into();
        }
        let required = known.fields.iter().filter(|(_, field)| field.is_required);
        let required: Vec<&str> = required.map(|(name, _)| name.as_str()).collect();
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        if known.is_atomic {
            schema["x-kubernetes-map-type"] = "atomic".into();
        }
        schema
    }

    fn field(&mut self, field: &Field, place: Place<'_>) -> Value {
        let mut schema = self.value(&field.shape, place);
        // Beside a reference nothing counts.
        if schema.get("$ref").is_some() {
            schema = json!({ "allOf": [schema] });
            if field.is_always && matches!(field.shape.form(), Form::Struct(_)) {
                schema["default"] = json!({});
            }
        }
        let told = TOLD.get(place.owner).and_then(|fields| fields.get(place.field));
        for (name, value) in told.and_then(Value::as_object).into_iter().flatten() {
            schema[name.as_str()] = value.clone();
        }
        let strategies = [(field.patch.merges, "merge"), (field.patch.retains_keys, "retainKeys")];
        let strategies: Vec<&str> =
            strategies.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect();
        if !strategies.is_empty() {
            schema["x-kubernetes-patch-strategy"] = strategies.join(",").into();
        }
        if let Some(key) = &field.patch.merge_key {
            schema["x-kubernetes-patch-merge-key"] = key.as_str().into();
        }
        schema
    }

    fn value(&mut self, shape: &Shape, place: Place<'_>) -> Value {
        if !shape.name().is_empty() {
            return self.refer(&format!("{PREFIX}{}", shape.name()));
        }
        match shape.form() {
            Form::Any => self.refer(any(place)),
            Form::Scalar(scalar) => self.scalar(*scalar),
            Form::Map { values, is_atomic } => {
                let values = self.value(values, place);
                let mut schema = json!({ "type": "object", "additionalProperties": values });
                if *is_atomic {
                    schema["x-kubernetes-map-type"] = "atomic".into();
                }
                schema
            }
            Form::List { items, kind } => {
                let items = self.value(items, place);
                let mut schema = json!({ "type": "array", "items": items });
                schema["x-kubernetes-list-type"] = match kind {
                    ListKind::Atomic => "atomic".into(),
                    ListKind::Set => "set".into(),
                    ListKind::Map(keys) => {
                        schema["x-kubernetes-list-map-keys"] = keys.as_slice().into();
                        "map".into()
                    }
                };
                schema
            }
            // Only a name stands for either.
            Form::Struct(_) | Form::Named(_) => json!({ "type": "object" }),
        }
    }

    fn scalar(&mut self, scalar: Scalar) -> Value {
        match scalar {
            Scalar::Boolean => json!({ "type": "boolean" }),
            Scalar::Bytes => json!({ "type": "string", "format": "byte" }),
            Scalar::Int32 => json!({ "type": "integer", "format": "int32" }),
            Scalar::Int64 => json!({ "type": "integer", "format": "int64" }),
            Scalar::IntOrString => self.refer(INT_OR_STRING),
            Scalar::MicroTime => self.refer(&format!("{META}MicroTime")),
            Scalar::Number => json!({ "type": "number", "format": "double" }),
            Scalar::Quantity => self.refer(QUANTITY),
            Scalar::String => json!({ "type": "string" }),
            Scalar::Time => self.refer(&format!("{META}Time")),
        }
    }
}

/// Which type of Go stands for any JSON here.
fn any(place: Place<'_>) -> &'static str {
    if !place.owner.starts_with("apiextensions-apiserver.") {
        return if place.field == "fieldsV1" { FIELDS } else { RAW };
    }
    match place.field {
        "items" => JSON_ITEMS,
        "additionalItems" | "additionalProperties" => JSON_OR_BOOL,
        "dependencies" => JSON_OR_STRINGS,
        _ => JSON,
    }
}

const PREFIX: &str = "io.k8s.";
const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.";
const FIELDS: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1";
const RAW: &str = "io.k8s.apimachinery.pkg.runtime.RawExtension";
const INT_OR_STRING: &str = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
const QUANTITY: &str = "io.k8s.apimachinery.pkg.api.resource.Quantity";
const JSON: &str = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON";
const JSON_ITEMS: &str =
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray";
const JSON_OR_BOOL: &str =
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool";
const JSON_OR_STRINGS: &str =
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray";
pub(super) const KIND: &str = "x-kubernetes-group-version-kind";
/// The types that the table of fields has as scalars, or not at all.
static WELL_KNOWN: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    // A test finds all of them in it.
    serde_json::from_str(include_str!("schemas/well_known.json")).unwrap_or_default()
});
/// Values and defaults of fields, from a file that `scripts/kubernetes-openapi.py` makes.
static TOLD: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    // A test finds some in it.
    serde_json::from_str(include_str!("schemas/fields.json")).unwrap_or_default()
});
