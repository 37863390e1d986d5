//! kunobi-ha 0.6.1, as its README advises: <https://docs.rs/crate/kunobi-ha/0.6.1>

use candidate::{Options, Reporter};
use kunobi_ha::leader::LeaderElection;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sigterm = signal(SignalKind::terminate())?;
    let options = Options::from_args();
    let client = kube::Client::try_default().await?;
    let leader = LeaderElection::builder(client, &options.namespace, &options.lease)
        .identity(options.identity.as_str())
        .lease_duration(options.lease_duration)
        .renew_deadline(options.renew_deadline)
        .retry_period(options.retry_period)
        .build();
    let state = leader.state();
    let reporter = Reporter::start(&options, move || state.is_leader());

    let mut guard = tokio::select! {
        guard = leader.acquire() => guard?,
        _ = sigterm.recv() => return Ok(()),
    };
    tokio::select! {
        reason = guard.lost() => eprintln!("lost leader lease ({reason:?}), shutting down"),
        _ = sigterm.recv() => {}
    }
    reporter.stop();
    guard.step_down().await;
    Ok(())
}
