//! What holds for every resource.

use serde_json::{Value, json};

use crate::{
    Arm,
    leases::{reason, version},
};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

pub(crate) async fn versions_come_from_one_counter(arm: &impl Arm) {
    let a = arm.send("POST", MAPS, map("a", "1")).await.1;
    let b = arm.send("POST", MAPS, map("b", "1")).await.1;
    assert!(version(&b) > version(&a));
    let changed = arm.send("PUT", &of("a"), map("a", "2")).await.1;
    assert!(version(&changed) > version(&b));
    let list = arm.send("GET", MAPS, Value::Null).await.1;
    assert!(version(&list) >= version(&changed));
}

pub(crate) async fn other_resources_are_not_created_by_put(arm: &impl Arm) {
    let (status, body) = arm.send("PUT", &of("a"), map("a", "1")).await;
    assert_eq!((status, reason(&body)), (404, "NotFound"));
    assert_eq!(body["message"], "configmaps \"a\" not found");
}

pub(crate) async fn an_update_without_a_version_is_unconditional_elsewhere(arm: &impl Arm) {
    arm.send("POST", MAPS, map("a", "1")).await;
    let (status, body) = arm.send("PUT", &of("a"), map("a", "2")).await;
    assert_eq!((status, &body["data"]["value"]), (200, &json!("2")));
    let mut stale = body.clone();
    arm.send("PUT", &of("a"), map("a", "3")).await;
    stale["data"]["value"] = "4".into();
    assert_eq!(arm.send("PUT", &of("a"), stale).await.0, 409);
}

pub(crate) async fn a_merge_patch_changes_what_it_names(arm: &impl Arm) {
    arm.send("POST", MAPS, map("a", "1")).await;
    let patch = json!({ "data": { "value": null, "other": "2" } });
    let (status, body) = arm.send("PATCH", &of("a"), patch).await;
    assert_eq!((status, &body["data"]), (200, &json!({ "other": "2" })));
}

pub(crate) async fn a_delete_obeys_its_preconditions(arm: &impl Arm) {
    let created = arm.send("POST", MAPS, map("a", "1")).await.1;
    let with = |uid: &Value| {
        json!({ "kind": "DeleteOptions", "apiVersion": "v1",
                                     "preconditions": { "uid": uid } })
    };
    assert_eq!(arm.send("DELETE", &of("a"), with(&json!("0b5e"))).await.0, 409);
    assert_eq!(arm.send("DELETE", &of("a"), with(&created["metadata"]["uid"])).await.0, 200);
    assert_eq!(arm.send("DELETE", &of("a"), Value::Null).await.0, 404);
}

pub(crate) async fn lists_are_selected_by_name_label_and_namespace(arm: &impl Arm) {
    for (name, colour) in [("a", "red"), ("b", "blue")] {
        let mut map = map(name, "1");
        map["metadata"]["labels"] = json!({ "colour": colour });
        arm.send("POST", MAPS, map).await;
    }
    let names = async |query: &str| {
        let list = arm.send("GET", &format!("{MAPS}?{query}"), Value::Null).await.1;
        let items = list["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["metadata"]["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("fieldSelector=metadata.name%3Da").await, ["a"]);
    assert_eq!(names("labelSelector=colour%3Dblue").await, ["b"]);
    assert_eq!(names("labelSelector=colour!%3Dblue,colour%3Dred").await, ["a"]);
    assert_eq!(names("fieldSelector=metadata.namespace%3Ddefault").await, ["a", "b"]);
}

pub(crate) async fn what_is_unknown_is_a_404_and_what_is_unsupported_a_405(arm: &impl Arm) {
    assert_eq!(arm.send("GET", "/nowhere", Value::Null).await.0, 404);
    assert_eq!(arm.send("GET", &of("a"), Value::Null).await.0, 404);
    let (status, body) = arm.send("PUT", MAPS, map("a", "1")).await;
    assert_eq!((status, reason(&body)), (405, "MethodNotAllowed"));
}

pub(crate) async fn a_body_that_is_no_json_is_a_400(arm: &impl Arm) {
    let (status, body) = arm.send("POST", MAPS, json!("{ not JSON")).await;
    assert_eq!((status, reason(&body)), (400, "BadRequest"));
}

pub(crate) async fn a_watch_tells_what_is_there_and_what_changes(arm: &impl Arm) {
    arm.send("POST", MAPS, map("a", "1")).await;
    let path = format!("{MAPS}?watch=true");
    let watch = arm.watch(&path, 4);
    let changes = async {
        // The watch is polled first, and has begun when it is pending.
        arm.send("PUT", &of("a"), map("a", "2")).await;
        arm.send("POST", MAPS, map("b", "1")).await;
        arm.send("DELETE", &of("a"), Value::Null).await;
    };
    let (events, ()) = tokio::join!(watch, changes);
    // What was there when it began may have been told as it was after the first change.
    let last: Vec<_> = events.iter().rev().take(2).rev().map(brief).collect();
    assert_eq!(last, [("ADDED", "b"), ("DELETED", "a")]);
    assert_eq!(brief(&events[0]), ("ADDED", "a"));
}

pub(crate) async fn a_watch_from_a_version_tells_only_what_came_after(arm: &impl Arm) {
    let a = arm.send("POST", MAPS, map("a", "1")).await.1;
    arm.send("POST", MAPS, map("b", "1")).await;
    arm.send("PUT", &of("b"), map("b", "2")).await;
    let from = version(&a);
    let query = format!("watch=true&resourceVersion={from}&fieldSelector=metadata.name%3Db");
    let events = arm.watch(&format!("{MAPS}?{query}"), 2).await;
    assert_eq!(events.iter().map(brief).collect::<Vec<_>>(), [("ADDED", "b"), ("MODIFIED", "b")]);
}

fn brief(event: &Value) -> (&str, &str) {
    let text = |value: &'_ Value| value.as_str().map(str::len).unwrap_or_default();
    let (kind, name) = (&event["type"], &event["object"]["metadata"]["name"]);
    assert!(text(kind) > 0);
    (kind.as_str().unwrap_or_default(), name.as_str().unwrap_or_default())
}

fn of(name: &str) -> String {
    format!("{MAPS}/{name}")
}

fn map(name: &str, value: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "value": value },
            "metadata": { "name": name, "namespace": "default" } })
}
