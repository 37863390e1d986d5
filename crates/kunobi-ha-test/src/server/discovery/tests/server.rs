//! The server's version and health, and what it refuses.

use http::{StatusCode, header};
use serde_json::json;

use super::{accept, ask, get};

#[tokio::test]
async fn what_does_not_exist() {
    for path in [
        "/nope",
        "/foo/bar",
        "/apis/nope",
        "/apis/nope/v1",
        "/apis/example.com/v9",
        "/apis//apps",
        "//apis",
        "/openapi",
        "/healthz/",
        "/healthz/log/",
        "/livez/nope",
        "/metricsx",
        "/metrics/x",
        "/openapi/v3x",
        "/openapi/v2/x",
    ] {
        let answer = get(path).await;
        assert_eq!(answer.code, 404, "{path}");
        assert!(answer.text.contains("404 page not found"), "{path}: {}", answer.text);
    }
    for path in ["/%zz", "/api/v1/namespaces/%2/pods"] {
        let answer = get(path).await;
        assert_eq!((answer.code, answer.text.as_str()), (400, "400 Bad Request"), "{path}");
    }
    for path in ["/apis/apps/v9", "/api/v2", "/version/x"] {
        let expected = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": "the server could not find the requested resource",
            "reason": "NotFound", "details": {}, "code": 404,
        });
        assert_eq!(get(path).await.json(), expected, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_supported_is_named() {
    for path in ["/debug/pprof", "/metrics", "/metrics/slis"] {
        let answer = get(path).await;
        let expected = format!("kunobi-ha-test does not support {path}");
        assert_eq!(answer.code, StatusCode::NOT_IMPLEMENTED.as_u16(), "{path}");
        assert_eq!(answer.text, expected, "{path}");
        assert_eq!(answer.header(header::CONTENT_TYPE), "text/plain; charset=utf-8");
    }
}

#[tokio::test]
async fn methods() {
    for path in ["/api", "/api/v1", "/apis/apps/v1", "/version"] {
        assert_eq!(ask("POST", path, &[]).await.code, 405, "{path}");
        assert_eq!(ask("HEAD", path, &[]).await.code, 405, "{path}");
    }
    for path in ["/apis", "/apis/apps", "/apis/example.com/v1", "/healthz", "/livez/ping", "/"] {
        assert_eq!(ask("POST", path, &[]).await.code, 200, "{path}");
    }
    assert_eq!(ask("POST", "/apis/apps/v9", &[]).await.code, 404);
}

#[tokio::test]
async fn health() {
    for path in ["/healthz", "/livez", "/readyz", "/readyz?exclude=etcd"] {
        let answer = get(path).await;
        assert_eq!((answer.code, answer.text.as_str()), (200, "ok"), "{path}");
        assert_eq!(answer.header(header::CONTENT_TYPE), "text/plain; charset=utf-8");
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    }
    for path in ["/healthz/etcd", "/livez/ping?verbose", "/readyz/shutdown"] {
        let answer = get(path).await;
        assert_eq!(answer.text, "ok", "{path}");
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "", "{path}");
    }
    let report = "[+]ping ok\n[+]log ok\n[+]etcd ok\nlivez check passed\n";
    assert_eq!(get("/livez?verbose").await.text, report);
    let report = "[+]ping ok\n[+]log ok\n[+]etcd excluded: ok\nwarn: some health checks cannot be \
                  excluded: no matches for \"blah\",\"nope\"\nhealthz check passed\n";
    let asked = get("/healthz?verbose=&exclude=nope&exclude=etcd&exclude=blah").await;
    assert_eq!(asked.text, report);
    let ready = get("/readyz?verbose").await.text;
    assert!(ready.ends_with("[+]shutdown ok\nreadyz check passed\n"), "{ready}");
    assert_eq!(accept("/livez", "application/xml").await.code, 200);
}

#[tokio::test]
async fn version() {
    let version = get("/version").await.json();
    assert_eq!((&version["major"], &version["minor"]), (&json!("1"), &json!("37")));
    assert_eq!(version["emulationMinor"], "37");
    assert_eq!(version["minCompatibilityMinor"], "36");
    assert_eq!(version["gitVersion"], "v1.37.2+kunobi-ha-test");
    for field in ["gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler", "platform"] {
        assert!(version[field].is_string(), "{field}");
    }
    assert_eq!(get("/version/").await.json(), version);
}
