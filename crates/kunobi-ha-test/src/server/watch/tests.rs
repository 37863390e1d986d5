mod time;

use std::time::Duration;

use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::*;
use crate::request::Meta;
use crate::{server::answer::ResponseBody, store::steps};

const PATH: &str = "/api/v1/namespaces/x/configmaps";

fn put(server: &TestServer, name: &str, label: &str) {
    let metadata = json!({ "namespace": "x", "name": name, "labels": { "a": label },
                           "resourceVersion": "none" });
    let value = json!({ "kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata });
    let path = format!("{PATH}/{name}");
    if server.get(&path).is_none() {
        server.inject(&path, value);
    } else {
        server.edit(&path, |old| *old = value);
    }
}

fn options(server: &TestServer, selected: &str, start: Start) -> WatchOptions {
    let resource = server.state().store.types.find("", "v1", "configmaps").unwrap();
    WatchOptions {
        selector: Selector::parse(Some(selected), None, &resource).unwrap(),
        start,
        not_older_than: None,
        timeout: Duration::from_secs(300),
        bookmarks: false,
    }
}

fn watch(server: &TestServer, options: WatchOptions, form: As) -> ResponseBody {
    let resource = server.state().store.types.find("", "v1", "configmaps").unwrap();
    server.watch("me", &Target::parse(PATH).unwrap(), &resource, options, form)
}

/// The next event. None: the watch is over.
async fn next(body: &mut ResponseBody) -> Option<Value> {
    let frame = body.frame().await?;
    let bytes = frame.unwrap().into_data().unwrap();
    Some(serde_json::from_slice(&bytes).unwrap())
}

/// The type, the name and the label of the next event.
async fn told(body: &mut ResponseBody) -> String {
    let event = next(body).await.unwrap();
    let metadata = &event["object"]["metadata"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = text(&event["type"]);
    format!("{kind} {}{}", text(&metadata["name"]), text(&metadata["labels"]["a"]))
}

#[tokio::test(start_paused = true)]
async fn what_enters_a_selection_is_added_and_what_leaves_it_is_deleted() {
    let server = TestServer::new();
    let begin = server.state().store.revision();
    let live = || watch(&server, options(&server, "a in (1,2)", Start::Existing), As::Whole);
    let mut watches = vec![live()];
    put(&server, "p", "1");
    put(&server, "q", "0");
    put(&server, "p", "2");
    put(&server, "p", "0");
    put(&server, "q", "0x");
    put(&server, "q", "2");
    put(&server, "p", "1");
    assert!(server.delete(&format!("{PATH}/p")));
    put(&server, "q", "0");
    assert!(server.delete(&format!("{PATH}/q")));
    put(&server, "end", "1");
    let replayed = options(&server, "a in (1,2)", Start::After(begin));
    watches.push(watch(&server, replayed, As::Whole));
    for mut body in watches {
        for expected in [
            "ADDED p1",
            "MODIFIED p2",
            "DELETED p2",
            "ADDED q2",
            "ADDED p1",
            "DELETED p1",
            "DELETED q2",
            "ADDED end1",
        ] {
            assert_eq!(told(&mut body).await, expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_that_leaves_has_its_last_selected_state_and_the_new_version() {
    let server = TestServer::new();
    put(&server, "p", "1");
    put(&server, "p", "2");
    for form in [As::Whole, As::Metadata(Meta::V1)] {
        let mut body = watch(&server, options(&server, "a=2", Start::Existing), form);
        assert_eq!(told(&mut body).await, "ADDED p2");
        put(&server, "p", "3");
        let event = next(&mut body).await.unwrap();
        let revision = server.state().store.revision();
        assert_eq!(event["type"], "DELETED");
        assert_eq!(event["object"]["metadata"]["labels"]["a"], "2");
        assert_eq!(event["object"]["metadata"]["resourceVersion"], revision.to_string());
        put(&server, "p", "2");
    }
}

#[tokio::test(start_paused = true)]
async fn the_objects_that_exist_come_first_and_a_bookmark_ends_them() {
    let server = TestServer::new();
    for name in ["b", "a", "c"] {
        put(&server, name, "1");
    }
    put(&server, "d", "0");
    let revision = server.state().store.revision().to_string();
    let before = server.snapshot();
    for (form, kind, api_version) in [
        (As::Whole, "ConfigMap", "v1"),
        (As::Metadata(Meta::V1), "PartialObjectMetadata", "meta.k8s.io/v1"),
    ] {
        let mut body = watch(&server, options(&server, "a=1", Start::ExistingThenBookmark), form);
        // It comes after the bookmark, although it is there before the first event is read.
        put(&server, "e", "1");
        for expected in ["ADDED a1", "ADDED b1", "ADDED c1"] {
            assert_eq!(told(&mut body).await, expected);
        }
        let metadata = json!({ "annotations": { "k8s.io/initial-events-end": "true" },
                               "resourceVersion": revision });
        let object = json!({ "kind": kind, "apiVersion": api_version, "metadata": metadata });
        assert_eq!(next(&mut body).await, Some(json!({ "type": "BOOKMARK", "object": object })));
        let event = next(&mut body).await.unwrap();
        assert_eq!(event["type"], "ADDED");
        assert_eq!(event["object"]["kind"], kind);
        assert_eq!(event["object"]["metadata"]["name"], "e");
        server.restore(before.clone());
    }
}

#[tokio::test(start_paused = true)]
async fn from_now_on_means_without_what_exists() {
    let server = TestServer::new();
    put(&server, "a", "1");
    let mut body = watch(&server, options(&server, "", Start::Now), As::Whole);
    put(&server, "b", "1");
    assert_eq!(told(&mut body).await, "ADDED b1");
}

#[tokio::test(start_paused = true)]
async fn a_version_that_does_not_exist_yet() {
    let server = TestServer::new();
    put(&server, "a", "1");
    let revision = server.state().store.revision();
    let later = WatchOptions {
        bookmarks: true,
        timeout: Duration::from_secs(10),
        ..options(&server, "", Start::After(revision + 2))
    };
    let mut body = watch(&server, later.clone(), As::Whole);
    let mut never = watch(&server, later, As::Whole);
    for name in ["b", "c", "d"] {
        put(&server, name, "1");
    }
    assert_eq!(told(&mut body).await, "ADDED d1");

    let wanted = options(&server, "", Start::ExistingThenBookmark);
    let wanted = WatchOptions { not_older_than: Some(revision + 4), ..wanted };
    let mut body = watch(&server, wanted, As::Whole);
    let event = next(&mut body).await.unwrap();
    assert_eq!(event["type"], "ERROR");
    assert_eq!(event["object"]["code"], 504);
    let message = event["object"]["message"].as_str().unwrap();
    let (asked, current) = (revision + 4, revision + 3);
    let expected = format!("Timeout: Too large resource version: {asked}, current: {current}");
    assert_eq!(message, expected);
    assert_eq!(next(&mut body).await, None);

    assert_eq!(told(&mut never).await, "ADDED d1");
    let future = options(&server, "", Start::After(revision + 1000));
    let future = WatchOptions { bookmarks: true, timeout: Duration::from_secs(100), ..future };
    let mut body = watch(&server, future, As::Whole);
    put(&server, "e", "1");
    assert_eq!(next(&mut body).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_forgotten_ends_the_watch() {
    let server = TestServer::new();
    put(&server, "a", "1");
    let revision = server.state().store.revision();
    put(&server, "b", "1");
    server.compact();
    let mut body = watch(&server, options(&server, "", Start::After(revision)), As::Whole);
    let event = next(&mut body).await.unwrap();
    let message = format!("too old resource version: {revision} ({})", revision + 1);
    let status = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                         "message": message, "reason": "Expired", "code": 410 });
    assert_eq!(event, json!({ "type": "ERROR", "object": status }));
    assert_eq!(next(&mut body).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_is_gone_ends_the_watch_after_its_last_event() {
    let server = TestServer::new();
    let conditions = [json!({ "type": "Established", "status": "True" })];
    let names = json!({ "plural": "things", "kind": "Thing" });
    let schema = json!({ "openAPIV3Schema": { "type": "object" } });
    let version = json!({ "name": "v1", "served": true, "storage": true, "schema": schema });
    let definition = json!({
        "spec": { "group": "watch.io", "scope": "Cluster", "names": names, "versions": [version] },
        "status": { "conditions": conditions, "acceptedNames": names },
    });
    let resources = crate::crd::served(&definition);
    let resource = Arc::clone(&resources[0]);
    let target = Target::parse("/apis/watch.io/v1/things").unwrap();
    server.state().store.types.define("things.watch.io", resources);
    let wanted = options(&server, "", Start::Existing);
    let mut body = server.watch("me", &target, &resource, wanted, As::Whole);
    let value = json!({ "kind": "Thing", "metadata": { "name": "n" } });
    server.inject("/apis/watch.io/v1/things/n", value);
    assert_eq!(told(&mut body).await, "ADDED n");
    server.state().store.types.forget("things.watch.io");
    assert!(server.delete("/apis/watch.io/v1/things/n"));
    assert_eq!(told(&mut body).await, "DELETED n");
    assert_eq!(next(&mut body).await, None);
}

#[tokio::test]
async fn a_thousand_watches_are_told_soon() {
    let server = TestServer::new();
    let mut watches: Vec<ResponseBody> =
        (0..1000).map(|_| watch(&server, options(&server, "a=1", Start::Now), As::Whole)).collect();
    tokio::task::yield_now().await;
    let start = std::time::Instant::now();
    put(&server, "a", "1");
    for body in &mut watches {
        assert_eq!(told(body).await, "ADDED a1");
    }
    // 100 ms is the goal, of a release build; this is for a debug build on a busy machine.
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    eprintln!("told in {:?}", start.elapsed());
}

/// What a watcher is told of costs it what it is told, however many others there are and have been.
#[tokio::test(start_paused = true)]
async fn each_event_is_looked_at_once_by_each_watcher() {
    async fn looked_at(watchers: usize, events: usize) -> usize {
        let server = TestServer::new();
        let live = || watch(&server, options(&server, "", Start::Now), As::Whole);
        let mut bodies: Vec<ResponseBody> = (0..watchers).map(|_| live()).collect();
        let before = steps::so_far();
        for event in 0..events {
            put(&server, &format!("m{event}"), "1");
            for body in &mut bodies {
                assert_eq!(told(body).await, format!("ADDED m{event}1"));
            }
        }
        steps::so_far() - before
    }
    let one = looked_at(20, 20).await;
    assert!(one >= 400, "it is not counted: {one}");
    for (watchers, events) in [(80, 20), (20, 80)] {
        let more = looked_at(watchers, events).await;
        assert!(more < one * 5, "{one}, and {more} for {watchers} watchers, {events} events");
    }
}
