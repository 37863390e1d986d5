//! What mutating webhooks change.

use http::Method;
use serde_json::{Value, json};

use super::support::{MAPS, allowed, ask, hook, map, patched, register, server};

fn put(path: &str, value: &Value) -> Value {
    patched(&json!([{ "op": "add", "path": path, "value": value }]))
}

#[tokio::test]
async fn a_patch_is_stored_and_answered() {
    let (server, shown) = server(|_, _| put("/data/c", &json!("d")));
    register(&server, "Mutating", "m", &[hook("one", Value::Null)]).await;

    let answer = ask(&server, Method::POST, MAPS, map("a")).await;

    assert_eq!((answer.code, &answer.body["data"]), (201, &json!({ "a": "b", "c": "d" })));
    assert_eq!(server.get(&format!("{MAPS}/a")).unwrap(), answer.body);
    assert_eq!(shown.all().len(), 1);
    // Nobody owns what a webhook has set.
    let managed = &answer.body["metadata"]["managedFields"];
    assert_eq!(managed[0]["fieldsV1"]["f:data"], json!({ ".": {}, "f:a": {} }));
}

#[tokio::test]
async fn webhooks_change_an_object_one_after_the_other() {
    let (server, shown) = server(|path, request| {
        let seen = request["object"]["data"]["seen"].as_str().unwrap_or_default();
        put("/data/seen", &json!(format!("{seen}{path}")))
    });
    // By the name of the configuration, then as they stand in it.
    let hooks = [hook("two", Value::Null), hook("one", Value::Null)];
    register(&server, "Mutating", "b", &[hook("three", Value::Null)]).await;
    register(&server, "Mutating", "a", &hooks).await;

    let answer = ask(&server, Method::POST, MAPS, map("a")).await;

    assert_eq!(answer.body["data"]["seen"], "/two/one/three");
    assert_eq!(shown.paths(), ["/two", "/one", "/three"]);
}

#[tokio::test]
async fn a_webhook_is_called_again_when_another_one_has_changed_the_object_since() {
    let (server, shown) = server(|path, _| match path {
        "/last" => put("/data/c", &json!("d")),
        _ => allowed(),
    });
    let again = json!({ "reinvocationPolicy": "IfNeeded" });
    let hooks = [hook("first", again.clone()), hook("never", Value::Null), hook("last", again)];
    register(&server, "Mutating", "m", &hooks).await;

    ask(&server, Method::POST, MAPS, map("a")).await;

    assert_eq!(shown.paths(), ["/first", "/never", "/last", "/first"]);
}

#[tokio::test]
async fn what_a_webhook_makes_of_an_object_is_checked_and_gets_defaults() {
    let (server, _) = server(|_, request| match request["name"].as_str() {
        Some("wrong-type") => put("/data/c", &json!(1)),
        Some("invalid") => put("/metadata/labels", &json!({ "a": "not a label" })),
        Some("missing") => put("/x/y", &json!(1)),
        Some("other-namespace") => put("/metadata/namespace", &json!("kube-system")),
        _ => put("/metadata/name", &json!("renamed")),
    });
    register(&server, "Mutating", "m", &[hook("one", Value::Null)]).await;
    for (name, code, message) in [
        (
            "wrong-type",
            500,
            "Internal error occurred: json: cannot unmarshal number into Go struct field \
             ConfigMap.data of type string",
        ),
        (
            "missing",
            500,
            "Internal error occurred: add operation does not apply: doc is missing path: \
             \"/x/y\": missing value",
        ),
        (
            "other-namespace",
            400,
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
    ] {
        let answer = ask(&server, Method::POST, MAPS, map(name)).await;
        assert_eq!((answer.code, answer.message()), (code, message), "{name}");
    }
    let answer = ask(&server, Method::POST, MAPS, map("invalid")).await;
    assert_eq!(answer.code, 422, "{}", answer.body);
    let answer = ask(&server, Method::POST, MAPS, map("a")).await;
    assert_eq!((answer.code, &answer.body["metadata"]["name"]), (201, &json!("renamed")));
}

#[tokio::test]
async fn a_generated_name_is_not_known_to_mutating_webhooks() {
    let (server, shown) = server(|_, _| put("/data/c", &json!("d")));
    register(&server, "Mutating", "m", &[hook("one", Value::Null)]).await;
    let (validating, seen) = (hook("two", Value::Null), shown.clone());
    register(&server, "Validating", "v", &[validating]).await;
    let mut sent = map("");
    sent["metadata"] = json!({ "generateName": "g-" });

    // The validating one returns a patch, which it must not: all that matters here is what it was shown.
    ask(&server, Method::POST, MAPS, sent).await;

    let shown = seen.all();
    assert_eq!(shown[0].get("name"), None);
    assert_eq!(shown[0]["object"]["metadata"].get("name"), None);
    assert_eq!(shown[0]["object"]["metadata"].get("uid"), None);
    let name = shown[1]["object"]["metadata"]["name"].as_str().unwrap();
    assert!(name.starts_with("g-") && name.len() == 7, "{name}");
    assert_eq!(shown[1]["name"], name);
    assert!(shown[1]["object"]["metadata"]["uid"].is_string());
}
