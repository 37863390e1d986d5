//! What a schema says to server-side apply: which lists have keys, and what is owned as a whole.

use std::collections::BTreeMap;

use super::schema::{Additional, Kind, ListType, Schema};
use crate::shape::{Field, Form, ListKind, PatchStrategy, Scalar, Shape, Struct};

/// The shape of a whole object.
pub(super) fn of_object(schema: &Schema) -> Shape {
    let mut fields = fields(schema);
    add_meta(&mut fields);
    Shape::new(Form::Struct(Struct {
        fields,
        is_atomic: false,
        keeps_unknown: schema.keeps_unknown,
    }))
}

fn add_meta(fields: &mut BTreeMap<String, Field>) {
    let text = || Shape::new(Form::Scalar(Scalar::String));
    let meta = Shape::named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
    for (name, shape) in [("apiVersion", text()), ("kind", text()), ("metadata", meta)] {
        fields.insert(name.to_owned(), field(shape, false));
    }
}

fn field(shape: Shape, is_required: bool) -> Field {
    let patch = PatchStrategy::default();
    Field { shape, is_required, is_always: false, is_pointer: true, patch, default: None }
}

fn fields(schema: &Schema) -> BTreeMap<String, Field> {
    let of = |(name, each): (&String, &Schema)| {
        let is_required = schema.limits.required.contains(name);
        let default = each.default.clone();
        (name.clone(), Field { default, ..field(shape(each), is_required) })
    };
    schema.properties.iter().map(of).collect()
}

fn shape(schema: &Schema) -> Shape {
    Shape::new(match schema.kind {
        // To an apply, a number or text is anything.
        Kind::Any | Kind::IntOrString => Form::Any,
        Kind::Boolean => Form::Scalar(Scalar::Boolean),
        Kind::Integer => Form::Scalar(Scalar::Int64),
        Kind::Number => Form::Scalar(Scalar::Number),
        Kind::String => Form::Scalar(Scalar::String),
        Kind::Array => Form::List {
            items: schema.items.as_deref().map_or_else(|| Shape::new(Form::Any), shape),
            kind: match &schema.list {
                ListType::Atomic => ListKind::Atomic,
                ListType::Set => ListKind::Set,
                ListType::Map(keys) => ListKind::Map(keys.clone()),
            },
        },
        Kind::Object => object(schema),
    })
}

fn object(schema: &Schema) -> Form {
    if schema.properties.is_empty() && !schema.is_embedded {
        match &schema.additional {
            Additional::Each(each) => {
                return Form::Map { values: shape(each), is_atomic: schema.is_atomic };
            }
            Additional::Any => {
                let values = Shape::new(Form::Any);
                return Form::Map { values, is_atomic: schema.is_atomic };
            }
            Additional::Unsaid | Additional::Refused => {}
        }
    }
    let mut fields = fields(schema);
    if schema.is_embedded {
        add_meta(&mut fields);
    }
    Form::Struct(Struct {
        fields,
        is_atomic: schema.is_atomic,
        keeps_unknown: schema.keeps_unknown,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::apply::{self, Manager, Operation};

    #[test]
    fn fields_are_owned_as_on_kube_apiserver() {
        let recorded: Value = serde_json::from_str(include_str!("tests/fields.json")).unwrap();
        let mut object = recorded["object"].clone();
        let manager = Manager {
            name: "curl".into(),
            operation: Operation::Update,
            api_version: "cases.example.com/v1".into(),
            subresource: String::new(),
            time: "2026-01-01T00:00:00Z".into(),
        };
        let shape = of_object(&Schema::read(&recorded["schema"]));
        apply::record(&shape, None, &mut object, &manager, &[]);
        assert_eq!(object["metadata"]["managedFields"][0]["fieldsV1"], recorded["fields"]);
    }
}
