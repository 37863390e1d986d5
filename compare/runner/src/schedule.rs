//! What runs when: first the quiet minute of all, alone; then the faults, some at a time.

use std::{sync::Arc, time::Duration};

use compare::{
    cell::{self, Conditions},
    quiet,
    results::Results,
    server::Server,
};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::options::Options;

pub(crate) async fn run(options: &Options, server: &Server) -> Results {
    let mut results = Results::default();
    if options.has_quiet_minute {
        costs(options, server, &mut results).await;
    }
    let slots = Arc::new(Semaphore::new(options.jobs));
    let mut cells = JoinSet::new();
    // Phases are spread evenly over a lease, from a random one on: a few that are drawn would lie close together.
    let mut seeds = fastrand::Rng::with_seed(options.seed);
    let first = seeds.f64();
    for repetition in 0..options.repetitions {
        let seed = seeds.u64(..);
        #[expect(clippy::cast_precision_loss, reason = "there are few")]
        let phase = (first + repetition as f64 / options.repetitions as f64).fract();
        for fault in options.faults.clone() {
            for peer in options.peers.clone() {
                let (slots, server) = (slots.clone(), server.clone());
                cells.spawn(async move {
                    let _slot = slots.acquire().await;
                    let conditions = Conditions { server, seed, phase, window: None };
                    (peer.folder, fault, cell::run(&peer, fault, &conditions).await)
                });
            }
        }
    }
    let all = cells.len();
    while let Some(ended) = cells.join_next().await {
        let Ok((peer, fault, outcome)) = ended else { continue };
        let done = all - cells.len();
        match &outcome {
            Ok(outcome) => eprintln!("{done}/{all} {peer}, {}: {outcome}", fault.name()),
            Err(why) => eprintln!("{done}/{all} {peer}, {}: {why}", fault.name()),
        }
        results.add(peer, fault, outcome);
    }
    results
}

async fn costs(options: &Options, server: &Server, results: &mut Results) {
    eprintln!("a quiet minute of all");
    let mut minutes = JoinSet::new();
    for peer in options.peers.clone() {
        let server = server.clone();
        minutes.spawn(async move {
            (peer.folder, quiet::measure(&server, &peer, Duration::from_secs(60)).await)
        });
    }
    while let Some(ended) = minutes.join_next().await {
        match ended {
            Ok((peer, Ok(cost))) => results.add_cost(peer, cost),
            Ok((peer, Err(why))) => eprintln!("{peer}, quiet minute: {why}"),
            Err(why) => eprintln!("quiet minute: {why}"),
        }
    }
}
