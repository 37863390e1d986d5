// Elected with kunobi-ha.

use std::env;

use kunobi_ha::{
    BoxError,
    leader::{Identity, LeaderElection},
    operator::{LeaderContext, Operator},
    readiness::{Health, LeaderGate},
    shutdown::{Report, Shutdown},
};

#[tokio::main]
async fn main() -> Result<Report, BoxError> {
    let stop = Shutdown::builder().from_env().install()?; // HA_GRACE_PERIOD_SECONDS
    tracing_subscriber::fmt().init(); // who leads, and why leadership was lost
    let config = kube::Config::infer().await?;
    let election =
        LeaderElection::builder(config, env::var("POD_NAMESPACE")?.as_str(), "my-operator")
            .identity(Identity::PodNameOrUuid) // the default: POD_NAME
            .build(); // 15 s, 10 s and 2 s are the defaults
    let health = Health::builder().leader(&election.state(), LeaderGate::ElectionHealthy);
    Ok(Operator::new(election)
        .shutdown(stop)
        .probes("[::]:8081", health)
        .lead("controllers", run_my_controllers)
        .run()
        .await)
}

async fn run_my_controllers(lead: LeaderContext) -> Result<(), BoxError> {
    lead.stopped().await;
    Ok(())
}
