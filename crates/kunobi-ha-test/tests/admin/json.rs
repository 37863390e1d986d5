use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client,
    api::{PostParams, WatchParams},
};
use kunobi_ha_test::{Fault, FaultRule, Faults, Matcher, TestServer, WatchFault};
use serde_json::json;

use super::{ask, get};

#[tokio::test(start_paused = true)]
async fn open_watches_are_told_until_they_are_dropped() {
    let server = TestServer::new();
    let maps: Api<ConfigMap> =
        Api::default_namespaced(Client::new(server.service("me"), "default"));
    let stall = FaultRule::new(Matcher::watch("configmaps"), Fault::watch(0, WatchFault::Stall));
    server.add_rule("me", stall);
    assert_eq!(get(&server, "/_ha/watches").await.json(), json!([]));
    tokio::time::advance(Duration::from_secs(2)).await;
    let parameters = WatchParams::default().labels("a=b");
    let watch = maps.watch(&parameters, "5").await.unwrap();
    let expected = json!([{
        "sequence": 0,
        "at_us": 2_000_000,
        "client": "me",
        "connection": 0,
        "path": "/api/v1/namespaces/default/configmaps",
        "query": "&watch=true&timeoutSeconds=290&labelSelector=a%3Db&allowWatchBookmarks=true\
                  &resourceVersion=5",
        "version": 5,
        "events": 0,
        "fault": { "watch": { "after_events": 0, "then": "stall" } },
        "is_stalled": true,
    }]);
    assert_eq!(get(&server, "/_ha/watches").await.json(), expected);
    drop(watch);
    assert_eq!(get(&server, "/_ha/watches").await.json(), json!([]));
}

#[tokio::test(start_paused = true)]
async fn objects_are_counted_by_type_and_named() {
    let server = TestServer::builder().with_namespaces(["other"]).build();
    let maps: Api<ConfigMap> =
        Api::default_namespaced(Client::new(server.service("me"), "default"));
    let map = serde_json::from_value(json!({ "metadata": { "name": "a" } })).unwrap();
    let map = maps.create(&PostParams::default(), &map).await.unwrap();
    for name in ["x", "y"] {
        let value = json!({ "metadata": { "name": name } });
        server.inject(&format!("deployments.apps other/{name}"), value);
    }
    let counts = json!([
        { "resource": "configmaps", "count": 1 },
        { "resource": "namespaces", "count": 5 },
        { "resource": "services", "count": 1 },
        { "resource": "deployments.apps", "count": 2 },
    ]);
    let told = get(&server, "/_ha/objects").await.json();
    for count in counts.as_array().unwrap() {
        assert!(told.as_array().unwrap().contains(count), "{count} in {told}");
    }
    let other = get(&server, "/_ha/objects?namespace=other").await.json();
    assert_eq!(other, json!([{ "resource": "deployments.apps", "count": 2 }]));
    let names = get(&server, "/_ha/objects?resource=configmaps&namespace=default").await.json();
    let version = map.metadata.resource_version;
    assert_eq!(names, json!([{ "namespace": "default", "name": "a", "version": version }]));
    let names = get(&server, "/_ha/objects?resource=deployments").await.json();
    assert_eq!(names[1], json!({ "namespace": "other", "name": "y", "version": null }));
    let none = get(&server, "/_ha/objects?resource=deployments.apps&namespace=default").await;
    assert_eq!(none.json(), json!([]));
    let events = get(&server, "/_ha/objects?resource=events.events.k8s.io").await;
    assert_eq!(events.json(), json!([]));
}

#[tokio::test]
async fn a_type_that_is_none_and_a_namespace_of_what_has_none_are_refused() {
    let server = TestServer::new();
    for (query, named) in [
        ("resource=widgets.kunobi.ninja", "is it defined yet?"),
        ("resource=nodes&namespace=default", "the type has none"),
        ("resource=deployment", "no type has the plural name"),
    ] {
        let answer = get(&server, &format!("/_ha/objects?{query}")).await;
        assert_eq!(answer.code, 400);
        assert!(answer.text.contains(named), "{}", answer.text);
    }
}

#[tokio::test]
async fn one_client_is_asked_for_by_its_name() {
    let server = TestServer::new();
    let name = "system:serviceaccount:default:my operator/ä";
    let path = "/_ha/faults/system%3Aserviceaccount:default:my%20operator%2F%c3%a4";
    let set = ask(&server, "PUT", path, r#"{"script": ["hang"], "seed": 3}"#).await;
    assert_eq!(set.code, 200, "{}", set.text);
    let expected = Faults { script: [Fault::Hang].into(), seed: 3, ..Faults::default() };
    assert_eq!(server.faults(name), expected);
    assert_eq!(get(&server, path).await.json(), serde_json::to_value(&expected).unwrap());
    assert_eq!(get(&server, "/_ha/faults").await.json()[name]["seed"], 3);
    assert_eq!(ask(&server, "DELETE", path, "").await.code, 200);
    assert_eq!(get(&server, "/_ha/faults").await.json(), json!({}));
    assert_eq!(get(&server, "/_ha/faults/nobody").await.json()["script"], json!([]));
    assert_eq!(get(&server, "/_ha/faults/%f").await.code, 400);
}

#[tokio::test]
async fn the_logs_are_told_from_a_number_on() {
    let server = TestServer::new();
    for name in ["a", "b", "c"] {
        server.inject(&format!("configmaps default/{name}"), json!({}));
        get(&server, "/api/v1/nodes").await;
    }
    let history = get(&server, "/_ha/history?since=1").await.json();
    assert_eq!((history[0]["sequence"].as_u64(), history.as_array().unwrap().len()), (Some(1), 2));
    assert_eq!(history[0]["path"], "/api/v1/namespaces/default/configmaps/b");
    let requests = get(&server, "/_ha/requests?since=2").await.json();
    assert_eq!(
        (requests[0]["client"].as_str(), requests.as_array().unwrap().len()),
        (Some("observer"), 1)
    );
    assert_eq!(get(&server, "/_ha/requests?since=3").await.json(), json!([]));
}
