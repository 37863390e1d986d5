//! A program without a cluster. It is elected at once; everything else is as in a cluster.
//!
//! ```text
//! cargo run --example standalone             # Ctrl-C ends it
//! cargo run --example standalone -- --demo   # ends by itself
//! ```

use std::{env, time::Duration};

use kunobi_ha::{
    BoxError,
    leader::LeaderElection,
    operator::{LeaderContext, Operator},
    readiness::{Health, LeaderGate},
    shutdown::{Phase, Report, Shutdown},
};
use tokio::time::interval;

#[tokio::main]
async fn main() -> Result<Report, BoxError> {
    let stop = Shutdown::builder().from_env().install()?;
    tracing_subscriber::fmt().with_target(false).init();
    let rounds = env::args().any(|argument| argument == "--demo").then_some(3);
    let election = LeaderElection::standalone(); // with a cluster: `from_env(config)?.build()`
    let (state, handle) = (election.state(), stop.handle());
    let health = Health::builder().leader(&state, LeaderGate::ElectionHealthy).build()?;
    let report = Operator::new(election)
        .shutdown(stop)
        .probes("127.0.0.1:0", health.clone())
        .always_before_release("observer", |context| async move {
            context.draining().await;
            // The Lease is not released before this work has ended.
            assert!(context.leader_state().is_leader());
            Ok(())
        })
        .lead("counter", move |lead| count(lead, rounds))
        .run()
        .await;

    assert_eq!(handle.phase(), Phase::Stopped);
    assert!(!state.is_leader());
    assert_eq!(health.probe("/readyz").map(|answer| answer.status), Some(503));
    assert!(report.drained && report.failures.is_empty());
    assert_eq!(report.released, ["lease".into()]);
    println!("{report}");
    Ok(report)
}

/// Counts until it is told to stop. The demo ends after some rounds.
async fn count(lead: LeaderContext, rounds: Option<u32>) -> Result<(), BoxError> {
    let stop = lead.cancel_token();
    let mut clock = interval(Duration::from_millis(500));
    let mut round = 0;
    while Some(round) != rounds && stop.run_until_cancelled(clock.tick()).await.is_some() {
        lead.ensure()?; // Before each action that only a leader may take.
        round += 1;
        println!("round {round} in term {}", lead.term());
    }
    Ok(())
}
