//! How Jobs end.

use std::time::Duration;

use k8s_openapi::api::batch::v1::Job;
use kube::{
    api::PostParams,
    runtime::wait::{await_condition, conditions},
};
use kunobi_ha_test::{Controller, Matcher};
use serde_json::json;
use tokio::time::Instant;

use super::world::{DAY, job, jobs, server};

#[tokio::test(start_paused = true)]
async fn a_job_runs_ends_and_is_deleted_when_its_time_has_come() {
    let server = server([Controller::jobs().after(DAY)]);
    let jobs = jobs(&server);
    let spec = json!({ "completions": 3, "parallelism": 2, "ttlSecondsAfterFinished": 60 });
    let began = Instant::now();
    jobs.create(&PostParams::default(), &job("a", &spec)).await.unwrap();
    let done = await_condition(jobs, "a", conditions::is_job_completed()).await.unwrap().unwrap();
    assert_eq!(began.elapsed().as_secs(), 2 * DAY.as_secs());
    assert_eq!(done.status.unwrap().succeeded, Some(3));
    server.until_gone("jobs default/a").within(Duration::from_secs(62)).await;
    let collector = "system:serviceaccount:kube-system:ttl-after-finished-controller";
    server.assert_requested_times(1, Matcher::delete("jobs").client(collector));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_fails_tries_again_later_and_later() {
    let is_bad = |job: &Job| job.metadata.name.as_deref() == Some("bad");
    let server = server([Controller::jobs().fails_if(is_bad)]);
    let jobs = jobs(&server);
    let spec = json!({ "backoffLimit": 2 });
    let began = Instant::now();
    jobs.create(&PostParams::default(), &job("bad", &spec)).await.unwrap();
    jobs.create(&PostParams::default(), &job("good", &spec)).await.unwrap();
    let failed = |job: &Job| job.status.as_ref().is_some_and(|status| status.failed == Some(3));
    let failed = server.until_object("jobs default/bad", "has failed", failed).await;
    let took = began.elapsed().as_secs();
    assert!((33..35).contains(&took), "{took} s: three runs of 1 s, after 10 s and 20 s");
    let last = failed.status.unwrap().conditions.unwrap().pop().unwrap();
    assert_eq!(
        (last.type_.as_str(), last.reason.as_deref()),
        ("Failed", Some("BackoffLimitExceeded"))
    );
    let good: Job = server.get_as("jobs default/good").unwrap();
    assert_eq!(good.status.unwrap().succeeded, Some(1));
}
