//! What happens while a Deployment rolls out.

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Patch, PatchParams};
use kunobi_ha_test::{Controller, TestServer};
use serde_json::json;

use super::world::{DEPLOYMENT, HOME, cluster, create_home, start, until_served, websites};
use crate::types::Website;

#[tokio::test(start_paused = true)]
async fn after_a_change_it_is_served_when_all_pods_are_new_and_ready() {
    let deployments = Controller::deployments().after(Duration::from_secs(20));
    let server = cluster().with_controllers([deployments]).build();
    start(&server);
    create_home(&server).await.unwrap();
    until_served(&server).await;
    change_text(&server).await;
    let one_is_new = |home: &Website| home.status.as_ref().unwrap().ready_replicas == 1;
    let home = server.until_object(HOME, "has one new pod", one_is_new).await;
    assert!(!home.is_served());
    until_served(&server).await;
}

#[tokio::test(start_paused = true)]
async fn while_a_rollout_hangs_it_is_not_served() {
    let second = |deployment: &Deployment| deployment.metadata.generation == Some(2);
    let deployments = Controller::deployments().never_if(second);
    let server = cluster().with_controllers([deployments]).build();
    start(&server);
    create_home(&server).await.unwrap();
    until_served(&server).await;
    change_text(&server).await;
    let is_late = |deployment: &Deployment| {
        let conditions = deployment.status.as_ref().unwrap().conditions.as_ref().unwrap();
        let mut reasons = conditions.iter().filter_map(|condition| condition.reason.as_deref());
        reasons.any(|reason| reason == "ProgressDeadlineExceeded")
    };
    let ten_minutes = Duration::from_secs(602);
    server.until_object(DEPLOYMENT, "is late", is_late).within(ten_minutes).await;
    let home: Website = server.get_as(HOME).unwrap();
    assert!(!home.is_served());
}

/// The user changes the text, and with it the template of the pods.
async fn change_text(server: &TestServer) {
    let patch = Patch::Merge(json!({ "spec": { "text": "Good evening" } }));
    let patched = websites(server).patch("home", &PatchParams::default(), &patch).await;
    patched.expect("it is patched");
}
