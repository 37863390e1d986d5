//! Work that is waited for, by name.

use std::{
    error::Error,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    time::Duration,
};

use kunobi_ha::shutdown::Reason;
use tokio::time::{Instant, sleep};

use crate::{SIGTERM, begin, endless, log::Log, names};

#[tokio::test(start_paused = true)]
async fn what_is_stuck_is_named_with_its_number_and_aborted() {
    let log = Log::capture();
    let (handle, end) = begin();
    handle.spawn("a", endless());
    handle.spawn("b", endless());
    handle.spawn("a", endless());
    let began = Instant::now();
    handle.trigger(SIGTERM);
    let report = end.await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(24), "aborted work is gone at once");
    assert!(!report.drained);
    assert_eq!(report.exit_code(), 3);
    assert_eq!(report.to_string(), "SIGTERM; still running: a (2), b; exit code 3");
    let line = "ERROR drain budget of 24s spent; still running: a (2), b";
    assert_eq!(log.lines("drain budget"), [line]);
    assert!(report.failures.is_empty(), "an abort is not a failure: {:?}", report.failures);
}

#[tokio::test(start_paused = true)]
async fn a_guard_is_shown_by_its_name_alone() {
    let (handle, end) = begin();
    let guard = handle.hold("held");
    assert_eq!(format!("{guard:?}"), "DrainGuard");
    handle.trigger(SIGTERM);
    drop(guard);
    assert!(end.await.unwrap().drained);
}

#[tokio::test(start_paused = true)]
async fn a_panic_begins_the_shutdown_and_nothing_is_released() {
    let (handle, end) = begin();
    handle.on_release("lease", async {});
    handle.spawn("reconcile", async { panic!("index out of bounds") });
    let report = end.await.unwrap();
    let why = "reconcile panicked: index out of bounds";
    assert_eq!(report.reason, Reason::TaskFailed(why.into()));
    assert_eq!(names(&report.failures), [why]);
    assert_eq!((names(&report.released).len(), names(&report.not_released)), (0, vec!["lease"]));
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_error_begins_the_shutdown_but_is_an_end() {
    let (handle, end) = begin();
    handle.on_release("lease", async {});
    handle.spawn("webhook", async { Err("no certificate".into()) });
    let report = end.await.unwrap();
    assert_eq!(names(&report.failures), ["webhook failed: no certificate"]);
    assert_eq!(names(&report.released), ["lease"], "it returned by itself");
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_error_or_a_panic_without_a_text_gets_one() {
    #[derive(Debug)]
    struct Silent;
    impl fmt::Display for Silent {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    impl Error for Silent {}
    struct PanicsAgain;
    impl Drop for PanicsAgain {
        fn drop(&mut self) {
            panic!("once more");
        }
    }
    let (handle, end) = begin();
    handle.spawn("silent", async { Err(Silent.into()) });
    handle.spawn("twice", async { panic_any(PanicsAgain) });
    let report = end.await.unwrap();
    let told = ["silent failed: an error whose Display fails", "twice panicked: no message"];
    assert_eq!((names(&report.failures), report.exit_code()), (told.into(), 1));
}

#[tokio::test(start_paused = true)]
async fn work_that_returns_well_is_forgotten() {
    let (handle, end) = begin();
    handle.spawn("once", async { Ok(()) });
    sleep(Duration::from_secs(3_600)).await;
    assert!(!end.is_finished());
    handle.trigger(SIGTERM);
    assert_eq!(end.await.unwrap().exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn tracked_work_delays_the_end_under_its_own_name() {
    async fn reconcile(seconds: u64) -> u64 {
        sleep(Duration::from_secs(seconds)).await;
        seconds
    }
    let log = Log::capture();
    let (handle, end) = begin();
    let short = tokio::spawn(handle.track(reconcile(10)));
    let _long = tokio::spawn(handle.track(reconcile(3_600)));
    let began = Instant::now();
    handle.trigger(SIGTERM);
    assert_eq!(short.await.unwrap(), 10);
    let report = end.await.unwrap();
    // Another task owns it, so that it can't be aborted from here.
    assert_eq!(began.elapsed(), Duration::from_secs(26));
    assert_eq!(names(&report.stuck), ["reconcile"]);
    assert!(log.lines("never yields").is_empty(), "it was never aborted");
    let line = "ERROR still held by a guard, or tracked and neither ended nor dropped: reconcile";
    assert_eq!(log.lines("still held"), [line]);
}

#[tokio::test(start_paused = true)]
async fn tracked_work_that_no_function_made_is_called_after_its_place_or_as_it_is_told() {
    let (handle, end) = begin();
    let endless = || Box::pin(std::future::pending::<()>());
    let place = format!("work.rs:{}", line!() + 1);
    let _wrapped = tokio::spawn(handle.track(endless()));
    let _named = tokio::spawn(handle.track_as("webhook", endless()));
    handle.trigger(SIGTERM);
    let report = end.await.unwrap();
    assert_eq!(names(&report.stuck), [&*place, "webhook"]);
}

#[tokio::test(start_paused = true)]
async fn tracked_work_that_is_dropped_before_its_end_prevents_the_release() {
    let log = Log::capture();
    let (handle, end) = begin();
    handle.on_release("lease", async {});
    let half_done = tokio::time::timeout(Duration::from_secs(1), handle.track(endless())).await;
    assert!(half_done.is_err());
    handle.trigger(SIGTERM);
    let report = end.await.unwrap();
    assert!(report.drained, "nothing runs any more");
    assert_eq!(names(&report.not_released), ["lease"]);
    let lines = log.lines("released");
    assert!(
        lines.iter().any(|line| line.contains("ERROR") && line.contains("endless")),
        "{lines:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_guard_delays_the_end_until_it_is_dropped() {
    let (handle, end) = begin();
    handle.on_release("lease", async {});
    let guard = handle.hold("upload");
    let began = Instant::now();
    handle.trigger(SIGTERM);
    sleep(Duration::from_secs(7)).await;
    assert!(!end.is_finished());
    drop(guard);
    let report = end.await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(7));
    assert_eq!(names(&report.released), ["lease"]);
}

#[tokio::test(start_paused = true)]
async fn a_guard_that_is_dropped_by_a_panic_prevents_the_release() {
    let (handle, end) = begin();
    handle.on_release("lease", async {});
    let guard = handle.hold("upload");
    let panicked = catch_unwind(AssertUnwindSafe(move || {
        let _guard = guard;
        panic!("half-way");
    }));
    assert!(panicked.is_err());
    handle.trigger(SIGTERM);
    assert_eq!(names(&end.await.unwrap().not_released), ["lease"]);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_went_with_its_runtime_prevents_the_release() {
    let (handle, end) = begin();
    handle.on_release("lease", async {});
    let other = tokio::runtime::Builder::new_current_thread().build().unwrap();
    {
        let _entered = other.enter();
        handle.spawn("lost", endless());
    }
    other.shutdown_background();
    handle.trigger(SIGTERM);
    let report = end.await.unwrap();
    assert_eq!((names(&report.stuck).len(), names(&report.not_released)), (0, vec!["lease"]));
}

#[tokio::test(start_paused = true)]
async fn what_begins_after_the_drain_is_not_run_and_nothing_waits_for_it() {
    let log = Log::capture();
    let (handle, end) = begin();
    let late = handle.clone();
    handle.on_stop("late", async move {
        late.spawn("janitor", async { unreachable!("it was refused") });
        drop(late.hold("upload"));
        late.track(async {}).await;
    });
    handle.trigger(SIGTERM);
    let report = end.await.unwrap();
    assert_eq!(report.exit_code(), 0, "{report}");
    let refused = "ERROR janitor is not run: what it belongs to is over";
    assert_eq!(log.lines("janitor"), [refused]);
    assert_eq!(log.lines("nothing waits for it").len(), 2);
}
