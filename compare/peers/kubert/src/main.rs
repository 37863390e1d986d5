//! kubert, as its documentation advises: <https://docs.rs/kubert/0.25.0/kubert/lease/struct.LeaseManager.html>
//!
//! The Lease must exist; the runner creates it. A claim is asked each time whether it is still current. The
//! grace period is kubert's default. If the task of the lease ends, so does the program, to be started again.

use candidate::{Options, Reporter};
use kubert::lease::{ClaimParams, LeaseManager};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sigterm = signal(SignalKind::terminate())?;
    let options = Options::from_args();
    let client = kube_client::Client::try_default().await?;
    let api = kube_client::Api::namespaced(client, &options.namespace);
    let manager = LeaseManager::init(api, &options.lease).await?;
    let params = ClaimParams { lease_duration: options.lease_duration, ..ClaimParams::default() };
    let (claims, mut task) = manager.spawn(&options.identity, params).await?;

    let identity = options.identity.clone();
    let reporter = Reporter::start(&options, move || claims.borrow().is_current_for(&identity));
    tokio::select! {
        ended = &mut task => return Ok(ended??),
        _ = sigterm.recv() => {}
    }
    // It drops the receiver. The task then vacates the lease.
    reporter.stop();
    Ok(task.await??)
}
