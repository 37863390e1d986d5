//! Hooks, which run at the end.

use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use kunobi_ha::shutdown::{Handle, Phase};
use tokio::time::{Instant, sleep};

use crate::{SIGTERM, begin, endless, log::Log, names};

#[tokio::test(start_paused = true)]
async fn they_are_done_in_reverse_order_the_release_before_the_rest() {
    let (handle, end) = begin();
    let done = Arc::new(Mutex::new(Vec::new()));
    let note = |name: &'static str| {
        let (done, handle) = (Arc::clone(&done), handle.clone());
        async move {
            sleep(Duration::from_millis(100)).await;
            done.lock().unwrap().push((name, handle.phase()));
        }
    };
    handle.on_stop("server", note("server"));
    handle.on_release("first", note("first"));
    handle.on_stop("logs", note("logs"));
    handle.on_release("second", note("second"));
    handle.trigger(SIGTERM);
    let report = end.await.unwrap();
    assert_eq!(names(&report.released), ["second", "first"]);
    let expected = [
        ("second", Phase::Releasing),
        ("first", Phase::Releasing),
        ("logs", Phase::Stopped),
        ("server", Phase::Stopped),
    ];
    assert_eq!(*done.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_added_too_late_is_told_and_not_run() {
    let log = Log::capture();
    let (handle, end) = begin();
    let late = handle.clone();
    handle.on_stop("logs", async move {
        late.on_release("lease", async { panic!("it runs") });
        late.on_stop("last words", async { panic!("it runs") });
    });
    handle.trigger(SIGTERM);
    assert_eq!(end.await.unwrap().exit_code(), 0);
    assert_eq!(log.lines("ERROR lease is not run").len(), 1);
    assert_eq!(log.lines("ERROR last words is not run").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_release_that_hangs_is_cut_at_its_budget() {
    let log = Log::capture();
    let (handle, end) = begin();
    handle.on_release("quick", async {});
    handle.on_release("hangs", pending());
    handle.on_release("slow", async { sleep(Duration::from_secs(2)).await });
    let began = Instant::now();
    handle.trigger(SIGTERM);
    let report = end.await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(3), "one budget for all of them");
    assert_eq!(names(&report.released), ["slow"]);
    assert_eq!(names(&report.not_released), ["hangs", "quick"]);
    assert_eq!(
        log.lines("did not end in time"),
        ["ERROR hangs did not end in time", "ERROR quick did not end in time"]
    );
    assert_eq!(names(&report.failures), ["hangs did not end in time", "quick did not end in time"]);
    assert_eq!(report.exit_code(), 1, "the drain budget had nothing to do with it");
}

#[tokio::test(start_paused = true)]
async fn what_comes_last_and_hangs_is_cut_at_its_budget() {
    let (handle, end) = begin();
    handle.on_stop("hangs", pending());
    let began = Instant::now();
    handle.trigger(SIGTERM);
    let report = end.await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(1));
    assert_eq!(
        (names(&report.failures), report.exit_code()),
        (vec!["hangs did not end in time"], 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_panics_has_released_nothing_and_stops_nobody() {
    let (handle, end) = begin();
    let stopped = Arc::new(Mutex::new(false));
    let done = Arc::clone(&stopped);
    handle.on_stop("logs", async move { *done.lock().unwrap() = true });
    handle.on_stop("panics", async { panic!("no such file") });
    handle.on_release("good", async {});
    handle.on_release("panics", async { panic!("no such lease") });
    handle.trigger(SIGTERM);
    let report = end.await.unwrap();
    assert_eq!(names(&report.released), ["good"]);
    assert_eq!(names(&report.not_released), ["panics"]);
    assert_eq!(
        names(&report.failures),
        ["panics panicked: no such lease", "panics panicked: no such file"]
    );
    assert_eq!((&report.reason, report.exit_code()), (&SIGTERM, 1));
    assert!(*stopped.lock().unwrap());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_released_while_work_was_stuck_but_what_comes_last_is_done() {
    let (handle, end) = begin();
    let done = Arc::new(Mutex::new(Vec::new()));
    let note = |name| {
        let done = Arc::clone(&done);
        async move { done.lock().unwrap().push(name) }
    };
    handle.on_release("lease", note("lease"));
    handle.on_stop("logs", note("logs"));
    handle.spawn("stuck", endless());
    handle.trigger(SIGTERM);
    let report = end.await.unwrap();
    assert_eq!(*done.lock().unwrap(), ["logs"]);
    assert_eq!(names(&report.not_released), ["lease"]);
    assert_eq!(
        report.to_string(),
        "SIGTERM; still running: stuck; not released: lease; exit code 3"
    );
}

#[test]
fn handles_can_go_anywhere() {
    fn anywhere<T: Send + Sync + Clone + std::fmt::Debug + 'static>() {}
    anywhere::<Handle>();
}
