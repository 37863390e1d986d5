use serde_json::json;

use super::*;
use crate::{
    apply::{fields, tests::recorded::thing},
    shape::Shape,
};

/// What has changed and what is removed, below `spec`.
fn differences(old: &Value, new: &Value) -> (Value, Value) {
    let old = json!({"spec": old});
    let changes = Changes::between(thing().form(), Some(&old), &json!({"spec": new}));
    let text = |set: &Set| fields::write(set).get("f:spec").cloned().unwrap_or(json!({}));
    (text(&changes.changed), text(&changes.removed))
}

#[test]
fn fields_and_items() {
    let none = || json!({});
    for (old, new, changed, removed) in [
        (json!({"text": "a"}), json!({"text": "a"}), none(), none()),
        (json!({"text": "a"}), json!({"text": "b"}), json!({"f:text": {}}), none()),
        (json!({"number": 1}), json!({"number": 1.0}), none(), none()),
        (json!({"struct": {}}), json!({}), none(), json!({"f:struct": {}})),
        (
            json!({"struct": {"a": "1"}}),
            json!({"struct": {}}),
            none(),
            json!({"f:struct": {"f:a": {}}}),
        ),
        (
            json!({}),
            json!({"struct": {"a": "1", "deep": {"c": "x"}}}),
            json!({"f:struct": {".": {}, "f:a": {}, "f:deep": {".": {}, "f:c": {}}}}),
            none(),
        ),
        (
            json!({"whole": {"a": "1"}}),
            json!({"whole": {"b": "1"}}),
            json!({"f:whole": {}}),
            none(),
        ),
        (json!({"whole": {"a": "1"}}), json!({}), none(), json!({"f:whole": {}})),
        (json!({"list": ["a"]}), json!({"list": ["b"]}), json!({"f:list": {}}), none()),
        (
            json!({"set": ["a", "b"]}),
            json!({"set": ["c", "b"]}),
            json!({"f:set": {"v:\"c\"": {}}}),
            json!({"f:set": {"v:\"a\"": {}}}),
        ),
        (json!({"set": ["a", "b"]}), json!({"set": ["b", "a"]}), none(), none()),
        (json!({"set": []}), json!({}), none(), json!({"f:set": {}})),
        (json!({}), json!({"set": []}), json!({"f:set": {}}), none()),
        (
            json!({"items": [{"name": "a", "value": "1"}, {"name": "b"}]}),
            json!({"items": [{"name": "b", "value": "1"}, {"name": "a", "value": "2"}]}),
            json!({"f:items": {
                "k:{\"name\":\"a\"}": {"f:value": {}}, "k:{\"name\":\"b\"}": {"f:value": {}},
            }}),
            none(),
        ),
    ] {
        assert_eq!(differences(&old, &new), (changed, removed), "{old} {new}");
    }
}

#[test]
fn items_with_the_same_key_are_one_value() {
    let item = |value: &str| json!({"name": "a", "value": value});
    let (key, gone) = ("k:{\"name\":\"a\"}", json!({".": {}, "f:name": {}, "f:value": {}}));
    let list = |items: &[Value]| json!({"items": items});
    let none = || json!({});
    let member = || json!({"f:items": {key: {}}});
    let all = || json!({"f:items": {key: gone.clone()}});
    let (one, two) = (list(&[item("1")]), list(&[item("1"), item("2")]));
    assert_eq!(differences(&two, &two), (none(), none()));
    assert_eq!(differences(&two, &list(&[item("2"), item("1")])), (member(), none()));
    assert_eq!(differences(&one, &two), (member(), all()));
    assert_eq!(differences(&two, &one), (all(), member()));
}

#[test]
fn anything_may_become_something_else() {
    for (old, new, changed, removed) in [
        (json!(1), json!("a"), Some(json!({})), None),
        (json!({"b": 1}), json!([1]), Some(json!({})), Some(json!({"f:b": {}}))),
        (json!([1]), json!({"b": 1}), Some(json!({".": {}, "f:b": {}})), None),
        (json!({"b": 1}), json!(null), None, Some(json!({"f:b": {}}))),
        (json!(null), json!({"b": 1}), Some(json!({"f:b": {}})), None),
        (
            json!({"b": {"c": 1}}),
            json!({"b": {"d": 1}}),
            Some(json!({"f:b": {"f:d": {}}})),
            Some(json!({"f:b": {"f:c": {}}})),
        ),
    ] {
        let (is_changed, is_removed) =
            differences(&json!({"any": {"x": old}}), &json!({"any": {"x": new}}));
        let at = |set: &Value| set.pointer("/f:any/f:x").cloned();
        assert_eq!((at(&is_changed), at(&is_removed)), (changed, removed), "{old} {new}");
    }
}

#[test]
fn what_go_always_has_is_neither_new_nor_gone() {
    let deployment = Shape::named("io.k8s.api.apps.v1.Deployment");
    let new = json!({"metadata": {"labels": {"l": "x"}}, "spec": {
        "selector": {"matchLabels": {"a": "b"}},
        "strategy": {"type": "Recreate"},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c"}]}},
    }});
    let changes = Changes::between(deployment.form(), None, &new);
    let expected = json!({
        "f:metadata": {"f:labels": {".": {}, "f:l": {}}},
        "f:spec": {
            "f:selector": {},
            "f:strategy": {"f:type": {}},
            "f:template": {
                "f:metadata": {"f:labels": {".": {}, "f:a": {}}},
                "f:spec": {"f:containers": {"k:{\"name\":\"c\"}": {
                    ".": {}, "f:name": {}, "f:resources": {},
                }}},
            },
        },
    });
    assert_eq!(fields::write(&changes.changed), expected);
    assert!(changes.removed.is_empty());
    let without = json!({"metadata": {}});
    let changes = Changes::between(deployment.form(), Some(&new), &without);
    assert_eq!(fields::write(&changes.removed), expected, "the same is gone");
    assert!(changes.changed.is_empty());
}
