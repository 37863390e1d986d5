//! kube-coordinate, as its documentation advises: "Before taking action as a leader, just check the channel to
//! ensure the lease is currently held by this process." <https://docs.rs/kube-coordinate/2.0.0-rc.0>

use candidate::{Options, Reporter};
use kube_coordinate::{Config, LeaderElector};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sigterm = signal(SignalKind::terminate())?;
    let options = Options::from_args();
    let client = kube::Client::try_default().await?;
    let config = Config::default()
        .name(&options.lease)
        .namespace(&options.namespace)
        .identity(&options.identity)
        .manager("compare")
        .lease_duration(options.lease_duration)
        .renew_deadline(options.renew_deadline)
        .retry_period(options.retry_period);
    let handle = LeaderElector::spawn(config, client)?;
    let state = handle.state();
    let reporter = Reporter::start(&options, move || state.borrow().is_leader());

    sigterm.recv().await;
    reporter.stop();
    handle.shutdown().await?;
    Ok(())
}
