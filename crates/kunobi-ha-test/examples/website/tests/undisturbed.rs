//! What happens when nothing goes wrong.

use k8s_openapi::api::{apps::v1::Deployment, core::v1::ConfigMap, events::v1::Event};
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use kunobi_ha_test::{Matcher, TestServer};
use serde_json::json;

use super::world::{
    DEPLOYMENT, HOME, LIST, OPERATOR, become_ready, cluster, create_home, start, until_deployed,
    until_served, websites,
};
use crate::{
    controller::FINALIZER,
    types::{Website, WebsiteSpec},
};

#[tokio::test(start_paused = true)]
async fn a_website_gets_a_deployment_that_it_owns() {
    let server = cluster().build();
    start(&server);
    let home = create_home(&server).await.unwrap();
    let deployment = until_deployed(&server, 2).await;
    let owner = &deployment.metadata.owner_references.unwrap()[0];
    assert_eq!(Some(&owner.uid), home.metadata.uid.as_ref());
    assert_eq!(owner.controller, Some(true));
}

#[tokio::test(start_paused = true)]
async fn it_is_served_once_its_deployment_is_ready_and_an_event_says_so_once() {
    let server = cluster().build();
    start(&server);
    create_home(&server).await.unwrap();
    until_deployed(&server, 2).await;
    server.assert_never_requested(Matcher::all("events.events.k8s.io"));
    become_ready(&server).await;
    let home = until_served(&server).await;
    assert_eq!(home.status.unwrap().ready_replicas, 2);

    let writes = Matcher::writes("events.events.k8s.io").client(OPERATOR);
    server.until_requested(&writes, 1).await;
    scale(&server, 5).await; // Another reconciliation, which has nothing new to tell.
    until_deployed(&server, 2).await;
    server.assert_requested_times(1, &writes);
    let events: Vec<Event> = server.list_as("events.events.k8s.io default/");
    assert_eq!(events[0].note.as_deref(), Some("2 replicas serve it"));
    assert_eq!(events[0].regarding.as_ref().unwrap().name.as_deref(), Some("home"));
}

#[tokio::test(start_paused = true)]
async fn a_new_text_is_served_only_when_the_deployment_has_caught_up() {
    let server = cluster().build();
    start(&server);
    create_home(&server).await.unwrap();
    become_ready(&server).await;
    until_served(&server).await;
    let patch = Patch::Merge(json!({ "spec": { "text": "Good evening" } }));
    let changed = websites(&server).patch("home", &PatchParams::default(), &patch).await.unwrap();
    assert!(!changed.is_served(), "its status is about the text before");
    let waits = |home: &Website| home.status.as_ref().unwrap().observed_generation == 2;
    let home = server.until_object(HOME, "is about the new text", waits).await;
    assert!(!home.is_served());
    become_ready(&server).await;
    until_served(&server).await;
}

#[tokio::test(start_paused = true)]
async fn what_others_change_is_mended_and_what_they_add_is_left() {
    let server = cluster().build();
    start(&server);
    create_home(&server).await.unwrap();
    until_deployed(&server, 2).await;
    scale(&server, 5).await;
    let mended = until_deployed(&server, 2).await;
    assert_eq!(mended.metadata.annotations.unwrap()["by"], "somebody");
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_was_deleted_comes_back() {
    let server = cluster().build();
    start(&server);
    create_home(&server).await.unwrap();
    let first = until_deployed(&server, 2).await;
    assert!(server.delete(DEPLOYMENT));
    let second = until_deployed(&server, 2).await;
    assert_ne!(first.metadata.uid, second.metadata.uid);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_takes_the_website_off_the_list_before_it_is_gone() {
    let server = cluster().build();
    start(&server);
    create_home(&server).await.unwrap();
    let listed = |list: &ConfigMap| list.data.as_ref().is_some_and(|data| data["home"] == "Hello");
    server.until_object(LIST, "has the website", listed).await;
    let home: Website = server.get_as(HOME).unwrap();
    assert_eq!(home.metadata.finalizers.unwrap(), [FINALIZER]);

    websites(&server).delete("home", &DeleteParams::default()).await.unwrap();
    server.until_gone(HOME).await;
    let list: ConfigMap = server.get_as(LIST).unwrap();
    assert_eq!(list.data, None);
    server.until_gone(DEPLOYMENT).await; // The server collects what nobody owns any more.
}

#[tokio::test(start_paused = true)]
async fn the_api_refuses_a_wrong_spec_in_its_own_words_and_sets_defaults() {
    let server = cluster().build();
    let websites = websites(&server);
    let create = async |name: &str, text: &str, replicas| {
        let website = Website::new(name, WebsiteSpec { text: text.into(), replicas });
        websites.create(&PostParams::default(), &website).await
    };
    let refused = |error: kube::Error| match error {
        kube::Error::Api(status) => (status.code, status.message),
        other => panic!("{other}"),
    };
    let many = "Website.demo.kunobi.ninja \"a\" is invalid: spec.replicas: Invalid value: 9: \
                spec.replicas in body should be less than or equal to 5";
    assert_eq!(refused(create("a", "Hello", 9).await.unwrap_err()), (422, many.into()));
    let empty = "Website.demo.kunobi.ninja \"a\" is invalid: spec.text: Invalid value: \"\": \
                 spec.text in body should be at least 1 chars long";
    assert_eq!(refused(create("a", "", 1).await.unwrap_err()), (422, empty.into()));

    let short = Patch::Apply(json!({ "apiVersion": "demo.kunobi.ninja/v1", "kind": "Website",
                                     "metadata": { "name": "b" }, "spec": { "text": "Hello" } }));
    let applied = websites.patch("b", &PatchParams::apply("me"), &short).await.unwrap();
    assert_eq!(applied.spec.replicas, 1);
}

#[tokio::test(start_paused = true)]
async fn its_role_is_enough_for_the_whole_life_of_a_website() {
    let server = cluster().with_rbac().with_objects(include_str!("../rights.yaml")).build();
    start(&server);
    create_home(&server).await.unwrap();
    become_ready(&server).await;
    until_served(&server).await;
    server.until_written(Matcher::create("events.events.k8s.io"), 1).await;
    websites(&server).delete("home", &DeleteParams::default()).await.unwrap();
    server.until_gone(HOME).await;
    server.assert_never_requested(Matcher::any().client(OPERATOR).status(403));
}

#[tokio::test(start_paused = true)]
async fn without_its_role_it_may_not_even_list() {
    let server = cluster().with_rbac().build();
    start(&server);
    let lists = Matcher::list("websites.demo.kunobi.ninja").client(OPERATOR);
    server.until_requested(lists.status(403), 1).await;
}

/// Somebody else takes the replicas, and adds an annotation.
async fn scale(server: &TestServer, replicas: i32) {
    let somebody = Client::new(server.service("somebody"), "default");
    let deployments: Api<Deployment> = Api::default_namespaced(somebody);
    let patch = Patch::Merge(json!({ "metadata": { "annotations": { "by": "somebody" } },
                                     "spec": { "replicas": replicas } }));
    deployments.patch("home", &PatchParams::default(), &patch).await.unwrap();
}
