//! The Lease is released after leader work has ended, and only if all of it ended by itself.

use kunobi_ha_test::TestServer;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::{
    log::Log,
    setup::{Replica, SIGTERM, Setup, Trace, assert_about, endless, holder, names, s},
};

#[tokio::test(start_paused = true)]
async fn tracked_work_delays_the_release() {
    async fn reconcile() {
        sleep(s(5)).await;
    }
    let setup = Setup::new();
    let replica = setup.run(|operator| {
        operator.lead("controllers", |lead| async move {
            lead.stopped().await;
            // The work that tracks it does not wait for it, but the release does.
            tokio::spawn(lead.track(reconcile()));
            Ok(())
        })
    });
    replica.leads().await;
    let (report, took) = stop(replica).await;
    assert_about(took, s(5));
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]));
}

#[tokio::test(start_paused = true)]
async fn spawned_work_delays_the_release_and_is_told_to_stop() {
    let setup = Setup::new();
    let replica = setup.run(|operator| {
        operator.lead("controllers", |lead| async move {
            let token = lead.cancel_token();
            lead.spawn("janitor", async move {
                token.cancelled().await;
                sleep(s(3)).await;
                Ok(())
            });
            lead.stopped().await;
            Ok(())
        })
    });
    replica.leads().await;
    let (report, took) = stop(replica).await;
    assert_about(took, s(3));
    assert_eq!(names(&report.released), ["lease"]);
}

#[tokio::test(start_paused = true)]
async fn tracked_work_that_was_dropped_before_its_end_prevents_the_release() {
    let log = Log::capture();
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let replica = setup.run(|operator| {
        operator.lead("controllers", move |lead| {
            let trace = Trace(notes.clone(), "dropped");
            async move {
                // What it wrote may be half done.
                let _ = tokio::time::timeout(s(1), lead.track(endless(trace))).await;
                lead.stopped().await;
                Ok(())
            }
        })
    });
    replica.leads().await;
    replica.wait_for(|replica| !replica.notes.all().is_empty()).await;
    let server = replica.server.clone();
    let (report, _) = stop(replica).await;
    assert!(report.drained, "nothing runs any more");
    assert_eq!((names(&report.released).len(), names(&report.not_released)), (0, vec!["lease"]));
    assert_eq!(holder(&server), json!("a"));
    let line = "ERROR the lease is not released but left to run out, because leader work did not \
                end by itself: endless";
    assert_eq!(log.lines("the lease is not released"), [line]);
}

#[tokio::test(start_paused = true)]
async fn leader_work_that_never_stops_is_aborted_and_nothing_is_released() {
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let replica = setup.run(|operator| {
        operator.lead("controllers", move |_| endless(Trace(notes.clone(), "aborted")))
    });
    replica.leads().await;
    let (server, notes) = (replica.server.clone(), replica.notes.clone());
    let (report, took) = stop(replica).await;
    assert_about(took, s(24));
    assert_eq!(notes.all(), ["aborted"]);
    assert_eq!((report.exit_code(), names(&report.stuck)), (3, vec!["controllers"]));
    assert_eq!(names(&report.not_released), ["lease"]);
    assert_eq!(holder(&server), json!("a"));
}

#[tokio::test(start_paused = true)]
async fn a_panic_releases_nothing_so_that_a_crash_loop_passes_nothing_around() {
    let replica = Setup::new().run(|operator| {
        operator.lead("controllers", |_| async {
            sleep(s(1)).await;
            panic!("index out of bounds")
        })
    });
    let server = replica.server.clone();
    let report = replica.end.await.unwrap();
    assert_eq!(names(&report.failures), ["controllers panicked: index out of bounds"]);
    assert_eq!((report.exit_code(), names(&report.not_released)), (1, vec!["lease"]));
    assert_eq!(holder(&server), json!("a"));
}

#[tokio::test(start_paused = true)]
async fn a_release_that_hangs_is_cut_at_its_budget() {
    let setup = Setup::new();
    let replica = setup.run(|operator| {
        operator.lead("controllers", |lead| async move {
            lead.stopped().await;
            Ok(())
        })
    });
    replica.leads().await;
    let faults = kunobi_ha_test::Faults { cut_requests: true, ..Default::default() };
    replica.server.set_faults("a", faults);
    let (report, took) = stop(replica).await;
    assert!(took <= s(4), "{took:?}");
    assert_eq!((report.exit_code(), names(&report.not_released)), (0, vec!["lease"]));
}

#[tokio::test(start_paused = true)]
async fn a_second_replica_takes_over_within_a_retry_period() {
    let server = TestServer::new();
    let lead = |setup: Setup| {
        setup.run(|operator| {
            operator.lead("controllers", |lead| async move {
                lead.stopped().await;
                Ok(())
            })
        })
    };
    let first = lead(Setup::on(&server, "a"));
    first.leads().await;
    let second = lead(Setup::on(&server, "b"));
    sleep(s(10)).await;
    let (report, _) = stop(first).await;
    assert_eq!(names(&report.released), ["lease"]);
    let released = Instant::now();
    second.leads().await;
    assert!(released.elapsed() <= s(2), "{:?}", released.elapsed());
    assert_eq!(second.holder(), json!("b"));
    assert_eq!(names(&stop(second).await.0.released), ["lease"]);
}

/// Stops it, and returns how long that took.
async fn stop(replica: Replica) -> (kunobi_ha::shutdown::Report, std::time::Duration) {
    replica.handle.trigger(SIGTERM);
    let began = Instant::now();
    (replica.end.await.unwrap(), began.elapsed())
}
