//! Work of every replica neither keeps the Lease nor decides about its release, unless it says so.

use kunobi_ha::{
    operator::{Context, LeaderContext},
    shutdown::{Phase, Report},
};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::setup::{Replica, SIGTERM, Setup, Trace, assert_about, endless, names, s};

#[tokio::test(start_paused = true)]
async fn the_lease_is_released_when_leader_work_has_ended_beside_what_still_drains() {
    let replica = Setup::new().run(|operator| {
        operator.always("webhook", |all| drain_for(all, 20)).lead(
            "controllers",
            |lead| async move {
                lead.stopped().await;
                sleep(s(4)).await;
                Ok(())
            },
        )
    });
    replica.leads().await;
    let freed = free(&replica).await;
    assert_about(freed, s(4));
    assert_eq!(
        replica.handle.phase(),
        Phase::Draining,
        "readiness fails, and webhook still drains"
    );
    let report = replica.end.await.unwrap();
    assert_eq!((report.exit_code(), report.drained), (0, true));
    assert_eq!(names(&report.released), ["lease"]);
}

#[tokio::test(start_paused = true)]
async fn what_every_replica_tracks_spawns_and_holds_does_not_keep_the_lease() {
    let replica = Setup::new().run(|operator| {
        operator
            .always("webhook", |all| async move {
                async fn request() {
                    sleep(s(30)).await;
                }
                let slow = drain_for(all.clone(), 11);
                all.spawn("janitor", slow);
                tokio::spawn(all.track(request()));
                let guard = all.shutdown().hold("upload");
                drain_for(all, 12).await?;
                drop(guard);
                Ok(())
            })
            .lead("controllers", led)
    });
    replica.leads().await;
    sleep(s(20)).await;
    let began = Instant::now();
    assert_about(free(&replica).await, s(0));
    let report = replica.end.await.unwrap();
    assert_about(began.elapsed(), s(12));
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]));
}

#[tokio::test(start_paused = true)]
async fn leader_work_that_is_cut_off_keeps_the_lease_beside_what_drained_well() {
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let replica = setup.run(|operator| {
        operator
            .always("webhook", |all| drain_for(all, 1))
            .lead("controllers", move |_| endless(Trace(notes.clone(), "aborted")))
    });
    replica.leads().await;
    let server = replica.server.clone();
    let report = replica.stop().await;
    assert_eq!((report.exit_code(), names(&report.not_released)), (3, vec!["lease"]));
    assert_eq!(crate::setup::holder(&server), json!("a"));
}

#[tokio::test(start_paused = true)]
async fn other_releases_wait_for_all_work() {
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let (handle, of) = (setup.handle.clone(), notes.clone());
    handle.on_release("lock", async move { of.add("lock") });
    let replica = setup.run(|operator| {
        operator
            .always("webhook", move |all| async move {
                drain_for(all, 5).await?;
                notes.add("webhook");
                Ok(())
            })
            .lead("controllers", led)
    });
    replica.leads().await;
    assert_about(free(&replica).await, s(0));
    let notes = replica.notes.clone();
    let report = replica.end.await.unwrap();
    assert_eq!(notes.all(), ["webhook", "lock"]);
    assert_eq!(names(&report.released), ["lease", "lock"]);
}

#[tokio::test(start_paused = true)]
async fn what_has_to_end_before_the_release_delays_it_with_all_that_it_tracks() {
    async fn write_out() {
        sleep(s(6)).await;
    }
    let replica = Setup::new().run(|operator| {
        operator
            .always("webhook", |all| drain_for(all, 20))
            .always_before_release("queue", |all| async move {
                all.draining().await;
                tokio::spawn(all.track(write_out()));
                all.spawn("flush", drain_for(all.clone(), 8));
                sleep(s(3)).await;
                Ok(())
            })
            .lead("controllers", led)
    });
    replica.leads().await;
    assert_about(free(&replica).await, s(8));
    assert_eq!(replica.handle.phase(), Phase::Draining);
    let report = replica.end.await.unwrap();
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]));
}

#[tokio::test(start_paused = true)]
async fn what_has_to_end_before_the_release_and_does_not_keeps_the_lease() {
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let replica = setup.run(|operator| {
        operator
            .always_before_release("queue", move |_| endless(Trace(notes, "aborted")))
            .lead("controllers", led)
    });
    replica.leads().await;
    let server = replica.server.clone();
    let report = replica.stop().await;
    assert_eq!((report.exit_code(), names(&report.not_released)), (3, vec!["lease"]));
    assert_eq!(names(&report.stuck), ["queue"]);
    assert_eq!(crate::setup::holder(&server), json!("a"));
}

#[tokio::test(start_paused = true)]
async fn in_a_hurry_the_lease_is_released_only_if_leader_work_ends_by_itself() {
    for (needs, released, exit_code) in [(13, 1, 0), (14, 0, 3)] {
        let replica = Setup::new().run(|operator| {
            operator.lead("controllers", move |lead: LeaderContext| async move {
                lead.stopped().await;
                sleep(s(needs)).await;
                Ok(())
            })
        });
        replica.leads().await;
        replica.handle.trigger(SIGTERM);
        sleep(s(11) + s(1) / 2).await;
        replica.handle.hurry();
        let hurried = Instant::now();
        let report: Report = replica.end.await.unwrap();
        assert!(hurried.elapsed() <= s(3), "{:?}", hurried.elapsed());
        assert_eq!((report.released.len(), report.exit_code()), (released, exit_code), "{report}");
    }
}

async fn led(lead: LeaderContext) -> Result<(), kunobi_ha::BoxError> {
    lead.stopped().await;
    Ok(())
}

async fn drain_for(all: Context, seconds: u64) -> Result<(), kunobi_ha::BoxError> {
    all.draining().await;
    sleep(s(seconds)).await;
    Ok(())
}

/// Begins the shutdown, and returns how long it took until the Lease was free.
async fn free(replica: &Replica) -> std::time::Duration {
    let began = Instant::now();
    replica.handle.trigger(SIGTERM);
    replica.wait_for(|replica| replica.holder() == json!("")).await;
    began.elapsed()
}
