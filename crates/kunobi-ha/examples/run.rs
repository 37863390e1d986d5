//! Work that may run once at a time in the whole cluster, without the runner: a nightly job.
//!
//! ```text
//! cargo run --example run
//! ```

use std::time::Duration;

use kunobi_ha::leader::{Lead, LeaderElection, NotLeading, Release, RunEnd};
use tokio::time::sleep;

#[tokio::main(flavor = "current_thread")]
async fn main() -> kunobi_ha::Result<()> {
    // With a cluster: `LeaderElection::from_env(kube::Config::infer().await?)?.build()`.
    let election = LeaderElection::standalone();
    let state = election.state();

    // It runs to its end; the Lease is released after it.
    let end = election.run(|lead| job(lead, 3)).await?;
    assert_eq!(end, RunEnd::Done { output: Ok(3), release: Release::Released });
    assert!(!state.is_leader());

    // It is stopped half-way; the Lease is released once it has come to rest. (It is another
    // election, because one that has released waits for two retry periods before it contends again.)
    let election = LeaderElection::standalone();
    let signal = sleep(Duration::from_millis(120));
    let end = election.run_until(signal, |lead| job(lead, 1_000)).await?;
    let RunEnd::Done { output: Ok(steps), release: Release::Released } = end else {
        panic!("it did not come to rest: {end:?}");
    };
    assert!((1..1_000).contains(&steps));
    println!("stopped after {steps} steps");
    Ok(())
}

/// Takes some steps, unless it has to stop before; returns how many it took.
async fn job(lead: Lead, steps: u32) -> Result<u32, NotLeading> {
    for step in 0..steps {
        tokio::select! {
            biased;
            () = lead.stopped() => return Ok(step),
            () = sleep(Duration::from_millis(50)) => {}
        }
        lead.ensure()?; // Before each thing that only a leader may do.
        println!("step {step} in term {}", lead.term());
    }
    Ok(steps)
}
