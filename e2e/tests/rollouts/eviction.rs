use k8s_openapi::api::{core::v1::Pod, policy::v1::PodDisruptionBudget};
use kube::{Api, ResourceExt, api::EvictParams};

use super::{
    chart::{NAME, Release},
    deployment::is_ready,
    is_part, report,
    site::{Site, client_without_retries, poll},
    verdict::Verdict,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_is_evicted_and_a_second_eviction_waits_for_its_replacement() {
    if is_part() {
        return;
    }
    let site = Site::new("evicted-2").await;
    let release = Release::new("v1", 2);
    let workload = site.install(&release).await;
    until_allowed(&site).await;

    let since = report::now();
    let first = site.leader().await.expect("somebody leads");
    evict(&site, &first).await.expect("the budget allows one");
    // Not its replacement: an unready pod may always be evicted.
    let running = workload.running().await;
    let mut ready = running.iter().filter(|(pod, _)| is_ready(pod) && pod.name_any() != first);
    let other = ready.next().expect("there is another").0.name_any();
    let refused = evict(&site, &other).await;
    let Err(kube::Error::Api(status)) = refused else { panic!("not refused: {refused:?}") };
    assert_eq!((status.code, status.reason.as_str()), (429, "TooManyRequests"), "{status:?}");
    assert!(status.message.contains("disruption budget"), "{status:?}");
    println!("the second eviction: {} {}", status.code, status.message);

    let rolled = workload.until_rolled(&release).await;
    until_allowed(&site).await;
    let second = poll("somebody else leads", || async {
        site.leader().await.filter(|leader| *leader != first)
    })
    .await;
    evict(&site, &second).await.expect("the budget allows one again");
    poll("the second is gone", || async {
        workload.pods.get_opt(&second).await.expect("an answer").is_none().then_some(())
    })
    .await;
    workload.until_rolled(&release).await;
    site.until_counted_by("v1").await;
    let until = report::now();

    let verdict = Verdict::after(&site, &workload).await;
    let handovers = verdict.handovers(since, until);
    report::add("leader evicted, twice", 2, Some(rolled), &handovers, verdict.bound(), &verdict);
    verdict.assert_sound();
    assert!(handovers.len() >= 2, "{handovers:#?}");
    for handover in &handovers {
        assert!(handover.gap <= 2 * verdict.bound(), "{:?}", handover.gap);
    }
    site.kubelet.stop().await;
}

/// Its budget allows it, and nobody leads until the pod that takes its place has started.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_only_replica_can_be_drained_off_its_node() {
    if is_part() {
        return;
    }
    let site = Site::new("evicted-1").await;
    let release = Release::new("v1", 1);
    let workload = site.install(&release).await;
    until_allowed(&site).await;
    let since = report::now();
    let leader = site.leader().await.expect("somebody leads");
    evict(&site, &leader).await.expect("the budget allows one");
    let rolled = workload.until_rolled(&release).await;
    site.until_counted_by("v1").await;
    let until = report::now();
    let verdict = Verdict::after(&site, &workload).await;
    let handovers = verdict.handovers(since, until);
    report::add("leader evicted", 1, Some(rolled), &handovers, verdict.bound(), &verdict);
    verdict.assert_sound();
    assert_eq!(handovers.len(), 1);
    site.kubelet.stop().await;
}

/// Without kube's retries, which would take the refusal for an overload and ask again until the
/// budget allows it.
pub(crate) async fn evict(site: &Site, pod: &str) -> kube::Result<()> {
    let pods: Api<Pod> = Api::namespaced(client_without_retries().await, &site.namespace);
    pods.evict(pod, &EvictParams::default()).await.map(drop)
}

pub(crate) async fn until_allowed(site: &Site) {
    let budgets: Api<PodDisruptionBudget> = Api::namespaced(site.client.clone(), &site.namespace);
    poll("the budget allows a disruption", || async {
        let status = budgets.get(NAME).await.expect("it is shipped").status;
        status.filter(|status| status.disruptions_allowed == Some(1))
    })
    .await;
}
