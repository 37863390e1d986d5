//! Server-side apply of built-in types.

use k8s_openapi::api::apps::v1::Deployment;
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};

fn app() -> Value {
    let pod = json!({ "containers": [{ "name": "one", "image": "one:1" }] });
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": "app" },
        "spec": {
            "selector": { "matchLabels": { "app": "app" } },
            "template": { "metadata": { "labels": { "app": "app" } }, "spec": pod },
        },
    })
}

/// `kubectl apply --server-side` of what `kubectl apply` has made does so: the manager owned all defaults.
#[tokio::test]
async fn what_a_manager_drops_is_as_if_it_was_not_stated() {
    let client = Client::new(TestServer::new().service("me"), "default");
    let deployments: Api<Deployment> = Api::default_namespaced(client);
    let parameters = PatchParams::apply("kubectl");
    let mut stated = app();
    stated["spec"]["strategy"] = json!({ "type": "Recreate" });
    let pod = &mut stated["spec"]["template"]["spec"];
    pod["restartPolicy"] = "Always".into();
    pod["containers"][0]["imagePullPolicy"] = "Never".into();
    deployments.patch("app", &parameters, &Patch::Apply(stated)).await.unwrap();
    let stored = deployments.patch("app", &parameters, &Patch::Apply(app())).await.unwrap();
    let spec = stored.spec;
    assert_eq!(spec.strategy.unwrap().type_.as_deref(), Some("RollingUpdate"));
    let pod = spec.template.spec.unwrap();
    assert_eq!(pod.restart_policy.as_deref(), Some("Always"));
    assert_eq!(pod.containers[0].image_pull_policy.as_deref(), Some("IfNotPresent"));
}
