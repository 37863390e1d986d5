//! The chart's `rollout.oneHandover`: one handover for each rollout.

use std::time::Duration;

use kube::ResourceExt;

use super::{
    chart::Release,
    eviction::{evict, until_allowed},
    is_part, report,
    site::{Site, poll},
    verdict::Verdict,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollout_costs_one_handover() {
    let (replicas, rollouts) = if is_part() { (vec![3], 1) } else { (vec![2, 3, 5], 10) };
    for replicas in replicas {
        let site = Site::one_handover(&format!("one-handover-{replicas}")).await;
        let what = format!("`oneHandover`, {rollouts} times");
        for (number, gaps) in roll_often(&site, &what, replicas, rollouts).await.iter().enumerate()
        {
            assert_eq!(gaps.len(), 1, "rollout {number}: {gaps:?}");
        }
        site.kubelet.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_it_a_rollout_may_cost_more() {
    if is_part() {
        return;
    }
    let site = Site::new("any-handover-5").await;
    roll_often(&site, "as shipped, 10 times", 5, 10).await;
    site.kubelet.stop().await;
}

/// Rolls to the other version again and again. Returns for how long nobody led, in each handover of
/// each rollout.
async fn roll_often(
    site: &Site,
    what: &str,
    replicas: usize,
    rollouts: usize,
) -> Vec<Vec<Duration>> {
    let versions = ["v1", "v2"].map(|version| Release::new(version, replicas));
    let workload = site.install(&versions[0]).await;
    let (mut marks, mut rolled) = (vec![report::now()], Vec::new());
    for new in versions.iter().cycle().skip(1).take(rollouts) {
        site.upgrade(new).await;
        rolled.push(workload.until_rolled(new).await);
        site.until_counted_by(new.version).await;
        marks.push(report::now());
    }
    let verdict = Verdict::after(site, &workload).await;
    let all = verdict.handovers(marks[0], marks[rollouts]);
    let least = rolled.iter().map(|rolled| rolled.least_available).min().unwrap_or(0);
    let slowest = rolled.iter().copied().max_by_key(|rolled| rolled.took);
    report::add(what, replicas, slowest, &all, verdict.bound(), &verdict);
    verdict.assert_sound();
    assert!(least >= replicas, "{least} available");
    for handover in &all {
        assert!(handover.gap <= verdict.bound() + SLACK, "{:?}", handover.gap);
    }
    let gaps = |pair: &[u64]| {
        verdict.handovers(pair[0], pair[1]).iter().map(|handover| handover.gap).collect()
    };
    marks.windows(2).map(gaps).collect()
}

/// What a Helm chart often changes with each version does not hide who belongs together.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_version_labels_make_no_difference() {
    if is_part() {
        return;
    }
    let site = Site::one_handover("labels").await;
    let label = |release: Release, version| release.label("app.kubernetes.io/version", version);
    let old = label(Release::new("v1", 3), "1");
    let new = label(Release::new("v2", 3), "2");
    let workload = site.install(&old).await;
    let since = report::now();
    site.upgrade(&new).await;
    let rolled = workload.until_rolled(&new).await;
    site.until_counted_by("v2").await;
    let until = report::now();
    let verdict = Verdict::after(&site, &workload).await;
    let handovers = verdict.handovers(since, until);
    let what = "`oneHandover`, changed version labels";
    report::add(what, 3, Some(rolled), &handovers, verdict.bound(), &verdict);
    verdict.assert_sound();
    assert_eq!(handovers.len(), 1, "{handovers:#?}");
    site.kubelet.stop().await;
}

/// A scale-down takes the youngest first, which leads here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scale_down_costs_one_handover() {
    if is_part() {
        return;
    }
    let site = Site::one_handover("scaled").await;
    let few = Release::new("v1", 2);
    let workload = site.install(&few).await;
    let many = Release::new("v1", 5);
    site.upgrade(&many).await;
    workload.until_rolled(&many).await;
    let running = workload.running().await;
    let youngest = running.iter().max_by_key(|(pod, _)| pod.creation_timestamp());
    let youngest = youngest.expect("there are some").0.name_any();
    site.let_lead(&youngest).await;
    site.until_counted_by("v1").await;
    let since = report::now();
    site.upgrade(&few).await;
    let rolled = workload.until_rolled(&few).await;
    site.until_counted_by("v1").await;
    let until = report::now();
    let verdict = Verdict::after(&site, &workload).await;
    let handovers = verdict.handovers(since, until);
    let what = "`oneHandover`, scaled from 5 to 2, the youngest leads";
    report::add(what, 2, Some(rolled), &handovers, verdict.bound(), &verdict);
    verdict.assert_sound();
    assert_eq!(handovers.len(), 1, "{handovers:#?}");
    site.kubelet.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_costs_one_handover() {
    if is_part() {
        return;
    }
    let site = Site::one_handover("drained").await;
    let release = Release::new("v1", 3);
    let workload = site.install(&release).await;
    until_allowed(&site).await;
    let since = report::now();
    let leader = site.leader().await.expect("somebody leads");
    evict(&site, &leader).await.expect("the budget allows one");
    poll("it is gone", || async {
        workload.pods.get_opt(&leader).await.expect("an answer").is_none().then_some(())
    })
    .await;
    let rolled = workload.until_rolled(&release).await;
    site.until_counted_by("v1").await;
    let until = report::now();
    let verdict = Verdict::after(&site, &workload).await;
    let handovers = verdict.handovers(since, until);
    let what = "`oneHandover`, leader evicted";
    report::add(what, 3, Some(rolled), &handovers, verdict.bound(), &verdict);
    verdict.assert_sound();
    assert_eq!(handovers.len(), 1, "{handovers:#?}");
    site.kubelet.stop().await;
}

/// For a machine that does other things, too.
const SLACK: Duration = Duration::from_secs(1);
