//! What controllers do when their requests fail.

use std::time::Duration;

use k8s_openapi::api::{apps::v1::Deployment, batch::v1::Job};
use kube::api::PostParams;
use kunobi_ha_test::{Controller, Fault, FaultRule, Faults, Matcher};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::world::{
    DEPLOYMENT_CONTROLLER, WEB, counts, deployment, deployments, job, jobs, server, set_image,
};

#[tokio::test(start_paused = true)]
async fn what_fails_is_tried_again_and_a_slow_controller_is_late() {
    let server = server([Controller::deployments()]);
    let reports = Matcher::update("deployments/status");
    let latency = Faults { latency_before_ms: 5_000, ..Faults::default() };
    server.set_faults(DEPLOYMENT_CONTROLLER, latency);
    let faults = [Fault::status(409), Fault::status(500), Fault::LoseReply, Fault::Hang];
    for (nth, fault) in (1..).zip(faults) {
        let rule = FaultRule::new(reports.clone(), fault).nth(nth);
        server.add_rule(DEPLOYMENT_CONTROLLER, rule);
    }
    let api = deployments(&server);
    api.create(&PostParams::default(), &deployment(1)).await.unwrap();
    let is_ready = |web: &Deployment| counts(web) == (1, 1, 1, 1);
    server.until_object(WEB, "is ready", is_ready).within(Duration::from_secs(80)).await;
    assert!(server.unused_rules(DEPLOYMENT_CONTROLLER).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_write_in_between_is_a_conflict_and_both_count() {
    let server = server([Controller::deployments()]);
    let latency = Faults { latency_before_ms: 5_000, ..Faults::default() };
    server.set_faults(DEPLOYMENT_CONTROLLER, latency);
    let api = deployments(&server);
    api.create(&PostParams::default(), &deployment(1)).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    set_image(&api, "b").await;
    let is_ready = |web: &Deployment| counts(web) == (1, 1, 1, 1);
    let web = server.until_object(WEB, "is ready", is_ready).await;
    assert_eq!(web.status.unwrap().observed_generation, Some(2));
    server.assert_requested(Matcher::update("deployments/status").status(409));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_hangs_stops_no_other_object() {
    let server = server([Controller::jobs()]);
    let reports = Matcher::update("jobs/status").name("a");
    let client = "system:serviceaccount:kube-system:job-controller";
    server.add_rule(client, FaultRule::new(reports, Fault::Hang).nth(1));
    let began = Instant::now();
    for name in ["a", "b"] {
        jobs(&server).create(&PostParams::default(), &job(name, &json!({}))).await.unwrap();
    }
    let has_ended =
        |job: &Job| job.status.as_ref().is_some_and(|status| status.succeeded == Some(1));
    server.until_object("jobs default/b", "has ended", has_ended).await;
    assert_eq!(began.elapsed().as_secs(), 1);
    let minute = Duration::from_secs(60);
    server.until_object("jobs default/a", "has ended", has_ended).within(minute).await;
    assert_eq!(began.elapsed().as_secs(), 31);
}
