//! The API server knows the definitions of the Prometheus Operator, and takes what is rendered.

use std::path::Path;

use http::Request;
use kube::Client;
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};

use crate::rendering::Rendering;

fn server(namespaces: &[&str]) -> TestServer {
    let definitions = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/deploy/crds");
    let builder = TestServer::builder().with_namespaces(namespaces.iter().copied());
    builder.with_crd_files(definitions).build()
}

async fn create(server: &TestServer, object: &Value) -> Result<Value, String> {
    let plural = object["kind"].as_str().unwrap().to_lowercase() + "s";
    let namespace = object["metadata"]["namespace"].as_str().unwrap();
    let path = format!("/apis/monitoring.coreos.com/v1/namespaces/{namespace}/{plural}");
    let request = Request::post(path + "?fieldValidation=Strict")
        .header("content-type", "application/json")
        .body(serde_json::to_vec(object).unwrap())
        .unwrap();
    let client = Client::new(server.service("author"), "default");
    client.request(request).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn the_definitions_take_all_monitors_and_rules() {
    let mut kinds = Vec::new();
    for rendering in Rendering::every() {
        for object in &rendering.objects {
            if object["apiVersion"] != "monitoring.coreos.com/v1" {
                continue;
            }
            let server = server(&["kunobi-operator"]);
            let created = create(&server, object).await;
            let created = created.unwrap_or_else(|it| panic!("{}: {it}", rendering.name));
            assert_eq!(created["spec"], object["spec"], "{}: nothing is pruned", rendering.name);
            kinds.push(object["kind"].as_str().unwrap().to_owned());
        }
    }
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, ["PodMonitor", "PrometheusRule", "ServiceMonitor"]);
}

#[tokio::test]
async fn a_typo_and_a_duration_that_is_none_are_refused() {
    let rendering = Rendering::named("monitoring");
    let of = |kind: &str| rendering.objects.iter().find(|it| it["kind"] == kind).unwrap().clone();
    let server = server(&["kunobi-operator"]);
    let mut monitor = of("PodMonitor");
    monitor["spec"]["podMetricsEndpoints"][0]["intervall"] = json!("30s");
    let error = create(&server, &monitor).await.unwrap_err();
    assert!(error.contains("intervall"), "{error}");
    let mut rule = of("PrometheusRule");
    rule["spec"]["groups"][0]["rules"][0]["for"] = json!("two minutes");
    let error = create(&server, &rule).await.unwrap_err();
    assert!(error.contains("rules[0].for"), "{error}");
}
