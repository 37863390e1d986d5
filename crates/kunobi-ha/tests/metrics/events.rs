//! Events on the Lease, as client-go writes them.

use std::time::Duration;

use kunobi_ha_test::{Fault, Faults, Role, TestServer, Write};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    elections::{LEASE, election},
    log::Log,
};

#[tokio::test(start_paused = true)]
async fn a_term_leaves_two_events_with_the_fields_of_client_go() {
    let server = TestServer::new();
    let guard = election(&server, "a").events(true).build().acquire().await.unwrap();
    sleep(Duration::from_secs(10)).await;
    guard.step_down().await;
    sleep(Duration::from_secs(1)).await;
    let events = events(&server);
    let messages: Vec<_> = events.iter().map(|event| event["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["a became leader", "a stopped leading"]);
    let lease = server.get(LEASE).unwrap();
    for event in &events {
        assert_eq!(event["type"], json!("Normal"));
        assert_eq!(event["reason"], json!("LeaderElection"));
        assert_eq!(event["count"], json!(1));
        assert_eq!(event["metadata"]["namespace"], json!("default"));
        let about = &event["involvedObject"];
        assert_eq!(about["apiVersion"], json!("coordination.k8s.io/v1"));
        assert_eq!(about["kind"], json!("Lease"));
        assert_eq!((&about["name"], &about["namespace"]), (&json!("l"), &json!("default")));
        assert_eq!(about["uid"], lease["metadata"]["uid"]);
        assert!(event["source"]["component"].is_string());
        assert_eq!(event["reportingInstance"], json!("a"));
        for time in ["firstTimestamp", "lastTimestamp"] {
            let text = event[time].as_str().unwrap();
            assert!(text.len() == 20 && text.ends_with('Z'), "{text}");
        }
        let name = event["metadata"]["name"].as_str().unwrap();
        let hex = name.strip_prefix("l.").unwrap();
        assert!(hex.chars().all(|c| c.is_ascii_hexdigit()), "{name}");
    }
    assert_ne!(events[0]["metadata"]["name"], events[1]["metadata"]["name"]);
}

#[tokio::test(start_paused = true)]
async fn a_term_that_is_lost_leaves_two_events_as_well_and_so_does_each_term() {
    let server = TestServer::new();
    let candidate = election(&server, "a").events(true).build();
    for _ in 0..2 {
        let mut guard = candidate.acquire().await.unwrap();
        server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "".into());
        guard.lost().await;
    }
    sleep(Duration::from_secs(1)).await;
    let events = events(&server);
    let messages: Vec<_> = events.iter().map(|event| event["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["a became leader", "a stopped leading"].repeat(2));
}

#[tokio::test(start_paused = true)]
async fn by_default_only_the_lease_is_written() {
    let server = TestServer::new();
    let guard = election(&server, "a").build().acquire().await.unwrap();
    guard.step_down().await;
    sleep(Duration::from_secs(1)).await;
    assert!(server.requests().iter().all(|request| request.path == LEASE));
}

#[tokio::test(start_paused = true)]
async fn a_follower_writes_no_event() {
    let server = TestServer::new();
    let _leader = election(&server, "a").build().acquire().await.unwrap();
    let standby = election(&server, "b").events(true).build();
    tokio::time::timeout(Duration::from_secs(30), standby.acquire()).await.unwrap_err();
    sleep(Duration::from_secs(1)).await;
    assert!(events(&server).is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_not_allowed_costs_one_line_of_the_log() {
    let log = Log::capture();
    let server = TestServer::new();
    let role = Role {
        verbs: ["get", "create", "update"].map(Into::into).into(),
        resource_names: vec!["l".into()],
    };
    server.set_faults("a", Faults { role: Some(role), ..Faults::default() });
    let guard = election(&server, "a").events(true).build().acquire().await.unwrap();
    sleep(Duration::from_secs(120)).await;
    assert!(guard.is_leader());
    assert_eq!(guard.step_down().await, kunobi_ha::leader::Release::Released);
    sleep(Duration::from_secs(1)).await;
    assert!(events(&server).is_empty());
    let lines = log.lines("no event was written: answered with 403");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|line| line.starts_with("WARN")), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn an_event_that_hangs_is_not_waited_for() {
    let server = TestServer::new();
    let candidate = election(&server, "a").events(true).build();
    // The read and the write that win the term pass; then the event hangs.
    server.script("a", [Fault::Pass, Fault::Pass, Fault::Hang]);
    let began = tokio::time::Instant::now();
    let guard = candidate.acquire().await.unwrap();
    guard.step_down().await;
    assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
    sleep(Duration::from_secs(10)).await;
    assert_eq!(events(&server).len(), 1);
}

/// Returns the Events that were stored, oldest first.
fn events(server: &TestServer) -> Vec<Value> {
    let is_event = |write: &Write| write.path.starts_with("/api/v1/namespaces/default/events/");
    server.history().into_iter().filter(is_event).map(|write| write.object).collect()
}
