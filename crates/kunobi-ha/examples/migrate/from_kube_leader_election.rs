// Elected with kunobi-ha.

use std::time::Duration;

use kunobi_ha::leader::{Lead, LeaderElection, RunEnd};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sigterm = signal(SignalKind::terminate())?;
    let config = kube::Config::infer().await?;
    let election = LeaderElection::builder(config, "my-ns", "my-operator").build();
    let stop = async { _ = sigterm.recv().await };
    match election.run_until(stop, work).await? {
        RunEnd::Lost { reason, .. } => Err(format!("lost the Lease: {reason}").into()),
        _ => Ok(()),
    }
}

async fn work(lead: Lead) {
    while lead.ensure().is_ok() {
        one_round().await;
        tokio::select! {
            () = lead.stopped() => return,
            () = sleep(Duration::from_secs(1)) => {}
        }
    }
}

async fn one_round() {
    sleep(Duration::from_millis(100)).await; // your work
}
