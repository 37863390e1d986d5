use serde_json::json;

use super::*;
use crate::apply::tests::recorded::thing;

fn laid_over(live: &Value, applied: &Value) -> Value {
    overlay(thing().form(), &json!({"spec": live}), &json!({"spec": applied}))["spec"].clone()
}

/// The letters of items, in their order.
fn merged(live: &str, applied: &str) -> String {
    let list = |letters: &str| -> Value {
        json!({"set": letters.chars().map(String::from).collect::<Vec<_>>()})
    };
    let merged = laid_over(&list(live), &list(applied));
    let letters = merged["set"].as_array().into_iter().flatten();
    letters.map(|letter| letter.as_str().unwrap_or("?")).collect()
}

#[test]
fn items_come_in_the_order_of_the_configuration_between_those_of_the_object() {
    for (live, applied, expected) in [
        ("", "ab", "ab"),
        ("ab", "", "ab"),
        ("abc", "abc", "abc"),
        ("abc", "cba", "cba"),
        ("abcd", "bd", "abcd"),
        ("abcd", "db", "acdb"),
        ("abcd", "dxb", "acdxb"),
        ("acdxb", "ycaz", "ycdxbaz"),
        ("ab", "xy", "abxy"),
        ("ab", "xb", "axb"),
        ("ab", "ax", "abx"),
        ("aab", "bx", "aabx"),
        ("aab", "ab", "ab"),
    ] {
        assert_eq!(merged(live, applied), expected, "{live} {applied}");
    }
}

#[test]
fn the_configuration_wins_field_by_field() {
    for (live, applied, expected) in [
        (
            json!({"text": "a", "number": 1}),
            json!({"text": "b"}),
            json!({"text": "b", "number": 1}),
        ),
        (json!({"flag": true}), json!({"flag": null}), json!({"flag": null})),
        (json!({"whole": {"a": "1"}}), json!({"whole": {"b": "1"}}), json!({"whole": {"b": "1"}})),
        (json!({"struct": {"a": "1"}}), json!({"struct": null}), json!({"struct": {"a": "1"}})),
        (json!({"struct": {"a": "1"}}), json!({"struct": {}}), json!({"struct": {"a": "1"}})),
        (json!({"set": ["a"]}), json!({"set": null}), json!({"set": ["a"]})),
        (json!({"set": []}), json!({"set": null}), json!({"set": null})),
        (
            json!({"items": [{"name": "a", "value": "1"}]}),
            json!({"items": [{"name": "a", "extra": "2"}]}),
            json!({"items": [{"name": "a", "value": "1", "extra": "2"}]}),
        ),
        (
            json!({"items": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]}),
            json!({"items": [{"name": "a"}]}),
            json!({"items": [{"name": "a"}]}),
        ),
        (json!({"any": {"x": {"y": 1}}}), json!({"any": {"x": 1}}), json!({"any": {"x": 1}})),
        (
            json!({"any": {"x": [1]}}),
            json!({"any": {"x": {"y": 1}}}),
            json!({"any": {"x": {"y": 1}}}),
        ),
        (
            json!({"any": {"x": {"y": 1}}}),
            json!({"any": {"x": null}}),
            json!({"any": {"x": {"y": 1}}}),
        ),
        (json!({"any": {"x": 1}}), json!({"any": {"x": null}}), json!({"any": {"x": null}})),
    ] {
        assert_eq!(laid_over(&live, &applied), expected, "{live} {applied}");
    }
}
