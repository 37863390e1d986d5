// Elected with kunobi-ha.

use std::time::Duration;

use kunobi_ha::{
    BoxError,
    leader::LeaderElection,
    operator::{LeaderContext, Operator},
    readiness::{Health, LeaderGate},
    shutdown::{Report, Shutdown},
};
use tokio::time::sleep;

#[tokio::main]
async fn main() -> Result<Report, BoxError> {
    let stop = Shutdown::builder().from_env().install()?; // HA_GRACE_PERIOD_SECONDS
    let config = kube::Config::infer().await?;
    let election = LeaderElection::builder(config, "my-ns", "my-operator").build();
    let health = Health::builder().leader(&election.state(), LeaderGate::ElectionHealthy);
    Ok(Operator::new(election)
        .shutdown(stop)
        .probes("[::]:8080", health)
        .lead("rounds", work)
        .run()
        .await)
}

async fn work(lead: LeaderContext) -> Result<(), BoxError> {
    while lead.ensure().is_ok() {
        one_round().await;
        tokio::select! {
            () = lead.stopped() => return Ok(()),
            () = sleep(Duration::from_secs(1)) => {}
        }
    }
    Ok(())
}

async fn one_round() {
    sleep(Duration::from_millis(100)).await; // your work
}
