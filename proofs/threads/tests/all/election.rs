//! Elections in one process, over a Lease whose answers are late or lost.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use proof_threads::{
    LeaderState,
    leader::{LateLease, LeaderElection},
};
use shuttle::rand::{Rng, thread_rng};
use tokio::{spawn, time::sleep};

use crate::{in_many_orders, in_no_time};

/// Tells whether both lead at the instant at which the second one is asked.
fn both_lead([one, other]: &[LeaderState; 2]) -> bool {
    let before = one.term();
    let other = other.is_leader();
    other && before.is_some() && one.term() == before
}

#[test]
fn who_hears_of_a_loss_does_not_lead_and_the_driver_is_back() {
    in_many_orders(100, || async {
        let election = Arc::new(LateLease::default().candidate("a").build());
        let state = election.state();
        for _ in 0..2 {
            let mut guard = election.acquire().await.expect("nobody else has the driver");
            let wait = Duration::from_millis(thread_rng().gen_range(0..12_000));
            let giving_up = spawn(async move { sleep(wait).await });
            let reason = tokio::select! {
                reason = guard.lost() => Some(reason),
                _ = giving_up => None,
            };
            match reason {
                Some(_) => assert!(!guard.is_leader() && !state.is_leader(), "it has heard"),
                None if thread_rng().r#gen() => drop(guard),
                None => {
                    let release = guard.step_down();
                    assert!(!state.is_leader(), "it was given up");
                    release.await;
                }
            }
            assert!(!state.is_leader(), "the term is over");
        }
    });
}

#[test]
fn a_guard_that_is_dropped_on_another_thread_ends_the_term_at_once() {
    in_many_orders(100, || async {
        let election = Arc::new(LateLease::default().candidate("a").build());
        let state = election.state();
        let guard = election.acquire().await.expect("nobody else has the driver");
        let asking = state.clone();
        let over = Arc::new(Mutex::new(false));
        let told = Arc::clone(&over);
        let dropping = spawn(async move {
            drop(guard);
            *told.lock().expect("no panic") = true;
        });
        for _ in 0..5 {
            let over = *over.lock().expect("no panic");
            assert!(!over || !asking.is_leader(), "it was dropped before");
            tokio::task::yield_now().await;
        }
        dropping.await.expect("it drops");
        assert!(!state.is_leader());
        drop(election.acquire().await.expect("the driver comes back"));
    });
}

#[test]
fn one_of_two_that_ask_at_once_gets_the_driver() {
    in_many_orders(100, || async {
        let election = Arc::new(LateLease::default().candidate("a").build());
        let other = Arc::clone(&election);
        let asking = spawn(async move { other.acquire().await.map(drop).is_ok() });
        let mine = election.acquire().await.map(drop).is_ok();
        let theirs = asking.await.expect("it ends");
        assert!(mine || theirs, "nobody had it");
    });
}

#[test]
fn two_replicas_never_lead_at_the_same_time() {
    in_many_orders(100, || async {
        let lease = LateLease::default();
        let elections = ["a", "b"].map(|name| Arc::new(lease.candidate(name).build()));
        let states = elections.each_ref().map(|election| election.state());
        let mut replicas = Vec::new();
        for election in elections {
            replicas.push(spawn(async move {
                let guard = election.acquire().await.expect("it has the driver alone");
                sleep(Duration::from_millis(thread_rng().gen_range(0..15_000))).await;
                if thread_rng().r#gen() {
                    guard.step_down().await;
                }
            }));
        }
        let watching = spawn(async move {
            loop {
                assert!(!both_lead(&states), "both lead");
                sleep(Duration::from_millis(500)).await;
            }
        });
        for replica in replicas {
            replica.await.expect("it ends");
        }
        watching.abort();
    });
}

#[test]
fn a_candidate_that_waits_for_the_driver_hears_that_it_is_back() {
    in_many_orders(400, || async {
        let election = Arc::new(LateLease::default().candidate("a").build());
        let guard = election.acquire().await.expect("nobody else has the driver");
        // Without a release, so that it is back soon after its end was told.
        let giving_up = spawn(async move { drop(guard) });
        // In use until the end is told, on its way back then, and back at last.
        while election.acquire().await.is_err() {
            tokio::task::yield_now().await;
        }
        giving_up.await.expect("it drops");
    });
}

#[test]
fn work_that_hears_that_its_term_was_given_up_does_not_lead() {
    in_no_time(400, || async {
        let election = Arc::new(LeaderElection::standalone());
        let state = election.state();
        let (tell, told) = tokio::sync::oneshot::channel();
        let leading = spawn(async move {
            // The program drops it: the guard goes with it.
            let work = election.run(|lead| async move {
                let _ = tell.send(lead.lost());
                std::future::pending::<()>().await;
            });
            let _ = for_a_while(work).await;
        });
        let Ok(lost) = told.await else { return };
        lost.await;
        assert!(!state.is_leader(), "it has heard");
        leading.await.expect("it ends");
    });
}

/// Drops a future after it was polled some times.
async fn for_a_while<F: Future>(work: F) -> Option<F::Output> {
    let mut polls = 0;
    let patience = async {
        while polls < 50 {
            polls += 1;
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        output = work => Some(output),
        () = patience => None,
    }
}
