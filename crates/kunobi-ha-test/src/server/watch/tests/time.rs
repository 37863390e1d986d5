//! Bookmarks, cuts and the end of a watch.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{self, Instant};

use super::{next, options, put, told, watch};
use crate::{
    Faults, TestServer,
    request::{As, Start, WatchOptions},
};

#[tokio::test(start_paused = true)]
async fn bookmarks_come_each_minute_and_two_seconds_before_the_end() {
    let server = TestServer::new();
    let start = Instant::now();
    let wanted = WatchOptions { bookmarks: true, ..options(&server, "", Start::Now) };
    let mut body = watch(&server, wanted, As::Whole);
    let mut seconds = Vec::new();
    while let Some(event) = next(&mut body).await {
        assert_eq!(event["type"], "BOOKMARK");
        assert_eq!(event["object"]["metadata"]["annotations"], Value::Null);
        seconds.push(start.elapsed().as_secs());
    }
    assert_eq!(seconds, [60, 120, 180, 240, 298]);
    assert_eq!(start.elapsed().as_secs(), 300);

    let mut body = watch(&server, options(&server, "", Start::Now), As::Whole);
    assert_eq!(next(&mut body).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_cut_holds_back_bookmarks_events_and_the_end() {
    let server = TestServer::new();
    let start = Instant::now();
    let wanted = WatchOptions { bookmarks: true, ..options(&server, "", Start::Now) };
    let mut body = watch(&server, wanted.clone(), As::Whole);
    let cut = Faults { cut_answers: true, ..Faults::default() };
    server.set_faults("me", cut.clone());
    put(&server, "a", "1");
    time::sleep(Duration::from_secs(90)).await;
    let silence = time::timeout(Duration::from_secs(1), next(&mut body)).await;
    assert!(silence.is_err());
    server.heal("me");
    assert_eq!(told(&mut body).await, "ADDED a1");
    let event = next(&mut body).await.unwrap();
    assert_eq!(event["type"], "BOOKMARK");
    let revision = server.state().store.revision().to_string();
    assert_eq!(event["object"]["metadata"]["resourceVersion"], revision);
    assert_eq!(start.elapsed().as_secs(), 91);

    server.set_faults("me", cut);
    put(&server, "a", "2");
    let silence = time::timeout(Duration::from_secs(400), next(&mut body)).await;
    assert!(silence.is_err(), "the end can't be seen either");
    server.heal("me");
    assert_eq!(next(&mut body).await, None);
    assert_eq!(start.elapsed().as_secs(), 491);
}

#[tokio::test(start_paused = true)]
async fn a_watch_without_time_is_over_before_it_begins() {
    let server = TestServer::new();
    put(&server, "a", "1");
    let none = WatchOptions { timeout: Duration::ZERO, ..options(&server, "", Start::Existing) };
    assert_eq!(next(&mut watch(&server, none, As::Whole)).await, None);
    let endless = WatchOptions { timeout: Duration::MAX, ..options(&server, "", Start::Existing) };
    assert_eq!(told(&mut watch(&server, endless, As::Whole)).await, "ADDED a1");
}
