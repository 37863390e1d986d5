//! kunobi-ha of this checkout, as the first program of its README:
//! <https://github.com/kunobi-ninja/kunobi-ha#use-it>

use candidate::{Options, Reporter};
use kunobi_ha::leader::{Acquired, LeaderElection};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sigterm = signal(SignalKind::terminate())?;
    let options = Options::from_args();
    let config = kube::Config::infer().await?;
    let election = LeaderElection::builder(config, &options.namespace, &options.lease)
        .identity(options.identity.as_str())
        .lease_duration(options.lease_duration)
        .renew_deadline(options.renew_deadline)
        .retry_period(options.retry_period)
        .build();
    let state = election.state();
    let reporter = Reporter::start(&options, move || state.is_leader());

    let stop = async { _ = sigterm.recv().await };
    let Acquired::Leading(mut guard) = election.acquire_unless(stop).await? else {
        return Ok(());
    };
    tokio::select! {
        reason = guard.lost() => eprintln!("lost the lease: {reason}"),
        _ = sigterm.recv() => {}
    }
    reporter.stop();
    guard.step_down().await;
    Ok(())
}
