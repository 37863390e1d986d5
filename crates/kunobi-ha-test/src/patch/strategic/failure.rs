//! Why a strategic merge is refused, in the words of kube-apiserver.

use serde_json::Value;

use super::Object;
use crate::{
    go::{
        self,
        printed::{printed, type_of},
    },
    patch::inapplicable,
    shape::Shape,
    status::Rejection,
};

pub(super) fn bad_directive(directive: &Value, patch: &Object) -> Rejection {
    let directive = match directive {
        Value::String(text) => text.clone(),
        Value::Null => "%!s(<nil>)".into(),
        other => format!("%!s({}={})", type_of(other), printed(other)),
    };
    let patch = printed(&patch.clone().into());
    Rejection::internal(&format!("unknown patch type: {directive} in map: {patch}"))
}

pub(super) fn bad_order() -> Rejection {
    Rejection::bad_request("invalid patch format of setElementOrder list")
}

pub(super) fn bad_primitive_list() -> Rejection {
    Rejection::bad_request("invalid patch format of primitive list")
}

pub(super) fn bad_retained_keys() -> Rejection {
    Rejection::bad_request("invalid patch format of retainKeys")
}

pub(super) fn lists_of_lists() -> Rejection {
    inapplicable()
}

pub(super) fn lists_cannot_merge() -> Rejection {
    Rejection::internal("merging lists cannot yet be specified in the patch")
}

pub(super) fn mixed(lists: [&[Value]; 2]) -> Rejection {
    let lists = printed(&lists.map(<[Value]>::to_vec).to_vec().into());
    Rejection::internal(&format!("list element types are not identical: {lists}"))
}

pub(super) fn no_elements() -> Rejection {
    Rejection::internal("no elements in any of the given slices")
}

pub(super) fn no_merge_key(item: &Value, key: &str) -> Rejection {
    let item = printed(item);
    Rejection::internal(&format!("map: {item} does not contain declared merge key: {key}"))
}

pub(super) fn no_merge_key_declared() -> Rejection {
    Rejection::internal("cannot merge lists without merge key for struct")
}

pub(super) fn no_such_field(shape: &Shape, name: &str) -> Rejection {
    let owner = shape.name().rsplit('.').next().unwrap_or_default();
    let name = go::quoted(name);
    Rejection::internal(&format!(
        "unable to find api field in struct {owner} for the json field {name}"
    ))
}

pub(super) fn not_a_list(value: &Value) -> Rejection {
    not_a("[]interface {}", value)
}

pub(super) fn not_a_map(value: &Value) -> Rejection {
    not_a("map[string]interface {}", value)
}

pub(super) fn not_a_map_at(index: usize) -> Rejection {
    Rejection::internal(&format!("value for key {index} is not a map"))
}

pub(super) fn not_a_struct() -> Rejection {
    Rejection::internal("merging an object in json but data type is not struct, instead is: map")
}

pub(super) fn other_order(patch: &[Value], order: &[Value]) -> Rejection {
    let [patch, order] = [patch, order].map(|list| printed(&list.to_vec().into()));
    Rejection::internal(&format!(
        "The order in patch list:\n{patch}\n doesn't match $setElementOrder list:\n{order}\n"
    ))
}

fn not_a(wanted: &str, value: &Value) -> Rejection {
    let is = if value.is_null() { "%!s(<nil>)" } else { type_of(value) };
    Rejection::internal(&format!("expected a {wanted}, but received a {is}"))
}
