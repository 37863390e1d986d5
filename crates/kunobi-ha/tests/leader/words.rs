//! What is logged about failures, and at which level.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use kube::client::Body;
use kunobi_ha::leader::{Clock, LeaderElection, LeaderElectionBuilder};
use kunobi_ha_test::{Faults, Share, TestServer};
use tower_service::Service;

use crate::{elections::election, log::Log};

#[tokio::test(start_paused = true)]
async fn a_403_that_no_role_changes_is_not_told_as_a_missing_role() {
    let terminating = r#"leases \"l\" is forbidden: unable to create new content in namespace x"#;
    for (message, cause, told) in [
        ("leases is forbidden: exceeded quota: q", "", "raise the quota"),
        (r#"admission webhook \"v\" denied the request: no"#, "", "policy or webhook"),
        (terminating, "NamespaceTerminating", "the namespace is being deleted"),
    ] {
        let body = format!(
            r#"{{"message":"{message}","code":403,"details":{{"causes":[{{"reason":"{cause}"}}]}}}}"#
        );
        let error = answered_with(403, &body).build().acquire().await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(told) && !text.contains("kind: Role"), "{text}");
        assert!(text.contains(&message.replace('\\', "")), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_are_not_accepted_are_told_as_such() {
    let body = r#"{"message":"Unauthorized","code":401}"#;
    let error = answered_with(401, body).build().acquire().await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("does not accept the credentials of this client (401)"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_a_server_says_is_shown_short_and_on_one_line() {
    let log = Log::capture();
    let evil = "x\\n2026-01-01T00:00:00Z ERROR all is lost\\u001b[31m".to_owned();
    let body = format!(r#"{{"message":"{evil}{}"}}"#, "A".repeat(200_000));
    for status in [403, 422, 500] {
        let observe_timeout = Duration::from_secs(20);
        let election = answered_with(status, &body).observe_timeout(observe_timeout).build();
        let error = election.acquire().await.unwrap_err().to_string();
        let shown = error.lines().next().unwrap();
        assert!(shown.len() < 700 && shown.contains("x 2026-01-01"), "{}", shown.len());
        assert!(!error.contains('\u{1b}') && error.len() < 1500, "{}", error.len());
        if let Some(last) = election.state().last_error() {
            assert!(last.len() < 600 && !last.contains(['\n', '\u{1b}']), "{}", last.len());
        }
    }
    assert!(log.lines("").iter().all(|line| line.len() < 1500));
    assert!(log.lines("2026-01-01").iter().all(|line| !line.starts_with("2026")));
}

#[tokio::test(start_paused = true)]
async fn a_loss_is_a_warning_that_names_the_last_failure_and_a_step_down_is_none() {
    let log = Log::capture();
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let mut guard = leader.acquire().await.unwrap();
    let share = Share { ratio: 1.0, code: 503, retry_after: None };
    server.set_faults("a", Faults { share: Some(share), ..Faults::default() });
    guard.lost().await;
    let told = log.lines("stopped leading");
    assert!(matches!(&told[..], [line] if line.contains("WARN")), "{told:?}");
    let why = log.lines("no renewal succeeded in time: ");
    assert!(matches!(&why[..], [line] if line.contains("503")), "{why:?}");
    let failed = log.lines("a request failed: update was answered with 503");
    assert!(failed.len() > 2 && failed[0].contains("took"), "{failed:?}");
    server.heal("a");
    drop(guard);
    let log = Log::capture();
    leader.acquire().await.unwrap().step_down().await;
    let told = log.lines("stopped leading");
    assert!(matches!(&told[..], [line] if line.contains("INFO")), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lease_longer_than_an_hour_is_warned_of_once() {
    let log = Log::capture();
    let server = TestServer::new();
    let rare = election(&server, "a").lease_duration(Duration::from_secs(3601)).build();
    for _ in 0..2 {
        rare.acquire().await.unwrap().step_down().await;
    }
    assert_eq!(log.lines("lease_duration is 3601s").len(), 1);
}

/// An election whose API server has no Lease, and answers each write with this status and body.
fn answered_with(status: u16, body: &str) -> LeaderElectionBuilder {
    let client = kube::Client::new(Refusing { status, body: body.to_owned() }, "default");
    LeaderElection::builder(client, "default", "l").clock(Clock::tokio())
}

#[derive(Clone)]
struct Refusing {
    status: u16,
    body: String,
}

impl Service<Request<Body>> for Refusing {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let absent = r#"{"kind":"Status","code":404,"details":{"kind":"leases"}}"#.to_owned();
        let reads = request.method() == Method::GET && self.status != 401;
        let (status, body) = if reads { (404, absent) } else { (self.status, self.body.clone()) };
        let response = Response::builder().status(status);
        ready(Ok(response.body(Full::from(body)).unwrap()))
    }
}
