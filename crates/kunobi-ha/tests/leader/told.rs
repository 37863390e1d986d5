//! What is reported about requests that fail, and which failures are final.

use std::time::Duration;

use kunobi_ha::Error;
use kunobi_ha_test::{Fault, Faults, Share, TestServer};
use tokio::time::{Instant, sleep, timeout};

use crate::{elections::election, log::Log};

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn all(code: u16) -> Faults {
    Faults { share: Some(Share { ratio: 1.0, code, retry_after: None }), ..Faults::default() }
}

fn black_hole() -> Faults {
    Faults { cut_requests: true, ..Faults::default() }
}

#[tokio::test(start_paused = true)]
async fn an_observe_timeout_does_not_name_a_failure_from_before_the_last_success() {
    let server = TestServer::new();
    let standby = election(&server, "b").build();
    server.script("b", [Fault::Status { code: 500, retry_after: None }]);
    let _leader = election(&server, "a").build().acquire().await.unwrap();
    let waiting = tokio::spawn(async move { standby.acquire().await.unwrap_err().to_string() });
    sleep(s(600)).await;
    server.set_faults("b", black_hole());
    let error = waiting.await.unwrap();
    assert!(!error.contains("500"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_401_at_first_contact_is_an_error_at_once() {
    let server = TestServer::new();
    server.set_faults("a", all(401));
    let began = Instant::now();
    let error = election(&server, "a").build().acquire().await.unwrap_err();
    assert!(matches!(&error, Error::Unauthorized { .. }), "{error:?}");
    assert!(began.elapsed() < s(1) && server.requests().len() == 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_replaced_late_costs_neither_a_term_nor_a_candidacy() {
    let server = TestServer::new();
    let (first, second) = (election(&server, "a").build(), election(&server, "b").build());
    let mut guard = first.acquire().await.unwrap();
    let waiting = tokio::spawn(async move { second.acquire().await });
    sleep(s(5)).await;
    for name in ["a", "b"] {
        server.set_faults(name, all(401));
    }
    sleep(s(7)).await;
    server.heal("a");
    assert!(timeout(s(30), guard.lost()).await.is_err());
    server.heal("b");
    guard.step_down().await;
    let _leader = timeout(s(60), waiting).await.unwrap().unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lost_deadline_says_what_led_to_it() {
    for (faults, said) in [(black_hole(), "no answer in time"), (all(503), "503")] {
        let log = Log::capture();
        let server = TestServer::new();
        let mut guard = election(&server, "a").build().acquire().await.unwrap();
        server.set_faults("a", faults);
        guard.lost().await;
        let told = log.lines("leadership was lost because no renewal succeeded in time");
        assert!(matches!(&told[..], [line] if line.contains(said)), "{told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_said_to_be_followed_before_an_answer() {
    let log = Log::capture();
    let server = TestServer::new();
    server.set_faults("a", black_hole());
    let replica = election(&server, "a").build();
    assert!(timeout(s(20), replica.acquire()).await.is_err());
    assert_eq!(log.lines("following"), [""; 0]);
    server.heal("a");
    let _guard = replica.acquire().await.unwrap();
    assert_eq!(log.lines("following").len(), 1);
}
