//! How much a client may ask of the server, and for how long.

use std::{fmt::Write, time::Duration};

use tokio::time::Instant;

use crate::{limits::HEADER_TIMEOUT, wire::Served};

#[tokio::test]
async fn a_head_has_at_most_32_headers() {
    let served = Served::plain().await;
    let mut wire = served.wire().await;
    wire.send(&with_headers(32)).await;
    assert_eq!(wire.answer(false).await.status, 200);
    wire.send(&with_headers(33)).await;
    assert_eq!(wire.answer(false).await.status, 431);
    assert_eq!(wire.closed().await, b"");
}

#[tokio::test]
async fn a_head_has_at_most_8_kib() {
    let served = Served::plain().await;
    let head =
        |filler: usize| format!("GET /livez HTTP/1.1\r\nHost: p\r\nA: {}", "a".repeat(filler));
    let mut wire = served.wire().await;
    wire.send(&format!("{}\r\n\r\n", head(7 * 1024))).await;
    assert_eq!(wire.answer(false).await.status, 200);
    let mut wire = served.wire().await;
    wire.send(&head(9 * 1024)).await;
    assert_eq!(wire.answer(false).await.status, 431);
    wire.closed().await;
}

#[tokio::test]
async fn a_request_that_is_not_http_is_refused_and_its_connection_closed() {
    let served = Served::plain().await;
    for nonsense in
        ["\u{16}\u{3}\u{1} this is TLS\r\n\r\n", "GET /livez\r\n\r\n", "GET  HTTP/1.1\r\n\r\n"]
    {
        let mut wire = served.wire().await;
        wire.send(nonsense).await;
        assert_eq!(wire.answer(false).await.status, 400, "{nonsense:?}");
        wire.closed().await;
    }
    assert_eq!(served.probe("/livez").await, (200, "ok".into()));
}

#[tokio::test(start_paused = true)]
async fn a_connection_whose_head_is_not_complete_in_time_is_closed() {
    let served = Served::plain().await;
    for begun in ["", "GET /livez HTTP/1.1\r\nHost: p\r\n"] {
        let mut wire = served.wire().await;
        let opened = Instant::now();
        wire.send(begun).await;
        wire.closed().await;
        let took = opened.elapsed();
        assert!(took >= HEADER_TIMEOUT && took < HEADER_TIMEOUT + TICK, "{begun:?}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_kept_connection_is_closed_after_the_same_time() {
    let served = Served::plain().await;
    let mut wire = served.wire().await;
    assert_eq!(wire.get("/livez").await.status, 200);
    let answered = Instant::now();
    wire.closed().await;
    let took = answered.elapsed();
    assert!(took >= HEADER_TIMEOUT && took < HEADER_TIMEOUT + TICK, "{took:?}");
}

/// Returns a request with this many headers.
fn with_headers(count: usize) -> String {
    let mut text = String::from("GET /livez HTTP/1.1\r\n");
    for number in 0..count {
        write!(text, "H{number}: 1\r\n").unwrap();
    }
    text + "\r\n"
}

const TICK: Duration = Duration::from_millis(10);
