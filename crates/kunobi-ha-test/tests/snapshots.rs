//! Servers that begin with what another one has written down.

use k8s_openapi::{
    api::core::v1::{ConfigMap, Namespace, Service},
    apimachinery::pkg::apis::meta::v1::OwnerReference,
};
use kube::{
    Api, Client, Error, Resource,
    api::{DeleteParams, DynamicObject, GroupVersionKind, ListParams, PostParams, WatchParams},
    discovery,
};
use kunobi_ha_test::{Snapshot, TestServer, TestServerBuilder};
use serde_json::{Value, json};

/// Begins with what a server has, over its text.
fn again(server: &TestServer) -> TestServerBuilder {
    let text = server.snapshot().to_json();
    TestServer::builder().with_snapshot(Snapshot::from_json(&text).expect("it is whole"))
}

fn client(server: &TestServer) -> Client {
    Client::new(server.service("me"), "default")
}

fn maps(server: &TestServer) -> Api<ConfigMap> {
    Api::default_namespaced(client(server))
}

async fn create(server: &TestServer, name: &str, owner: Option<OwnerReference>) -> ConfigMap {
    let mut map = ConfigMap::default();
    map.metadata.name = Some(name.into());
    map.metadata.owner_references = owner.map(|owner| vec![owner]);
    maps(server).create(&PostParams::default(), &map).await.expect("it is created")
}

/// A type with a field of this type.
fn definition(field: &str) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": "pens.desk.example" },
        "spec": {
            "group": "desk.example",
            "scope": "Namespaced",
            "conversion": { "strategy": "None" },
            "names": { "kind": "Pen", "listKind": "PenList", "plural": "pens", "singular": "pen" },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": {
                "type": "object",
                "properties": { "spec": { "type": "object", "properties": { "colour": { "type": field } } } },
            } } }],
        },
    })
}

async fn create_pen(server: &TestServer, name: &str, colour: Value) -> kube::Result<DynamicObject> {
    let kind = GroupVersionKind::gvk("desk.example", "v1", "Pen");
    let (resource, _) = discovery::pinned_kind(&client(server), &kind).await?;
    let pens: Api<DynamicObject> = Api::default_namespaced_with(client(server), &resource);
    let pen = DynamicObject::new(name, &resource).data(json!({ "spec": { "colour": colour } }));
    pens.create(&PostParams::default(), &pen).await
}

#[tokio::test(start_paused = true)]
async fn objects_are_the_same_and_versions_go_on() {
    let server = TestServer::new();
    let before = create(&server, "a", None).await;
    let later = again(&server).build();
    assert_eq!(maps(&later).get("a").await.unwrap(), before, "with its uid, version and managers");
    assert_eq!(later.resource_version(), server.resource_version(), "nothing was written");
    let next = create(&later, "b", None).await;
    let next: u64 = next.metadata.resource_version.unwrap().parse().unwrap();
    assert_eq!(next, server.resource_version() + 1);
}

#[tokio::test(start_paused = true)]
async fn a_watch_from_before_is_too_old_and_one_from_the_list_is_not() {
    let server = TestServer::new();
    let old = create(&server, "a", None).await.metadata.resource_version.unwrap();
    create(&server, "b", None).await;
    let later = again(&server).build();
    let refused = maps(&later).watch(&WatchParams::default(), &old).await;
    let events: Vec<_> = match refused {
        Ok(stream) => futures::StreamExt::collect(futures::StreamExt::take(stream, 1)).await,
        Err(error) => panic!("{error}"),
    };
    assert!(matches!(&events[0], Ok(kube::api::WatchEvent::Error(status)) if status.code == 410));

    let now = maps(&later).list(&ListParams::default()).await.unwrap().metadata.resource_version;
    let stream = maps(&later).watch(&WatchParams::default(), &now.unwrap()).await.unwrap();
    create(&later, "c", None).await;
    let events: Vec<_> = futures::StreamExt::collect(futures::StreamExt::take(stream, 1)).await;
    assert!(matches!(&events[0], Ok(kube::api::WatchEvent::Added(map))
        if map.metadata.name.as_deref() == Some("c")));
}

#[tokio::test(start_paused = true)]
async fn custom_types_are_served_with_their_schema() {
    let server = TestServer::builder().with_crds([definition("string")]).build();
    create_pen(&server, "a", "red".into()).await.unwrap();
    let later = again(&server).build();
    create_pen(&later, "b", "blue".into()).await.unwrap();
    let refused = create_pen(&later, "c", 1.into()).await.unwrap_err();
    assert!(refused.to_string().contains("spec.colour"), "{refused}");
    assert_eq!(later.list("pens.desk.example default/").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_the_builder_is_given_replaces_that_of_the_snapshot() {
    let server = TestServer::builder().with_crds([definition("string")]).build();
    let same = again(&server).with_crds([definition("string")]).build();
    assert_eq!(same.resource_version(), server.resource_version(), "nothing differs");
    let later = again(&server).with_crds([definition("integer")]).build();
    create_pen(&later, "a", 1.into()).await.unwrap();
    assert!(create_pen(&later, "b", "red".into()).await.is_err());
    let name = "customresourcedefinitions pens.desk.example";
    let uid = |server: &TestServer| server.get(name).unwrap()["metadata"]["uid"].clone();
    assert_eq!(uid(&later), uid(&server));
}

#[test]
fn what_is_given_twice_is_refused_as_without_a_snapshot() {
    let server = TestServer::builder().with_namespaces(["team"]).build();
    let map = "{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }";
    let later = again(&server).with_namespaces(["team", "other"]).with_objects(map).build();
    assert_eq!(later.list("namespaces").len(), 6);
    let twice = again(&later).with_objects(map).with_objects(map).try_build().unwrap_err();
    assert!(twice.to_string().contains("\"a\" already exists"), "{twice}");
}

#[tokio::test(start_paused = true)]
async fn what_follows_from_a_write_follows_from_it_there_too() {
    let server = TestServer::builder().with_namespaces(["team"]).build();
    let owner = create(&server, "owner", None).await;
    create(&server, "owned", owner.owner_ref(&())).await;
    let service = json!({ "metadata": { "name": "s" }, "spec": { "ports": [{ "port": 80 }] } });
    let service: Service = serde_json::from_value(service).unwrap();
    let services: Api<Service> = Api::default_namespaced(client(&server));
    let first = services.create(&PostParams::default(), &service).await.unwrap();

    let later = again(&server).build();
    maps(&later).delete("owner", &DeleteParams::default()).await.unwrap();
    assert!(later.list("configmaps").is_empty(), "it is collected with its owner");
    let namespaces: Api<Namespace> = Api::all(client(&later));
    namespaces.delete("team", &DeleteParams::default()).await.unwrap();
    assert!(later.get("namespaces team").is_none());
    let services: Api<Service> = Api::default_namespaced(client(&later));
    let mut other = service;
    other.metadata.name = Some("t".into());
    let second = services.create(&PostParams::default(), &other).await.unwrap();
    let address = |service: Service| service.spec.unwrap().cluster_ip;
    assert_ne!(address(second), address(first), "that address is taken");
}

#[tokio::test(start_paused = true)]
async fn the_settings_are_those_of_the_new_server() {
    let later = again(&TestServer::new()).with_rbac().build();
    assert!(later.get("clusterroles system:discovery").is_some(), "every cluster has them");
    let refused = maps(&later).list(&ListParams::default()).await.unwrap_err();
    assert!(matches!(refused, Error::Api(status) if status.code == 403));
    // Back to a server without: they are objects like others.
    let open = again(&later).build();
    assert!(maps(&open).list(&ListParams::default()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_running_server_goes_back_to_a_text() {
    let server = TestServer::builder().with_crds([definition("string")]).build();
    let text = server.snapshot().to_json();
    let other = TestServer::new();
    create(&other, "a", None).await;
    other.restore(Snapshot::from_json(&text).unwrap());
    assert!(other.list("configmaps").is_empty());
    create_pen(&other, "a", "red".into()).await.unwrap();
}
