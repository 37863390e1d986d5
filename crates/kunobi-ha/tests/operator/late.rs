//! Work that begins too late, and losses that come late.

use std::{
    future::pending,
    sync::{Arc, Mutex},
};

use kunobi_ha::{
    leader::TestClock,
    operator::{LeaderContext, OnLost},
    shutdown::Phase,
};
use kunobi_ha_test::TestServer;
use serde_json::json;
use tokio::time::sleep;

use crate::{
    log::Log,
    setup::{SIGTERM, Setup, election, names, s},
};

#[tokio::test(start_paused = true)]
async fn a_context_whose_term_was_lost_runs_nothing_more() {
    let log = Log::capture();
    let (kept, keep) = keep();
    let replica = Setup::new().run(|operator| {
        operator.on_lost(OnLost::Recontend { backoff: s(1) }).lead("controllers", keep)
    });
    replica.leads().await;
    replica.give_to("intruder");
    replica.wait_for(|replica| !replica.state.is_leader()).await;
    let late = kept.lock().unwrap()[0].clone();
    let notes = replica.notes.clone();
    spawn(&late, &notes);
    // The next term does not revive the last one.
    replica.leads().await;
    sleep(s(1)).await;
    spawn(&late, &notes);
    sleep(s(1)).await;
    assert!(replica.notes.all().is_empty(), "{:?}", replica.notes.all());
    let line = format!("ERROR janitor is not run, for term {} is over", late.term());
    assert_eq!(log.lines("janitor is not run"), [line.clone(), line]);
    spawn(&kept.lock().unwrap()[1], &notes);
    sleep(s(1)).await;
    assert_eq!(notes.all(), ["janitor"]);
    assert_eq!(replica.stop().await.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_context_runs_nothing_more_when_its_lease_is_released() {
    let log = Log::capture();
    let (kept, keep) = keep();
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let replica = setup.run(|operator| {
        operator
            .always("webhook", move |all| async move {
                all.draining().await;
                sleep(s(5)).await;
                let late = kept.lock().unwrap()[0].clone();
                spawn(&late, &notes);
                // It runs, because this task polls it, but it is not leader work any more.
                late.track(async { notes.add("tracked") }).await;
                Ok(())
            })
            .lead("controllers", keep)
    });
    replica.leads().await;
    replica.handle.trigger(SIGTERM);
    replica.wait_for(|replica| replica.holder() == json!("")).await;
    let notes = replica.notes.clone();
    let report = replica.end.await.unwrap();
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]));
    assert_eq!(notes.all(), ["tracked"]);
    assert_eq!(log.lines("janitor is not run").len(), 1);
    assert_eq!(log.lines("nothing waits for it").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn work_that_finds_the_end_of_its_term_before_the_election_does_has_not_failed() {
    let log = Log::capture();
    let (server, clock) = (TestServer::new(), TestClock::new(1));
    let setup = Setup::of(&server, election(&server, "a").clock(clock.clock()).build());
    let notes = setup.notes.clone();
    let replica = setup.run(|operator| {
        operator.lead("controllers", move |lead| {
            let notes = notes.clone();
            async move {
                sleep(s(1)).await;
                // The machine was suspended: no timer of the election has ended yet.
                clock.step(11_000_000_000);
                spawn(&lead, &notes);
                lead.ensure()?;
                Ok(())
            }
        })
    });
    let notes = replica.notes.clone();
    let report = replica.end.await.unwrap();
    assert_eq!((report.exit_code(), names(&report.failures)), (4, vec![]), "{report}");
    assert!(notes.all().is_empty(), "{:?}", notes.all());
    assert_eq!(log.lines("janitor is not run").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_loss_during_the_drain_is_in_the_report_whatever_the_policy() {
    for policy in [OnLost::Exit, OnLost::Recontend { backoff: s(1) }] {
        let replica = Setup::new().run(|operator| {
            operator.on_lost(policy).lead("controllers", |lead| async move {
                lead.stopped().await;
                sleep(s(20)).await;
                Ok(())
            })
        });
        replica.leads().await;
        replica.handle.trigger(SIGTERM);
        sleep(s(3)).await;
        assert_eq!(replica.handle.phase(), Phase::Draining);
        replica.give_to("intruder");
        let report = replica.end.await.unwrap();
        assert_eq!((&report.reason, report.exit_code()), (&SIGTERM, 4), "{report}");
        assert!(report.to_string().contains("; leadership was lost: "), "{report}");
        assert!(report.released.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn work_that_a_loss_during_the_drain_aborts_keeps_no_other_release() {
    // What waits for the end of all work and what waits for that of the term are woken in any order.
    for _ in 0..32 {
        let setup = Setup::new();
        setup.handle.on_release("lock", async {});
        let replica = setup.run(|operator| {
            operator.lead("controllers", |lead| async move {
                lead.spawn("janitor", pending());
                lead.stopped().await;
                Ok(())
            })
        });
        replica.leads().await;
        replica.handle.trigger(SIGTERM);
        sleep(s(3)).await;
        replica.give_to("intruder");
        let report = replica.end.await.unwrap();
        assert_eq!((report.exit_code(), report.drained), (4, true), "{report}");
        assert_eq!(names(&report.released), ["lock"], "{report}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_loss_that_only_the_release_notices_is_in_the_report() {
    let replica = Setup::new().run(|operator| {
        operator.lead("controllers", |lead| async move {
            lead.stopped().await;
            Ok(())
        })
    });
    replica.leads().await;
    replica.give_to("intruder");
    replica.handle.trigger(SIGTERM);
    let report = replica.end.await.unwrap();
    assert_eq!((&report.reason, report.exit_code()), (&SIGTERM, 4), "{report}");
    assert!(report.lost.is_some() && report.released.is_empty(), "{report}");
}

type Kept = Arc<Mutex<Vec<LeaderContext>>>;

/// Leader work that gives its context to the test.
fn keep() -> (
    Kept,
    impl Fn(LeaderContext) -> futures::future::BoxFuture<'static, Result<(), kunobi_ha::BoxError>>,
) {
    let kept = Kept::default();
    let to = Arc::clone(&kept);
    let keep = move |lead: LeaderContext| {
        to.lock().unwrap().push(lead.clone());
        Box::pin(async move {
            lead.stopped().await;
            Ok(())
        }) as _
    };
    (kept, keep)
}

fn spawn(lead: &LeaderContext, notes: &crate::setup::Notes) {
    let notes = notes.clone();
    lead.spawn("janitor", async move {
        notes.add("janitor");
        Ok(())
    });
}
