//! Checks that are slow, and durations that are large.

use std::{future::Future, time::Duration};

use kunobi_ha::{
    BoxError,
    readiness::{Health, HealthBuilder},
};
use tokio::time::sleep;

use super::{reason, status, until};

#[tokio::test(start_paused = true)]
async fn a_check_that_is_slower_than_its_period_does_not_flap() {
    let health = Health::builder().every(Duration::from_millis(200)).timeout(SLOW * 3);
    let health = asked(health, || async {
        sleep(SLOW).await;
        Ok(())
    });
    until(&health, "/readyz", 200).await;
    for _ in 0..600 {
        sleep(Duration::from_millis(100)).await;
        assert_eq!(status(&health, "/readyz"), 200, "{}", reason(&health, "/readyz/it"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_period_without_end_asks_once_and_the_answer_holds() {
    for period in [Duration::MAX, Duration::from_secs(u64::MAX / 4)] {
        let health = asked(Health::builder().every(period), async || Ok(()));
        until(&health, "/readyz", 200).await;
        sleep(WEEK).await;
        assert_eq!(status(&health, "/readyz"), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_without_end_waits_for_any_answer() {
    let health = Health::builder().every(Duration::from_secs(1)).timeout(Duration::MAX);
    let health = asked(health, || async {
        sleep(WEEK * 2).await;
        Ok(())
    });
    sleep(WEEK).await;
    assert_eq!(reason(&health, "/readyz/it"), "it was not checked yet");
    sleep(WEEK).await;
    until(&health, "/readyz", 200).await;
    sleep(WEEK * 2).await;
    assert_eq!(status(&health, "/readyz"), 200);
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_without_a_maximum_age_always_passes() {
    let mut health = Health::builder();
    let beat = health.live_heartbeat("loop", Duration::MAX);
    let health = health.build().unwrap();
    sleep(WEEK).await;
    assert_eq!(status(&health, "/livez"), 200);
    beat.beat();
    assert_eq!(status(&health, "/livez"), 200);
}

/// Returns a health with a check called `it`.
fn asked<Q, A>(builder: HealthBuilder, question: Q) -> Health
where
    Q: Fn() -> A + Send + Sync + 'static,
    A: Future<Output = Result<(), BoxError>> + Send + 'static,
{
    let health = builder.expose_reasons(true).ready_check("it", question).build().unwrap();
    health.start();
    health
}

const SLOW: Duration = Duration::from_millis(1_500);
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
