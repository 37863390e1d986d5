//! A standby that waits for a week.

use std::time::Duration;

use kunobi_ha::readiness::{Health, LeaderGate};
use kunobi_ha_test::TestServer;
use tokio::time::sleep;

use super::status;
use crate::elections::election;

#[tokio::test(start_paused = true)]
async fn a_standby_is_alive_and_ready_at_every_probe_of_a_week() {
    let server = TestServer::new();
    let election = |name| {
        election(&server, name)
            .lease_duration(Duration::from_secs(300))
            .renew_deadline(Duration::from_secs(200))
            .retry_period(Duration::from_secs(60))
            .build()
    };
    let leader = election("a").acquire().await.unwrap();
    let standby = election("b");
    let health =
        Health::builder().leader(&standby.state(), LeaderGate::ElectionHealthy).build().unwrap();
    let contending = tokio::spawn(async move { standby.acquire().await });
    for _ in 0..7 * 24 * 60 {
        sleep(Duration::from_secs(60)).await;
        let probes = ["/livez", "/readyz", "/leaderz"].map(|path| status(&health, path));
        assert_eq!(probes, [200, 200, 503]);
    }
    assert!(leader.is_leader(), "in the same term");
    leader.step_down().await;
    assert!(contending.await.unwrap().unwrap().is_leader(), "and still a standby");
}
