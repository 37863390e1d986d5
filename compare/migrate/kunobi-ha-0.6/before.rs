// Elected with kunobi-ha 0.6, as its README shows it.

use std::time::Duration;

use kunobi_ha::leader::{LeaderElection, StepDownReason};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = kube::Client::try_default().await?;
    let leader = LeaderElection::builder(client, "my-ns", "my-operator")
        .lease_duration(Duration::from_secs(15))
        .renew_deadline(Duration::from_secs(10))
        .retry_period(Duration::from_secs(2))
        .build();
    let mut guard = leader.acquire().await?;
    tokio::select! {
        reason = guard.lost() => {
            eprintln!("lost leader lease ({reason:?}), shutting down");
            if reason == StepDownReason::RenewDeadlineExceeded {
                return Err("the API server was away".into());
            }
        }
        () = run_my_controllers() => {}
    }
    guard.step_down().await;
    Ok(())
}

async fn run_my_controllers() {
    std::future::pending::<()>().await;
}
