//! A `StatefulSet`, which replaces its pods from the highest number down.

use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::StatefulSet;
use kube::{
    Api, ResourceExt,
    api::{Patch, PatchParams},
};
use serde_json::json;

use super::{
    chart::{NAME, Release},
    deployment::{Rolled, Workload, is_ready},
    is_part, report,
    site::{Site, poll},
    verdict::Verdict,
};

/// The leader is the first to go, when no pod of the new version is there to take over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stateful_set_led_by_its_highest_number_costs_two_handovers() {
    if is_part() {
        return;
    }
    let site = Site::one_handover("stateful").await;
    let (old, new) = (Release::new("v1", 3), Release::new("v2", 3));
    site.prepare().await;
    site.upgrade_stateful(&old).await;
    let workload = site.workload();
    until_rolled(&workload, &old).await;
    site.let_lead(&format!("{NAME}-2")).await;
    site.until_counted_by("v1").await;

    let since = report::now();
    site.upgrade_stateful(&new).await;
    let rolled = until_rolled(&workload, &new).await;
    site.until_counted_by("v2").await;
    let until = report::now();
    scale_to_zero(&site, &workload).await;

    let verdict = Verdict::of_ended(&site).await;
    let handovers = verdict.handovers(since, until);
    let what = "`oneHandover`, `StatefulSet` led by its highest number";
    report::add(what, 3, Some(rolled), &handovers, verdict.bound(), &verdict);
    verdict.assert_sound();
    assert!(handovers.len() >= 2, "{handovers:#?}");
    assert_eq!(handovers.last().expect("there is one").to.version, "v2");
    site.kubelet.stop().await;
}

async fn until_rolled(workload: &Workload, release: &Release) -> Rolled {
    let since = Instant::now();
    let mut least_available = release.replicas;
    while since.elapsed() < PATIENCE {
        let running = workload.running().await;
        let ready = running.iter().filter(|(pod, _)| is_ready(pod));
        let (ready, new) =
            (ready.clone().count(), ready.filter(|(_, of)| of == release.version).count());
        if new == release.replicas && running.len() == new {
            return Rolled { took: since.elapsed(), least_available };
        }
        least_available = least_available.min(ready);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let names = workload.running().await.into_iter().map(|(pod, of)| (pod.name_any(), of));
    panic!("it never rolls: {:?}", names.collect::<Vec<_>>());
}

async fn scale_to_zero(site: &Site, workload: &Workload) {
    let sets: Api<StatefulSet> = Api::namespaced(site.client.clone(), &site.namespace);
    let patch = Patch::Merge(json!({ "spec": { "replicas": 0 } }));
    sets.patch(NAME, &PatchParams::default(), &patch).await.expect("it is patched");
    poll("all pods are gone", || async { workload.running().await.is_empty().then_some(()) }).await;
    // Their last lines come a moment after the order to end.
    let gone = || async {
        let pods = workload.pods.list(&kube::api::ListParams::default()).await.expect("a list");
        pods.items.is_empty().then_some(())
    };
    poll("none is terminating", gone).await;
}

const PATIENCE: Duration = Duration::from_secs(120);
