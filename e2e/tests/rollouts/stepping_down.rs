//! `kubectl ha step-down`: by a wish, and by an eviction where the leader can't be asked.

use std::time::Duration;

use e2e::plugin::{Written, kubectl_ha_into};
use kube::ResourceExt;
use kubectl_ha::Exit;

use super::{
    chart::{NAME, Release},
    eviction::until_allowed,
    is_part,
    mixed::of_client_go,
    report,
    site::{Site, admin_kubeconfig, poll},
    verdict::Verdict,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_is_asked_to_step_down_and_back_and_no_write_is_lost() {
    let site = Site::new("stepping-down").await;
    let workload = site.install(&Release::new("v1", 3)).await;
    let since = report::now();
    let first = site.leader().await.expect("somebody leads");

    let (exit, output) = of_site(&site, "step-down --yes").await;
    println!("{output}");
    let second = site.leader().await.expect("somebody leads");
    assert_eq!((exit, second == first), (Exit::Fine, false), "{output}");
    let told = gap(&output, &first, &second);
    site.until_counted_by("v1").await;
    let (exit, output) = of_site(&site, &format!("step-down --yes --to {first}")).await;
    println!("{output}");
    assert_eq!((exit, site.leader().await), (Exit::Fine, Some(first.clone())), "{output}");
    let told = told.max(gap(&output, &second, &first));
    site.until_counted_by("v1").await;
    let until = report::now();

    let verdict = Verdict::after(&site, &workload).await;
    let handovers = verdict.handovers(since, until);
    report::add(
        "`kubectl ha step-down`, there and back",
        3,
        None,
        &handovers,
        verdict.bound(),
        &verdict,
    );
    verdict.assert_sound();
    assert_eq!(handovers.len(), 2, "{handovers:#?}");
    // The one that is named does not wait, and what the command saw is not far from it.
    assert!(told <= verdict.bound() + SLACK, "{told:?}");
    site.kubelet.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_of_client_go_is_evicted_if_that_is_said() {
    if is_part() {
        return;
    }
    let site = Site::new("stepping-down-go").await;
    // Ours creates the Lease: the chart gives no right to create one by a POST, as client-go does.
    let workload = site.install(&Release::new("v1", 3)).await;
    let release = of_client_go(&site);
    site.upgrade(&release).await;
    workload.until_rolled(&release).await;
    until_allowed(&site).await;
    let first = poll("one of client-go leads", || async {
        let leader = site.leader().await?;
        let running = workload.running().await;
        running.iter().any(|(pod, _)| pod.name_any() == leader).then_some(leader)
    })
    .await;

    let (exit, output) = of_site(&site, "step-down --yes").await;
    println!("{output}");
    assert_eq!(exit, Exit::Failed);
    assert!(
        output.contains("perhaps by client-go, whose leaders can't be asked to hand over"),
        "{output}"
    );
    assert!(output.contains(&format!("the leader's pod {first} can be evicted:")), "{output}");
    assert_eq!(site.leader().await.as_ref(), Some(&first));

    let (exit, output) = of_site(&site, "step-down --yes --evict").await;
    println!("{output}");
    let second = site.leader().await.expect("somebody leads");
    assert_eq!(exit, Exit::Fine, "{output}");
    gap(&output, &first, &second);
    poll("its pod is gone", || async {
        workload.pods.get_opt(&first).await.expect("an answer").is_none().then_some(())
    })
    .await;
    workload.scale_to_zero().await;
    site.kubelet.stop().await;
}

/// Returns how long nobody led, by the last line of the command.
fn gap(output: &str, from: &str, to: &str) -> Duration {
    let words = format!("lease.coordination.k8s.io/{NAME} handed over from {from} to {to}: ");
    let line = output.lines().find_map(|line| line.strip_prefix(&words)).expect(output);
    let seconds = line.strip_suffix("s without a holder").expect(line);
    Duration::from_secs_f64(seconds.parse().expect(line))
}

/// Runs a command for the Lease of the site, and returns all that it wrote.
async fn of_site(site: &Site, words: &str) -> (Exit, String) {
    let words = format!("-n {} {words} {NAME}", site.namespace);
    let written = Written::default();
    let exit = kubectl_ha_into(admin_kubeconfig(), &words, &written).await;
    (exit, written.text())
}

/// For a machine that has other work.
const SLACK: Duration = Duration::from_millis(500);
