use kube::ResourceExt;

use super::{chart::Release, is_part, report, site::Site, verdict::Verdict};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shipped_chart_rolls_to_a_new_version_and_no_write_is_lost() {
    let replicas = if is_part() { vec![2] } else { vec![1, 2, 3, 5] };
    for replicas in replicas {
        roll(replicas).await;
    }
}

async fn roll(replicas: usize) {
    let site = Site::new(&format!("rolls-{replicas}")).await;
    let workload = site.install(&Release::new("v1", replicas)).await;

    let since = report::now();
    let new = Release::new("v2", replicas);
    site.upgrade(&new).await;
    let rolled = workload.until_rolled(&new).await;
    site.until_counted_by("v2").await;
    let until = report::now();
    let leader = site.leader().await.expect("somebody leads");
    assert!(workload.running().await.iter().any(|(pod, _)| pod.name_any() == leader), "{leader}");

    let verdict = Verdict::after(&site, &workload).await;
    let handovers = verdict.handovers(since, until);
    report::add("to a new version", replicas, Some(rolled), &handovers, verdict.bound(), &verdict);
    verdict.assert_sound();
    assert!(!handovers.is_empty(), "somebody has to take over");
    assert_eq!(handovers.last().expect("there is one").to.version, "v2");
    assert!(rolled.least_available >= replicas, "{rolled:?}");
    for handover in &handovers {
        assert!(handover.from.until.is_some(), "its work ended by itself: {handover:#?}");
        assert!(handover.gap <= 2 * verdict.bound(), "{:?}", handover.gap);
    }
    // Exactly what the shipped Role allows: creating by PUT is an update, and answered with 201.
    let requests = site.lease_requests();
    println!("Lease requests of {replicas} replicas: {requests:?}");
    let allowed = |(verb, _): &(String, u64)| matches!(verb.as_str(), "get" | "create" | "update");
    assert!(requests.iter().all(allowed), "{requests:?}");
    assert!(requests.iter().all(|(_, code)| *code != 403), "{requests:?}");
    site.kubelet.stop().await;
}
