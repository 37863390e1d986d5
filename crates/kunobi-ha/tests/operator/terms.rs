//! Leader work, term by term.

use std::time::Duration;

use kunobi_ha::{
    leader::Term,
    operator::{LeaderContext, OnLost},
    shutdown::Reason,
};
use serde_json::json;
use tokio::time::sleep;

use crate::setup::{SIGTERM, Setup, Trace, names, s};

#[tokio::test(start_paused = true)]
async fn leader_work_is_called_again_for_each_term_with_a_larger_fence() {
    let setup = Setup::new();
    let terms = std::sync::Arc::new(std::sync::Mutex::new(Vec::<Term>::new()));
    let seen = terms.clone();
    let replica = setup.run(|operator| {
        operator.on_lost(OnLost::Recontend { backoff: s(1) }).lead("work", move |lead| {
            seen.lock().unwrap().push(lead.term());
            async move {
                lead.stopped().await;
                Ok(())
            }
        })
    });
    for count in 1..=3 {
        replica
            .wait_for(|replica| replica.state.is_leader() && terms.lock().unwrap().len() == count)
            .await;
        replica.give_to("");
        replica.wait_for(|replica| !replica.state.is_leader()).await;
    }
    replica.leads().await;
    let report = replica.stop().await;
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]));
    let terms = terms.lock().unwrap();
    assert!(terms.len() == 4 && terms.windows(2).all(|pair| pair[0] < pair[1]), "{terms:?}");
    assert!(terms.windows(2).all(|pair| pair[0].fence() < pair[1].fence()));
}

#[tokio::test(start_paused = true)]
async fn several_works_begin_with_each_term_and_stop_with_it() {
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let work = |begins: &'static str, ends: &'static str| {
        let notes = notes.clone();
        move |lead: LeaderContext| {
            let notes = notes.clone();
            async move {
                notes.add(begins);
                // It is aborted before it could note anything else.
                let _trace = Trace(notes, ends);
                lead.stopped().await;
                Ok(())
            }
        }
    };
    let (first, second) = (work("a begins", "a ends"), work("b begins", "b ends"));
    let replica = setup.run(|operator| {
        operator.on_lost(OnLost::Recontend { backoff: s(0) }).lead("a", first).lead("b", second)
    });
    for terms in 1..=2 {
        replica.wait_for(|replica| replica.notes.times("b begins").len() == terms).await;
        replica.give_to("");
        replica.wait_for(|replica| replica.notes.times("b ends").len() == terms).await;
    }
    let once = ["a begins", "b begins", "a ends", "b ends"];
    assert_eq!(replica.notes.all(), once.repeat(2));
    assert_eq!(replica.stop().await.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_leader_is_handed_tells_of_its_term_and_no_other() {
    let (setup, (tell, mut told)) = (Setup::new(), tokio::sync::mpsc::unbounded_channel());
    let replica = setup.run(|operator| {
        operator.on_lost(OnLost::Recontend { backoff: s(0) }).lead("work", move |lead| {
            tell.send(lead.clone()).unwrap();
            async move {
                lead.stopped().await;
                Ok(())
            }
        })
    });
    let lead = told.recv().await.unwrap();
    assert_eq!(lead.ensure(), Ok(()));
    assert_eq!(replica.state.term(), Some(lead.term()));
    let left = lead.valid_until() - std::time::Instant::now();
    assert!(left > s(9) && left <= s(10), "{left:?}");
    assert!(!lead.cancel_token().is_cancelled());
    replica.give_to("");
    lead.stopped().await;
    assert_eq!(lead.ensure().unwrap_err().term, lead.term());
    assert_eq!(lead.ensure().unwrap_err().to_string(), format!("term {} is over", lead.term()));
    assert!(lead.valid_until() <= std::time::Instant::now());
    assert!(lead.cancel_token().is_cancelled());
    // It stays over when this replica leads again.
    let next = told.recv().await.unwrap();
    assert!(next.term() > lead.term());
    assert_eq!((next.ensure().is_ok(), lead.ensure().is_ok()), (true, false));
    assert!(lead.valid_until() <= std::time::Instant::now());
    assert_eq!(replica.stop().await.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_leader_is_still_one_while_its_work_drains() {
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let replica = setup.run(|operator| {
        operator.lead("work", move |lead| {
            let notes = notes.clone();
            async move {
                lead.stopped().await;
                for _ in 0..20 {
                    sleep(s(1)).await;
                    lead.ensure()?;
                }
                notes.add("ended");
                Ok(())
            }
        })
    });
    replica.leads().await;
    replica.handle.trigger(SIGTERM);
    let (server, notes) = (replica.server.clone(), replica.notes.clone());
    let report = replica.end.await.unwrap();
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]));
    assert_eq!(notes.all(), ["ended"]);
    let renewals = server.history().len();
    assert!(renewals >= 10, "it is renewed all the time: {renewals} writes in 20 s");
}

#[tokio::test(start_paused = true)]
async fn leader_work_that_is_done_ends_the_program_with_a_release() {
    let setup = Setup::new();
    let replica = setup.run(|operator| {
        operator
            .lead("migration", |_| async {
                sleep(Duration::from_secs(3)).await;
                Ok(())
            })
            .lead("other", |lead| async move {
                lead.stopped().await;
                Ok(())
            })
    });
    let server = replica.server.clone();
    let report = replica.end.await.unwrap();
    assert_eq!(report.reason, Reason::Requested("migration is done".into()));
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]));
    assert_eq!(crate::setup::holder(&server), json!(""));
}

#[tokio::test(start_paused = true)]
async fn leader_work_that_fails_ends_the_program_with_a_release() {
    let replica = Setup::new()
        .run(|operator| operator.lead("controllers", |_| async { Err("no such CRD".into()) }));
    let server = replica.server.clone();
    let report = replica.end.await.unwrap();
    assert_eq!(names(&report.failures), ["controllers failed: no such CRD"]);
    assert_eq!((report.exit_code(), names(&report.released)), (1, vec!["lease"]));
    assert_eq!(crate::setup::holder(&server), json!(""), "it returned by itself");
}
