//! The `OpenAPI` documents, as kube-apiserver 1.37.2 serves them.

use http::header;
use serde_json::Value;

use super::{Answer, accept, ask, get};

fn url(index: &Answer, path: &str) -> String {
    let url = &index.json()["paths"][path]["serverRelativeURL"];
    url.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_index_has_a_url_for_each_version() {
    let index = get("/openapi/v3").await;
    assert_eq!(index.header(header::CONTENT_TYPE), "text/plain; charset=utf-8");
    for path in ["api/v1", "apis/apps/v1", "apis/example.com/v1", "apis/example.com/v1beta1"] {
        let url = url(&index, path);
        assert!(url.starts_with(&format!("/openapi/v3/{path}?hash=")), "{url}");
        let document = get(&url).await;
        assert_eq!(document.code, 200);
        assert_eq!(document.json()["openapi"], "3.0.0");
        assert_eq!(document.header(header::CACHE_CONTROL), "public, immutable");
        assert_eq!(document.header(header::VARY), "Accept");
    }
    assert_eq!(ask("POST", "/openapi/v3", &[]).await.code, 200);
    assert_eq!(accept("/openapi/v3", "application/x").await.code, 200);
}

#[tokio::test]
async fn a_client_that_has_a_document_gets_no_other() {
    for path in ["/openapi/v3", "/openapi/v3/apis/batch/v1", "/openapi/v2"] {
        let first = get(path).await;
        let tag = first.header(header::ETAG);
        assert!(tag.len() > 2, "{path}: {tag}");
        let again = ask("GET", path, &[(header::IF_NONE_MATCH, tag)]).await;
        assert_eq!((again.code, again.text.as_str()), (304, ""), "{path}");
        let other = ask("GET", path, &[(header::IF_NONE_MATCH, "\"other\"")]).await;
        assert_eq!(other.text, first.text, "{path}");
    }
}

#[tokio::test]
async fn an_old_hash_is_sent_to_the_new_one() {
    let old = get("/openapi/v3/apis/batch/v1?hash=ABC").await;
    let expected = url(&get("/openapi/v3").await, "apis/batch/v1");
    assert_eq!((old.code, old.header(header::LOCATION)), (301, expected.as_str()));
    assert_eq!(old.text, "");
}

#[tokio::test]
async fn what_there_is_not() {
    for path in ["/openapi/v3/", "/openapi/v3/apis/nope", "/openapi/v3/apis/nope/v1"] {
        let answer = get(path).await;
        assert_eq!((answer.code, answer.text.as_str()), (404, ""), "{path}");
    }
    let v3 = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";
    for accepted in ["application/yaml", "text/plain", v3] {
        let answer = accept("/openapi/v3/api/v1", accepted).await;
        assert_eq!((answer.code, answer.text.as_str()), (406, ""), "{accepted}");
    }
    for accepted in ["application/yaml", "text/plain", v3] {
        assert_eq!(accept("/openapi/v2", accepted).await.code, 406, "{accepted}");
    }
    for accepted in ["*/*", "application/*", "application/json", &format!("{v3},*/*;q=0.1")] {
        assert_eq!(accept("/openapi/v3/api/v1", accepted).await.code, 200, "{accepted}");
        let answer = accept("/openapi/v2", accepted).await;
        assert_eq!(answer.json()["swagger"], "2.0", "{accepted}");
    }
}

#[tokio::test]
async fn all_types_are_in_the_one_document() {
    let document = get("/openapi/v2").await.json();
    let kinds = |value: &Value| value["x-kubernetes-group-version-kind"].clone();
    let definitions = &document["definitions"];
    assert_eq!(kinds(&definitions["io.k8s.api.core.v1.Pod"])[0]["kind"], "Pod");
    let options = &definitions["io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"];
    assert!(kinds(options).as_array().unwrap().len() > 20);
}
