//! The order of the phases, and their times.

use std::{io, sync::mpsc, thread, time::Duration};

use kunobi_ha::shutdown::{Phase, Reason, Shutdown, ShutdownBuilder};
use tokio::time::{Instant, sleep};

use crate::{SIGINT, SIGTERM, begin, endless, names, watch};

#[tokio::test(start_paused = true)]
async fn without_work_it_is_over_at_once() {
    let (handle, end) = begin();
    assert_eq!(handle.phase(), Phase::Running);
    let began = Instant::now();
    handle.trigger(SIGTERM);
    let report = end.await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(handle.phase(), Phase::Stopped);
    assert!(report.drained && report.stuck.is_empty() && report.failures.is_empty());
    assert_eq!(report.to_string(), "SIGTERM; exit code 0");
}

#[tokio::test(start_paused = true)]
async fn all_phases_come_in_order_each_at_its_time() {
    let shutdown = served_by_a_service();
    let handle = shutdown.handle();
    // It can't be aborted, so that the abort takes all of its budget.
    let held = handle.hold("held");
    handle.on_release("lease", async {});
    handle.on_stop("logs", async { sleep(Duration::from_millis(500)).await });
    let seen = watch(&handle);
    handle.trigger(SIGTERM);
    let report = shutdown.finished().await;
    let phases = seen.await.unwrap();
    let expected = [
        (Phase::Unready, 0),
        (Phase::Draining, 5_000),
        (Phase::Aborting, 24_000),
        (Phase::Stopped, 26_000),
    ];
    assert_about(&phases, &expected);
    assert_eq!(names(&report.not_released), ["lease"]);
    assert_eq!(report.exit_code(), 3);
    drop(held);
}

#[tokio::test(start_paused = true)]
async fn the_release_comes_as_soon_as_work_has_ended() {
    let shutdown = served_by_a_service();
    let handle = shutdown.handle();
    handle.spawn("work", {
        let handle = handle.clone();
        async move {
            handle.draining().await;
            sleep(Duration::from_secs(4)).await;
            Ok(())
        }
    });
    handle.on_release("lease", async { sleep(Duration::from_secs(2)).await });
    handle.on_stop("logs", async { sleep(Duration::from_millis(500)).await });
    let began = Instant::now();
    let seen = watch(&handle);
    handle.trigger(SIGTERM);
    let report = shutdown.finished().await;
    assert_eq!(began.elapsed(), Duration::from_millis(11_500));
    let expected = [
        (Phase::Unready, 0),
        (Phase::Draining, 5_000),
        (Phase::Releasing, 9_000),
        (Phase::Stopped, 11_000),
    ];
    assert_about(&seen.await.unwrap(), &expected);
    assert_eq!(names(&report.released), ["lease"]);
    assert_eq!(report.to_string(), "SIGTERM; released: lease; exit code 0");
}

#[tokio::test(start_paused = true)]
async fn sigint_skips_the_unready_delay_and_no_other_reason_does() {
    for (reason, delay) in [
        (SIGINT, 0),
        (SIGTERM, 5),
        (Reason::Requested("an API".into()), 5),
        (Reason::LeadershipLost("another holder".into()), 5),
        (Reason::TaskFailed("work failed".into()), 5),
    ] {
        let shutdown = served_by_a_service();
        let handle = shutdown.handle();
        let began = Instant::now();
        let draining = tokio::spawn({
            let handle = handle.clone();
            async move {
                handle.requested().await;
                let requested = began.elapsed();
                handle.draining().await;
                (requested.as_secs(), began.elapsed().as_secs())
            }
        });
        handle.trigger(reason.clone());
        let _ = shutdown.finished().await;
        assert_eq!(draining.await.unwrap(), (0, delay), "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_reason_counts_and_failures_are_collected() {
    let (handle, end) = begin();
    handle.spawn("slow", {
        let handle = handle.clone();
        async move {
            handle.draining().await;
            sleep(Duration::from_secs(1)).await;
            Err("no space left".into())
        }
    });
    handle.trigger(SIGTERM);
    handle.trigger(SIGINT);
    handle.trigger(Reason::TaskFailed("something failed".into()));
    let report = end.await.unwrap();
    assert_eq!(report.reason, SIGTERM);
    assert_eq!(names(&report.failures), ["something failed", "slow failed: no space left"]);
    assert_eq!(report.exit_code(), 1);
}

#[test]
fn what_writes_the_log_may_ask_the_shutdown_that_tells_it() {
    let handle = Shutdown::builder().manual().unwrap().handle();
    let (told, asked) = mpsc::channel();
    thread::spawn(move || {
        let asking = handle.clone();
        let writer = move || {
            told.send(asking.remaining()).unwrap();
            io::sink()
        };
        let subscriber = tracing_subscriber::fmt().with_writer(writer).finish();
        tracing::subscriber::with_default(subscriber, || handle.trigger(SIGTERM));
    });
    let left = asked.recv_timeout(Duration::from_secs(20)).expect("it waits for no lock of ours");
    assert!(left.is_some());
}

#[tokio::test(start_paused = true)]
async fn what_is_left_of_the_grace_period_is_known() {
    let (handle, end) = begin();
    handle.spawn("endless", endless());
    assert_eq!(handle.remaining(), None);
    sleep(Duration::from_secs(100)).await;
    handle.trigger(SIGTERM);
    assert_eq!(handle.remaining(), Some(Duration::from_secs(30)));
    sleep(Duration::from_secs(10)).await;
    assert_eq!(handle.remaining(), Some(Duration::from_secs(20)));
    let _ = end.await.unwrap();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(handle.remaining(), Some(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn it_can_be_waited_for_before_and_after_it_began() {
    let (handle, end) = begin();
    handle.trigger(SIGTERM);
    let _ = end.await.unwrap();
    handle.requested().await;
    handle.draining().await;
    assert!(handle.cancel_token().is_cancelled());
    // A shutdown that was triggered before a task waits for it is not forgotten.
    let shutdown = ShutdownBuilder::default().manual().unwrap();
    shutdown.handle().trigger(SIGINT);
    assert_eq!(shutdown.finished().await.reason, SIGINT);
}

#[tokio::test(start_paused = true)]
async fn a_hurry_cuts_the_delay_and_the_drain_so_that_all_is_gone_after_three_seconds() {
    let shutdown = served_by_a_service();
    let handle = shutdown.handle();
    handle.hurry();
    let held = handle.hold("held");
    handle.on_release("lease", async {});
    let seen = watch(&handle);
    handle.trigger(SIGTERM);
    let end = tokio::spawn(shutdown.finished());
    sleep(Duration::from_secs(2)).await;
    assert_eq!(handle.phase(), Phase::Unready, "a hurry before the shutdown is none");
    handle.hurry();
    let report = end.await.unwrap();
    let expected = [
        (Phase::Unready, 0),
        (Phase::Draining, 2_000),
        (Phase::Aborting, 4_000),
        (Phase::Stopped, 5_000),
    ];
    assert_about(&seen.await.unwrap(), &expected);
    assert_eq!((report.exit_code(), names(&report.not_released)), (3, vec!["lease"]));
    drop(held);
}

#[tokio::test(start_paused = true)]
async fn a_hurry_releases_what_ends_by_itself_in_time() {
    let (handle, end) = begin();
    let guard = handle.hold("upload");
    handle.on_release("lease", async {});
    handle.trigger(SIGTERM);
    sleep(Duration::from_secs(2)).await;
    handle.hurry();
    sleep(Duration::from_millis(1_900)).await;
    drop(guard);
    let report = end.await.unwrap();
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]));
}

fn served_by_a_service() -> Shutdown {
    Shutdown::builder().unready_delay(Duration::from_secs(5)).manual().unwrap()
}

#[track_caller]
fn assert_about(seen: &[(Phase, u128)], expected: &[(Phase, u128)]) {
    let phases = |all: &[(Phase, u128)]| all.iter().map(|(phase, _)| *phase).collect::<Vec<_>>();
    assert_eq!(phases(seen), phases(expected), "{seen:?}");
    for ((phase, at), (_, wanted)) in seen.iter().zip(expected) {
        assert!(at.abs_diff(*wanted) <= 2, "{phase:?} at {at} ms, not {wanted}");
    }
    assert!(seen.windows(2).all(|pair| pair[0].0.number() < pair[1].0.number()));
}
