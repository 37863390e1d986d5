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
use tokio::time::sleep;
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

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_do_what_it_says_is_told_of() {
    let free = r#"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease",
        "metadata":{"name":"l","namespace":"default","uid":"u","resourceVersion":"7"}}"#;
    let absent = r#"{"details":{"kind":"leases"}}"#;
    for (read, write, told) in [
        ((404, absent), (200, free), "the API server overwrote a lease that was to be created"),
        ((200, free), (200, free), "a write was answered without a new version"),
        ((404, absent), (201, free), "alters the lease"),
    ] {
        let log = Log::capture();
        let observe_timeout = Duration::from_secs(20);
        let election = between(read, write).observe_timeout(observe_timeout).build();
        election.acquire().await.unwrap_err();
        let lines = log.lines(told);
        assert!(!lines.is_empty() && lines[0].contains("WARN"), "{told}: {:?}", log.lines(""));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_went_back_is_told_of() {
    let log = Log::capture();
    let server = TestServer::new();
    let _leader = election(&server, "a").build().acquire().await.unwrap();
    let before = server.snapshot();
    let follower = election(&server, "b").build();
    let following = tokio::spawn(async move { follower.acquire().await });
    sleep(Duration::from_secs(10)).await;
    server.restore(before);
    sleep(Duration::from_secs(60)).await;
    following.abort();
    let told = log.lines("older state: all is forgotten");
    assert!(!told.is_empty() && told[0].contains("WARN"), "{:?}", log.lines("WARN"));
}

/// An election whose API server has no Lease, and answers each write with this status and body.
fn answered_with(status: u16, body: &str) -> LeaderElectionBuilder {
    let absent = r#"{"kind":"Status","code":404,"details":{"kind":"leases"}}"#;
    let read = if status == 401 { (status, body) } else { (404, absent) };
    between(read, (status, body))
}

/// An election whose API server answers each read, and each write, with this status and body.
fn between(read: (u16, &str), write: (u16, &str)) -> LeaderElectionBuilder {
    let [read, write] = [read, write].map(|(status, body)| (status, body.to_owned()));
    let client = kube::Client::new(Answering { read, write }, "default");
    LeaderElection::builder(client, "default", "l").clock(Clock::tokio())
}

#[derive(Clone)]
struct Answering {
    read: (u16, String),
    write: (u16, String),
}

impl Service<Request<Body>> for Answering {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (status, body) = if request.method() == Method::GET { &self.read } else { &self.write };
        let response = Response::builder().status(*status);
        ready(Ok(response.body(Full::from(body.clone())).unwrap()))
    }
}
