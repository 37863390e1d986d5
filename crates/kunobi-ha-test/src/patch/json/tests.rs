//! The expectations are answers of kube-apiserver 1.37.2.

use serde_json::json;

use super::*;

/// The object after one operation; nothing if it does not apply.
fn after(operation: &Value) -> Option<Value> {
    let live = json!({ "d": { "a": "1" }, "l": ["x", "y"], "s": "t" });
    apply(&json!([operation]), &live).ok().map(|(value, _)| value)
}

#[test]
fn places_in_lists_are_counted_from_both_ends() {
    for (operation, expected) in [
        (json!({ "op": "add", "path": "/l/-1", "value": "z" }), Some(json!(["x", "y", "z"]))),
        (json!({ "op": "add", "path": "/l/-3", "value": "z" }), Some(json!(["z", "x", "y"]))),
        (json!({ "op": "add", "path": "/l/2", "value": "z" }), Some(json!(["x", "y", "z"]))),
        (json!({ "op": "add", "path": "/l/3", "value": "z" }), None),
        (json!({ "op": "add", "path": "/l/-4", "value": "z" }), None),
        (json!({ "op": "remove", "path": "/l/-1" }), Some(json!(["x"]))),
        (json!({ "op": "remove", "path": "/l/01" }), Some(json!(["x"]))),
        (json!({ "op": "remove", "path": "/l/+1" }), Some(json!(["x"]))),
        (json!({ "op": "remove", "path": "/l/2" }), None),
        (json!({ "op": "replace", "path": "/l/-1", "value": "z" }), Some(json!(["x", "z"]))),
        (json!({ "op": "replace", "path": "/l/2", "value": "z" }), None),
        (json!({ "op": "replace", "path": "/l/-", "value": "z" }), None),
        (json!({ "op": "move", "from": "/l/0", "path": "/l/1" }), Some(json!(["y", "x"]))),
        (json!({ "op": "test", "path": "/l/-1", "value": "y" }), Some(json!(["x", "y"]))),
        (json!({ "op": "test", "path": "/l/5", "value": null }), None),
    ] {
        assert_eq!(after(&operation).map(|value| value["l"].clone()), expected, "{operation}");
    }
}

#[test]
fn what_is_not_there_is_null() {
    let with = |name: &str, value: Value| {
        let mut object = json!({ "a": "1" });
        object[name] = value;
        Some(object)
    };
    for (operation, expected) in [
        (json!({ "op": "add", "path": "/d/c" }), with("c", json!(null))),
        (json!({ "op": "replace", "path": "/d/c", "value": 2 }), with("c", json!(2))),
        (json!({ "op": "copy", "from": "/d/b", "path": "/d/c" }), with("c", json!(null))),
        (json!({ "op": "move", "from": "/d/b", "path": "/d/c" }), None),
        (json!({ "op": "remove", "path": "/d/b" }), None),
        (json!({ "op": "test", "path": "/d/b", "value": null }), with("a", json!("1"))),
        (json!({ "op": "test", "path": "/d/b", "value": "1" }), None),
        (json!({ "op": "test", "path": "/d/a" }), None),
        (json!({ "op": "test", "path": "/z/z/z", "value": null }), None),
        (json!({ "op": "add", "path": "/z/z", "value": 1 }), None),
        (json!({ "op": "add", "path": "/s/z", "value": 1 }), None),
        (json!({ "op": "add", "path": "/d/~", "value": 2 }), with("~", json!(2))),
        (json!({ "op": "add", "path": "/d/a~1b", "value": 2 }), with("a/b", json!(2))),
    ] {
        assert_eq!(after(&operation).map(|value| value["d"].clone()), expected, "{operation}");
    }
}

#[test]
fn a_path_begins_behind_its_first_slash_and_the_whole_is_only_replaced_or_tested() {
    let value = after(&json!({ "op": "add", "path": "d/c", "value": 1 })).unwrap();
    assert_eq!(value["c"], 1);
    let replaced = after(&json!({ "op": "replace", "path": "", "value": {} }));
    assert_eq!(replaced, Some(json!({})));
    for operation in [
        json!({ "op": "add", "path": "", "value": {} }),
        json!({ "op": "remove", "path": "" }),
        json!({ "op": "copy", "from": "", "path": "/d" }),
        json!({ "op": "replace", "path": "", "value": 1 }),
        json!({ "op": "replace", "path": "" }),
        json!({ "op": "test", "path": "", "value": {} }),
        json!({ "op": "test", "path": "" }),
        json!({ "op": "move", "from": "/d", "path": "/d/a" }),
        json!({ "op": "explode", "path": "/d" }),
        json!({ "path": "/d" }),
        json!({ "op": "add" }),
        json!(null),
    ] {
        assert_eq!(after(&operation), None, "{operation}");
    }
}

#[test]
fn operations_do_not_nest_a_value_deeper_than_a_body_may_be() {
    let nested = (0..100).fold(json!({}), |inner, _| json!({ "a": inner }));
    let bottom = format!("/n{}", "/a".repeat(100));
    let round = [
        json!({ "op": "add", "path": "/n", "value": nested }),
        json!({ "op": "move", "from": "/m", "path": bottom }),
        json!({ "op": "move", "from": "/n", "path": "/m" }),
    ];
    let live = json!({ "m": {} });
    assert!(apply(&round.to_vec().into(), &live).is_ok());
    let body = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let deepest: Value = serde_json::from_str(&body(DEEPEST)).unwrap();
    assert_eq!(depth(&deepest), DEEPEST);
    assert!(serde_json::from_str::<Value>(&body(DEEPEST + 1)).is_err());
    let rounds: Vec<Value> = (0..2000).flat_map(|_| round.clone()).collect();
    assert_eq!(apply(&rounds.into(), &live).unwrap_err().code, 422);
}

#[test]
fn what_is_no_operation_is_refused_and_fields_that_none_has_are_told() {
    let start = "error decoding patch: json: cannot unmarshal";
    for (patch, why) in [
        (json!({}), "object into Go value of type []handlers.jsonPatchOp"),
        (json!(["a"]), "string into Go value of type handlers.jsonPatchOp"),
        (json!([{ "op": 1 }]), "number into Go struct field jsonPatchOp.op of type string"),
        (json!([{ "path": [] }]), "array into Go struct field jsonPatchOp.path of type string"),
    ] {
        let rejection = apply(&patch, &json!({})).unwrap_err();
        assert_eq!(rejection.message(), format!("{start} {why}"));
    }
    assert_eq!(apply(&json!(null), &json!({ "a": 1 })).unwrap().0, json!({ "a": 1 }));
    let patch = json!([{ "op": "add", "path": "/a", "value": 1, "extra": 1 }]);
    let (_, unknown) = apply(&patch, &json!({})).unwrap();
    assert_eq!(unknown, ["json patch unknown field \"[0].extra\""]);
}
