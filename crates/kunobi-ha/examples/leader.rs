//! The first program of the README.
//!
//! ```text
//! POD_NAMESPACE=default HA_LEASE=demo cargo run --example leader
//! ```
//!
//! Without a cluster, run `cargo run -p kunobi-ha-test` and export a KUBECONFIG that it prints. Start the
//! program twice, each time with another `POD_NAME`, and send SIGTERM to the one that leads. The other
//! takes over.

use kunobi_ha::leader::{Acquired, LeaderElection};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sigterm = signal(SignalKind::terminate())?; // first: no signal is lost from here on
    let config = kube::Config::infer().await?;
    let election = LeaderElection::from_env(config)?.build(); // HA_LEASE, POD_NAMESPACE, POD_NAME
    let state = election.state(); // for probes: take it before `acquire`, and serve them first

    // Waits until this replica leads. If SIGTERM comes first, it stops contending, and releases the
    // Lease if it has just won it.
    let stop = async { _ = sigterm.recv().await };
    let Acquired::Leading(mut guard) = election.acquire_unless(stop).await? else {
        return Ok(());
    };
    tokio::select! {
        reason = guard.lost() => eprintln!("lost the lease: {reason}"),
        () = run_my_controllers() => {}
        _ = sigterm.recv() => {}
    } // `run_my_controllers` is dropped here, before the Lease is released
    guard.step_down().await; // the next replica takes over within `retry_period`
    assert!(!state.is_leader());
    Ok(())
}

async fn run_my_controllers() {
    std::future::pending::<()>().await;
}
