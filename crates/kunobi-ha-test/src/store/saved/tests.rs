use serde_json::{Value, json};

use super::*;
use crate::{Snapshot, TestServer};

fn store(server: &TestServer) -> Store {
    Store::from_text(&server.snapshot().to_json()).expect("it was written just now")
}

#[test]
fn what_is_read_is_written_alike() {
    let yaml = "{ apiVersion: v1, kind: ConfigMap, metadata: { name: a }, data: { k: v } }";
    let server = TestServer::builder().with_rbac().with_objects(yaml).build();
    server.edit("configmaps default/a", |map| map["data"]["k"] = "w".into());
    let text = server.snapshot().to_json();
    let read = Store::from_text(&text).expect("it was written just now");
    assert_eq!(read.to_text(), text);
    assert_eq!(read.revision(), server.resource_version());
    assert!(text.lines().count() > 50, "an object a line");
}

#[test]
fn what_a_test_has_injected_stays_what_it_says_it_is() {
    let server = TestServer::new();
    let odd = json!({ "kind": "Other", "metadata": { "name": "b", "resourceVersion": "7" } });
    server.inject("configmaps default/a", odd.clone());
    let read = store(&server);
    let (key, object) = read.objects.iter().next().expect("configmaps come first");
    assert_eq!((key.name.as_str(), &object.value), ("a", &odd));
}

#[test]
fn a_field_that_a_definition_has_lost_is_saved() {
    let definition = |fields: Value| {
        let spec = json!({ "type": "object", "properties": fields });
        let schema = json!({ "type": "object", "properties": { "spec": spec } });
        json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": { "name": "things.example.com" },
            "spec": {
                "group": "example.com",
                "scope": "Namespaced",
                "names": { "plural": "things", "kind": "Thing" },
                "versions": [{ "name": "v1", "served": true, "storage": true,
                               "schema": { "openAPIV3Schema": schema } }],
            },
        })
    };
    let known = definition(json!({ "a": { "type": "string" } }));
    let thing =
        "{ apiVersion: example.com/v1, kind: Thing, metadata: { name: t }, spec: { a: x } }";
    let server = TestServer::builder().with_crds([&known]).with_objects(thing).build();
    let edit = |server: &TestServer, definition: &Value| {
        server.edit("customresourcedefinitions things.example.com", |old| {
            old["spec"]["versions"] = definition["spec"]["versions"].clone();
        });
    };
    edit(&server, &definition(json!({})));
    let spec = |server: &TestServer| {
        server.get("things.example.com default/t").expect("it is there")["spec"].clone()
    };
    assert_eq!(spec(&server), json!({}));
    let restarted = TestServer::new();
    let saved = Snapshot::from_json(&server.snapshot().to_json()).expect("it was written just now");
    restarted.restore(saved);
    assert_eq!(spec(&restarted), json!({}));
    edit(&restarted, &known);
    assert_eq!(spec(&restarted), json!({ "a": "x" }));
}

#[test]
fn numbers_keep_every_digit_and_objects_their_depth() {
    let server = TestServer::new();
    let number = |n: u32| f64::from(n).sqrt() * 10_f64.powi(n.rem_euclid(60).cast_signed() - 30);
    let numbers: Value = (1..3_000).map(number).collect();
    // As deep as a reader of JSON follows: within others it would be too deep.
    let deep = format!("{}1{}", "[".repeat(125), "]".repeat(125));
    let deep: Value = serde_json::from_str(&deep).expect("not too deep");
    server.inject("configmaps default/a", json!({ "data": deep, "n": numbers }));
    let read = store(&server);
    let object = read.objects.values().next().expect("configmaps come first");
    assert_eq!((&object.value["data"], &object.value["n"]), (&deep, &numbers));
}

#[test]
fn a_text_that_is_something_else_is_refused_with_the_reason() {
    let whole = TestServer::new().snapshot().to_json();
    let refused = |text: &str| Store::from_text(text).expect_err(text);
    for end in [0, 10, whole.len() / 2, whole.len() - 4] {
        assert!(matches!(refused(&whole[..end]), SnapshotError::Syntax(_)), "{end}");
    }
    for foreign in ["{}", "[]", "7", r#"{"format":"x","version":1}"#, r#"{"format":7}"#] {
        assert_eq!(refused(foreign), SnapshotError::Foreign, "{foreign}");
    }
    let newer = whole.replace("\"version\": 1", "\"version\": 2");
    assert_eq!(refused(&newer), SnapshotError::Format(2));
    assert!(refused(&newer).to_string().contains("use the one that wrote it"));
}

#[test]
fn an_object_that_can_not_be_is_named() {
    let lines = |lines: &str| {
        format!(
            r#"{{"format":"kunobi-ha-test/snapshot","version":1,"resourceVersion":5,"objects":[{lines}]}}"#
        )
    };
    let line = |revision: u64, object: &str| {
        format!(
            r#"{{"resource":"configmaps","namespace":"default","name":"a","resourceVersion":{revision},"object":{object}}}"#
        )
    };
    let refused =
        |text: &str| Store::from_text(&lines(text)).map(|_| ()).expect_err(text).to_string();
    assert_eq!(
        refused(&line(6, "{}")),
        "configmaps default/a: its resourceVersion 6 is greater than 5, that of all"
    );
    assert_eq!(refused(&line(5, "[]")), "configmaps default/a: it is no JSON object");
    let twice = [line(4, "{}"), line(5, "{}")].join(",");
    assert_eq!(refused(&twice), "configmaps default/a: it is there twice");
    assert!(refused(r#"{"resource":"configmaps"}"#).contains("missing field `name`"));
    assert!(Store::from_text(&lines(&line(5, "{}"))).is_ok());
}
