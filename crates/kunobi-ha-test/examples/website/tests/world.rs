//! What the tests have in common.

use k8s_openapi::api::apps::v1::Deployment;
use kube::{Api, Client, CustomResourceExt, api::PostParams};
use kunobi_ha_test::{TestServer, TestServerBuilder};
use serde_json::json;

use crate::{
    controller,
    types::{Website, WebsiteSpec},
};

pub(super) const HOME: &str = "websites.demo.kunobi.ninja default/home";
pub(super) const DEPLOYMENT: &str = "deployments default/home";
pub(super) const LIST: &str = "configmaps default/websites";

/// The name of the operator as a client: a service account is called so.
pub(super) const OPERATOR: &str = "system:serviceaccount:default:website-operator";

/// A server that knows the type, and has nothing else.
pub(super) fn cluster() -> TestServerBuilder {
    TestServer::builder().with_crds([Website::crd()])
}

/// Starts the operator, which ends with the test.
pub(super) fn start(server: &TestServer) {
    let client = Client::new(server.service(OPERATOR), "default");
    tokio::spawn(async move { controller::run(client, "default").await });
}

/// The websites, as the user of the operator has them.
pub(super) fn websites(server: &TestServer) -> Api<Website> {
    Api::default_namespaced(Client::new(server.service("admin"), "default"))
}

pub(super) async fn create_home(server: &TestServer) -> kube::Result<Website> {
    let home = Website::new("home", WebsiteSpec { text: "Hello".into(), replicas: 2 });
    websites(server).create(&PostParams::default(), &home).await
}

/// Waits until the Deployment has so many replicas.
pub(super) async fn until_deployed(server: &TestServer, replicas: i32) -> Deployment {
    let has = |deployment: &Deployment| deployment.spec.replicas == Some(replicas);
    server.until_object(DEPLOYMENT, &format!("has {replicas} replicas"), has).await
}

/// Reports what the controller of Deployments would report.
pub(super) async fn become_ready(server: &TestServer) {
    let deployment = until_deployed(server, 2).await;
    let generation = deployment.metadata.generation;
    server.edit(DEPLOYMENT, |deployment| {
        deployment["status"] = json!({
            "observedGeneration": generation,
            "replicas": 2,
            "updatedReplicas": 2,
            "readyReplicas": 2,
            "availableReplicas": 2,
        });
    });
}

pub(super) async fn until_served(server: &TestServer) -> Website {
    server.until_object(HOME, "is served", Website::is_served).await
}
