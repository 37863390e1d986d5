use std::time::Duration;

use tokio::time::{self, Instant};

use super::{
    chart::Release,
    deployment::{Workload, number},
    is_part, report,
    site::Site,
    verdict::Verdict,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_readiness_tied_to_leadership_two_replicas_never_roll() {
    let site = Site::new("leader-only-2").await;
    let old = leader_only("v1", 2);
    let workload = site.begin_install(&old).await;
    site.until_counted_by("v1").await;
    let begun = report::now();
    let stuck = leader_only("v2", 2);
    site.upgrade(&stuck).await;
    assert_stuck(&site, &workload, &stuck).await;
    let status = workload.status().await;
    assert_eq!(condition(&status, "Available"), "False", "{status:#?}");

    // The remedy that the documentation names.
    let since = report::now();
    let repaired = Release::new("v3", 2);
    site.upgrade(&repaired).await;
    let rolled = workload.until_rolled(&repaired).await;
    site.until_counted_by("v3").await;
    let until = report::now();
    let verdict = Verdict::after(&site, &workload).await;
    let before = verdict.handovers(begun, since);
    report::add("`LeaderOnly`", 2, None, &before, verdict.bound(), &verdict);
    assert!(before.is_empty(), "{before:#?}");
    let handovers = verdict.handovers(since, until);
    report::add("… then `ElectionHealthy`", 2, Some(rolled), &handovers, verdict.bound(), &verdict);
    verdict.assert_sound();
    assert!(!verdict.ticks.iter().any(|tick| tick.version == "v2"), "it was never its turn");
    site.kubelet.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_readiness_tied_to_leadership_one_replica_rolls_only_without_a_surge() {
    if is_part() {
        return;
    }
    let site = Site::new("leader-only-1").await;
    let workload = site.install(&leader_only("v1", 1)).await;
    let begun = report::now();
    let stuck = leader_only("v2", 1);
    site.upgrade(&stuck).await;
    assert_stuck(&site, &workload, &stuck).await;
    let status = workload.status().await;
    assert_eq!(condition(&status, "Available"), "True", "{status:#?}");

    let since = report::now();
    let unsurged = leader_only("v2", 1).strategy(1, 0);
    site.upgrade(&unsurged).await;
    let rolled = workload.until_rolled(&unsurged).await;
    site.until_counted_by("v2").await;
    let until = report::now();
    let verdict = Verdict::after(&site, &workload).await;
    let before = verdict.handovers(begun, since);
    report::add("`LeaderOnly`", 1, None, &before, verdict.bound(), &verdict);
    assert!(before.is_empty(), "{before:#?}");
    let handovers = verdict.handovers(since, until);
    report::add(
        "… then `maxUnavailable: 1`",
        1,
        Some(rolled),
        &handovers,
        verdict.bound(),
        &verdict,
    );
    verdict.assert_sound();
    site.kubelet.stop().await;
}

/// Watches for several times as long as the same rollout takes with standbys that are ready.
async fn assert_stuck(site: &Site, workload: &Workload, release: &Release) {
    let old = release.replicas;
    time::timeout(STUCK, async {
        while workload.running_of(release.version).await == 0 {
            time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("the rollout begins");
    let end = Instant::now() + STUCK;
    while Instant::now() < end {
        assert!(!workload.is_rolled(release).await, "it rolled after all");
        assert_eq!(workload.running_of("v1").await, old, "an old pod was taken away");
        time::sleep(Duration::from_millis(200)).await;
    }
    let status = workload.status().await;
    assert_eq!((number(status.ready_replicas), number(status.updated_replicas)), (1, 1));
    site.until_counted_by("v1").await;
}

fn leader_only(version: &'static str, replicas: usize) -> Release {
    Release::new(version, replicas).with("READINESS", "leader-only")
}

fn condition(status: &k8s_openapi::api::apps::v1::DeploymentStatus, kind: &str) -> String {
    let conditions = status.conditions.iter().flatten();
    let found = conditions.into_iter().find(|condition| condition.type_.as_deref() == Some(kind));
    found.and_then(|condition| condition.status.clone()).unwrap_or_default()
}

const STUCK: Duration = Duration::from_secs(30);
