//! Durations that are valid, and hardly intended.

use std::time::Duration;

use kunobi_ha_test::TestServer;

use crate::{elections::election, log::Log};

#[tokio::test(start_paused = true)]
async fn a_warning_says_what_is_hardly_intended_and_nothing_else_is_warned_of() {
    let cases = [
        ([15, 10, 2], None),
        ([20, 16, 2], None),
        ([20, 17, 2], Some("renew_deadline is so close to lease_duration")),
        ([15, 10, 9], None),
        ([15, 10, 10], Some("retry_period equals renew_deadline")),
        ([3_600, 10, 2], None),
        ([3_601, 10, 2], Some("lease_duration is 3601s")),
    ];
    for (durations, expected) in cases {
        let log = Log::capture();
        let [lease, deadline, retry] = durations.map(Duration::from_secs);
        let election = election(&TestServer::new(), "a")
            .lease_duration(lease)
            .renew_deadline(deadline)
            .retry_period(retry)
            .build();
        election.acquire().await.unwrap().step_down().await;
        let told = log.lines("WARN");
        let about = |expected: &str| told.iter().all(|line| line.contains(expected));
        assert_eq!(told.len(), usize::from(expected.is_some()), "{durations:?}: {told:?}");
        assert!(expected.is_none_or(about), "{durations:?}: {told:?}");
    }
}
