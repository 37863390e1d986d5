use serde_json::json;

use super::*;
use crate::apply::{fields, tests::recorded::thing};

#[test]
fn fields_and_items_are_removed() {
    let value = json!({
        "text": "a", "whole": {"a": "1", "b": "1"}, "list": ["a"], "set": ["a", "b"],
        "struct": {"a": "1"}, "items": [{"name": "a", "value": "1"}, {"name": "b"}],
    });
    for (removed, path, expected) in [
        (json!({"f:text": {}}), "text", None),
        (json!({"f:whole": {}}), "whole", None),
        (json!({"f:whole": {"f:a": {}}}), "whole", Some(json!(null))),
        (json!({"f:list": {"v:\"a\"": {}}}), "list", Some(json!(null))),
        (json!({"f:set": {"v:\"a\"": {}, "v:\"x\"": {}}}), "set", Some(json!(["b"]))),
        (json!({"f:set": {"v:\"a\"": {}, "v:\"b\"": {}}}), "set", Some(json!(null))),
        (json!({"f:struct": {"f:a": {}}}), "struct", Some(json!(null))),
        (json!({"f:struct": {"f:b": {}}}), "struct", Some(json!({"a": "1"}))),
        (
            json!({"f:items": {"k:{\"name\":\"a\"}": {"f:value": {}}, "k:{\"name\":\"b\"}": {}}}),
            "items",
            Some(json!([{"name": "a"}])),
        ),
    ] {
        let fields = json!({"f:spec": removed});
        let fields = fields::read(&fields).unwrap_or_default();
        let mut left = json!({"spec": value});
        remove(thing().form(), &mut left, &fields);
        assert_eq!(left["spec"].get(path), expected.as_ref(), "{removed}");
    }
}
