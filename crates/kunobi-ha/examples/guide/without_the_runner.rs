//! A program that has its own signals and probes: the last section of the guide.

use kube::Config;
use kunobi_ha::{
    BoxError,
    leader::{Lead, LeaderElection, RunEnd},
};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
pub(super) async fn main() -> Result<(), BoxError> {
    let mut sigterm = signal(SignalKind::terminate())?;
    let election = LeaderElection::from_env(Config::infer().await?)?.build();
    let stop = async { _ = sigterm.recv().await };
    match election.run_until(stop, work).await? {
        RunEnd::Lost { reason, .. } => Err(format!("lost the Lease: {reason}").into()),
        _ => Ok(()),
    }
}

/// A `kube::runtime::Controller` goes here: `graceful_shutdown_on(lead.stopped())`.
async fn work(lead: Lead) {
    lead.stopped().await;
}
