// Elected with kube-leader-election 0.44.

use std::{
    env,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use kube_leader_election::{LeaseLock, LeaseLockParams, LeaseLockResult};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sigterm = signal(SignalKind::terminate())?;
    let client = kube::Client::try_default().await?;
    let leadership = LeaseLock::new(
        client,
        "my-ns",
        LeaseLockParams {
            holder_id: env::var("POD_NAME")?,
            lease_name: "my-operator".to_owned(),
            lease_ttl: Duration::from_secs(15),
        },
    );
    let is_leader = AtomicBool::new(false);
    tokio::select! {
        () = contend(&leadership, &is_leader) => {}
        () = work(&is_leader) => {}
        _ = sigterm.recv() => {}
    }
    if is_leader.load(Ordering::Relaxed) {
        leadership.step_down().await?;
    }
    Ok(())
}

async fn contend(leadership: &LeaseLock, is_leader: &AtomicBool) {
    loop {
        match leadership.try_acquire_or_renew().await {
            Ok(result) => {
                let leads = matches!(result, LeaseLockResult::Acquired(_));
                is_leader.store(leads, Ordering::Relaxed);
            }
            Err(error) => eprintln!("{error:?}"),
        }
        sleep(Duration::from_secs(5)).await;
    }
}

async fn work(is_leader: &AtomicBool) {
    loop {
        if is_leader.load(Ordering::Relaxed) {
            one_round().await;
        }
        sleep(Duration::from_secs(1)).await;
    }
}

async fn one_round() {
    sleep(Duration::from_millis(100)).await; // your work
}
