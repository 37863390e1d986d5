//! Distrust of the measurement: real processes that believe always must show as two believers.

use std::{path::Path, time::Duration};

use compare::{
    cell::{self, Conditions},
    fault::Fault,
    peer::Peer,
};

use super::servers;

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_that_believe_always_are_two_believers() {
    let servers = servers().await;
    let planted = Peer::planted(Path::new(env!("CARGO_BIN_EXE_believes-always")));
    for (name, server) in servers.all.clone() {
        let conditions =
            Conditions { server, seed: 1, phase: 0.0, window: Some(Duration::from_secs(2)) };
        for fault in [Fault::CutOff, Fault::SameIdentity] {
            let outcome = cell::run(&planted, fault, &conditions).await.unwrap();
            assert!(outcome.believers.two > 1.0, "{name}, {fault:?}: {outcome:?}");
            assert!(outcome.believers.none < 0.1, "{name}, {fault:?}: {outcome:?}");
        }
        // One of them is killed: the other believes, alone.
        let outcome = cell::run(&planted, Fault::Crash, &conditions).await.unwrap();
        let believers = outcome.believers;
        assert!(believers.two < 0.1 && believers.none < 0.1, "{name}: {outcome:?}");
    }
}
