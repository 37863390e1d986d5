//! What controllers do when the server goes back to a snapshot.

use std::time::Duration;

use k8s_openapi::api::batch::v1::Job;
use kube::api::PostParams;
use kunobi_ha_test::{Controller, Fault, FaultRule, Matcher};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::world::{
    DEPLOYMENT_CONTROLLER, WEB, counts, deployment, deployments, is_observed, job, jobs, server,
};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn a_job_whose_end_was_undone_runs_again() {
    let server = server([Controller::jobs().after(HOUR)]);
    jobs(&server).create(&PostParams::default(), &job("a", &json!({}))).await.unwrap();
    let runs = |job: &Job| job.status.as_ref().is_some_and(|status| status.active == Some(1));
    server.until_object("jobs default/a", "runs", runs).await;
    let snapshot = server.snapshot();
    let has_ended =
        |job: &Job| job.status.as_ref().is_some_and(|status| status.succeeded == Some(1));
    server.until_object("jobs default/a", "has ended", has_ended).within(2 * HOUR).await;
    server.restore(snapshot);
    let restored = Instant::now();
    server.until_object("jobs default/a", "has ended again", has_ended).within(2 * HOUR).await;
    assert_eq!(restored.elapsed().as_secs(), HOUR.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_used_again_is_looked_at() {
    let server = server([Controller::deployments()]);
    deployments(&server).create(&PostParams::default(), &deployment(1)).await.unwrap();
    let is_ready =
        |replicas| move |web: &_| counts(web) == (replicas, replicas, replicas, replicas);
    server.until_object(WEB, "is ready", is_ready(1)).await;
    sleep(HOUR).await;
    let snapshot = server.snapshot();
    let replicas =
        |replicas: i32| server.edit(WEB, |web| web["spec"]["replicas"] = replicas.into());
    replicas(2);
    server.until_object(WEB, "has two pods", is_ready(2)).await;
    sleep(HOUR).await;
    let before = server.resource_version();
    server.restore(snapshot);
    for count in (3..).take_while(|_| server.resource_version() < before) {
        replicas(count);
    }
    assert_eq!(server.resource_version(), before);
    let wanted = server.get(WEB).unwrap()["spec"]["replicas"].as_i64().unwrap();
    let wanted = i32::try_from(wanted).unwrap();
    server.until_object(WEB, "has its pods", is_ready(wanted)).await;
}

#[tokio::test(start_paused = true)]
async fn a_request_under_way_is_not_waited_for() {
    let server = server([Controller::deployments()]);
    let hang = FaultRule::new(Matcher::update("deployments/status"), Fault::Hang).nth(1);
    server.add_rule(DEPLOYMENT_CONTROLLER, hang);
    let snapshot = server.snapshot();
    let api = deployments(&server);
    api.create(&PostParams::default(), &deployment(1)).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    server.restore(snapshot);
    api.create(&PostParams::default(), &deployment(1)).await.unwrap();
    server.until_object(WEB, "was looked at", is_observed(1)).within(Duration::from_secs(1)).await;
}
