//! What goes with what is deleted, seen by a real `kube::Client`.

use std::{future::poll_fn, pin::pin, time::Duration};

use k8s_openapi::{
    api::{
        apps::v1::Deployment,
        core::v1::{ConfigMap, Namespace},
    },
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kube::{
    Api, Client, Error, Resource,
    api::{
        ApiResource, DeleteParams, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams,
        PostParams, PropagationPolicy, WatchEvent, WatchParams,
    },
    core::Status,
};
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};

fn maps(server: &TestServer, namespace: &str) -> Api<ConfigMap> {
    Api::namespaced(Client::new(server.service("me"), namespace), namespace)
}

async fn create(maps: &Api<ConfigMap>, name: &str, owners: &[&ConfigMap]) -> ConfigMap {
    let owners: Vec<_> =
        owners.iter().filter_map(|owner| owner.controller_owner_ref(&())).collect();
    let map = json!({ "metadata": { "name": name, "ownerReferences": owners } });
    let map = serde_json::from_value(map).expect("it is a map");
    maps.create(&PostParams::default(), &map).await.expect("it is new")
}

async fn names(maps: &Api<ConfigMap>) -> Vec<String> {
    let list = maps.list(&ListParams::default()).await.expect("a list");
    list.items.into_iter().filter_map(|map| map.metadata.name).collect()
}

/// The next events of a watch.
async fn take<S>(watching: S, count: usize) -> Vec<WatchEvent<ConfigMap>>
where
    S: futures_core::Stream<Item = kube::Result<WatchEvent<ConfigMap>>>,
{
    let mut watching = pin!(watching);
    let mut events = Vec::new();
    while events.len() < count {
        let event = poll_fn(|context| watching.as_mut().poll_next(context)).await;
        events.push(event.expect("the watch goes on").expect("an event"));
    }
    events
}

/// The writes as `CLIENT METHOD NAME`; those that removed an object end with a dash.
fn history(server: &TestServer) -> Vec<String> {
    let writes = server.history();
    assert!(writes.iter().map(|write| write.revision).is_sorted());
    let text = |write: &kunobi_ha_test::Write| {
        let name = write.path.rsplit('/').next().unwrap_or_default();
        let gone = if write.object.is_null() { " -" } else { "" };
        format!("{} {} {name}{gone}", write.client, write.method)
    };
    writes.iter().map(text).collect()
}

#[tokio::test]
async fn a_watch_and_the_history_see_what_goes_in_order() {
    let server = TestServer::new();
    let maps = maps(&server, "default");
    let a = create(&maps, "a", &[]).await;
    let b = create(&maps, "b", &[&a]).await;
    create(&maps, "c", &[&b]).await;
    let from = b.metadata.resource_version.unwrap();
    let watching = maps.watch(&WatchParams::default(), &from).await.unwrap();
    maps.delete("a", &DeleteParams::default()).await.unwrap();
    assert!(names(&maps).await.is_empty());
    let events = take(watching, 4).await;
    let events: Vec<String> = events
        .iter()
        .map(|event| match event {
            WatchEvent::Added(map) => format!("+{}", map.metadata.name.clone().unwrap()),
            WatchEvent::Deleted(map) => format!("-{}", map.metadata.name.clone().unwrap()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(events, ["+c", "-a", "-b", "-c"]);
    assert_eq!(
        history(&server),
        ["me POST a", "me POST b", "me POST c", "me DELETE a -", " DELETE b -", " DELETE c -"]
    );
}

#[tokio::test]
async fn a_foreground_deletion_is_answered_before_it_is_done() {
    let server = TestServer::new();
    let maps = maps(&server, "default");
    let a = create(&maps, "a", &[]).await;
    create(&maps, "b", &[&a]).await;
    let answer = maps.delete("a", &DeleteParams::foreground()).await.unwrap().left().unwrap();
    assert_eq!(answer.metadata.finalizers.unwrap(), ["foregroundDeletion"]);
    assert!(names(&maps).await.is_empty());
    let expected = ["me POST a", "me POST b", "me DELETE a", " DELETE b -", " PATCH a -"];
    assert_eq!(history(&server), expected);
}

#[tokio::test]
async fn without_garbage_collection_a_test_plays_its_part() {
    let server = TestServer::builder().without_garbage_collection().build();
    let maps = maps(&server, "default");
    let a = create(&maps, "a", &[]).await;
    create(&maps, "b", &[&a]).await;
    let orphan = DeleteParams {
        propagation_policy: Some(PropagationPolicy::Orphan),
        ..DeleteParams::default()
    };
    maps.delete("a", &orphan).await.unwrap().left().unwrap();
    assert_eq!(names(&maps).await, ["a", "b"]);
    let none = Patch::Merge(json!({ "metadata": { "finalizers": null } }));
    maps.patch("a", &PatchParams::default(), &none).await.unwrap();
    assert_eq!(names(&maps).await, ["b"]);
}

#[tokio::test]
async fn the_last_finalizer_is_seen_by_watches_but_not_in_the_answer() {
    let server = TestServer::new();
    let maps = maps(&server, "default");
    let map = json!({ "metadata": { "name": "a", "finalizers": ["a/b"] } });
    let map = serde_json::from_value(map).unwrap();
    let created = maps.create(&PostParams::default(), &map).await.unwrap();
    let marked = maps.delete("a", &DeleteParams::default()).await.unwrap().left().unwrap();
    let none = Patch::Merge(json!({ "metadata": { "finalizers": null } }));
    let answer = maps.patch("a", &PatchParams::default(), &none).await.unwrap();
    assert_eq!(answer.metadata.finalizers, None);
    assert_eq!(answer.metadata.resource_version, marked.metadata.resource_version);
    let from = created.metadata.resource_version.unwrap();
    let watching = maps.watch(&WatchParams::default(), &from).await.unwrap();
    let events = take(watching, 2).await;
    let [WatchEvent::Modified(_), WatchEvent::Deleted(gone)] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!(gone.metadata.finalizers.as_deref().unwrap(), ["a/b"]);
    assert_ne!(gone.metadata.resource_version, marked.metadata.resource_version);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_ends_when_the_last_finalizer_in_it_is_gone() {
    let server = TestServer::new();
    let client = Client::new(server.service("me"), "x");
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace = serde_json::from_value(json!({ "metadata": { "name": "x" } })).unwrap();
    namespaces.create(&PostParams::default(), &namespace).await.unwrap();
    let maps = maps(&server, "x");
    let map = json!({ "metadata": { "name": "a", "finalizers": ["a/b"] } });
    maps.create(&PostParams::default(), &serde_json::from_value(map).unwrap()).await.unwrap();
    let deployments: Api<Deployment> = Api::namespaced(client, "x");
    let deployment = json!({
        "metadata": { "name": "d" },
        "spec": { "selector": { "matchLabels": { "a": "b" } },
                  "template": { "metadata": { "labels": { "a": "b" } },
                                "spec": { "containers": [{ "name": "c", "image": "i" }] } } },
    });
    let deployment = serde_json::from_value(deployment).unwrap();
    deployments.create(&PostParams::default(), &deployment).await.unwrap();

    tokio::time::sleep(Duration::from_secs(60)).await;
    let ends = namespaces.delete("x", &DeleteParams::default()).await.unwrap().left().unwrap();
    assert_eq!(ends.status.unwrap().phase.unwrap(), "Terminating");
    assert!(deployments.get_opt("d").await.unwrap().is_none());
    let map = serde_json::from_value(json!({ "metadata": { "name": "b" } })).unwrap();
    let Err(Error::Api(refused)) = maps.create(&PostParams::default(), &map).await else {
        panic!("it ends");
    };
    let Status { code, message, .. } = *refused;
    assert_eq!(code, 403);
    assert!(message.ends_with("in namespace x because it is being terminated"), "{message}");

    let none = Patch::Merge(json!({ "metadata": { "finalizers": null } }));
    maps.patch("a", &PatchParams::default(), &none).await.unwrap();
    assert!(namespaces.get_opt("x").await.unwrap().is_none());
}

#[tokio::test]
async fn finalize_is_a_put_of_the_namespace() {
    let server = TestServer::builder().without_garbage_collection().build();
    let client = Client::new(server.service("me"), "x");
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace = serde_json::from_value(json!({ "metadata": { "name": "x" } })).unwrap();
    namespaces.create(&PostParams::default(), &namespace).await.unwrap();
    namespaces.delete("x", &DeleteParams::default()).await.unwrap();
    assert!(namespaces.get_opt("x").await.unwrap().is_some());
    let released = json!({ "metadata": { "name": "x" }, "spec": {} });
    let released: Namespace = serde_json::from_value(released).unwrap();
    let params = PostParams::default();
    let answer = namespaces.replace_subresource("finalize", "x", &params, &released);
    assert_eq!(answer.await.unwrap().status.unwrap().phase.unwrap(), "Terminating");
    assert!(namespaces.get_opt("x").await.unwrap().is_none());
}

#[tokio::test]
async fn a_definition_takes_its_objects_with_it() {
    let server = TestServer::new();
    let client = Client::new(server.service("me"), "default");
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    let definition: Value = json!({
        "metadata": { "name": "widgets.example.com" },
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": { "plural": "widgets", "singular": "widget", "kind": "Widget" },
            "versions": [{ "name": "v1", "served": true, "storage": true,
                           "schema": { "openAPIV3Schema": { "type": "object" } } }],
        },
    });
    let definition = serde_json::from_value(definition).unwrap();
    definitions.create(&PostParams::default(), &definition).await.unwrap();
    let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("example.com", "v1", "Widget"));
    let widgets: Api<DynamicObject> = Api::default_namespaced_with(client, &kind);
    let widget = DynamicObject::new("a", &kind);
    widgets.create(&PostParams::default(), &widget).await.unwrap();
    definitions.delete("widgets.example.com", &DeleteParams::default()).await.unwrap();
    assert!(definitions.get_opt("widgets.example.com").await.unwrap().is_none());
    assert!(server.get("/apis/example.com/v1/namespaces/default/widgets/a").is_none());
}
