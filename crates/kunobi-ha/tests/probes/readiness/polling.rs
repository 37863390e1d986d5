//! Checks that are polled in the background.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use kunobi_ha::readiness::{Health, InvalidCheck};
use tokio::{runtime::Builder, time::sleep};

use super::{reason, until};

#[tokio::test(start_paused = true)]
async fn it_fails_after_three_failures_and_recovers_after_one_success() {
    let well = Arc::new(AtomicBool::new(true));
    let health = asked(Health::builder(), &well);
    assert_eq!(reason(&health, "/readyz/it"), "it was not checked yet");
    assert_eq!(until(&health, "/readyz/it", 200).await, Duration::from_millis(50));
    well.store(false, Ordering::Relaxed);
    // It was asked at 0 s, and fails at 10, 20 and 30 s.
    let took = until(&health, "/readyz/it", 503).await;
    assert_eq!(took.as_millis().div_ceil(100), 300);
    assert_eq!(reason(&health, "/readyz/it"), "away");
    well.store(true, Ordering::Relaxed);
    let took = until(&health, "/readyz/it", 200).await;
    assert_eq!(took.as_millis().div_ceil(100), 100);
}

#[tokio::test(start_paused = true)]
async fn period_and_thresholds_can_be_set() {
    let well = Arc::new(AtomicBool::new(false));
    let health = Health::builder().every(Duration::from_secs(2)).thresholds(1, 2);
    let health = asked(health, &well);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(reason(&health, "/readyz/it"), "away", "the first result counts at once");
    well.store(true, Ordering::Relaxed);
    assert_eq!(until(&health, "/readyz/it", 200).await, Duration::from_millis(3_050));
    well.store(false, Ordering::Relaxed);
    assert_eq!(until(&health, "/readyz/it", 503).await, Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_check_that_never_answers_fails_after_its_timeout() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let health = Health::builder().expose_reasons(true).ready_check("it", move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move { if number < 4 { pending().await } else { Ok(()) } }
    });
    let health = health.build().unwrap();
    health.start();
    sleep(Duration::from_millis(900)).await;
    assert_eq!(reason(&health, "/readyz/it"), "it was not checked yet");
    sleep(Duration::from_millis(200)).await;
    assert_eq!(reason(&health, "/readyz/it"), "no answer within 1s");
    // It is aborted and asked again. The fifth time it answers.
    let took = until(&health, "/readyz/it", 200).await;
    assert_eq!(took.as_millis().div_ceil(100), 390);
    assert_eq!(asked.load(Ordering::Relaxed), 5);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_panics_fails_and_is_asked_again() {
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let health = Health::builder().expose_reasons(true).ready_check("it", move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        // First the function panics, then its future.
        assert!(number != 0, "no config");
        async move {
            assert!(number != 1, "no pool");
            Ok(())
        }
    });
    let health = health.build().unwrap();
    health.start();
    for why in ["no config", "no pool"] {
        sleep(Duration::from_secs(1)).await;
        let reason = reason(&health, "/readyz/it");
        assert!(reason.contains("panicked") && reason.contains(why), "{reason}");
        sleep(Duration::from_secs(9)).await;
    }
    until(&health, "/readyz/it", 200).await;
    assert_eq!(calls.load(Ordering::Relaxed), 3);
}

#[test]
fn a_check_that_blocks_its_thread_is_asked_once_and_delays_no_probe() {
    let (unblock, blocked) = mpsc::channel::<()>();
    let blocked = Mutex::new(blocked);
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let health = Health::builder()
        .every(Duration::from_millis(40))
        .timeout(Duration::from_millis(20))
        .expose_reasons(true)
        .ready_check("it", move || {
            if count.fetch_add(1, Ordering::Relaxed) == 0 {
                // Wait until the test releases it.
                let _ = blocked.lock().unwrap().recv();
            }
            async { Ok(()) }
        });
    let health = health.build().unwrap();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.spawn({
        let health = health.clone();
        async move { health.start() }
    });
    let wait_for = |wanted: &str| {
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        while reason(&health, "/readyz/it") != wanted {
            let asked = std::time::Instant::now();
            let reason = reason(&health, "/readyz/it");
            assert!(asked.elapsed() < Duration::from_millis(10), "{:?}", asked.elapsed());
            assert!(asked < deadline, "{reason}");
            // Wake the other worker, so that it takes over the timers of the blocked one.
            runtime.spawn(async {});
            std::thread::sleep(Duration::from_millis(2));
        }
    };
    wait_for("no answer within 20ms");
    wait_for("it is still at work, and can't be aborted");
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    drop(unblock);
    wait_for("ok");
}

#[tokio::test]
async fn a_result_that_is_not_renewed_goes_stale_after_three_periods() {
    let well = Arc::new(AtomicBool::new(true));
    let period = Duration::from_millis(50);
    let builder = Health::builder().every(period).timeout(period).expose_reasons(true);
    let other = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let health = {
        let _entered = other.enter();
        asked(builder, &well)
    };
    until(&health, "/readyz/it", 200).await;
    // The poller is gone, and its last result was good.
    other.shutdown_background();
    until(&health, "/readyz/it", 503).await;
    let reason = reason(&health, "/readyz/it");
    assert!(
        reason.contains("its last result is") && reason.ends_with("more than 150ms"),
        "{reason}"
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_before_the_start_nor_after_the_last_handle() {
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let health = Health::builder().ready_check("it", move || {
        count.fetch_add(1, Ordering::Relaxed);
        async { Ok(()) }
    });
    let health = health.build().unwrap();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    health.start();
    health.clone().start();
    sleep(Duration::from_secs(25)).await;
    assert_eq!(calls.load(Ordering::Relaxed), 3, "one poller, at 0, 10 and 20 s");
    drop(health);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(calls.load(Ordering::Relaxed), 3);
}

#[test]
fn names_and_numbers_that_cannot_work_are_errors_of_the_builder() {
    let named = |name: &'static str| Health::builder().ready_check(name, async || Ok(()));
    for name in ["", "a b", "a/b", "ä", "?"] {
        assert_eq!(named(name).build().unwrap_err(), InvalidCheck::Name(name.into()));
    }
    let twice = named("a").ready_check("a", async || Ok(())).build().unwrap_err();
    assert_eq!(twice, InvalidCheck::NameTaken("a".into()));
    assert_eq!(named("shutdown").build().unwrap_err(), InvalidCheck::NameTaken("shutdown".into()));
    for zero in [
        named("a").every(Duration::ZERO),
        named("a").timeout(Duration::ZERO),
        named("a").thresholds(0, 1),
        named("a").thresholds(1, 0),
    ] {
        assert_eq!(zero.build().unwrap_err(), InvalidCheck::Zero);
    }
    // Liveness and readiness have separate names.
    let mut both = named("a");
    let _beat = both.live_heartbeat("a", Duration::from_secs(1));
    both.build().unwrap();
}

/// Returns a health with a check called `it`, which passes while `well` is set.
fn asked(builder: kunobi_ha::readiness::HealthBuilder, well: &Arc<AtomicBool>) -> Health {
    let well = Arc::clone(well);
    let builder = builder.expose_reasons(true).ready_check("it", move || {
        let well = well.load(Ordering::Relaxed);
        async move { if well { Ok(()) } else { Err("away".into()) } }
    });
    let health = builder.build().unwrap();
    health.start();
    health
}
