//! kube-lease-manager, "fully automated", as its documentation and its example `jobs_logger` advise:
//! <https://docs.rs/kube-lease-manager/0.13.1/kube_lease_manager/struct.LeaseManager.html>
//!
//! The grace period is its default.

use candidate::{Options, Reporter};
use kube::Client;
use kube_lease_manager::LeaseManagerBuilder;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sigterm = signal(SignalKind::terminate())?;
    let options = Options::from_args();
    let client = Client::try_default().await?;
    let manager = LeaseManagerBuilder::new(client, &options.lease)
        .with_namespace(&options.namespace)
        .with_identity(&options.identity)
        .with_duration(options.lease_duration.as_secs())
        .build()
        .await?;
    let (channel, mut task) = manager.watch().await;

    let reporter = Reporter::start(&options, move || *channel.borrow());
    tokio::select! {
        ended = &mut task => {
            ended??;
            return Ok(());
        }
        _ = sigterm.recv() => {}
    }
    // It drops the channel. The task then releases the lease.
    reporter.stop();
    task.await??;
    Ok(())
}
