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
    // Within others it would be deeper than a reader of JSON follows.
    let deep = format!("{}1{}", "[".repeat(125), "]".repeat(125));
    let deep: Value = serde_json::from_str(&deep).expect("not too deep");
    server.inject("configmaps default/a", json!({ "data": deep, "n": numbers }));
    let read = store(&server);
    let object = read.objects.values().next().expect("configmaps come first");
    assert_eq!((&object.value["data"], &object.value["n"]), (&deep, &numbers));
}

/// A type that takes any fields.
const ANY: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: things.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: things, kind: Thing }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true }
";

/// A thing whose maps are nested so deep in all.
fn thing(name: &str, depth: usize) -> String {
    let inner = (0..depth - 1).fold("1".to_owned(), |inner, _| format!("{{\"a\": {inner}}}"));
    format!(
        r#"{{"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {{"name": "{name}"}}, "a": {inner}}}"#
    )
}

#[tokio::test]
async fn what_can_be_written_can_be_read_again_however_deep() {
    let definition: Value = serde_saphyr::from_str(ANY).unwrap();
    let server = TestServer::builder().with_crds([&definition]).build();
    let client = kube::Client::new(server.service("me"), "default");
    let send = async |method: &str, path: &str, format: &str, body: String| {
        let path = format!("/apis/example.com/v1/namespaces/default/things{path}");
        let request = http::Request::builder().method(method).uri(path);
        let request = request.header("content-type", format).body(body.into_bytes()).unwrap();
        match client.request_text(request).await {
            Ok(_) => 200,
            Err(kube::Error::Api(status)) => status.code,
            Err(other) => panic!("{other}"),
        }
    };
    let patch = |depth: usize| {
        let value = (0..100).fold(json!(1), |inner, _| json!({ "a": inner }));
        let path = "/a".repeat(depth - 100);
        json!([{ "op": "add", "path": path, "value": value }]).to_string()
    };
    let (json, yaml) = ("application/json", "application/yaml");
    let json_patch = "application/json-patch+json";
    let flow = |name: &str, depth: usize| format!("# YAML\n{}", thing(name, depth));
    assert_eq!(send("POST", "", json, thing("a", 127)).await, 200);
    assert_eq!(send("POST", "", yaml, flow("b", 64)).await, 200);
    assert_eq!(send("POST", "", json, thing("c", 100)).await, 200);
    assert_eq!(send("PATCH", "/c", json_patch, patch(127)).await, 200);
    // The fields that somebody manages are written as deep as they are, four levels further down.
    let text = server.snapshot().to_json();
    assert_eq!(Store::from_text(&text).expect("it was written just now").to_text(), text);

    assert_eq!(send("POST", "", json, thing("d", 128)).await, 400);
    assert_eq!(send("POST", "", yaml, flow("d", 128)).await, 400);
    assert_eq!(send("PATCH", "/c", json_patch, patch(128)).await, 422);
}

#[test]
fn an_object_that_is_too_deep_is_named() {
    let server = TestServer::new();
    let nested = |depth: usize| (1..depth).fold(json!("]["), |inner, _| json!([inner]));
    server.inject("configmaps default/a", json!({ "data": nested(256), "}": "\\\"{[" }));
    let deepest = store(&server);
    assert_eq!(deepest.to_text(), server.snapshot().to_json());
    server.inject("configmaps default/a", json!({ "data": nested(257) }));
    let refused = Store::from_text(&server.snapshot().to_json()).map(|_| ()).expect_err("too deep");
    assert_eq!(refused.to_string(), "configmaps default/a: it is nested deeper than 256 levels");
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

#[tokio::test]
async fn versions_go_on_from_that_of_the_text_unless_none_can_follow() {
    let at = |revision: u64| {
        let whole = TestServer::new().snapshot();
        let own = format!("\"resourceVersion\": {}", TestServer::new().resource_version());
        whole.to_json().replace(&own, &format!("\"resourceVersion\": {revision}"))
    };
    let last = u64::try_from(i64::MAX).unwrap();
    for revision in [last + 1, u64::MAX] {
        let refused = Store::from_text(&at(revision)).map(|_| ()).expect_err("none can follow");
        assert_eq!(refused, SnapshotError::ResourceVersion(revision));
        assert!(refused.to_string().contains("is greater than 9223372036854775807"), "{refused}");
    }
    let snapshot = Snapshot::from_json(&at(last)).expect("that of etcd can't be greater");
    let server = TestServer::builder().with_snapshot(snapshot).build();
    server.edit("namespaces default", |value| value["metadata"]["labels"] = json!({ "a": "b" }));
    assert!(server.resource_version() > last);
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
