//! A job that must not run twice.

use std::{future::pending, time::Duration};

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use kunobi_ha::{BoxError, leader::Lead};
use kunobi_ha_test::{Matcher, TestServer};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use crate::elections::election;

/// Runs a job at most once in the life of the namespace, even if its leader dies while it runs.
async fn once<W: Future>(
    maps: Api<ConfigMap>,
    name: &str,
    lead: Lead,
    job: impl FnOnce() -> W,
) -> Result<Option<W::Output>, BoxError> {
    let fence = lead.term().fence().to_string();
    let metadata = ObjectMeta { name: Some(name.into()), ..ObjectMeta::default() };
    let mark =
        ConfigMap { metadata, data: Some([("term".into(), fence)].into()), ..Default::default() };
    lead.ensure()?;
    // The mark comes before the job: of all creates of one name, one succeeds.
    match maps.create(&PostParams::default(), &mark).await {
        Ok(_) => Ok(Some(job().await)),
        Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_leader_crashes_is_not_run_again() {
    let server = TestServer::new();
    let (ran, mut runs) = mpsc::unbounded_channel();
    let replica = |name: &'static str| {
        let maps = Api::default_namespaced(Client::new(server.service(name), "default"));
        let (election, ran) = (election(&server, name).build(), ran.clone());
        tokio::spawn(async move {
            let job = || async move {
                ran.send(name).unwrap();
                pending::<()>().await; // It crashes in the middle.
            };
            election.run(|lead| once(maps, "migration-7", lead, job)).await
        })
    };
    let a = replica("a");
    assert_eq!(runs.recv().await, Some("a"));
    let b = replica("b");
    sleep(Duration::from_secs(5)).await;
    a.abort();
    let end = timeout(Duration::from_secs(60), b).await.expect("the job is not begun again");
    let end = end.unwrap().unwrap();
    assert!(matches!(end, kunobi_ha::leader::RunEnd::Done { output: Ok(None), .. }), "{end:?}");
    assert!(runs.try_recv().is_err(), "it ran twice");
    server.assert_requested_times(2, Matcher::create("configmaps"));
}
