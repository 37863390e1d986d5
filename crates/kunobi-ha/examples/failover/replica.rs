//! One replica. It contends, leads, and prints what it believes.

use std::{
    error::Error,
    io::{BufRead, stdin},
    time::Duration,
};

use kube::{
    Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use kunobi_ha::leader::{LeaderElection, LeaderState};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::{LEASE_DURATION, RENEW_DEADLINE, RETRY_PERIOD, now};

/// Contends and leads until standard input is closed. A line on standard input asks for a step-down.
pub(crate) async fn run(name: &str, kubeconfig: &str) -> Result<(), Box<dyn Error>> {
    let config = Kubeconfig::from_yaml(kubeconfig)?;
    let config = Config::from_custom_kubeconfig(config, &KubeConfigOptions::default()).await?;
    let election = LeaderElection::builder(config, "default", "failover")
        .identity(name)
        .lease_duration(LEASE_DURATION)
        .renew_deadline(RENEW_DEADLINE)
        .retry_period(RETRY_PERIOD)
        .build();
    tokio::spawn(report_belief(election.state()));
    let mut asked = read_input();
    loop {
        let mut guard = election.acquire().await?;
        println!("began {} {}", guard.term().fence(), now());
        let reason = tokio::select! {
            reason = guard.lost() => reason.to_string(),
            asked = asked.recv() => {
                let asked_at = now();
                let release = guard.step_down();
                println!("ended {} released", now());
                release.await;
                if asked.is_none() {
                    return Ok(());
                }
                println!("released {asked_at}");
                continue;
            }
        };
        println!("ended {} {reason}", now());
    }
}

/// Prints the end of this replica's belief each time that it changes. A process that is stopped prints
/// nothing more, so this is all that can be known of it.
async fn report_belief(state: LeaderState) {
    let mut told = 0;
    loop {
        if let Some(left) = state.time_left() {
            let until = now() + u64::try_from(left.as_nanos()).unwrap_or(0);
            // The clock is read twice, a moment apart.
            if until > told + 1_000_000 {
                told = until;
                println!("until {until}");
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn read_input() -> UnboundedReceiver<()> {
    let (sender, receiver) = unbounded_channel();
    std::thread::spawn(move || {
        for line in stdin().lock().lines() {
            if line.is_err() || sender.send(()).is_err() {
                return;
            }
        }
    });
    receiver
}
