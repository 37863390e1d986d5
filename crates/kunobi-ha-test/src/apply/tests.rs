pub(super) mod recorded;

use serde_json::{Value, json};

use super::*;
use crate::shape::Shape;

const NOW: &str = "2026-11-27T00:00:00Z";

fn by(name: &str, operation: Operation) -> Manager {
    Manager {
        name: name.into(),
        operation,
        api_version: "v1".into(),
        subresource: String::new(),
        time: NOW.into(),
    }
}

fn shape(kind: &str) -> Shape {
    Shape::named(&format!("io.k8s.api.{kind}"))
}

fn map(data: &Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "m" }, "data": data })
}

fn apply(
    live: Option<&Value>,
    data: &Value,
    name: &str,
    is_forced: bool,
) -> Result<Value, Failure> {
    let manager = by(name, Operation::Apply);
    merge(&shape("core.v1.ConfigMap"), live, &map(data), &manager, is_forced, &[])
}

fn owned(object: &Value, name: &str) -> Value {
    let list = object["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
    let entry = list.iter().find(|entry| entry["manager"] == name);
    entry.map(|entry| entry["fieldsV1"].clone()).unwrap_or_default()
}

#[test]
fn a_created_object_belongs_to_its_creator_but_for_what_identifies_it() {
    let mut new = map(&json!({ "a": "1" }));
    new["metadata"]["labels"] = json!({ "l": "x" });
    record(&shape("core.v1.ConfigMap"), None, &mut new, &by("me", Operation::Update), &[]);
    let expected = json!([{
        "manager": "me", "operation": "Update", "apiVersion": "v1", "time": NOW, "fieldsType": "FieldsV1",
        "fieldsV1": { "f:data": { ".": {}, "f:a": {} }, "f:metadata": { "f:labels": { ".": {}, "f:l": {} } } },
    }]);
    assert_eq!(new["metadata"]["managedFields"], expected);
}

#[test]
fn an_update_takes_what_it_changes_and_what_is_removed_is_nobodys() {
    let shape = shape("core.v1.ConfigMap");
    let mut old = map(&json!({ "a": "1", "b": "1", "c": "1" }));
    record(&shape, None, &mut old, &by("me", Operation::Update), &[]);
    let mut new = old.clone();
    new["data"] = json!({ "a": "1", "b": "2" });
    record(&shape, Some(&old), &mut new, &by("you", Operation::Update), &[]);
    assert_eq!(owned(&new, "me"), json!({ "f:data": { ".": {}, "f:a": {} } }));
    assert_eq!(owned(&new, "you"), json!({ "f:data": { "f:b": {} } }));
}

#[test]
fn an_empty_list_of_managers_resets_them_and_a_subresource_has_an_entry_of_its_own() {
    let shape = shape("core.v1.Pod");
    let mut old = json!({ "metadata": { "name": "p" }, "spec": { "nodeName": "n" }, "status": {} });
    record(&shape, None, &mut old, &by("me", Operation::Update), &["status"]);
    let mut new = old.clone();
    new["status"] = json!({ "phase": "Running" });
    let status = Manager { subresource: "status".into(), ..by("me", Operation::Update) };
    record(&shape, Some(&old), &mut new, &status, &["spec"]);
    let list = new["metadata"]["managedFields"].as_array().unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(
        (&list[1]["subresource"], &list[1]["fieldsV1"]),
        (&json!("status"), &json!({ "f:status": { "f:phase": {} } }))
    );
    let before = new.clone();
    new["metadata"]["managedFields"] = json!([]);
    record(&shape, Some(&before), &mut new, &by("me", Operation::Update), &[]);
    assert!(new["metadata"].get("managedFields").is_none());
}

#[test]
fn an_apply_owns_what_it_states_and_removes_what_it_stated_before() {
    let first = apply(None, &json!({ "a": "1", "b": "1" }), "me", false).unwrap();
    assert_eq!(owned(&first, "me"), json!({ "f:data": { "f:a": {}, "f:b": {} } }));
    let second = apply(Some(&first), &json!({ "a": "1" }), "me", false).unwrap();
    assert_eq!(second["data"], json!({ "a": "1" }));
    assert_eq!(owned(&second, "me"), json!({ "f:data": { "f:a": {} } }));
}

#[test]
fn a_field_that_another_manager_owns_is_a_conflict_unless_forced() {
    let first = apply(None, &json!({ "a": "1", "b": "1" }), "me", false).unwrap();
    let failure = apply(Some(&first), &json!({ "a": "2" }), "you", false).unwrap_err();
    assert_eq!(
        failure.rejection().message(),
        r#"Apply failed with 1 conflict: conflict with "me": .data.a"#
    );
    let forced = apply(Some(&first), &json!({ "a": "2" }), "you", true).unwrap();
    assert_eq!(forced["data"], json!({ "a": "2", "b": "1" }));
    assert_eq!(owned(&forced, "me"), json!({ "f:data": { "f:b": {} } }));
    assert_eq!(owned(&forced, "you"), json!({ "f:data": { "f:a": {} } }));
}

#[test]
fn a_shared_field_stays_until_its_last_owner_drops_it() {
    let first = apply(None, &json!({ "a": "1" }), "me", false).unwrap();
    let shared = apply(Some(&first), &json!({ "a": "1", "b": "2" }), "you", false).unwrap();
    let one = apply(Some(&shared), &json!({}), "me", false).unwrap();
    assert_eq!(one["data"], json!({ "a": "1", "b": "2" }));
    let none = apply(Some(&one), &json!({ "b": "2" }), "you", false).unwrap();
    assert_eq!(none["data"], json!({ "b": "2" }));
}

#[test]
fn what_was_updated_before_the_first_apply_belongs_to_its_writer() {
    let shape = shape("core.v1.ConfigMap");
    let mut live = map(&json!({ "a": "1" }));
    record(&shape, None, &mut live, &by("kubectl", Operation::Update), &[]);
    let failure = apply(Some(&live), &json!({ "a": "2", "b": "1" }), "me", false).unwrap_err();
    let expected = r#"Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.a"#;
    assert_eq!(failure.rejection().message(), expected);
    let same = apply(Some(&live), &json!({ "a": "1" }), "me", false).unwrap();
    assert_eq!(owned(&same, "kubectl"), json!({ "f:data": { ".": {}, "f:a": {} } }));
}

#[test]
fn lists_are_merged_by_their_keys_with_defaults_and_items_keep_what_others_own() {
    let shape = shape("core.v1.Pod");
    let pod = |containers: Value| json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p" }, "spec": { "containers": containers } });
    let apply = |live: Option<&Value>, containers: Value, name: &str| {
        merge(&shape, live, &pod(containers), &by(name, Operation::Apply), false, &["status"])
    };
    let first = apply(
        None,
        json!([{ "name": "a", "image": "1", "ports": [{ "containerPort": 80 }] }]),
        "me",
    )
    .unwrap();
    let ports = json!([{ "containerPort": 80, "protocol": "TCP" }, { "containerPort": 80, "protocol": "UDP" }]);
    let both =
        apply(Some(&first), json!([{ "name": "b" }, { "name": "a", "ports": ports }]), "you")
            .unwrap();
    let names = |object: &Value| {
        let containers = object["spec"]["containers"].as_array().unwrap().clone();
        containers.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&both), ["b", "a"]);
    assert_eq!(both["spec"]["containers"][1]["image"], "1");
    assert_eq!(both["spec"]["containers"][1]["ports"].as_array().unwrap().len(), 2);
    let without = apply(Some(&both), json!([{ "name": "b" }]), "you").unwrap();
    assert_eq!(names(&without), ["b", "a"]);
    // The server adds the protocol again, as a default.
    assert_eq!(without["spec"]["containers"][1]["ports"], json!([{ "containerPort": 80 }]));
    let gone = apply(Some(&without), json!([]), "me").unwrap();
    assert_eq!(names(&gone), ["b"]);
}

#[test]
fn a_configuration_is_of_its_type() {
    for (data, expected) in [
        (json!(["x"]), ".data: expected map, got &{[x]}"),
        (json!({ "a": 1 }), ".data.a: expected string, got &value.valueUnstructured{Value:1}"),
    ] {
        let expected =
            format!("failed to create typed patch object (/m; /v1, Kind=ConfigMap): {expected}");
        assert_eq!(apply(None, &data, "me", false), Err(Failure::Mistyped(expected)));
    }
    let mut odd = map(&json!({}));
    odd["spec"] = json!({});
    let manager = by("me", Operation::Apply);
    let failure = merge(&shape("core.v1.ConfigMap"), None, &odd, &manager, false, &[]).unwrap_err();
    let expected = "failed to create typed patch object (/m; /v1, Kind=ConfigMap): .spec: field not declared in schema";
    assert_eq!(failure, Failure::Mistyped(expected.into()));
    odd["metadata"]["managedFields"] = json!([]);
    let failure = merge(&shape("core.v1.ConfigMap"), None, &odd, &manager, false, &[]).unwrap_err();
    assert_eq!(failure, Failure::StatesManagers);
}

#[test]
fn an_apply_that_changes_nothing_leaves_the_object_as_it_is() {
    let first = apply(None, &json!({ "a": "1" }), "me", false).unwrap();
    let later = Manager { time: "2026-11-28T00:00:00Z".into(), ..by("me", Operation::Apply) };
    let again = merge(
        &shape("core.v1.ConfigMap"),
        Some(&first),
        &map(&json!({ "a": "1" })),
        &later,
        false,
        &[],
    );
    assert_eq!(again.unwrap(), first);
}

#[test]
fn atomic_values_are_owned_as_a_whole() {
    let shape = shape("core.v1.Service");
    let service =
        |selector: Value| json!({ "metadata": { "name": "s" }, "spec": { "selector": selector } });
    let manager = |name: &str| by(name, Operation::Apply);
    let first =
        merge(&shape, None, &service(json!({ "a": "1" })), &manager("me"), false, &[]).unwrap();
    assert_eq!(owned(&first, "me"), json!({ "f:spec": { "f:selector": {} } }));
    let second =
        merge(&shape, Some(&first), &service(json!({ "b": "1" })), &manager("you"), true, &[]);
    assert_eq!(second.unwrap()["spec"]["selector"], json!({ "b": "1" }));
}
