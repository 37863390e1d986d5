//! What a test does to the server itself, beside its clients.

use std::time::Duration;

use futures_core::Stream;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client, Error,
    api::{DeleteParams, ListParams, PostParams, Preconditions, WatchEvent, WatchParams},
};
use kunobi_ha_test::{Fault, Faults, Matcher, TestServer};
use serde_json::json;
use tokio::time::timeout;

const MAP: &str = "/api/v1/namespaces/default/configmaps/a";

fn start() -> (TestServer, Api<ConfigMap>) {
    let server = TestServer::new();
    let maps = Api::default_namespaced(Client::new(server.service("me"), "default"));
    (server, maps)
}

async fn create(maps: &Api<ConfigMap>, name: &str) -> ConfigMap {
    let map = serde_json::from_value(json!({ "metadata": { "name": name } })).expect("a map");
    maps.create(&PostParams::default(), &map).await.expect("it is created")
}

#[tokio::test(start_paused = true)]
async fn a_watch_misses_nothing_after_a_restore() {
    let (server, maps) = start();
    create(&maps, "a").await;
    let before = server.snapshot();
    for number in 0..3 {
        server.edit(MAP, |map| map["data"] = json!({ "n": number.to_string() }));
    }
    let version = maps.get("a").await.unwrap().metadata.resource_version.unwrap();
    let watch = maps.watch(&WatchParams::default(), &version).await.unwrap();
    let mut watch = std::pin::pin!(watch);
    server.restore(before);
    for number in 10..15 {
        server.edit(MAP, |map| map["data"] = json!({ "n": number.to_string() }));
    }
    let mut seen = Vec::new();
    while let Ok(Some(event)) = timeout(Duration::from_secs(1), next(&mut watch)).await {
        let Ok(WatchEvent::Modified(map)) = event else { panic!("{event:?}") };
        seen.push(map.data.unwrap()["n"].clone());
    }
    assert_eq!(seen, ["10", "11", "12", "13", "14"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_deletion_of_a_collection_did_before_it_failed_is_in_the_history() {
    let (server, maps) = start();
    let version = create(&maps, "a").await.metadata.resource_version;
    create(&maps, "b").await;
    let only = Preconditions { resource_version: version, uid: None };
    let parameters = DeleteParams::default().preconditions(only);
    let refused = maps.delete_collection(&parameters, &ListParams::default()).await;
    assert!(matches!(refused, Err(Error::Api(status)) if status.code == 409));
    let last = server.history().pop().unwrap();
    assert_eq!((last.method.as_str(), last.path.as_str()), ("DELETE", MAP));
    assert!(server.get(MAP).is_none() && maps.get("b").await.is_ok());
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "must not use the server")]
async fn an_edit_that_uses_the_server_is_told_so() {
    let (server, maps) = start();
    create(&maps, "a").await;
    server.edit(MAP, |_| drop(server.requests()));
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_changes_nothing_is_no_write() {
    let (server, maps) = start();
    create(&maps, "a").await;
    server.edit(MAP, |_| {});
    assert_eq!(server.history().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_injected_is_in_the_history() {
    let (server, _) = start();
    server.inject(MAP, json!({ "metadata": { "name": "a", "resourceVersion": "7000" } }));
    let written = server.assert_written(Matcher::update("configmaps").name("a").client(""));
    assert_eq!((written.len(), written[0].path.as_str()), (1, MAP));
    assert_eq!(written[0].object["metadata"]["resourceVersion"], "7000");
    let before = written[0].revision;
    server.edit(MAP, |map| map["data"] = json!({ "n": "1" }));
    assert_eq!(server.history()[1].revision, before + 1);
}

#[tokio::test(start_paused = true)]
async fn a_scripted_answer_comes_to_a_client_that_is_cut_off() {
    let (server, maps) = start();
    let script = [Fault::Status { code: 503, retry_after: None }, Fault::Refuse].into();
    server.set_faults("me", Faults { cut_answers: true, script, ..Faults::default() });
    let refused = timeout(Duration::from_secs(60), maps.get("a")).await.expect("an answer");
    assert!(matches!(refused, Err(Error::Api(status)) if status.code == 503));
    assert!(timeout(Duration::from_secs(60), maps.get("a")).await.expect("an answer").is_err());
    assert!(timeout(Duration::from_secs(60), maps.get("a")).await.is_err(), "it is cut off");
}

#[tokio::test(start_paused = true)]
async fn an_object_that_an_event_owns_stays() {
    let (server, maps) = start();
    let event = json!({ "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": { "name": "e" },
                        "eventTime": "2026-11-27T00:00:00.000000Z", "type": "Normal", "reason": "R",
                        "action": "a", "regarding": { "namespace": "default" },
                        "reportingController": "c", "reportingInstance": "i" });
    let client = Client::new(server.service("me"), "default");
    let events: Api<k8s_openapi::api::events::v1::Event> = Api::default_namespaced(client);
    let event = serde_json::from_value(event).unwrap();
    let event = events.create(&PostParams::default(), &event).await.unwrap();
    let owner = json!({ "apiVersion": "events.k8s.io/v1", "kind": "Event", "name": "e",
                        "uid": event.metadata.uid.unwrap() });
    let map = json!({ "metadata": { "name": "owned", "ownerReferences": [owner] } });
    maps.create(&PostParams::default(), &serde_json::from_value(map).unwrap()).await.unwrap();
    assert!(maps.get("owned").await.is_ok());
}

async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
}
