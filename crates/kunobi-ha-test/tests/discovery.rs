//! kube discovers what the server serves.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client, Discovery,
    api::{DeleteParams, GroupVersionKind, PostParams},
    core::discovery::verbs,
    discovery::{ApiGroup, Scope, pinned_kind},
};
use kunobi_ha_test::TestServer;
use serde_json::json;

fn client(server: &TestServer) -> Client {
    Client::new(server.service("me"), "default")
}

async fn define_widgets(client: &Client) {
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": "widgets.example.com" },
        "spec": {
            "group": "example.com",
            "scope": "Cluster",
            "names": { "plural": "widgets", "singular": "widget", "kind": "Widget" },
            "versions": [{
                "name": "v1",
                "served": true,
                "storage": true,
                "schema": { "openAPIV3Schema": { "type": "object" } },
                "subresources": { "status": {} },
            }],
        },
    });
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    let definition = serde_json::from_value(definition).unwrap();
    definitions.create(&PostParams::default(), &definition).await.unwrap();
}

#[tokio::test]
async fn both_forms_of_discovery_say_the_same() {
    let client = client(&TestServer::new());
    define_widgets(&client).await;
    let plain = Discovery::new(client.clone()).run().await.unwrap();
    let aggregated = Discovery::new(client).run_aggregated().await.unwrap();
    for discovery in [&plain, &aggregated] {
        assert_eq!(discovery.groups().count(), 23);
        for (group, version, kind, plural, scope) in [
            ("", "v1", "Pod", "pods", Scope::Namespaced),
            ("", "v1", "Node", "nodes", Scope::Cluster),
            ("apps", "v1", "Deployment", "deployments", Scope::Namespaced),
            ("example.com", "v1", "Widget", "widgets", Scope::Cluster),
        ] {
            let kind = GroupVersionKind::gvk(group, version, kind);
            let (resource, capabilities) = discovery.resolve_gvk(&kind).unwrap();
            assert_eq!(resource.plural, plural);
            assert_eq!(resource.group, group);
            assert_eq!(capabilities.scope, scope, "{plural}");
            assert!(capabilities.supports_operation(verbs::WATCH), "{plural}");
            let mut parts = capabilities.subresources.iter();
            assert!(parts.any(|(part, _)| part.plural.ends_with("status")), "{plural}");
        }
    }
    let kinds = |discovery: &Discovery| {
        let mut kinds: Vec<String> = discovery
            .groups()
            .flat_map(ApiGroup::resources_by_stability)
            .map(|(resource, _)| format!("{} {}", resource.api_version, resource.kind))
            .collect();
        kinds.sort();
        kinds
    };
    assert_eq!(kinds(&plain), kinds(&aggregated));
}

#[tokio::test]
async fn a_kind_is_found_by_itself() {
    let client = client(&TestServer::new());
    let wanted = GroupVersionKind::gvk("autoscaling", "v2", "HorizontalPodAutoscaler");
    let (resource, _) = pinned_kind(&client, &wanted).await.unwrap();
    assert_eq!(resource.plural, "horizontalpodautoscalers");
    let unknown = GroupVersionKind::gvk("autoscaling", "v2", "Unknown");
    assert!(pinned_kind(&client, &unknown).await.is_err());
    let groups = client.list_api_groups().await.unwrap();
    assert!(groups.groups.iter().any(|group| group.name == "events.k8s.io"));
    let versions = client.list_core_api_versions().await.unwrap();
    assert_eq!(versions.versions, ["v1"]);
}

#[tokio::test]
async fn a_definition_that_is_deleted_is_no_more_discovered() {
    let client = client(&TestServer::new());
    define_widgets(&client).await;
    assert!(client.list_api_group_resources("example.com/v1").await.is_ok());
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    definitions.delete("widgets.example.com", &DeleteParams::default()).await.unwrap();
    assert!(client.list_api_group_resources("example.com/v1").await.is_err());
}

#[tokio::test]
async fn the_version_is_that_of_kubernetes() {
    let version = client(&TestServer::new()).apiserver_version().await.unwrap();
    assert_eq!((version.major.as_str(), version.minor.as_str()), ("1", "37"));
    assert!(version.git_version.starts_with("v1.37."));
}
