//! Lists whose items must differ: sets, and maps by their keys.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    path::Path,
    schema::{ListType, Schema},
};
use crate::status::Cause;

pub(super) fn check(schema: &Schema, value: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if let Some(known) = schema.properties.get(name) {
                    check(known, field, &path.child(name), causes);
                } else if let Some(each) = schema.field(name) {
                    check(each, field, &path.key(name), causes);
                }
            }
        }
        Value::Array(items) => {
            check_list(schema, items, path, causes);
            if let Some(each) = &schema.items {
                for (index, item) in items.iter().enumerate() {
                    check(each, item, &path.index(index), causes);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn check_list(schema: &Schema, items: &[Value], path: &Path<'_>, causes: &mut Vec<Cause>) {
    match &schema.list {
        ListType::Atomic => {}
        ListType::Set => report_repeated(items.iter().cloned(), path, causes),
        ListType::Map(keys) => {
            let stranger = items.iter().position(|item| !item.is_object() && !item.is_null());
            if let Some((index, item)) = stranger.and_then(|index| Some((index, items.get(index)?)))
            {
                let why = "must be an object for an array of list-type map";
                causes.push(Cause::invalid(path.index(index), item, why));
                return;
            }
            let key = |item: &Value| {
                let fields =
                    keys.iter().filter_map(|key| Some((key.clone(), item.get(key)?.clone())));
                Value::Object(fields.collect::<Map<_, _>>())
            };
            report_repeated(items.iter().map(key), path, causes);
        }
    }
}

/// Each value that is there more than once is reported where it is there for the second time.
fn report_repeated(values: impl Iterator<Item = Value>, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let mut seen = BTreeMap::new();
    for (index, value) in values.enumerate() {
        let times: &mut usize = seen.entry(value.to_string()).or_default();
        *times = times.saturating_add(1);
        if *times == 2 {
            causes.push(Cause::duplicate(path.index(index), &value));
        }
    }
}
