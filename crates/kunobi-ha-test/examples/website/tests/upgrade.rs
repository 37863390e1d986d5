//! What happens when the custom type gets another version.

use http::{Request, header};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client, CustomResource, CustomResourceExt, ResourceExt,
    api::{ListParams, Patch, PatchParams, PostParams},
    client::Body,
    core::crd::merge_crds,
};
use kunobi_ha_test::{Matcher, TestServer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::world::{HOME, OPERATOR, start, until_deployed, websites};
use crate::{definition, types::Website};

/// The version before: any text, no default, and a field that `v1` does not have.
#[derive(Clone, CustomResource, Debug, Deserialize, JsonSchema, Serialize)]
#[kube(
    group = "demo.kunobi.ninja",
    version = "v1alpha1",
    kind = "Website",
    root = "OldWebsite",
    namespaced,
    deprecated
)]
struct OldWebsiteSpec {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    replicas: Option<i32>,
    theme: Option<String>,
}

/// Both versions are served, and `v1` is stored from now on.
fn both() -> CustomResourceDefinition {
    merge_crds(vec![Website::crd(), OldWebsite::crd()], "v1").unwrap()
}

/// A server on which the operator before has left a website.
async fn left_behind(text: &str) -> TestServer {
    let server = TestServer::builder().with_crds([OldWebsite::crd()]).build();
    let spec = OldWebsiteSpec { text: text.into(), replicas: None, theme: Some("dark".into()) };
    let websites: Api<OldWebsite> = Api::default_namespaced(admin(&server));
    websites.create(&PostParams::default(), &OldWebsite::new("home", spec)).await.unwrap();
    server
}

#[tokio::test(start_paused = true)]
async fn the_operator_takes_over_what_was_stored_before() {
    let server = left_behind("Hello").await;
    definition::install(&admin(&server), &both()).await.unwrap();
    let spec = |server: &TestServer| server.get(HOME).unwrap()["spec"].clone();
    // Read as `v1`: without the theme, and without the defaults of `v1`.
    assert_eq!(spec(&server), json!({ "text": "Hello" }));
    start(&server);
    until_deployed(&server, 1).await;
    assert_eq!(spec(&server), json!({ "text": "Hello", "replicas": 1 }));
}

#[tokio::test(start_paused = true)]
async fn a_text_that_is_too_long_for_v1_stays_until_it_is_changed() {
    let server = left_behind(&"a".repeat(300)).await;
    definition::install(&admin(&server), &both()).await.unwrap();
    start(&server);
    until_deployed(&server, 1).await;
    server.assert_never_requested(Matcher::any().client(OPERATOR).status(422));

    let patch = Patch::Merge(json!({ "spec": { "text": "b".repeat(300) } }));
    let refused = websites(&server).patch("home", &PatchParams::default(), &patch).await;
    assert!(refused.unwrap_err().to_string().contains("Too long"));
}

#[tokio::test(start_paused = true)]
async fn who_still_writes_v1alpha1_is_warned_and_loses_what_v1_does_not_have() {
    let server = left_behind("Hello").await;
    definition::install(&admin(&server), &both()).await.unwrap();
    let spec = OldWebsiteSpec { text: "Hi".into(), replicas: None, theme: Some("dark".into()) };
    let body = serde_json::to_vec(&OldWebsite::new("other", spec)).unwrap();
    let create = Request::post("/apis/demo.kunobi.ninja/v1alpha1/namespaces/default/websites")
        .header(header::CONTENT_TYPE, "application/json");
    let answer = admin(&server).send(create.body(Body::from(body)).unwrap()).await.unwrap();
    let warning = "299 - \"demo.kunobi.ninja/v1alpha1 Website is deprecated; \
                   use demo.kunobi.ninja/v1 Website\"";
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()[header::WARNING], warning);
    let old: Api<OldWebsite> = Api::default_namespaced(admin(&server));
    assert_eq!(old.get("home").await.unwrap().spec.theme.as_deref(), Some("dark"));
    assert_eq!(old.get("other").await.unwrap().spec.theme, None);
}

#[tokio::test(start_paused = true)]
async fn v1alpha1_goes_when_nothing_is_stored_in_it_any_more() {
    let server = left_behind("Hello").await;
    definition::install(&admin(&server), &both()).await.unwrap();
    let refused = definition::install(&admin(&server), &Website::crd()).await.unwrap_err();
    assert!(refused.to_string().contains("v1alpha1 was previously a storage version"), "{refused}");

    // Each object that is written goes into the version that is stored now.
    let websites = websites(&server);
    for website in websites.list(&ListParams::default()).await.unwrap() {
        websites.replace(&website.name_any(), &PostParams::default(), &website).await.unwrap();
    }
    forget_v1alpha1(&server).await;
    definition::install(&admin(&server), &Website::crd()).await.unwrap();
    assert_eq!(websites.list(&ListParams::default()).await.unwrap().items.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_that_no_website_can_be_listed_any_more() {
    let server = left_behind("Hello").await;
    definition::install(&admin(&server), &both()).await.unwrap();
    forget_v1alpha1(&server).await;
    definition::install(&admin(&server), &Website::crd()).await.unwrap();
    let refused = websites(&server).list(&ListParams::default()).await.unwrap_err();
    assert!(refused.to_string().contains("object not decodable"), "{refused}");
}

/// Says that nothing is stored as `v1alpha1`, which nobody checks.
async fn forget_v1alpha1(server: &TestServer) {
    let definitions: Api<CustomResourceDefinition> = Api::all(admin(server));
    let status = Patch::Merge(json!({ "status": { "storedVersions": ["v1"] } }));
    let name = Website::crd_name();
    definitions.patch_status(name, &PatchParams::default(), &status).await.unwrap();
}

fn admin(server: &TestServer) -> Client {
    Client::new(server.service("admin"), "default")
}
