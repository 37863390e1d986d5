//! How Deployments roll out, and how they hang.

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use kube::{
    api::PostParams,
    runtime::wait::{await_condition, conditions},
};
use kunobi_ha_test::{Controller, Matcher};
use tokio::time::{Instant, sleep, timeout};

use super::world::{
    DAY, DEPLOYMENT_CONTROLLER, WEB, counts, deployment, deployments, is_observed, read, reason,
    server, set_image,
};

#[tokio::test(start_paused = true)]
async fn a_deployment_is_ready_when_its_pods_are_and_counts_no_generation() {
    let server = server([Controller::deployments().after(2 * DAY)]);
    let api = deployments(&server);
    let began = Instant::now();
    api.create(&PostParams::default(), &deployment(2)).await.unwrap();
    let observed = server.until_object(WEB, "was looked at", is_observed(1)).await;
    assert_eq!(counts(&observed), (2, 2, 0, 0));
    timeout(3 * DAY, await_condition(api, "web", conditions::is_deployment_completed()))
        .await
        .unwrap()
        .unwrap();
    let took = began.elapsed();
    assert!(took >= 2 * DAY && took < 2 * DAY + Duration::from_secs(1), "{took:?}");
    let ready: Deployment = server.get_as(WEB).unwrap();
    assert_eq!(counts(&ready), (2, 2, 2, 2));
    assert_eq!(ready.metadata.generation, Some(1));
    let reports = Matcher::update("deployments/status").client(DEPLOYMENT_CONTROLLER);
    let reports = server.writes_matching(&reports).into_iter();
    let reasons = reports.map(|write| reason(&read(&write.object), "Progressing"));
    let expected = ["ReplicaSetUpdated", "ProgressDeadlineExceeded", "NewReplicaSetAvailable"];
    assert_eq!(reasons.collect::<Vec<_>>(), expected);
    let managers = ready.metadata.managed_fields.unwrap();
    let is_its = |manager: &str, of: &str| manager == "kube-controller-manager" && of == "status";
    assert!(managers.iter().any(|entry| {
        is_its(entry.manager.as_deref().unwrap(), entry.subresource.as_deref().unwrap_or_default())
    }));
}

#[tokio::test(start_paused = true)]
async fn old_pods_serve_until_the_new_ones_are_ready() {
    let minutes = Duration::from_secs(300);
    let server = server([Controller::deployments().after(minutes)]);
    let api = deployments(&server);
    api.create(&PostParams::default(), &deployment(2)).await.unwrap();
    server
        .until_object(WEB, "is ready", |web| counts(web) == (2, 2, 2, 2))
        .within(2 * minutes)
        .await;
    set_image(&api, "b").await;
    let observed = server.until_object(WEB, "was looked at", is_observed(2)).await;
    assert_eq!(counts(&observed), (3, 1, 2, 2));
    let is_new = |web: &Deployment| counts(web) == (2, 2, 2, 2);
    server.until_object(WEB, "is ready", is_new).within(3 * minutes).await;
    let seen: Vec<_> = server.writes_matching(Matcher::update("deployments/status"));
    let seen = seen.iter().map(|write| counts(&read(&write.object)));
    let steps = [(2, 2, 0, 0), (2, 2, 2, 2), (3, 1, 2, 2), (3, 2, 2, 2), (2, 2, 2, 2)];
    assert_eq!(seen.collect::<Vec<_>>(), steps);
}

#[tokio::test(start_paused = true)]
async fn a_rollout_hangs_until_a_good_image_comes() {
    let is_broken = |web: &Deployment| {
        let pod = web.spec.template.spec.as_ref();
        pod.is_some_and(|pod| pod.containers[0].image.as_deref() == Some("broken"))
    };
    let server = server([Controller::deployments().never_if(is_broken)]);
    let api = deployments(&server);
    api.create(&PostParams::default(), &deployment(1)).await.unwrap();
    server.until_object(WEB, "is ready", |web| counts(web) == (1, 1, 1, 1)).await;
    set_image(&api, "broken").await;
    let is_late = |web: &Deployment| reason(web, "Progressing") == "ProgressDeadlineExceeded";
    let ten_minutes = Duration::from_secs(602);
    let late = server.until_object(WEB, "is late", is_late).within(ten_minutes).await;
    assert_eq!(counts(&late), (2, 1, 1, 1));
    assert_eq!(reason(&late, "Available"), "MinimumReplicasAvailable");
    sleep(DAY).await; // Nothing goes on, and the clock does.
    set_image(&api, "good").await;
    let is_good = |web: &Deployment| counts(web) == (1, 1, 1, 1);
    let good = server.until_object(WEB, "is ready", is_good).await;
    assert_eq!(reason(&good, "Progressing"), "NewReplicaSetAvailable");
}
