//! The smallest useful program: waits until it leads, leads until Ctrl-C, and steps down.
//!
//! ```text
//! KUNOBI_NS=default KUNOBI_LEASE=demo cargo run --example leader
//! ```
//!
//! Start it twice and press Ctrl-C in the one that leads to watch the other take over.

use std::{env, error::Error, process::ExitCode};

use kube::Config;
use kunobi_ha::leader::LeaderElection;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_target(false).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let config = Config::infer().await.map_err(|error| {
        format!(
            "no cluster ({error}); to have one, run `cargo run -p kunobi-ha-test` and export the \
             KUBECONFIG that it prints"
        )
    })?;
    let variable = |name: &str, default: &str| env::var(name).unwrap_or_else(|_| default.into());
    let election = LeaderElection::builder(
        config,
        variable("KUNOBI_NS", "default"),
        variable("KUNOBI_LEASE", "kunobi-ha-example"),
    )
    .identity(format!("{}-{}", variable("HOSTNAME", "replica"), std::process::id()))
    .build();
    println!("What these timings promise:\n{}", election.bounds()?);

    let mut guard = tokio::select! {
        guard = election.acquire() => guard?,
        _ = tokio::signal::ctrl_c() => return Ok(()),
    };
    println!("leading, fencing token {}; Ctrl-C steps down", guard.term());
    tokio::select! {
        reason = guard.lost() => println!("lost: {reason}"),
        _ = tokio::signal::ctrl_c() => println!("stepping down"),
    }
    // Here, whatever only a leader may do has stopped.
    println!("the lease: {:?}", guard.step_down().await);
    Ok(())
}
