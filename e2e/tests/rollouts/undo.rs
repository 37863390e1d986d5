use kube::{ResourceExt, api::DeleteParams};

use super::{
    chart::Release,
    deployment::{Workload, number},
    is_part, report,
    site::{Site, poll},
    verdict::Verdict,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollout_is_undone_in_the_middle_and_no_write_is_lost() {
    if is_part() {
        return;
    }
    let site = Site::new("undone-3").await;
    undo(&site, "undone in the middle").await;
    site.kubelet.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollout_that_is_undone_costs_one_handover_each_way() {
    if is_part() {
        return;
    }
    let site = Site::one_handover("undone-one-handover").await;
    let handovers = undo(&site, "`oneHandover`, undone in the middle").await;
    assert_eq!(handovers, 2);
    site.kubelet.stop().await;
}

/// Returns the number of handovers.
async fn undo(site: &Site, what: &str) -> usize {
    let old = Release::new("v1", 3);
    let workload = site.install(&old).await;
    let since = report::now();
    site.upgrade(&Release::new("v2", 3)).await;
    poll("it is in the middle", || async {
        let (new, old) = (workload.running_of("v2").await, workload.running_of("v1").await);
        assert!(old > 0, "it is over already");
        (new >= 2 && old <= 2).then_some(())
    })
    .await;
    // Makes the new version lead by then, which would be up to chance otherwise.
    workload.pause(true).await;
    while leading(site, &workload).await != "v2" {
        let leader = site.leader().await.expect("somebody leads");
        workload.pods.delete(&leader, &DeleteParams::default()).await.expect("it is deleted");
        poll("somebody else leads", || async { site.leader().await.filter(|now| *now != leader) })
            .await;
    }
    site.until_counted_by("v2").await;
    poll("what was deleted is replaced", || async {
        let status = workload.status().await;
        (number(status.available_replicas) >= 3).then_some(())
    })
    .await;
    workload.pause(false).await;
    workload.undo().await;
    let rolled = workload.until_rolled(&old).await;
    site.until_counted_by("v1").await;
    let until = report::now();

    let verdict = Verdict::after(site, &workload).await;
    let handovers = verdict.handovers(since, until);
    report::add(what, 3, Some(rolled), &handovers, verdict.bound(), &verdict);
    verdict.assert_sound();
    assert!(rolled.least_available >= 3, "{rolled:?}");
    assert_eq!(handovers.last().expect("it went back").to.version, "v1");
    for handover in &handovers {
        assert!(handover.gap <= 2 * verdict.bound(), "{:?}", handover.gap);
    }
    handovers.len()
}

/// The version of the leader.
async fn leading(site: &Site, workload: &Workload) -> String {
    poll("somebody leads", || async {
        let leader = site.leader().await?;
        let running = workload.running().await.into_iter();
        let mut of_leader = running.filter(|(pod, _)| pod.name_any() == leader);
        of_leader.next().map(|(_, version)| version)
    })
    .await
}
