//! One program with two elections: "More than one Lease" of the guide.

use std::time::Duration;

use kube::Config;
use kunobi_ha::{
    BoxError,
    leader::{LeaderElection, pod_namespace},
    operator::{LeaderContext, OnLost, Operator},
    readiness::{Health, LeaderGate},
    shutdown::{Report, Shutdown},
};

#[tokio::main]
pub(super) async fn main() -> Result<Report, BoxError> {
    let stop = Shutdown::builder().from_env().install()?;
    tracing_subscriber::fmt().init();
    let (config, namespace) = (Config::infer().await?, pod_namespace()?);
    let on = |lease: &str| LeaderElection::builder(config.clone(), &namespace, lease).build();
    let (reports, cleanup) = (on("my-operator-reports"), on("my-operator-cleanup"));
    let health = Health::builder()
        .leader_named("reports", &reports.state(), LeaderGate::ElectionHealthy)
        .leader_named("cleanup", &cleanup.state(), LeaderGate::ElectionHealthy);
    Ok(Operator::several()
        .shutdown(stop)
        .probes("[::]:8081", health)
        .on_lost(OnLost::Recontend { backoff: Duration::from_secs(1) })
        .election("reports", reports, |l| l.lead("daily", work).lead("weekly", work))
        .election("cleanup", cleanup, |l| l.lead("worker", work).on_lost(OnLost::Exit))
        .run()
        .await)
}

/// A `kube::runtime::Controller` goes here.
async fn work(lead: LeaderContext) -> Result<(), BoxError> {
    lead.stopped().await;
    Ok(())
}
