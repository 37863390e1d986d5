use super::{
    chart::Release,
    is_part, report,
    stage::{Stage, poll},
    verdict::Verdict,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollout_is_undone_in_the_middle_and_no_write_is_lost() {
    if is_part() {
        return;
    }
    let stage = Stage::new("undone-3").await;
    let old = Release::new("v1", 3);
    let workload = stage.install(&old).await;
    let since = report::now();
    stage.upgrade(&Release::new("v2", 3)).await;
    poll("it is in the middle", || async {
        let (new, old) = (workload.running_of("v2").await, workload.running_of("v1").await);
        assert!(old > 0, "it is over already");
        (new >= 2 && old <= 2).then_some(())
    })
    .await;
    workload.undo().await;
    let rolled = workload.until_rolled(&old).await;
    stage.until_counted_by("v1").await;
    let until = report::now();

    let verdict = Verdict::after(&stage, &workload).await;
    let handovers = verdict.handovers(since, until);
    report::add("undone in the middle", 3, Some(rolled), &handovers, verdict.bound(), &verdict);
    verdict.assert_sound();
    assert!(rolled.least_available >= 3, "{rolled:?}");
    for handover in &handovers {
        assert!(handover.gap <= 2 * verdict.bound(), "{:?}", handover.gap);
    }
    stage.kubelet.stop().await;
}
