//! A program with several elections, and its order of shutdown.

mod beginnings;
mod losses;
mod pair;

use kunobi_ha::{
    operator::{Context, LeaderContext},
    shutdown::{Phase, Shutdown},
};
use kunobi_ha_test::TestServer;
use serde_json::json;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use self::pair::{Pair, drains, holder, lease, noting, wait_for};
use crate::{
    log::Log,
    setup::{Notes, SIGTERM, Trace, assert_about, endless, names, s},
};

#[tokio::test(start_paused = true)]
async fn both_are_led_at_a_time_and_each_is_released_when_its_own_work_has_ended() {
    let pair = Pair::run(|l| l.lead("work", drains(3)), |l| l.lead("work", drains(9))).await;
    let (began, server) = (Instant::now(), pair.server.clone());
    pair.handle.trigger(SIGTERM);
    wait_for(|| holder(&server, "reports") == json!("")).await;
    assert_about(began.elapsed(), s(3));
    assert_eq!((pair.handle.phase(), pair.cleanup.is_leader()), (Phase::Draining, true));
    wait_for(|| holder(&server, "cleanup") == json!("")).await;
    assert_about(began.elapsed(), s(9));
    let report = pair.end.await.unwrap();
    assert_eq!((report.exit_code(), report.drained), (0, true));
    assert_eq!(names(&report.released), ["reports", "cleanup"]);
}

#[tokio::test(start_paused = true)]
async fn work_that_hangs_keeps_its_own_lease_and_no_other() {
    let (log, notes) = (Log::capture(), Notes::new());
    let hanging = notes.clone();
    let pair = Pair::run(
        move |l| l.lead("work", move |_| endless(Trace(hanging.clone(), "aborted"))),
        |l| l.lead("work", drains(1)),
    )
    .await;
    let (began, server) = (Instant::now(), pair.server.clone());
    pair.handle.trigger(SIGTERM);
    wait_for(|| holder(&server, "cleanup") == json!("")).await;
    assert_about(began.elapsed(), s(1));
    let report = pair.end.await.unwrap();
    assert_about(began.elapsed(), s(24));
    assert_eq!((report.exit_code(), names(&report.stuck)), (3, vec!["reports/work"]));
    assert_eq!(names(&report.released), ["cleanup"]);
    assert_eq!(names(&report.not_released), ["reports"]);
    assert_eq!((holder(&server, "reports"), notes.all()), (json!("a"), vec!["aborted".into()]));
    let line = "ERROR the lease of reports is not released but left to run out, because leader \
                work did not end by itself: reports/work";
    assert_eq!(log.lines("is not released"), [line]);
}

#[tokio::test(start_paused = true)]
async fn work_that_fails_or_panics_ends_all_and_a_panic_keeps_its_own_lease() {
    for (panics, released) in [(false, vec!["reports", "cleanup"]), (true, vec!["cleanup"])] {
        let pair = Pair::run(
            |l| {
                l.lead("work", move |_| async move {
                    sleep(s(1)).await;
                    assert!(!panics, "no configuration");
                    Err("no such CRD".into())
                })
            },
            |l| l.lead("work", drains(1)),
        )
        .await;
        let report = pair.end.await.unwrap();
        let why = if panics { "panicked: no configuration" } else { "failed: no such CRD" };
        assert_eq!(names(&report.failures), [format!("reports/work {why}")]);
        assert_eq!((report.exit_code(), names(&report.released)), (1, released));
    }
}

#[tokio::test(start_paused = true)]
async fn what_one_tracks_delays_its_own_release_alone() {
    async fn reconcile() {
        sleep(s(7)).await;
    }
    let tracking = |lead: LeaderContext| async move {
        lead.stopped().await;
        tokio::spawn(lead.track(reconcile()));
        // The other Lease is released by now; this term still takes work.
        sleep(s(2)).await;
        tokio::spawn(lead.track(reconcile()));
        lead.spawn("janitor", async { Ok(()) });
        Ok(())
    };
    let pair = Pair::run(|l| l.lead("work", tracking), |l| l.lead("work", drains(1))).await;
    let (began, server) = (Instant::now(), pair.server.clone());
    pair.handle.trigger(SIGTERM);
    wait_for(|| holder(&server, "cleanup") == json!("")).await;
    assert_about(began.elapsed(), s(1));
    wait_for(|| holder(&server, "reports") == json!("")).await;
    assert_about(began.elapsed(), s(9));
    assert_eq!(pair.end.await.unwrap().exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_has_to_end_before_the_release_delays_both() {
    let server = TestServer::new();
    let pair = Pair::on(&server, |operator| {
        operator.always_before_release("queue", |all| async move {
            assert!(all.leader_state_of("x").is_none());
            assert_eq!(all.leader_state().stats().name, "reports");
            for name in ["reports", "cleanup"] {
                let mut state = all.leader_state_of(name).unwrap().clone();
                while !state.is_leader() {
                    state.changed().await;
                }
            }
            all.draining().await;
            sleep(s(5)).await;
            Ok(())
        })
    });
    pair.lead().await;
    let began = Instant::now();
    pair.handle.trigger(SIGTERM);
    wait_for(|| holder(&server, "reports") == json!("") && holder(&server, "cleanup") == json!(""))
        .await;
    assert_about(began.elapsed(), s(5));
    let report = pair.end.await.unwrap();
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["reports", "cleanup"]));
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_kept_for_what_begins_before_its_release_and_after_that_of_another() {
    let server = TestServer::new();
    let (context, contexts) = watch::channel(None);
    let writes = move |lead: LeaderContext| {
        let all: Context = contexts.borrow().clone().unwrap();
        async move {
            lead.stopped().await;
            sleep(s(2)).await;
            // By now the other Lease is released.
            tokio::spawn(all.track_as("flush", sleep(s(5))));
            all.spawn("archive", async {
                sleep(s(7)).await;
                Ok(())
            });
            Ok(())
        }
    };
    let pair = Pair::with(
        &server,
        |l| l.lead("work", writes),
        |l| l.lead("work", drains(1)),
        |operator| {
            operator.always_before_release("queue", move |all| async move {
                context.send_replace(Some(all));
                Ok(())
            })
        },
    );
    pair.lead().await;
    let began = Instant::now();
    pair.handle.trigger(SIGTERM);
    wait_for(|| holder(&server, "cleanup") == json!("")).await;
    assert_about(began.elapsed(), s(1));
    wait_for(|| holder(&server, "reports") == json!("")).await;
    assert_about(began.elapsed(), s(9));
    let report = pair.end.await.unwrap();
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["reports", "cleanup"]));
}

#[tokio::test(start_paused = true)]
async fn a_replica_stops_contending_for_what_it_does_not_lead_before_its_work_ends() {
    let server = TestServer::new();
    let guard = lease(&server, "b", "cleanup").build().acquire().await.unwrap();
    let notes = Notes::new();
    let shutdown = Shutdown::builder().unready_delay(s(5)).manual().unwrap();
    let handle = shutdown.handle();
    let pair = Pair::with(
        &server,
        |l| l.lead("work", drains(10)),
        |l| l.lead("work", noting(&notes, "cleanup begins", "cleanup ends")),
        |operator| operator.shutdown(shutdown),
    );
    wait_for(|| pair.reports.is_leader()).await;
    handle.trigger(SIGTERM);
    // Work has not been told to stop yet.
    guard.step_down().await;
    sleep(s(4)).await;
    assert_eq!((handle.phase(), holder(&server, "cleanup")), (Phase::Unready, json!("")));
    let report = pair.end.await.unwrap();
    assert_eq!((holder(&server, "cleanup"), notes.all().len()), (json!(""), 0));
    assert_eq!((names(&report.released), report.not_released.len()), (vec!["reports"], 0));
    assert_eq!(report.exit_code(), 0);
}
