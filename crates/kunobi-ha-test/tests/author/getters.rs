use k8s_openapi::api::{apps::v1::Deployment, core::v1::ConfigMap};
use kube::Resource;
use kunobi_ha_test::TestServer;
use serde_json::json;

use super::{create, panic_of, start};

#[tokio::test(start_paused = true)]
async fn an_object_is_found_by_path_and_by_the_words_that_requests_are_shown_as() {
    let (server, maps) = start();
    let map = create(&maps, "a").await.unwrap();
    let path = format!("{}/a", ConfigMap::url_path(&(), Some("default")));
    for address in [path.as_str(), "configmaps default/a"] {
        assert_eq!(server.get_as::<ConfigMap>(address), Some(map.clone()), "{address}");
        assert_eq!(server.get(address).unwrap()["kind"], "ConfigMap");
    }
    assert_eq!(server.get_as::<ConfigMap>("configmaps default/b"), None);
    assert_eq!(server.get("documents.kunobi.ninja default/a"), None, "the type is not defined");
}

#[tokio::test(start_paused = true)]
async fn a_collection_is_listed_in_its_order() {
    let (server, maps) = start();
    for name in ["b", "a"] {
        create(&maps, name).await.unwrap();
    }
    let names = |address: &str| {
        let maps = server.list_as::<ConfigMap>(address);
        maps.into_iter().filter_map(|map| map.metadata.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&ConfigMap::url_path(&(), None)), ["a", "b"]);
    assert_eq!(names("configmaps"), ["a", "b"]);
    assert_eq!(names("configmaps default/"), ["a", "b"]);
    assert!(names("configmaps other/").is_empty());
    assert!(server.list("documents.kunobi.ninja").is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_object_of_another_type_is_told_in_words() {
    let (server, maps) = start();
    create(&maps, "a").await.unwrap();
    server.edit("configmaps default/a", |map| map["data"] = json!({ "n": 1 }));
    let words = panic_of(async move { server.get_as::<ConfigMap>("configmaps default/a") }).await;
    assert!(words.contains("\"configmaps default/a\" is no k8s_openapi::"), "{words}");
    assert!(words.contains("invalid type: integer `1`, expected a string"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn a_mistyped_address_does_not_read_as_an_absent_object() {
    let server = TestServer::new();
    for address in ["configmap default/a", "/api/v1/namespaces/default/configmap/a", "configmaps a"]
    {
        let server = server.clone();
        let words = panic_of(async move { server.get(address) }).await;
        assert!(words.contains("configmap"), "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_test_changes_and_removes_objects_by_the_same_addresses() {
    let (server, _) = start();
    let web = json!({ "apiVersion": "apps/v1", "kind": "Deployment",
                      "metadata": { "name": "web", "namespace": "default" } });
    server.inject("deployments.apps default/web", web);
    server.edit("deployments.apps default/web", |web| {
        web["spec"] = json!({ "replicas": 2, "selector": {}, "template": {} });
    });
    let web: Deployment = server.get_as("deployments default/web").unwrap();
    assert_eq!(web.spec.replicas, Some(2));
    assert!(server.delete("deployments default/web"));
    assert!(!server.delete("deployments default/web"));
}
