//! A shutdown whose work begins, ends and hurries while it goes through its phases.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use proof_threads::shutdown::{Phase, Reason, Report, Shutdown};
use shuttle::rand::{Rng, thread_rng};
use tokio::{spawn, task::yield_now, time::sleep};

use crate::{in_many_orders, in_no_time};

fn begin() -> Reason {
    Reason::Requested("a test".into())
}

/// Time may pass at any moment, also beyond the budget of a hook; that is a failure.
fn check(report: &Report) {
    let code = match (report.failures.is_empty(), report.drained) {
        (true, true) => 0,
        (true, false) => 3,
        (false, _) => 1,
    };
    assert_eq!(report.exit_code(), code, "{report}");
}

#[test]
fn work_that_is_registered_while_the_stop_is_published_is_refused_or_waited_for() {
    in_no_time(3_000, || async {
        let stop = Shutdown::builder().manual().expect("the defaults fit");
        let handle = stop.handle();
        let running = Arc::new(AtomicUsize::new(0));
        let (late, counted) = (handle.clone(), Arc::clone(&running));
        let registering = spawn(async move {
            late.spawn("late", async move {
                counted.fetch_add(1, Ordering::SeqCst);
                yield_now().await;
                yield_now().await;
                counted.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            });
        });
        let asking = handle.clone();
        let triggering = spawn(async move { asking.trigger(begin()) });
        let released = Arc::new(AtomicBool::new(false));
        let (seen, order) = (Arc::clone(&running), Arc::clone(&released));
        handle.on_release("release", async move {
            assert_eq!(seen.load(Ordering::SeqCst), 0, "work runs while others take over");
            order.store(true, Ordering::SeqCst);
        });
        let report = stop.finished().await;
        registering.await.expect("it registers");
        triggering.await.expect("it triggers");
        assert!(report.drained && released.load(Ordering::SeqCst), "{report}");
        assert_eq!(report.exit_code(), 0, "{report}");
    });
}

#[test]
fn a_second_signal_cuts_the_drain_whenever_it_comes() {
    in_many_orders(1_500, || async {
        let stop = Shutdown::builder().manual().expect("the defaults fit");
        let handle = stop.handle();
        let running = Arc::new(AtomicBool::new(true));
        let work = Arc::clone(&running);
        let takes = Duration::from_millis([0, 1_000, 5_000, 60_000][thread_rng().gen_range(0..4)]);
        handle.spawn("work", async move {
            sleep(takes).await;
            work.store(false, Ordering::SeqCst);
            Ok(())
        });
        let at_work = Arc::clone(&running);
        handle.on_release("release", async move {
            // Work that ended after the budget, and before the abort, ended by itself.
            assert!(!at_work.load(Ordering::SeqCst), "it is released while work runs");
        });
        let signals = handle.clone();
        let signalling = spawn(async move {
            signals.trigger(begin());
            signals.trigger(Reason::Signal(15));
            sleep(Duration::from_millis(thread_rng().gen_range(0..30_000))).await;
            signals.hurry();
        });
        let report = stop.finished().await;
        signalling.abort();
        assert_eq!(handle.phase(), Phase::Stopped);
        assert_eq!(report.reason, begin(), "the first reason counts");
        let cancelled = report.failures.iter().any(|why| why.contains("cancelled"));
        assert!(!cancelled, "its own abort is not a failure: {report}");
        check(&report);
    });
}
