//! Each time that the server states follows the paused clock.

use std::time::Duration;

use k8s_openapi::{
    api::{
        core::v1::{Namespace, Pod},
        policy::v1::Eviction,
    },
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time},
};
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use kunobi_ha_test::TestServer;
use serde_json::json;
use tokio::time::sleep;

use super::{create, start};

#[tokio::test(start_paused = true)]
async fn creation_and_managers_are_stamped_by_the_paused_clock() {
    let (server, maps) = start();
    let first = create(&maps, "a").await.unwrap().metadata;
    sleep(HOUR).await;
    let map = json!({ "metadata": { "name": "b" }, "data": { "m": "0" } });
    let map = serde_json::from_value(map).unwrap();
    let second = maps.create(&PostParams::default(), &map).await.unwrap().metadata;
    assert_eq!(
        seconds(second.creation_timestamp.as_ref(), first.creation_timestamp.as_ref()),
        3600
    );
    let patch = Patch::Merge(json!({ "data": { "n": "1" } }));
    sleep(HOUR).await;
    let patched = maps.patch("b", &PatchParams::default(), &patch).await.unwrap().metadata;
    let times = |metadata: &ObjectMeta| {
        let managers = metadata.managed_fields.clone().unwrap_or_default();
        managers.into_iter().map(|manager| manager.time).collect::<Vec<_>>()
    };
    let patched = times(&patched);
    let last = patched.iter().max().unwrap().as_ref();
    assert_eq!(seconds(last, second.creation_timestamp.as_ref()), 3600);
    let applied = json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "m": "1" } });
    sleep(HOUR).await;
    let applied =
        maps.patch("b", &PatchParams::apply("x").force(), &Patch::Apply(applied)).await.unwrap();
    let applied = times(&applied.metadata);
    assert_eq!(seconds(applied.iter().max().unwrap().as_ref(), last), 3600);
    let namespaces = server.list_as::<Namespace>("namespaces");
    let began = namespaces[0].metadata.creation_timestamp.as_ref();
    assert_eq!(seconds(first.creation_timestamp.as_ref(), began), 0);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_is_stamped_by_the_paused_clock() {
    let (server, maps) = start();
    let finalized = json!({ "metadata": { "name": "a", "finalizers": ["kunobi.ninja/wait"] } });
    let map = serde_json::from_value(finalized).unwrap();
    let map = maps.create(&PostParams::default(), &map).await.unwrap().metadata;
    sleep(HOUR).await;
    maps.delete("a", &DeleteParams::default()).await.unwrap();
    let deleted = maps.get("a").await.unwrap().metadata;
    assert_eq!(seconds(deleted.deletion_timestamp.as_ref(), map.creation_timestamp.as_ref()), 3600);
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_of_a_pod_is_stamped_with_the_end_of_its_grace() {
    let server = with_pod();
    let pods = pods(&server);
    sleep(HOUR).await;
    pods.delete("p", &DeleteParams::default()).await.unwrap();
    let pod = pods.get("p").await.unwrap().metadata;
    assert_eq!(seconds(pod.deletion_timestamp.as_ref(), pod.creation_timestamp.as_ref()), 3630);
}

#[tokio::test(start_paused = true)]
async fn conditions_are_stamped_by_the_paused_clock() {
    let server = with_pod();
    let pods = pods(&server);
    sleep(HOUR).await;
    let eviction = Eviction { metadata: named("p"), delete_options: None };
    let bytes = serde_json::to_vec(&eviction).unwrap();
    let path = "/api/v1/namespaces/default/pods/p/eviction";
    let request = http::Request::post(path).body(bytes).unwrap();
    let client = Client::new(server.service("me"), "default");
    let _: serde_json::Value = client.request(request).await.unwrap();
    let pod = pods.get("p").await.unwrap();
    let conditions = pod.status.unwrap().conditions.unwrap();
    let target = conditions.iter().find(|condition| condition.type_ == "DisruptionTarget").unwrap();
    let since = target.last_transition_time.as_ref();
    assert_eq!(seconds(since, pod.metadata.creation_timestamp.as_ref()), 3600);
}

#[tokio::test(start_paused = true)]
async fn a_definition_is_established_at_the_time_of_the_paused_clock() {
    let (server, _) = start();
    sleep(HOUR).await;
    let schema = json!({ "openAPIV3Schema": { "type": "object" } });
    let version = json!({ "name": "v1", "served": true, "storage": true, "schema": schema });
    let names = json!({ "plural": "documents", "singular": "document", "kind": "Document" });
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": "documents.kunobi.ninja" },
        "spec": { "group": "kunobi.ninja", "names": names, "scope": "Namespaced", "versions": [version] },
    });
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let request = http::Request::post(path).body(definition.to_string().into_bytes()).unwrap();
    let client = Client::new(server.service("me"), "default");
    let definition: serde_json::Value = client.request(request).await.unwrap();
    let definition = server
        .get(&format!(
            "customresourcedefinitions {}",
            definition["metadata"]["name"].as_str().unwrap()
        ))
        .unwrap();
    let conditions = definition["status"]["conditions"].as_array().unwrap();
    assert!(!conditions.is_empty());
    for condition in conditions {
        assert_eq!(condition["lastTransitionTime"], definition["metadata"]["creationTimestamp"]);
    }
    let began = server.get("namespaces default").unwrap()["metadata"]["creationTimestamp"].clone();
    let (began, defined): (Time, Time) = (
        serde_json::from_value(began).unwrap(),
        serde_json::from_value(definition["metadata"]["creationTimestamp"].clone()).unwrap(),
    );
    assert_eq!(seconds(Some(&defined), Some(&began)), 3600);
}

fn with_pod() -> TestServer {
    let pod = "{ apiVersion: v1, kind: Pod, metadata: { name: p, namespace: default }, \
               spec: { nodeName: node, containers: [{ name: c, image: i }] } }";
    TestServer::builder().with_objects(pod).build()
}

fn pods(server: &TestServer) -> Api<Pod> {
    Api::default_namespaced(Client::new(server.service("me"), "default"))
}

fn named(name: &str) -> ObjectMeta {
    ObjectMeta { name: Some(name.into()), ..ObjectMeta::default() }
}

/// From the second time to the first.
fn seconds(later: Option<&Time>, earlier: Option<&Time>) -> i64 {
    later.expect("a time").0.as_second() - earlier.expect("a time").0.as_second()
}

const HOUR: Duration = Duration::from_secs(3600);
