// Elected with kube-lease-manager 0.13.

use std::env;

use kube_lease_manager::LeaseManagerBuilder;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch::{Receiver, error::RecvError},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sigterm = signal(SignalKind::terminate())?;
    let client = kube::Client::try_default().await?;
    let manager = LeaseManagerBuilder::new(client, "my-operator")
        .with_namespace("my-ns")
        .with_identity(env::var("POD_NAME")?)
        .with_duration(15)
        .with_grace(5)
        .build()
        .await?;
    let (mut leads, task) = manager.watch().await;
    tokio::select! {
        ended = lead(&mut leads) => ended?,
        _ = sigterm.recv() => {}
    } // `run_my_controllers` is dropped here
    drop(leads);
    task.await??; // the Lease is released
    Ok(())
}

async fn lead(leads: &mut Receiver<bool>) -> Result<(), RecvError> {
    leads.wait_for(|leads| *leads).await?;
    tokio::select! {
        lost = leads.wait_for(|leads| !*leads) => {
            lost?;
        }
        () = run_my_controllers() => {}
    }
    Ok(())
}

async fn run_my_controllers() {
    std::future::pending::<()>().await;
}
