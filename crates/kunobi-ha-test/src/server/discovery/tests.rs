//! Requests and answers, as kube-apiserver 1.37.2 gave them.

mod forms;
mod openapi;
mod server;

use std::sync::LazyLock;

use http::{HeaderMap, Request, Response, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::Document;
use crate::{
    server::ResponseBody,
    types::{Types, tests::widget},
};

const V2: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const V2BETA1: &str = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";

struct Answer {
    code: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    async fn of(response: Response<ResponseBody>) -> Self {
        let (code, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Self { code, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

static TYPES: LazyLock<Types> = LazyLock::new(|| {
    let mut types = Types::new();
    let versions = ["v1", "v1beta1"].map(|version| widget("example.com", version, "widgets"));
    types.define("widgets.example.com", versions.to_vec());
    types
});

async fn ask(method: &str, uri: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    Answer::of(super::answer(&parts, || TYPES.clone()).unwrap()).await
}

async fn get(uri: &str) -> Answer {
    ask("GET", uri, &[]).await
}

async fn accept(uri: &str, accepted: &str) -> Answer {
    ask("GET", uri, &[(header::ACCEPT, accepted)]).await
}

#[test]
fn paths_of_resources_are_not_discovery() {
    for path in [
        "/api/v1/pods",
        "/api/v9/pods",
        "/apis/apps/v1/deployments",
        "/apis/nope/v1/foos/x",
        "/api//v1/x",
        "/api/v1//",
    ] {
        assert_eq!(Document::at(path), None, "{path}");
    }
}

#[tokio::test]
async fn versions_of_the_core_group() {
    let answer = ask("GET", "/api", &[(header::HOST, "127.0.0.1:6443")]).await;
    let expected = r#"{"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[{"clientCIDR":"0.0.0.0/0","serverAddress":"127.0.0.1:6443"}]}"#;
    assert_eq!((answer.code, answer.text.as_str()), (200, expected));
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
    assert_eq!(get("/api/").await.json()["kind"], "APIVersions");
}

#[tokio::test]
async fn groups() {
    let groups = get("/apis").await.json();
    assert_eq!(groups["kind"], "APIGroupList");
    let names: Vec<&str> = groups["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["name"].as_str().unwrap())
        .collect();
    let expected = [
        "apiregistration.k8s.io",
        "apps",
        "events.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "networking.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "storage.k8s.io",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "scheduling.k8s.io",
        "coordination.k8s.io",
        "node.k8s.io",
        "discovery.k8s.io",
        "resource.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "storagemigration.k8s.io",
        "example.com",
    ];
    assert_eq!(names, expected);
    assert_eq!(groups["groups"][5]["preferredVersion"]["groupVersion"], "autoscaling/v2");

    let group = r#"{"kind":"APIGroup","apiVersion":"v1","name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}],"preferredVersion":{"groupVersion":"apps/v1","version":"v1"}}"#;
    assert_eq!(get("/apis/apps").await.text, group);
    assert_eq!(get("/apis/apps/").await.text, group);
    assert_eq!(get("/%61pis%2Fapps").await.text, group);
    assert_eq!(get("/apis/example.com").await.json()["versions"][1]["version"], "v1beta1");
    assert_eq!(get("/apis/").await.json(), groups);
}

#[test]
fn groups_of_definitions_are_sorted_by_their_first_version() {
    let mut types = Types::new();
    let mut define = |group: &str, versions: &[&str]| {
        let all = versions.iter().map(|version| widget(group, version, "widgets"));
        types.define(&format!("widgets.{group}"), all.collect());
    };
    define("a1.example.com", &["v1"]);
    define("b1.example.com", &["v1alpha1"]);
    define("c1.example.com", &["v1", "v2"]);
    define("types.example.com", &["v1", "foo"]);
    let list = serde_json::to_value(super::plain::groups(&types)).unwrap();
    let names: Vec<&str> = list["groups"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|group| group["name"].as_str())
        .collect();
    assert_eq!(names[..2], ["apiregistration.k8s.io", "apps"]);
    let custom = ["types.example.com", "a1.example.com", "c1.example.com", "b1.example.com"];
    assert_eq!(names[21..], custom);
}

#[tokio::test]
async fn resources() {
    let apps = get("/apis/apps/v1").await;
    let first = r#"{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"apps/v1","resources":[{"name":"controllerrevisions","singularName":"controllerrevision","namespaced":true,"kind":"ControllerRevision","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"storageVersionHash":"85nkx63pcBU="},{"name":"daemonsets","singularName":"daemonset","namespaced":true,"kind":"DaemonSet","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"shortNames":["ds"],"categories":["all"],"storageVersionHash":"dd7pWHUlMKQ="},{"name":"daemonsets/status","singularName":"","namespaced":true,"kind":"DaemonSet","verbs":["get","patch","update"]},"#;
    assert_eq!(apps.text.get(..first.len()), Some(first));
    let scale = r#"{"name":"deployments/scale","singularName":"","namespaced":true,"group":"autoscaling","version":"v1","kind":"Scale","verbs":["get","patch","update"]}"#;
    assert!(apps.text.contains(scale));
    let core = get("/api/v1/").await.json();
    assert_eq!((&core["groupVersion"], core.get("apiVersion")), (&json!("v1"), None));
    assert_eq!(core["resources"][0]["name"], "bindings");

    let custom = get("/apis/example.com/v1").await;
    let expected = r#"{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"example.com/v1","resources":[{"name":"widgets","singularName":"widget","namespaced":true,"kind":"Widget","verbs":["delete","deletecollection","get","list","patch","create","update","watch"],"shortNames":["wi"],"categories":["all","toys"]},{"name":"widgets/status","singularName":"","namespaced":true,"kind":"Widget","verbs":["get","patch","update"]},{"name":"widgets/scale","singularName":"","namespaced":true,"group":"autoscaling","version":"v1","kind":"Scale","verbs":["get","patch","update"]}]}"#;
    assert_eq!(custom.text, expected);
}

#[tokio::test]
async fn the_index_lists_what_is_served() {
    let index = get("/").await.json();
    let paths: Vec<&str> =
        index["paths"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    assert!(paths.is_sorted());
    for path in &paths {
        assert_eq!(get(path).await.code, 200, "{path}");
    }
    for path in ["/api/v1", "/apis/example.com/v1beta1", "/apis/apps", "/readyz/shutdown"] {
        assert!(paths.contains(&path), "{path}");
    }
}
