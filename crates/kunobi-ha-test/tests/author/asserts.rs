use kube::api::{DeleteParams, Patch, PatchParams};
use kunobi_ha_test::{Matcher, TestServer};
use serde_json::json;

use super::{create, maps, panic_of, start};

#[tokio::test(start_paused = true)]
async fn what_was_asked_and_written_is_found() {
    let server = seen().await;
    let creates = Matcher::create("configmaps");
    assert_eq!(server.assert_requested(&creates).len(), 2);
    server.assert_requested_times(1, creates.clone().name("a"));
    server.assert_requested_times(4, Matcher::writes("configmaps").client("me"));
    server.assert_requested(Matcher::patch("configmaps").query("force", "true").status(200));
    server.assert_requested(Matcher::all("*").namespace("default").client("other"));
    server.assert_never_requested(Matcher::delete("configmaps").name("b"));
    server.assert_never_requested(Matcher::all("secrets"));
    server.assert_in_order([creates, Matcher::patch("configmaps"), Matcher::delete("*")]);
    assert_eq!(server.assert_written(Matcher::patch("configmaps"))[0].object["data"]["n"], "1");
    server.assert_never_written(Matcher::writes("configmaps").client("other"));
    assert_eq!(server.writes_matching(Matcher::any()).len(), 4);
    assert_eq!(server.requests_matching(Matcher::reads("configmaps")).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_shows_the_requests_that_come_closest() {
    let words =
        words(|server| drop(server.assert_requested(Matcher::create("configmaps").name("c"))))
            .await;
    let expected = "expected: create configmaps c
the closest of 5 other requests:
     0.000 s  me     create configmaps default/a                             201  (another name)
     0.000 s  me     create configmaps default/b                             201  (another name)
     0.000 s  me     patch configmaps default/a ?force=true&fieldManager=me  200  (another verb, another name)
     0.000 s  me     delete configmaps default/a                             200  (another verb, another name)
     0.000 s  other  get configmaps default/a                                404  (another verb, another name)
";
    assert_eq!(words, expected);
}

#[tokio::test(start_paused = true)]
async fn each_assertion_fails_in_words() {
    let times =
        words(|server| server.assert_requested_times(1, Matcher::create("configmaps"))).await;
    assert!(times.starts_with("expected 1 × create configmaps, but there were 2:\n"), "{times}");
    assert!(!times.contains("closest"), "{times}");
    let few = words(|server| server.assert_requested_times(3, Matcher::create("configmaps"))).await;
    assert!(few.contains("the closest of 3 other requests:\n     0.000 s  me     patch"), "{few}");
    let never = words(|server| server.assert_never_requested(Matcher::delete("*"))).await;
    assert!(
        never.contains("expected never: delete *, but there were\n     0.000 s  me  delete"),
        "{never}"
    );
    let order = words(|server| {
        server.assert_in_order([Matcher::delete("configmaps"), Matcher::create("configmaps")]);
    });
    let order = order.await;
    assert!(
        order.contains("delete configmaps, before create configmaps, but they came"),
        "{order}"
    );
    let write = words(|server| drop(server.assert_written(Matcher::update("configmaps")))).await;
    assert!(write.contains("the closest of 4 other writes:\n     0.000 s  me  create"), "{write}");
    let none = words(|server| server.assert_never_written(Matcher::delete("configmaps"))).await;
    assert!(none.contains("expected no write: delete configmaps, but there were\n"), "{none}");
}

#[tokio::test(start_paused = true)]
async fn what_matches_nothing_by_mistake_is_no_success() {
    let mistyped =
        words(|server| server.assert_never_requested(Matcher::delete("configmap"))).await;
    assert!(mistyped.contains("no type has the plural name \"configmap\""), "{mistyped}");
    let query =
        words(|server| server.assert_never_written(Matcher::any().query("force", "true"))).await;
    assert!(query.contains("a write has neither a query nor a status"), "{query}");
    let server = TestServer::builder().log_capacity(1).build();
    for name in ["a", "b"] {
        create(&maps(&server, "me"), name).await.unwrap();
    }
    let words = panic_of(async move { server.assert_never_requested(Matcher::delete("*")) }).await;
    assert!(words.contains("the log has forgotten 1 requests"), "{words}");
}

async fn seen() -> TestServer {
    let (server, mine) = start();
    for name in ["a", "b"] {
        create(&mine, name).await.expect("it is answered");
    }
    let patch = json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "n": "1" } });
    let parameters = PatchParams::apply("me").force();
    mine.patch("a", &parameters, &Patch::Apply(patch)).await.expect("it is answered");
    mine.delete("a", &DeleteParams::default()).await.expect("it is answered");
    maps(&server, "other").get("a").await.expect_err("it does not exist");
    server
}

async fn words(fail: fn(TestServer)) -> String {
    let server = seen().await;
    panic_of(async move { fail(server) }).await
}
