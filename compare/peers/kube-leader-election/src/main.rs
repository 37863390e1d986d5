//! kube-leader-election, as its README and its example `shared-lease` advise:
//! <https://docs.rs/crate/kube-leader-election/0.44.0>
//!
//! "Run this in a background task every 5 seconds", of a lease of 15 s.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use candidate::{Options, Reporter};
use kube_leader_election::{LeaseLock, LeaseLockParams, LeaseLockResult};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sigterm = signal(SignalKind::terminate())?;
    let options = Options::from_args();
    let every = options.lease_duration / 3;
    let leadership = LeaseLock::new(
        kube::Client::try_default().await?,
        &options.namespace,
        LeaseLockParams {
            holder_id: options.identity.clone(),
            lease_name: options.lease.clone(),
            lease_ttl: options.lease_duration,
        },
    );
    let is_leader = Arc::new(AtomicBool::new(false));
    let asked = is_leader.clone();
    let reporter = Reporter::start(&options, move || asked.load(Ordering::Relaxed));

    tokio::select! {
        () = contend(&leadership, &is_leader, every) => {}
        _ = sigterm.recv() => {}
    }
    reporter.stop();
    if is_leader.load(Ordering::Relaxed) {
        leadership.step_down().await?;
    }
    Ok(())
}

async fn contend(leadership: &LeaseLock, is_leader: &AtomicBool, every: Duration) {
    loop {
        match leadership.try_acquire_or_renew().await {
            Ok(ll) => {
                is_leader.store(matches!(ll, LeaseLockResult::Acquired(_)), Ordering::Relaxed);
            }
            Err(err) => eprintln!("{err:?}"),
        }
        tokio::time::sleep(every).await;
    }
}
