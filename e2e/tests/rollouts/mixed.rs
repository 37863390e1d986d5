//! From our program to one with client-go, and back.

use std::time::Duration;

use e2e::history::{Recorder, Version};

use kube::ResourceExt;

use super::{
    chart::{NAME, Release},
    deployment::{Rolled, Workload},
    is_part, report,
    site::{Site, poll},
    verdict::Verdict,
};

/// client-go does not know of successors: what it costs is counted on the Lease.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_go_takes_part_in_a_rollout() {
    if is_part() {
        return;
    }
    let site = Site::one_handover("mixed").await;
    let (ours, theirs) = (["v1", "v2"].map(|of| Release::new(of, 3)), of_client_go(&site));
    let workload = site.install(&ours[0]).await;
    let recorder = Recorder::start(site.client.clone(), &site.namespace, NAME).await;
    let recorder = recorder.expect("it can be watched");
    let (mut there, mut back) = (Vec::new(), Vec::new());
    for release in ours.iter().cycle().skip(1).take(ROUNDS) {
        there.push(roll(&site, &workload, &theirs, &recorder).await);
        back.push(roll(&site, &workload, release, &recorder).await);
        site.until_counted_by(release.version).await;
    }
    let verdict = Verdict::after(&site, &workload).await;
    let bound = verdict.bound();
    for (direction, rolls) in [("to", there), ("from", back)] {
        let slowest = rolls.iter().map(|(rolled, _)| *rolled).max_by_key(|rolled| rolled.took);
        let gaps: Vec<_> = rolls.into_iter().flat_map(|(_, gaps)| gaps).collect();
        assert!(gaps.len() >= ROUNDS, "somebody has to take over: {gaps:?}");
        let what = format!("`oneHandover`, {direction} client-go, {ROUNDS} times");
        report::add_gaps(&what, 3, slowest, &report::Gaps { gaps, bound }, &verdict);
    }
    verdict.assert_sound();
    site.kubelet.stop().await;
}

/// Rolls to this release, and waits until one of its pods leads.
async fn roll(
    site: &Site,
    workload: &Workload,
    release: &Release,
    recorder: &Recorder,
) -> (Rolled, Vec<Duration>) {
    let since = recorder.versions().len() - 1;
    site.upgrade(release).await;
    let rolled = workload.until_rolled(release).await;
    poll("a new pod leads", || async {
        let leader = site.leader().await?;
        let running = workload.running().await;
        running.iter().any(|(pod, _)| pod.name_any() == leader).then_some(())
    })
    .await;
    (rolled, gaps(&recorder.versions()[since..]))
}

pub(crate) fn of_client_go(site: &Site) -> Release {
    let kubeconfig = site.kubeconfig.display();
    let arguments = [
        format!("--kubeconfig={kubeconfig}"),
        format!("--namespace={}", site.namespace),
        format!("--name={NAME}"),
        "--identity=$(POD_NAME)".into(),
        "--lease-duration=3s".into(),
        "--renew-deadline=2s".into(),
        "--retry-period=500ms".into(),
        "--release-on-cancel".into(),
    ];
    Release { client_go: Some(arguments.into()), ..Release::new("client-go", 3) }
}

/// For how long nobody held the Lease, in each handover.
fn gaps(versions: &[Version]) -> Vec<Duration> {
    let mut gaps = Vec::new();
    let mut held: Option<&Version> = None;
    let mut ended = 0;
    for version in versions {
        if version.holder.is_empty() {
            ended = version.renewed;
            continue;
        }
        if held.is_some_and(|held| held.acquired != version.acquired) {
            gaps.push(Duration::from_nanos(version.renewed.saturating_sub(ended)));
        }
        (held, ended) = (Some(version), version.renewed);
    }
    gaps
}

const ROUNDS: usize = 3;
