use std::{io::ErrorKind, time::Duration};

use futures_core::Stream;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api,
    api::{WatchEvent, WatchParams},
};
use kunobi_ha_test::{Fault, FaultRule, Matcher, TestServer, WatchFault};
use tokio::time::{Instant, timeout};

use super::{create, start};

#[tokio::test(start_paused = true)]
async fn a_watch_ends_after_so_many_events() {
    let (server, maps) = start();
    fail(&server, 2, WatchFault::End);
    let events = watched(&maps).await;
    assert_eq!(events, ["a", "b", "(end)"]);
    let watch = server.requests_matching(Matcher::watch("configmaps")).swap_remove(0);
    assert_eq!((watch.status, watch.events), (Some(200), Some(2)));
    assert!(watch.ended_us.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_watch_expires_in_the_middle() {
    let (server, maps) = start();
    fail(&server, 1, WatchFault::Expire);
    assert_eq!(watched(&maps).await, ["a", "410", "(end)"]);
}

#[tokio::test(start_paused = true)]
async fn a_stalled_watch_neither_tells_nor_ends() {
    let (server, maps) = start();
    fail(&server, 1, WatchFault::Stall);
    let began = Instant::now();
    assert_eq!(watched(&maps).await, ["a", "(nothing)"]);
    assert_eq!(began.elapsed().as_secs(), 3600, "the timeout of the watch is long over");
    let watch = server.requests_matching(Matcher::watch("configmaps")).swap_remove(0);
    assert_eq!(watch.events, Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_watch_breaks_in_the_middle_of_a_line() {
    let (server, maps) = start();
    fail(&server, 1, WatchFault::Break);
    assert_eq!(watched(&maps).await, ["a", "(broken)", "(end)"]);
}

#[tokio::test(start_paused = true)]
async fn of_a_broken_line_a_half_arrives() {
    let server = TestServer::new();
    let maps = super::maps(&server, "me");
    create(&maps, "a").await.unwrap();
    fail(&server, 0, WatchFault::Break);
    let path = "/api/v1/namespaces/default/configmaps?watch=true";
    let (bytes, error) = body(&server, path).await;
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with(r#"{"type":"ADDED","object":{"#), "{text}");
    assert!(!text.ends_with("}\n") && text.len() > 50, "{text}");
    assert_eq!(error, Some(ErrorKind::ConnectionReset));
}

#[tokio::test(start_paused = true)]
async fn a_watch_on_which_nothing_happens_breaks_after_a_second() {
    for (after_events, whole) in [(0, ""), (1, "ADDED")] {
        let (server, maps) = start();
        create(&maps, "a").await.unwrap();
        let from = if after_events == 0 { "&resourceVersion=9" } else { "" };
        fail(&server, after_events, WatchFault::Break);
        let began = Instant::now();
        let path = format!("/api/v1/namespaces/default/configmaps?watch=true{from}");
        let (bytes, error) = body(&server, &path).await;
        let text = String::from_utf8(bytes).unwrap();
        let (events, half) = text.rsplit_once('\n').unwrap_or(("", &text));
        assert!(events.contains(whole), "{events}");
        assert!(half.starts_with(r#"{"type":"BOOKMARK""#), "{half}");
        assert!(serde_json::from_str::<serde_json::Value>(half).is_err());
        assert_eq!((error, began.elapsed().as_secs()), (Some(ErrorKind::ConnectionReset), 1));
        assert!(server.watches().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_to_break_waits_for_the_next_event_for_less_than_a_second() {
    let (server, maps) = start();
    fail(&server, 0, WatchFault::Break);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(900)).await;
        create(&maps, "a").await.unwrap();
    });
    let path = "/api/v1/namespaces/default/configmaps?watch=true";
    let (bytes, error) = body(&server, path).await;
    assert!(bytes.starts_with(br#"{"type":"ADDED""#));
    assert_eq!(error, Some(ErrorKind::ConnectionReset));
}

#[tokio::test(start_paused = true)]
async fn in_a_script_a_fault_of_watches_waits_for_one() {
    let (server, maps) = start();
    server.script("me", [Fault::watch(0, WatchFault::End), Fault::status(503)]);
    create(&maps, "a").await.unwrap();
    assert!(maps.get("a").await.is_ok());
    let watch = maps.watch(&WatchParams::default(), "0").await.unwrap();
    assert!(next(&mut std::pin::pin!(watch)).await.is_none());
    assert!(maps.get("a").await.is_err());
    assert!(maps.get("a").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_rule_for_watches_leaves_other_requests_alone() {
    let (server, maps) = start();
    let all = FaultRule::new(Matcher::all("configmaps"), Fault::watch(0, WatchFault::End));
    server.add_rule("me", all.nth(1));
    create(&maps, "a").await.unwrap();
    assert_eq!(server.unused_rules("me").len(), 1);
    let watch = maps.watch(&WatchParams::default(), "0").await.unwrap();
    assert!(next(&mut std::pin::pin!(watch)).await.is_none());
    assert_eq!(server.unused_rules("me"), []);
}

fn fail(server: &TestServer, after_events: u64, then: WatchFault) {
    let watches = Matcher::watch("configmaps");
    server.add_rule("me", FaultRule::new(watches, Fault::watch(after_events, then)).nth(1));
}

/// What a watch tells of the maps `a`, `b` and `c`.
async fn watched(maps: &Api<ConfigMap>) -> Vec<String> {
    let watch = maps.watch(&WatchParams::default(), "1").await.expect("a watch");
    for name in ["a", "b", "c"] {
        create(maps, name).await.expect("it is created");
    }
    let mut watch = std::pin::pin!(watch);
    let mut events = Vec::new();
    loop {
        let event = timeout(Duration::from_secs(3600), next(&mut watch)).await;
        let (text, is_last) = match event {
            Err(_) => ("(nothing)".into(), true),
            Ok(None) => ("(end)".into(), true),
            Ok(Some(Ok(WatchEvent::Added(map)))) => (map.metadata.name.expect("a name"), false),
            Ok(Some(Ok(WatchEvent::Error(status)))) => (status.code.to_string(), false),
            Ok(Some(Ok(other))) => (format!("{other:?}"), false),
            Ok(Some(Err(_))) => ("(broken)".into(), false),
        };
        events.push(text);
        if is_last {
            return events;
        }
    }
}

/// The bytes of an answer, and how its connection broke.
async fn body(server: &TestServer, path: &str) -> (Vec<u8>, Option<ErrorKind>) {
    use http_body_util::{BodyExt, Full};
    use tower_service::Service;

    let request =
        http::Request::get(path).body(Full::<bytes::Bytes>::default()).expect("a request");
    let mut body = server.service("me").call(request).await.expect("an answer").into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes.extend(frame.into_data().expect("bytes")),
            Err(error) => return (bytes, Some(error.kind())),
        }
    }
    (bytes, None)
}

async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
}
