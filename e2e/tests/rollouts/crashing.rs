use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::api::DeleteParams;

use super::{
    chart::Release,
    deployment::{Workload, is_ready},
    history::History,
    is_part, report,
    site::{Site, poll},
    verdict::{LEASE_DURATION, Verdict},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_crashes_at_its_start_takes_nothing_from_the_old_one() {
    if is_part() {
        return;
    }
    let site = Site::new("crashes-at-start").await;
    let old = Release::new("v1", 2);
    let workload = site.install(&old).await;
    let since = report::now();
    let new = Release::new("v2", 2).with("CRASH", "start");
    site.upgrade(&new).await;
    poll("it was restarted three times", || async {
        assert_eq!(workload.running_of("v1").await, 2, "an old pod was taken away");
        workload.running().await.iter().any(|(pod, _)| restarts(pod) >= 3).then_some(())
    })
    .await;
    assert!(!workload.is_rolled(&new).await);
    workload.undo().await;
    let rolled = workload.until_rolled(&old).await;
    site.until_counted_by("v1").await;
    let until = report::now();

    let verdict = Verdict::after(&site, &workload).await;
    let handovers = verdict.handovers(since, until);
    let bound = verdict.bound();
    report::add("crashes at its start, undone", 2, Some(rolled), &handovers, bound, &verdict);
    verdict.assert_sound();
    assert!(verdict.ticks.iter().all(|tick| tick.version == "v1"));
    assert!(handovers.is_empty(), "the old leader was never disturbed: {handovers:#?}");
    assert!(rolled.least_available >= 2, "{rolled:?}");
    site.kubelet.stop().await;
}

/// The worst that a version can do: its standbys are well, and each pod that leads panics.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_crashes_when_it_leads_costs_a_lease_each_time() {
    if is_part() {
        return;
    }
    let site = Site::new("crashes-leading").await;
    let old = Release::new("v1", 2);
    let workload = site.install(&old).await;
    let new = Release::new("v2", 2).with("CRASH", "leading");
    site.upgrade(&new).await;
    poll("there is a new pod", || async { (workload.running_of("v2").await > 0).then_some(()) })
        .await;
    // Otherwise it would go on and leave no old pod to take over again.
    workload.pause(true).await;
    while takings(&site) < 2 {
        until_all_ready(&workload, 3).await;
        site.until_counted_by("v1").await;
        let leader = site.leader().await.expect("somebody leads");
        workload.pods.delete(&leader, &DeleteParams::default()).await.expect("it is deleted");
        poll("somebody else leads", || async { site.leader().await.filter(|now| *now != leader) })
            .await;
        site.until_counted_by("v1").await;
    }
    let taken = takings(&site);

    // An upgrade that nobody pauses.
    workload.pause(false).await;
    let ended = poll("the rollout ends", || async {
        (workload.running_of("v1").await == 0).then(report::now)
    })
    .await;
    workload.undo().await;
    let rolled = workload.until_rolled(&old).await;
    site.until_counted_by("v1").await;

    let verdict = Verdict::after(&site, &workload).await;
    let takings = verdict.takings("v2");
    let bound = LEASE_DURATION + verdict.bound();
    let while_old = &takings[..taken];
    report::add("crashes when it leads", 2, None, while_old, bound, &verdict);
    report::add("… rolled to its end, undone", 2, Some(rolled), &takings[taken..], bound, &verdict);
    verdict.assert_sound();
    for taking in while_old {
        assert_eq!(taking.to.version, "v1", "an old pod takes over: {taking:#?}");
        assert!(taking.gap <= bound + Duration::from_secs(1), "{:?}", taking.gap);
    }
    assert!(verdict.history.terms.iter().any(|term| term.since > ended), "it recovers");
    site.kubelet.stop().await;
}

fn takings(site: &Site) -> usize {
    let history = History::of(&site.logs());
    history.terms.iter().filter(|term| term.version == "v2").count()
}

async fn until_all_ready(workload: &Workload, count: usize) {
    poll("all are ready", || async {
        let running = workload.running().await;
        (running.iter().filter(|(pod, _)| is_ready(pod)).count() == count).then_some(())
    })
    .await;
}

fn restarts(pod: &Pod) -> i32 {
    let statuses = pod.status.as_ref().and_then(|status| status.container_statuses.as_ref());
    statuses.into_iter().flatten().map(|status| status.restart_count).max().unwrap_or(0)
}
