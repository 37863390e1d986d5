//! What the tests have in common.

use std::time::Duration;

use k8s_openapi::api::{
    apps::v1::{Deployment, DeploymentStatus},
    batch::v1::Job,
};
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};
use kunobi_ha_test::{Controller, TestServer};
use serde_json::{Value, json};

pub(super) const WEB: &str = "deployments default/web";
pub(super) const DEPLOYMENT_CONTROLLER: &str =
    "system:serviceaccount:kube-system:deployment-controller";
pub(super) const DAY: Duration = Duration::from_secs(24 * 3600);

pub(super) fn server<const N: usize>(controllers: [Controller; N]) -> TestServer {
    TestServer::builder().with_controllers(controllers).build()
}

fn client(server: &TestServer) -> Client {
    Client::new(server.service("admin"), "default")
}

pub(super) fn deployments(server: &TestServer) -> Api<Deployment> {
    Api::default_namespaced(client(server))
}

pub(super) fn jobs(server: &TestServer) -> Api<Job> {
    Api::default_namespaced(client(server))
}

pub(super) fn deployment(replicas: i32) -> Deployment {
    let labels = json!({ "app": "web" });
    let value = json!({
        "metadata": { "name": "web" },
        "spec": { "replicas": replicas, "selector": { "matchLabels": labels },
                  "template": { "metadata": { "labels": labels },
                                "spec": { "containers": [{ "name": "a", "image": "a" }] } } },
    });
    serde_json::from_value(value).expect("it is written well")
}

pub(super) fn job(name: &str, spec: &Value) -> Job {
    let mut value = json!({ "metadata": { "name": name }, "spec": spec });
    value["spec"]["template"]["spec"] =
        json!({ "restartPolicy": "Never", "containers": [{ "name": "a", "image": "a" }] });
    serde_json::from_value(value).expect("it is written well")
}

pub(super) async fn set_image(api: &Api<Deployment>, image: &str) {
    let containers = json!([{ "name": "a", "image": image }]);
    let patch = json!({ "spec": { "template": { "spec": { "containers": containers } } } });
    api.patch("web", &PatchParams::default(), &Patch::Strategic(patch))
        .await
        .expect("it is patched");
}

/// All, new, ready and available pods.
pub(super) fn counts(web: &Deployment) -> (i32, i32, i32, i32) {
    let status = web.status.clone().unwrap_or_default();
    let DeploymentStatus { replicas, updated_replicas, ready_replicas, available_replicas, .. } =
        status;
    let [all, new, ready, available] =
        [replicas, updated_replicas, ready_replicas, available_replicas]
            .map(Option::unwrap_or_default);
    (all, new, ready, available)
}

pub(super) fn read(web: &Value) -> Deployment {
    serde_json::from_value(web.clone()).expect("a Deployment")
}

pub(super) fn is_observed(generation: i64) -> impl FnMut(&Deployment) -> bool + Send {
    move |web| {
        web.status.as_ref().is_some_and(|status| status.observed_generation == Some(generation))
    }
}

pub(super) fn reason(web: &Deployment, kind: &str) -> String {
    let conditions = web.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let mut meant = conditions.filter(|condition| condition.type_.as_deref() == Some(kind));
    meant.next().and_then(|condition| condition.reason.clone()).unwrap_or_default()
}
