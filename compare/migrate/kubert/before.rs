// Elected with kubert 0.25.

use std::{env, time::Duration};

use kubert::lease::{ClaimParams, LeaseManager};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sigterm = signal(SignalKind::terminate())?;
    let client = kube_client::Client::try_default().await?;
    let identity = env::var("POD_NAME")?;
    let api = kube_client::Api::namespaced(client, "my-ns");
    let manager = LeaseManager::init(api, "my-operator").await?; // the Lease exists
    let (claims, mut task) = manager.spawn(&identity, ClaimParams::default()).await?;
    let work = async {
        loop {
            if claims.borrow().is_current_for(&identity) {
                one_round().await;
            }
            sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        () = work => {}
        ended = &mut task => ended??,
        _ = sigterm.recv() => {
            drop(claims);
            task.await??; // the Lease is vacated
        }
    }
    Ok(())
}

async fn one_round() {
    sleep(Duration::from_millis(100)).await; // your work
}
