use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::{selector::Selector, store::Settings};

fn target(path: &str) -> Target {
    Target::parse(path).unwrap()
}

fn key(namespace: &str, name: &str) -> Key {
    let (namespace, name) = (namespace.to_owned(), name.to_owned());
    Key { group: String::new(), resource: "configmaps".into(), namespace, name }
}

fn put(store: &mut Store, namespace: &str, name: &str, label: &str) {
    let metadata = json!({ "namespace": namespace, "name": name, "labels": { "a": label } });
    store.put(key(namespace, name), json!({ "kind": "ConfigMap", "metadata": metadata }));
}

fn options(store: &Store, labels: &str, limit: Option<usize>) -> ListOptions {
    let resource = store.types.find("", "v1", "configmaps").unwrap();
    let selector = Selector::parse(Some(labels), None, &resource).unwrap();
    ListOptions { selector, at: At::Latest, limit, token: None }
}

/// The names of a page, each with its label.
fn names(page: &Page) -> String {
    let text = |object: &Arc<Object>, pointer| {
        object.value.pointer(pointer).and_then(Value::as_str).unwrap().to_owned()
    };
    let name = |object| text(object, "/metadata/name") + &text(object, "/metadata/labels/a");
    page.objects.iter().map(name).collect::<Vec<_>>().join(" ")
}

fn full() -> Store {
    let mut store = Store::new(Settings::default());
    for name in ["c", "a", "e", "b", "d"] {
        put(&mut store, "x", name, "1");
    }
    put(&mut store, "y", "a", "1");
    store
}

#[test]
fn pages_show_the_version_of_the_first_one() {
    let mut store = full();
    let target = target("/api/v1/namespaces/x/configmaps");
    let mut options = options(&store, "", Some(2));
    let first = store.list(&target, &options).unwrap();
    assert_eq!((names(&first), first.remaining), ("a1 b1".into(), Some(3)));
    let revision = first.revision;
    assert_eq!(revision, store.revision());

    put(&mut store, "x", "bb", "2");
    put(&mut store, "x", "d", "2");
    put(&mut store, "x", "d", "3");
    store.remove(&key("x", "c")).unwrap();
    store.remove(&key("x", "a")).unwrap();
    put(&mut store, "x", "a", "4");
    options.token = first.next;
    let second = store.list(&target, &options).unwrap();
    assert_eq!((names(&second), second.remaining), ("c1 d1".into(), Some(1)));
    assert_eq!(second.revision, revision);
    options.token = second.next;
    let last = store.list(&target, &options).unwrap();
    assert_eq!((names(&last), last.next, last.remaining), ("e1".into(), None, None));

    let now = store.list(&target, &ListOptions { limit: None, token: None, ..options }).unwrap();
    assert_eq!(names(&now), "a4 b1 bb2 d3 e1");
    assert_eq!((now.revision, now.next), (revision + 6, None));
}

#[test]
fn a_full_page_of_what_is_selected_may_be_followed_by_nothing() {
    let mut store = full();
    put(&mut store, "x", "b", "2");
    let target = target("/api/v1/namespaces/x/configmaps");
    let mut options = options(&store, "a=2", Some(1));
    let first = store.list(&target, &options).unwrap();
    assert_eq!((names(&first), first.remaining), ("b2".into(), None));
    options.token = first.next;
    assert!(options.token.is_some());
    let second = store.list(&target, &options).unwrap();
    assert_eq!((second.objects.len(), second.next), (0, None));

    let resource = store.types.find("", "v1", "configmaps").unwrap();
    options.selector = Selector::parse(None, Some("metadata.name=b"), &resource).unwrap();
    let only = store.list(&target, &ListOptions { token: None, ..options }).unwrap();
    assert_eq!((names(&only), only.next), ("b2".into(), None));
}

#[test]
fn a_page_that_is_forgotten_can_go_on_with_the_present() {
    let mut store = full();
    let target = target("/api/v1/namespaces/x/configmaps");
    let mut options = options(&store, "", Some(2));
    let first = store.list(&target, &options).unwrap();
    put(&mut store, "x", "d", "2");
    store.compact();
    options.token = first.next;
    let body = store.list(&target, &options).unwrap_err().body();
    assert_eq!((&body["code"], &body["reason"]), (&410.into(), &"Expired".into()));
    let message = body["message"].as_str().unwrap();
    assert!(message.starts_with("The provided continue parameter is too old to display a"));
    let token = body["metadata"]["continue"].as_str().unwrap();

    options.token = Some(Continue::parse(token, &target).unwrap());
    let second = store.list(&target, &options).unwrap();
    assert_eq!((names(&second), second.revision), ("c1 d2".into(), store.revision()));
    assert_eq!(second.next.unwrap().revision, Some(store.revision()));
}

#[test]
fn a_version_is_too_old_or_too_large() {
    let mut store = full();
    let target = target("/api/v1/configmaps");
    let mut options = options(&store, "", None);
    let old = store.revision();
    put(&mut store, "z", "a", "1");
    store.compact();
    put(&mut store, "z", "b", "1");

    options.at = At::Exact(old);
    let body = store.list(&target, &options).unwrap_err().body();
    let expected = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "The resourceVersion for the provided list is too old.",
        "reason": "Expired", "code": 410,
    });
    assert_eq!(body, expected);
    options.at = At::Exact(old + 1);
    assert_eq!(store.list(&target, &options).unwrap().objects.len(), 7);
    options.at = At::NotOlder(old);
    assert_eq!(store.list(&target, &options).unwrap().objects.len(), 8);

    for at in [At::Exact(100), At::NotOlder(100)] {
        options.at = at;
        let body = store.list(&target, &options).unwrap_err().body();
        let cause = json!({ "reason": "ResourceVersionTooLarge",
                            "message": "Too large resource version" });
        let expected = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": "Timeout: Too large resource version: 100, current: 9",
            "reason": "Timeout", "details": { "causes": [cause], "retryAfterSeconds": 1 },
            "code": 504,
        });
        assert_eq!(body, expected);
    }
}

#[test]
fn namespaces_are_in_the_order_of_etcd() {
    let mut store = Store::new(Settings::default());
    for namespace in ["a", "a-b", "ab", "a0"] {
        put(&mut store, namespace, "n", "1");
    }
    let page = store.list(&target("/api/v1/configmaps"), &options(&store, "", None)).unwrap();
    let namespaces: Vec<&str> = page
        .objects
        .iter()
        .map(|object| object.value["metadata"]["namespace"].as_str().unwrap())
        .collect();
    assert_eq!(namespaces, ["a-b", "a", "a0", "ab"]);
    for namespace in ["a", "a-b", "ab", "a0"] {
        let target = target(&format!("/api/v1/namespaces/{namespace}/configmaps"));
        assert_eq!(store.list(&target, &options(&store, "", None)).unwrap().objects.len(), 1);
    }
}

#[test]
fn every_version_can_be_listed_as_it_was() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut store = Store::new(Settings::default());
    let target = target("/api/v1/namespaces/x/configmaps");
    let mut now: BTreeMap<String, String> = BTreeMap::new();
    let mut then = BTreeMap::new();
    let text = |now: &BTreeMap<String, String>| {
        now.iter().map(|(name, label)| format!("{name}{label}")).collect::<Vec<_>>().join(" ")
    };
    for step in 0..300 {
        let name = String::from(random.lowercase().min('m'));
        if random.u8(..) < 80 && now.remove(&name).is_some() {
            store.remove(&key("x", &name)).unwrap();
        } else {
            put(&mut store, "x", &name, &step.to_string());
            now.insert(name, step.to_string());
        }
        put(&mut store, "y", "other", "1");
        then.insert(store.revision(), text(&now));
    }
    for (revision, expected) in then {
        let mut options = options(&store, "", Some(3));
        options.at = At::Exact(revision);
        let mut found = Vec::new();
        loop {
            let page = store.list(&target, &options).unwrap();
            assert_eq!(page.revision, revision);
            found.extend(Some(names(&page)).filter(|names| !names.is_empty()));
            options.at = At::Latest;
            options.token = page.next;
            if options.token.is_none() {
                break;
            }
        }
        assert_eq!(found.join(" "), expected, "{revision}");
    }
}
