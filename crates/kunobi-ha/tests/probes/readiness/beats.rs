//! Checks that the program sets: heartbeats and flags.

use std::time::Duration;

use kunobi_ha::readiness::{Endpoint, Health};
use tokio::time::sleep;

use super::{reason, status};

#[tokio::test(start_paused = true)]
async fn a_loop_that_does_not_beat_is_dead_until_it_beats_again() {
    let mut health = Health::builder().expose_reasons(true);
    let beat = health.live_heartbeat("loop", Duration::from_secs(30));
    let health = health.build().unwrap();
    for _ in 0..3 {
        sleep(Duration::from_secs(30)).await;
        assert_eq!(status(&health, "/livez"), 200);
        beat.clone().beat();
    }
    sleep(Duration::from_secs(31)).await;
    assert_eq!(status(&health, "/livez"), 503);
    assert_eq!(reason(&health, "/livez/loop"), "the last beat was 31s ago, more than 30s");
    assert_eq!(status(&health, "/readyz"), 200, "readiness does not depend on it");
    beat.beat();
    assert_eq!(status(&health, "/livez"), 200);
}

#[test]
fn a_flag_passes_while_it_is_set() {
    let mut health = Health::builder();
    let flag = health.ready_flag("caches");
    let health = health.build().unwrap();
    for well in [false, true, false, true] {
        flag.clone().set(well);
        assert_eq!(status(&health, "/readyz") == 200, well);
    }
}

#[test]
fn all_checks_can_be_listed_with_their_reasons() {
    let mut health = Health::builder();
    let _flag = health.startup_flag("caches");
    let _beat = health.live_heartbeat("loop", Duration::from_secs(30));
    let checks = health.build().unwrap().checks();
    let listed: Vec<_> =
        checks.iter().map(|check| (check.endpoint, &*check.name, check.status.is_ok())).collect();
    let expected = [
        (Endpoint::Startupz, "caches", false),
        (Endpoint::Readyz, "caches", false),
        (Endpoint::Livez, "loop", true),
        (Endpoint::Readyz, "shutdown", true),
    ];
    assert_eq!(listed, expected);
    assert_eq!(checks[0].status, Err("it was not set yet".into()));
}
