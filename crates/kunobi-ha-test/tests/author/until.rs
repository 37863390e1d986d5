use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{DeleteParams, PostParams};
use kunobi_ha_test::{Fault, Matcher, TestServer};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{create, maps, panic_of, start};

const MAP: &str = "configmaps default/a";

#[tokio::test(start_paused = true)]
async fn a_wait_ends_at_the_moment_of_the_write() {
    let (server, maps) = start();
    let began = Instant::now();
    tokio::spawn(async move {
        sleep(Duration::from_secs(7)).await;
        create(&maps, "a").await.unwrap();
        sleep(Duration::from_secs(5)).await;
        maps.delete("a", &DeleteParams::default()).await.unwrap();
    });
    let map = server.until_object(MAP, "exists", |_: &ConfigMap| true).await;
    assert_eq!(map.metadata.name.as_deref(), Some("a"));
    assert_eq!(began.elapsed().as_secs(), 7);
    server.until_gone(MAP).await;
    assert_eq!(began.elapsed().as_secs(), 12);
}

#[tokio::test]
async fn it_waits_over_real_time_as_well() {
    let (server, maps) = start();
    let written = server.until_written(Matcher::create("configmaps"), 3);
    let writer = tokio::spawn(async move {
        for name in ["a", "b", "c"] {
            create(&maps, name).await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(written.await.len(), 3);
    writer.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn changes_by_the_test_and_by_the_garbage_collector_wake_it_as_well() {
    let (server, maps) = start();
    let first = create(&maps, "a").await.unwrap();
    let owned = json!({ "metadata": { "name": "owned", "ownerReferences": [{
        "apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": first.metadata.uid }] } });
    maps.create(&PostParams::default(), &serde_json::from_value(owned).unwrap()).await.unwrap();
    let test = server.clone();
    tokio::spawn(async move {
        sleep(Duration::from_secs(1)).await;
        test.edit(MAP, |map| map["data"] = json!({ "n": "1" }));
        sleep(Duration::from_secs(1)).await;
        test.delete(MAP);
    });
    let map = server.until_object(MAP, "has data", |map: &Value| map["data"]["n"] == "1").await;
    assert_eq!(map["data"], json!({ "n": "1" }));
    server.until_gone("configmaps default/owned").await;
    let began = server.history().pop().unwrap().at_us / 1_000;
    assert_eq!(began, 2_000);
}

#[tokio::test(start_paused = true)]
async fn requests_are_waited_for_with_or_without_their_answers() {
    let (server, maps) = start();
    let delay = Fault::Delay { before_ms: 5_000, after_ms: 0 };
    server.script("me", [Fault::Pass, delay]);
    tokio::spawn(async move {
        for name in ["a", "b"] {
            create(&maps, name).await.unwrap();
        }
    });
    let began = Instant::now();
    let creates = Matcher::create("configmaps");
    assert_eq!(server.until_requested(&creates, 2).await[1].name, "b");
    assert_eq!(began.elapsed().as_secs(), 0);
    server.until_requested(creates.status(201), 2).await;
    assert_eq!(began.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_fails_tells_what_was_expected_and_what_there_is() {
    let (server, maps) = start();
    create(&maps, "a").await.unwrap();
    let began = Instant::now();
    let test = server.clone();
    let words = panic_of(async move {
        test.until_object(MAP, "is blue", |map: &Value| map["data"]["sky"] == "blue").await
    })
    .await;
    assert_eq!(began.elapsed().as_secs(), 60);
    let line = "tests/author/until.rs:";
    assert!(words.contains(line), "{words}");
    assert!(words.contains("expected within 60 s: that configmaps default/a is blue\n"), "{words}");
    assert!(words.contains("instead: configmaps default/a is {\n"), "{words}");
    assert!(words.contains("me  create configmaps default/a  201\n"), "{words}");
    assert!(!words.contains("managedFields"), "{words}");

    let test = server.clone();
    let words = panic_of(async move {
        let requests = test.until_requested(Matcher::create("configmaps"), 2);
        requests.within(Duration::from_millis(1500)).await
    })
    .await;
    assert_eq!(began.elapsed().as_millis(), 61_500);
    assert!(words.contains("within 1.5 s: 2 × create configmaps\ninstead: 1 × create"), "{words}");

    let words = panic_of(async move { server.until_gone(MAP).await }).await;
    assert!(words.contains("that configmaps default/a is gone\ninstead: configmaps"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn a_condition_of_its_own_is_asked_a_last_time_at_the_end() {
    let server = TestServer::new();
    let began = Instant::now();
    let passed = move |_: &TestServer| began.elapsed() >= Duration::from_secs(60);
    server.until("a minute has passed", passed).await;
    let test = server.clone();
    let words = panic_of(async move { test.until("it is so", |_| false).await }).await;
    assert!(
        words.contains("expected within 60 s: that it is so\nthe last requests:\n(no"),
        "{words}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_can_never_come_is_told_at_once() {
    let (server, _) = start();
    let words = |wait: fn(TestServer)| {
        let server = server.clone();
        panic_of(async move { wait(server) })
    };
    let gone = words(|server| drop(server.until_gone("documents.kunobi.ninja default/a"))).await;
    assert!(gone.contains("is it defined yet?"), "{gone}");
    let mistyped = words(|server| drop(server.until_requested(Matcher::get("configmap"), 1))).await;
    assert!(mistyped.contains("no type has the plural name \"configmap\""), "{mistyped}");
    let status = words(|server| drop(server.until_written(Matcher::any().status(200), 1))).await;
    assert!(status.contains("a write has neither a query nor a status"), "{status}");
}

#[tokio::test(start_paused = true)]
async fn two_waits_at_once_see_the_same_writes() {
    let (server, _) = start();
    let writer = maps(&server, "writer");
    let both = async {
        tokio::join!(
            server.until_object(MAP, "exists", |_: &Value| true),
            server.until_written(Matcher::writes("configmaps").client("writer"), 1),
        )
    };
    let ((_, seen), created) = tokio::join!(both, create(&writer, "a"));
    assert_eq!(seen[0].object["metadata"]["uid"], json!(created.unwrap().metadata.uid));
}
