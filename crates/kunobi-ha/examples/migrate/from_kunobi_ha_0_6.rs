// Elected with kunobi-ha 0.7.

use std::time::Duration;

use kunobi_ha::leader::{Acquired, LeaderElection, StepDownReason};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sigterm = signal(SignalKind::terminate())?;
    let config = kube::Config::infer().await?;
    let leader = LeaderElection::builder(config, "my-ns", "my-operator")
        .lease_duration(Duration::from_secs(15))
        .renew_deadline(Duration::from_secs(10))
        .retry_period(Duration::from_secs(2))
        .build();
    let stop = async { _ = sigterm.recv().await };
    let Acquired::Leading(mut guard) = leader.acquire_unless(stop).await? else {
        return Ok(());
    };
    tokio::select! {
        reason = guard.lost() => {
            eprintln!("lost leader lease ({reason:?}), shutting down");
            if reason == StepDownReason::RenewDeadlineExceeded {
                return Err("the API server was away".into());
            }
        }
        () = run_my_controllers() => {}
        _ = sigterm.recv() => {}
    }
    guard.step_down().await;
    Ok(())
}

async fn run_my_controllers() {
    std::future::pending::<()>().await;
}
