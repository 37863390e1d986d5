//! Reading what a strategic merge has made: kube-apiserver does it without JSON, by other rules and
//! in other words.

use serde_json::{Number, Value};

use crate::{
    go::{self, printed::type_of},
    shape::{self, Form, Scalar, Shape},
};

/// Brings the numbers of a value into the form of its type. Returns why it is not of the type.
pub(super) fn convert(shape: &Shape, value: &mut Value) -> Result<(), String> {
    match (shape.form(), &mut *value) {
        (_, Value::Null) | (Form::Any | Form::Named(_), _) => Ok(()),
        (Form::Struct(known), Value::Object(object)) => {
            for (name, value) in object {
                if let Some(field) = known.fields.get(name) {
                    convert(&field.shape, value)?;
                }
            }
            Ok(())
        }
        (Form::Map { values, .. }, Value::Object(object)) => {
            object.values_mut().try_for_each(|value| convert(values, value))
        }
        (Form::List { items, .. }, Value::Array(list)) => {
            list.iter_mut().try_for_each(|value| convert(items, value))
        }
        (Form::Struct(_), other) => Err(format!("cannot restore struct from: {}", kind(other))),
        (Form::Map { .. }, other) => Err(format!("cannot restore map from {}", kind(other))),
        (Form::List { .. }, other) => Err(format!("cannot restore slice from {}", kind(other))),
        (Form::Scalar(scalar), _) => convert_scalar(*scalar, shape, value),
    }
}

fn convert_scalar(scalar: Scalar, shape: &Shape, value: &mut Value) -> Result<(), String> {
    let wanted = match scalar {
        Scalar::Boolean => "bool",
        Scalar::Int32 => "int32",
        Scalar::Int64 => "int64",
        Scalar::Number => "float64",
        Scalar::String => "string",
        Scalar::Bytes if !value.is_string() => {
            return Err(format!("cannot restore slice from {}", kind(value)));
        }
        Scalar::Bytes => {
            let read = shape::decode(shape, value).map(drop);
            return read.map_err(|why| format!("error decoding from json: {why}"));
        }
        // These read JSON by themselves.
        Scalar::IntOrString if value.is_boolean() || value.is_array() || value.is_object() => {
            let kind = go::kind(value);
            return Err(format!("json: cannot unmarshal {kind} into Go value of type int32"));
        }
        Scalar::IntOrString | Scalar::MicroTime | Scalar::Quantity | Scalar::Time => {
            return shape::decode(shape, value).map(drop);
        }
    };
    match (scalar, &*value) {
        (Scalar::Boolean, Value::Bool(_))
        | (Scalar::String, Value::String(_))
        | (Scalar::Number, Value::Number(_)) => Ok(()),
        (Scalar::Int32 | Scalar::Int64, Value::Number(number)) => match whole(number, scalar) {
            Some(whole) => {
                *value = whole.into();
                Ok(())
            }
            None => Err(format!("cannot convert {} to {wanted}", type_of(value))),
        },
        // Go turns an integer into text, but refuses to do it here.
        (Scalar::String, Value::Number(number)) if number.is_i64() => {
            Err(format!("cannot convert int64 to {wanted}"))
        }
        _ => Err(format!("unrecognized type: {wanted}")),
    }
}

/// What is too large for 32 bits loses the bits above them, as in Go.
fn whole(number: &Number, scalar: Scalar) -> Option<i64> {
    let whole = number.as_i64().or_else(|| {
        let text = format!("{:.0}", number.as_f64().filter(|number| number.fract() == 0.0)?);
        text.parse().ok()
    })?;
    if scalar == Scalar::Int64 {
        return Some(whole);
    }
    let [a, b, c, d, ..] = whole.to_le_bytes();
    Some(i32::from_le_bytes([a, b, c, d]).into())
}

/// The kind of a value as Go's reflection names it.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "slice",
        Value::Object(_) => "map",
        scalar => type_of(scalar),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment(mut value: Value) -> Result<Value, String> {
        convert(&Shape::named("io.k8s.api.apps.v1.Deployment"), &mut value).map(|()| value)
    }

    #[test]
    fn numbers_take_the_form_of_their_type() {
        for (sent, read) in [(json!(2.0), 2), (json!(5_000_000_000_i64), 705_032_704)] {
            let value = deployment(json!({ "spec": { "replicas": sent } })).unwrap();
            assert_eq!(value, json!({ "spec": { "replicas": read } }));
        }
    }

    #[test]
    fn what_is_of_another_type_is_told_in_the_words_of_the_converter() {
        for (value, why) in [
            (json!({ "spec": "x" }), "cannot restore struct from: string"),
            (json!({ "spec": [] }), "cannot restore struct from: slice"),
            (json!({ "spec": { "replicas": "a" } }), "unrecognized type: int32"),
            (json!({ "spec": { "replicas": true } }), "unrecognized type: int32"),
            (json!({ "spec": { "replicas": 1.5 } }), "cannot convert float64 to int32"),
            (json!({ "spec": { "paused": "a" } }), "unrecognized type: bool"),
            (json!({ "metadata": { "name": 1 } }), "cannot convert int64 to string"),
            (json!({ "metadata": { "labels": ["a"] } }), "cannot restore map from slice"),
            (json!({ "metadata": { "labels": { "a": true } } }), "unrecognized type: string"),
            (json!({ "metadata": { "finalizers": "x" } }), "cannot restore slice from string"),
            (
                json!({ "metadata": { "creationTimestamp": 1 } }),
                "json: cannot unmarshal number into Go value of type string",
            ),
        ] {
            assert_eq!(deployment(value.clone()), Err(why.into()), "{value}");
        }
        let shape = Shape::named("io.k8s.api.core.v1.ConfigMap");
        let map = |value: Value| convert(&shape, &mut json!({ "binaryData": value }));
        let why = "error decoding from json: illegal base64 data at input byte 0";
        assert_eq!(map(json!({ "x": "!!" })), Err(why.into()));
        assert_eq!(map(json!({ "x": 1 })), Err("cannot restore slice from int64".into()));
        assert_eq!(map(json!({ "x": null })), Ok(()));
    }
}
