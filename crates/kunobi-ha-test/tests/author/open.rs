//! Which watches are open.

use std::{io::Read, io::Write, net::TcpStream, panic, time::Duration};

use futures_core::Stream;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api,
    api::{WatchEvent, WatchParams},
};
use kunobi_ha_test::{Fault, FaultRule, Faults, Matcher, TestServer, WatchFault};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use super::{create, maps, panic_of, start};

type Events = std::pin::Pin<Box<dyn Stream<Item = kube::Result<WatchEvent<ConfigMap>>> + Send>>;

#[tokio::test(start_paused = true)]
async fn a_watch_is_open_until_it_is_dropped() {
    let (server, maps) = start();
    let version = create(&maps, "a").await.unwrap().metadata.resource_version.unwrap();
    let mut watch = begin(&maps, &version).await;
    let open = server.watches();
    let request = server.assert_requested(Matcher::watch("configmaps")).swap_remove(0);
    assert_eq!((open.len(), open[0].sequence), (1, request.sequence));
    assert_eq!((&open[0].client, &open[0].path), (&request.client, &request.path));
    assert!(open[0].query.contains(&format!("resourceVersion={version}")), "{}", open[0].query);
    assert_eq!((open[0].version.to_string(), open[0].events), (version, 0));

    let version = create(&maps, "b").await.unwrap().metadata.resource_version.unwrap();
    next(&mut watch).await.unwrap().unwrap();
    let open = server.watches();
    assert_eq!((open[0].version.to_string(), open[0].events), (version, 1));
    assert!(!open[0].is_stalled && open[0].fault.is_none());

    let other = begin(&maps, "0").await;
    assert_eq!(server.watches().len(), 2);
    drop(watch);
    assert_eq!(server.watches_matching(Matcher::watch("configmaps").client("me")).len(), 1);
    assert!(server.watches_matching(Matcher::watch("pods")).is_empty());
    drop(other);
    assert!(server.watches().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_begins_with_what_exists_is_at_the_version_of_then() {
    let (server, maps) = start();
    create(&maps, "a").await.unwrap();
    let last = create(&super::maps(&server, "you"), "b").await.unwrap().metadata.resource_version;
    let mut watch = begin(&maps, "0").await;
    for events in 0..2 {
        let open = server.watches().swap_remove(0);
        assert_eq!((Some(open.version.to_string()), open.events), (last.clone(), events));
        next(&mut watch).await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn of_several_events_at_once_a_watch_is_at_the_one_that_was_sent() {
    let (server, maps) = start();
    let version = create(&maps, "a").await.unwrap().metadata.resource_version.unwrap();
    let mut watch = begin(&maps, &version).await;
    let edits = ["1", "2", "3"].map(|n| {
        let edit = |map: &mut Value| map["data"] = json!({ "n": n });
        server.edit("configmaps default/a", edit).unwrap()
    });
    for edit in edits {
        next(&mut watch).await.unwrap().unwrap();
        let version = server.watches()[0].version.to_string();
        assert_eq!(edit["metadata"]["resourceVersion"], *version);
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_the_server_ends_is_not_open() {
    let (server, maps) = start();
    let parameters = WatchParams::default().timeout(10);
    let mut watch: Events = Box::pin(maps.watch(&parameters, "1").await.unwrap());
    assert_eq!(server.watches().len(), 1);
    while next(&mut watch).await.is_some() {}
    assert!(server.watches().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_opens_no_watch() {
    let (server, maps) = start();
    server.script("me", [Fault::LoseReply, Fault::HangReply]);
    assert!(maps.watch(&WatchParams::default(), "0").await.is_err());
    let parameters = WatchParams::default();
    let hung = maps.watch(&parameters, "0");
    assert!(timeout(Duration::from_secs(60), hung).await.is_err());
    assert!(server.watches().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_watch_may_be_waited_for() {
    for log in [0, 1_000] {
        let server = TestServer::builder().log_capacity(log).build();
        let client = server.clone();
        let began = Instant::now();
        let operator = tokio::spawn(async move {
            sleep(Duration::from_secs(3)).await;
            let mut watch = begin(&maps(&client, "operator"), "1").await;
            while next(&mut watch).await.is_some() {}
        });
        let meant = Matcher::watch("configmaps").client("operator");
        let open = server.until_watched(&meant, 1).await;
        assert_eq!((open.len(), began.elapsed().as_secs()), (1, 3));
        operator.abort();
        server.until("nobody watches", |server| server.watches().is_empty()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_a_watch_that_does_not_come_says_so() {
    let words = panic_of(async {
        TestServer::new().until_watched(Matcher::watch("configmaps"), 1).await;
    })
    .await;
    assert!(words.contains("1 × watch configmaps, open\ninstead: 0 ×"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_tells_what_goes_wrong_with_it() {
    let (server, maps) = start();
    let stall = Fault::watch(1, WatchFault::Stall);
    server.add_rule("me", FaultRule::new(Matcher::watch("configmaps"), stall.clone()).nth(1));
    let mut watch = begin(&maps, "1").await;
    create(&maps, "a").await.unwrap();
    let open = server.watches().swap_remove(0);
    assert_eq!((open.fault, open.is_stalled), (Some(stall), false));
    next(&mut watch).await.unwrap().unwrap();
    assert!(server.watches()[0].is_stalled);

    let _other = begin(&maps, "1").await;
    assert!(!server.watches()[1].is_stalled);
    server.set_faults("me", Faults { cut_answers: true, ..Faults::default() });
    assert!(server.watches()[1].is_stalled);
}

#[tokio::test(start_paused = true)]
async fn a_watch_may_be_dropped_within_an_edit_and_by_its_panic() {
    let (server, maps) = start();
    create(&maps, "a").await.unwrap();
    let map = "configmaps default/a";
    let watch = begin(&maps, "1").await;
    server.edit(map, move |value| {
        drop(watch);
        value["data"] = json!({ "n": "1" });
    });
    assert!(server.watches().is_empty());

    let watch = begin(&maps, "1").await;
    let edit = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        server.edit(map, move |_| {
            let _watch = watch;
            panic!("a failing assertion")
        });
    }));
    assert!(edit.is_err() && server.watches().is_empty());
    assert!(server.get(map).is_some());
}

/// The server notices by itself: over TCP nobody tells it.
#[tokio::test]
async fn the_watch_of_a_client_that_vanishes_is_closed() {
    let server = TestServer::new();
    let listener = server.listen("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.address()).unwrap();
    write!(client, "GET /api/v1/pods?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let open = server.until_watched(Matcher::watch("pods"), 1).await;
    assert_eq!((open[0].client.as_str(), open[0].connection), ("anonymous", 1));
    let client = tokio::task::spawn_blocking(move || {
        let _ = client.read(&mut [0; 100]);
        client
    });
    drop(client.await.unwrap());
    server.until("the watch is closed", |server| server.watches().is_empty()).await;
    let request = server.assert_requested(Matcher::watch("pods")).swap_remove(0);
    assert!(request.ended_us.is_some());
}

async fn begin(maps: &Api<ConfigMap>, version: &str) -> Events {
    Box::pin(maps.watch(&WatchParams::default(), version).await.expect("a watch"))
}

async fn next(events: &mut Events) -> Option<kube::Result<WatchEvent<ConfigMap>>> {
    std::future::poll_fn(|context| events.as_mut().poll_next(context)).await
}
