//! Leadership that is lost over and over in one process, on tokio's paused clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kube::Client;
use kunobi_ha::{
    leader::{Clock, LeaderElection},
    operator::OnLost,
    operator::Operator,
    shutdown::{Reason, Shutdown},
};
use kunobi_ha_test::TestServer;
use tokio::time::{Instant, interval, sleep};

use crate::world::LEASE;

#[tokio::test(start_paused = true)]
async fn ten_losses_in_a_row_are_survived_with_ever_longer_pauses() {
    let server = TestServer::new();
    let election =
        LeaderElection::builder(Client::new(server.service("a"), "x"), "default", "lifecycle")
            .identity("a")
            .clock(Clock::tokio())
            .build();
    let mut state = election.state();
    let stop = Shutdown::builder().manual().unwrap();
    let handle = stop.handle();
    let beats = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&beats);
    let operator = Operator::new(election)
        .shutdown(stop)
        .on_lost(OnLost::Recontend { backoff: Duration::ZERO })
        .always("heart", |context| async move {
            let mut seconds = interval(Duration::from_secs(1));
            let stop = context.cancel_token();
            while stop.run_until_cancelled(seconds.tick()).await.is_some() {
                counted.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        })
        .lead("controllers", |lead| async move {
            lead.stopped().await;
            Ok(())
        });
    let running = tokio::spawn(operator.run());
    let begun = Instant::now();

    let mut pauses = Vec::new();
    for _ in 0..LOSSES {
        while !state.is_leader() {
            state.changed().await;
        }
        // A lease that is free can be had at once: what is measured is the pause.
        server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "".into()).unwrap();
        while state.is_leader() {
            state.changed().await;
        }
        let lost = Instant::now();
        while !state.is_leader() {
            state.changed().await;
        }
        pauses.push(lost.elapsed().as_secs());
    }
    println!("pauses in seconds: {pauses:?}");
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    let lived = begun.elapsed().as_secs();
    assert!(beats.load(Ordering::Relaxed) >= lived, "always-work went on for all of {lived} s");
    assert!(!running.is_finished());

    sleep(Duration::from_secs(1)).await;
    handle.trigger(Reason::Requested("that was ten".into()));
    let report = running.await.unwrap();
    assert_eq!((report.exit_code(), report.released.len()), (0, 1), "{report}");
}

const LOSSES: usize = 10;
