//! The methods that are allowed, and the headers of answers.

use crate::wire::Served;

const PATHS: [&str; 6] = ["/livez", "/readyz", "/healthz", "/startupz", "/leaderz", "/livez/ping"];

#[tokio::test]
async fn every_other_method_is_refused_and_the_allowed_ones_are_named() {
    let served = Served::plain().await;
    let mut wire = served.wire().await;
    for path in PATHS {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            let answer = wire.ask(method, path).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            let allowed: Vec<_> =
                answer.header("allow").unwrap().split(',').map(str::trim).collect();
            assert_eq!(allowed, ["GET", "HEAD"], "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_head_request_is_answered_like_a_get_without_the_body() {
    let served = Served::plain().await;
    let mut wire = served.wire().await;
    for path in ["/livez", "/readyz?verbose", "/readyz/etcd"] {
        let get = wire.get(path).await;
        // If there were a body, the next answer would not parse.
        let head = wire.ask("HEAD", path).await;
        assert_eq!((head.status, head.body.as_str()), (get.status, ""));
        for header in ["content-length", "content-type", "cache-control"] {
            assert_eq!(head.header(header), get.header(header), "{path} {header}");
        }
    }
    assert_eq!(wire.get("/livez").await.status, 200);
}

#[tokio::test]
async fn unknown_paths_are_not_found() {
    let served = Served::plain().await;
    let mut wire = served.wire().await;
    for path in
        ["/", "/readyz//", "/readyz/a/b", "/readyzz", "/LIVEZ", "/metrics", "//livez", "/ready"]
    {
        assert_eq!(wire.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn answers_are_plain_text_that_is_neither_sniffed_nor_cached() {
    let mut health = kunobi_ha::readiness::Health::builder();
    let _unset = health.ready_flag("caches");
    let served = Served::new(health).await;
    let mut wire = served.wire().await;
    for (path, status) in
        [("/livez", 200), ("/readyz", 503), ("/readyz/caches", 503), ("/readyz/x", 404)]
    {
        let answer = wire.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test]
async fn requests_may_follow_each_other_without_waiting_for_answers() {
    let served = Served::plain().await;
    let mut wire = served.wire().await;
    let request = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: probe\r\n\r\n");
    let paths = ["/livez", "/readyz?verbose", "/nowhere", "/healthz"];
    wire.send(&paths.map(request).concat()).await;
    let mut statuses = Vec::new();
    for _ in paths {
        statuses.push(wire.answer(false).await.status);
    }
    assert_eq!(statuses, [200, 200, 404, 200]);
}

#[tokio::test]
async fn a_connection_is_kept_unless_the_client_closes_it() {
    let served = Served::plain().await;
    let mut wire = served.wire().await;
    for _ in 0..100 {
        assert_eq!(wire.get("/livez").await.body, "ok");
    }
    wire.send("GET /livez HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n").await;
    assert_eq!(wire.answer(false).await.header("connection"), Some("close"));
    assert_eq!(wire.closed().await, b"");
}
