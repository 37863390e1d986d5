//! A job in each period, on whichever replica leads.

use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use kunobi_ha::{BoxError, leader::Lead};
use kunobi_ha_test::TestServer;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

use crate::elections::election;

/// Runs the job once in each period, until leadership ends. Periods in which nobody led are not made up.
async fn each_period<W: Future>(
    maps: Api<ConfigMap>,
    period: Duration,
    now: impl Fn() -> Duration, // since 1970
    lead: Lead,
    job: impl Fn(u64) -> W,
) -> Result<(), BoxError> {
    let name = || Some("last-run".to_owned());
    let metadata = ObjectMeta { name: name(), ..ObjectMeta::default() };
    let empty = ConfigMap { metadata, ..ConfigMap::default() };
    let mut last = match maps.get_opt("last-run").await? {
        Some(last) => last,
        None => maps.create(&PostParams::default(), &empty).await?,
    };
    loop {
        let slot = now().as_secs() / period.as_secs();
        let done = last.data.as_ref().and_then(|data| data.get("slot")?.parse().ok());
        if done < Some(slot) {
            lead.ensure()?;
            last.data = Some([("slot".into(), slot.to_string())].into());
            // It has the version that was read: if another leader wrote in between, this is a 409.
            last = maps.replace("last-run", &PostParams::default(), &last).await?;
            job(slot).await;
        }
        let next = period * u32::try_from(slot + 1)?;
        tokio::select! {
            () = sleep(next.saturating_sub(now())) => {}
            () = lead.stopped() => return Ok(()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_period_has_one_run_also_around_a_handover() {
    let server = TestServer::new();
    let (ran, mut runs) = mpsc::unbounded_channel();
    let origin = Instant::now();
    let replica = |name: &'static str| {
        let maps = Api::default_namespaced(Client::new(server.service(name), "default"));
        let (election, ran) = (election(&server, name).build(), ran.clone());
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let stop = async { _ = ended.await };
        let task = tokio::spawn(async move {
            let now = || origin.elapsed() + Duration::from_secs(600);
            let job = |slot| {
                ran.send((slot, name)).unwrap();
                async {}
            };
            let minute = Duration::from_secs(60);
            election.run_until(stop, |lead| each_period(maps, minute, now, lead, job)).await
        });
        (end, task)
    };
    let (end, a) = replica("a");
    sleep(Duration::from_secs(150)).await;
    let _b = replica("b");
    sleep(Duration::from_secs(5)).await;
    end.send(()).unwrap();
    a.await.unwrap().unwrap();
    sleep(Duration::from_secs(120)).await;
    let mut seen = Vec::new();
    while let Ok(run) = runs.try_recv() {
        seen.push(run);
    }
    assert_eq!(seen, [(10, "a"), (11, "a"), (12, "a"), (13, "b"), (14, "b")]);
}
