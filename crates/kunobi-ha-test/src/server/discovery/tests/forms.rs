//! Which form of discovery a client gets, and the aggregated one.

use http::header;
use serde_json::json;

use super::{V2, V2BETA1, accept, ask};

#[tokio::test]
async fn everything_in_one_document() {
    let all = accept("/apis", V2).await;
    assert_eq!((all.code, all.header(header::CONTENT_TYPE)), (200, V2));
    assert_eq!(all.header(header::VARY), "Accept");
    assert_eq!(all.header(header::CACHE_CONTROL), "public");
    let first = r#"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[{"metadata":{"name":"apiregistration.k8s.io"},"versions":[{"version":"v1","resources":[{"resource":"apiservices","responseKind":{"group":"","version":"","kind":"APIService"},"scope":"Cluster","singularResource":"apiservice","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"categories":["api-extensions"],"subresources":[{"subresource":"status","responseKind":{"group":"","version":"","kind":"APIService"},"verbs":["get","patch","update"]}]}],"freshness":"Current"}]},"#;
    assert_eq!(all.text.get(..first.len()), Some(first));
    let custom = r#"{"version":"v1beta1","resources":[{"resource":"widgets","responseKind":{"group":"example.com","version":"v1beta1","kind":"Widget"},"scope":"Namespaced","singularResource":"widget","verbs":["delete","deletecollection","get","list","patch","create","update","watch"],"shortNames":["wi"],"categories":["all","toys"],"subresources":[{"subresource":"status","responseKind":{"group":"example.com","version":"v1beta1","kind":"Widget"},"verbs":["get","patch","update"]},{"subresource":"scale","responseKind":{"group":"autoscaling","version":"v1","kind":"Scale"},"verbs":["get","patch","update"]}]}],"freshness":"Current"}]}]}"#;
    assert!(all.text.ends_with(custom), "{}", all.text);

    let core = accept("/api", V2).await;
    let first = r#"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[{"metadata":{},"versions":[{"version":"v1","resources":[{"resource":"bindings","responseKind":{"group":"","version":"","kind":"Binding"},"scope":"Namespaced","singularResource":"binding","verbs":["create"]},"#;
    assert_eq!(core.text.get(..first.len()), Some(first));
    assert_eq!(accept("/api/", V2).await.text, core.text);
}

#[tokio::test]
async fn a_client_that_has_the_document_gets_no_other() {
    let all = accept("/apis", V2).await;
    let tag = all.header(header::ETAG);
    let again = ask("GET", "/apis", &[(header::ACCEPT, V2), (header::IF_NONE_MATCH, tag)]).await;
    assert_eq!((again.code, again.text.as_str()), (304, ""));
    assert_eq!(again.header(header::ETAG), tag);
    assert_eq!(again.header(header::CONTENT_TYPE), "");
    let core = ask("GET", "/api", &[(header::ACCEPT, V2), (header::IF_NONE_MATCH, tag)]).await;
    assert_eq!(core.code, 200);
}

#[tokio::test]
async fn the_form_is_negotiated() {
    let kind = async |uri: &str, accepted: &str| {
        let answer = accept(uri, accepted).await;
        if answer.code == 200 { answer.json()["kind"].clone() } else { answer.code.into() }
    };
    let all = format!("{V2},{V2BETA1},application/json");
    for (uri, accepted, expected) in [
        ("/apis", all.as_str(), json!("APIGroupDiscoveryList")),
        ("/apis", &format!("application/json, {V2}"), json!("APIGroupDiscoveryList")),
        ("/apis", &format!("{V2};q=0.1, */*"), json!("APIGroupDiscoveryList")),
        ("/api", &format!("text/html, {V2}"), json!("APIGroupDiscoveryList")),
        ("/apis", &format!("{V2BETA1},application/json"), json!("APIGroupList")),
        ("/apis", V2BETA1, json!(406)),
        ("/apis", &V2.replace("apidiscovery", "meta"), json!(406)),
        ("/apis/", V2, json!(406)),
        ("/apis/", all.as_str(), json!("APIGroupList")),
        ("/apis/apps", V2, json!(406)),
        ("/apis/apps/v1", V2, json!(406)),
        ("/apis/apps/v1", "application/*", json!(406)),
        ("/apis/apps", "application/*", json!("APIGroup")),
        ("/apis", "*/*", json!("APIGroupList")),
        ("/apis", "application/yaml", json!("APIGroupList")),
        ("/apis", "application/vnd.kubernetes.protobuf", json!(406)),
        (
            "/apis",
            "application/json;as=Table;g=meta.k8s.io;v=v1,application/json",
            json!("APIGroupList"),
        ),
        ("/api", "application/json;as=Table;g=meta.k8s.io;v=v1", json!(406)),
        ("/apis/apps/v1", "application/json;stream=watch", json!("APIResourceList")),
        ("/apis/apps/v1", "application/json;stream=x", json!(406)),
        ("/apis", "application/yaml;stream=watch", json!(406)),
        ("/apis", "application/json;sv=v1", json!(406)),
        ("/apis", "application/json;v=", json!("APIGroupList")),
        ("/apis/apps/v1", "application/json;charset=utf-8", json!("APIResourceList")),
        ("/apis/example.com/v1", "text/html", json!(406)),
        ("/apis/nope", "text/html", json!(404)),
    ] {
        assert_eq!(kind(uri, accepted).await, expected, "{uri} {accepted}");
    }
    let refused = accept("/apis", "text/html").await.json();
    let only = "only the following media types are accepted: application/json, application/yaml";
    assert_eq!((&refused["message"], refused.get("details")), (&json!(only), None));
    let refused = accept("/version", "application/xml").await.json();
    let only = "406: Not Acceptable\n\nAvailable representations: application/json";
    assert_eq!((&refused["message"], &refused["details"]), (&json!(only), &json!({})));
    assert_eq!(accept("/version", V2).await.code, 200);
}
