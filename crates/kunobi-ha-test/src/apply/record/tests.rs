use serde_json::json;

use super::*;
use crate::apply::{Operation, tests::recorded::thing};

fn by(name: &str, second: usize) -> Manager {
    Manager {
        name: name.into(),
        operation: Operation::Update,
        api_version: "v1".into(),
        subresource: String::new(),
        time: format!("2026-01-01T00:00:{second:02}Z"),
    }
}

/// Any small object.
fn any(random: &mut fastrand::Rng) -> Value {
    let mut spec = json!({});
    for (field, values) in [
        ("text", vec![json!("a"), json!("b")]),
        ("struct", vec![json!({}), json!({"a": "1"}), json!({"a": "2", "b": "1"})]),
        ("whole", vec![json!({"a": "1"}), json!({"b": "1"})]),
        ("set", vec![json!(["a"]), json!(["b", "a"]), json!([])]),
        (
            "items",
            vec![json!([{"name": "a"}]), json!([{"name": "a", "value": "1"}, {"name": "b"}])],
        ),
        ("any", vec![json!({"x": 1}), json!({"x": {"y": 1}}), json!({"x": {"z": [1]}})]),
    ] {
        if let Some(value) = values.get(random.usize(0..=values.len())) {
            spec[field] = value.clone();
        }
    }
    json!({"metadata": {"name": "n"}, "spec": spec})
}

#[test]
fn the_short_way_ends_where_the_long_way_does() {
    let (shape, mut random) = (thing(), fastrand::Rng::with_seed(1));
    let mut short = 0;
    for _ in 0..300 {
        let mut live = any(&mut random);
        record(&shape, None, &mut live, &by("a", 0), &[]);
        for second in 1..15 {
            let manager = by(["a", "b", "c"][random.usize(0..3)], second);
            let mut new = any(&mut random);
            if random.bool() {
                new["spec"] = live["spec"].clone();
                new["spec"]["text"] = random.u8(0..3).to_string().into();
            }
            let before = live["metadata"]["managedFields"].clone();
            let mut changes = Changes::between(shape.form(), Some(&live), &new);
            changes.forget(never_owned());
            let is_short = touch(&mut before.clone(), &changes, &manager);
            short += usize::from(is_short);
            let mut expected = new.clone();
            if before.is_null() {
                assert!(changes.changed.is_empty() || !is_short);
            } else {
                let mut managers = Managers::read(&before).unwrap();
                update(&mut managers, changes.into(), &manager);
                managers.write(&mut expected);
            }
            record(&shape, Some(&live), &mut new, &manager, &[]);
            assert_eq!(new, expected);
            live = new;
        }
    }
    assert!(short > 500, "{short}");
}

#[test]
fn what_an_endpoint_does_not_write_is_nobodys_by_it() {
    let old = json!({"metadata": {"managedFields": [{
        "manager": "a", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:text": {}}},
    }]}, "spec": {"text": "a"}});
    let mut new = json!({"metadata": {"labels": {"l": "x"}}, "spec": {}, "status": {"phase": "x"}});
    let status = Manager { subresource: "status".into(), ..by("b", 1) };
    record(&thing(), Some(&old), &mut new, &status, &["spec", "metadata.labels"]);
    let list = new["metadata"]["managedFields"].as_array().unwrap();
    assert_eq!(list[0]["fieldsV1"], json!({"f:spec": {"f:text": {}}}));
    assert_eq!(list[1]["fieldsV1"], json!({"f:status": {".": {}, "f:phase": {}}}));
    assert_eq!(list.len(), 2);
}

#[test]
fn odd_objects_are_left_alone() {
    for mut odd in [json!(null), json!([]), json!({}), json!({"metadata": 1}), json!({"spec": [1]})]
    {
        let before = odd.clone();
        record(&thing(), None, &mut odd, &by("a", 0), &[]);
        assert_eq!(odd, before);
        let old = json!({"metadata": {"managedFields": [1]}});
        record(&thing(), Some(&old), &mut odd, &by("a", 0), &[]);
        assert_eq!(odd, before);
    }
}
