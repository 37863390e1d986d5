// Elected with kunobi-ha.

use std::{env, time::Duration};

use kunobi_ha::leader::{Acquired, LeaderElection};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sigterm = signal(SignalKind::terminate())?;
    let config = kube::Config::infer().await?;
    let election = LeaderElection::builder(config, "my-ns", "my-operator")
        .identity(env::var("POD_NAME")?)
        .lease_duration(Duration::from_secs(15))
        .renew_deadline(Duration::from_secs(10))
        .build();
    let stop = async { _ = sigterm.recv().await };
    let Acquired::Leading(mut guard) = election.acquire_unless(stop).await? else {
        return Ok(());
    };
    tokio::select! {
        reason = guard.lost() => eprintln!("lost the lease: {reason}"),
        () = run_my_controllers() => {}
        _ = sigterm.recv() => {}
    } // `run_my_controllers` is dropped here
    guard.step_down().await; // the Lease is released
    Ok(())
}

async fn run_my_controllers() {
    std::future::pending::<()>().await;
}
