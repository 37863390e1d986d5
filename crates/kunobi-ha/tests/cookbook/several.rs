//! Several elections in one program.

use std::time::Duration;

use kunobi_ha::{
    BoxError,
    leader::{LeaderElection, LeaderState},
    operator::{LeaderContext, OnLost, Operator},
    shutdown::{Reason, Shutdown},
};
use kunobi_ha_test::TestServer;
use tokio::time::sleep;

use crate::elections::clocked;

fn operator(reports: LeaderElection, cleanup: LeaderElection, stop: Shutdown) -> Operator {
    Operator::several()
        .shutdown(stop)
        .on_lost(OnLost::Recontend { backoff: Duration::from_secs(1) })
        .election("reports", reports, |l| l.lead("daily", work).lead("weekly", work))
        .election("cleanup", cleanup, |l| l.lead("worker", work))
}

/// A `kube::runtime::Controller` goes here.
async fn work(lead: LeaderContext) -> Result<(), BoxError> {
    lead.stopped().await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_loss_of_one_lease_is_no_loss_of_the_other() {
    let server = TestServer::new();
    let [reports, cleanup] =
        ["reports", "cleanup"].map(|lease| clocked(&server, "a", lease).identity("a").build());
    let states = [reports.state(), cleanup.state()];
    let leads = || states.each_ref().map(LeaderState::is_leader);
    let stop = Shutdown::builder().manual().unwrap();
    let end = stop.handle();
    let replica = tokio::spawn(operator(reports, cleanup, stop).run());
    sleep(Duration::from_secs(1)).await;
    assert_eq!(leads(), [true, true]);

    let lease = "leases.coordination.k8s.io default/cleanup";
    server.edit(lease, |lease| lease["spec"]["holderIdentity"] = "b".into()).unwrap();
    sleep(Duration::from_secs(3)).await;
    assert_eq!(leads(), [true, false]);
    sleep(Duration::from_secs(20)).await;
    assert_eq!(leads(), [true, true], "it contends again, and b does not renew");
    end.trigger(Reason::Requested("the end".into()));
    assert_eq!(replica.await.unwrap().released.len(), 2);
}
