use serde_json::{Value, json};

use super::{choice::choose, pods};

/// `a` is this Pod.
type Case = (&'static str, &'static str, Option<&'static str>);

#[test]
fn only_kin_that_is_ready_and_stays_may_lead() {
    check(&[
        ("nobody else is there", "a: x", None),
        ("somebody is", "a: x; b: x, ready since 1", Some("b")),
        ("one that is not ready", "a: x; b: x", None),
        ("one that ends", "a: x; b: x, ready since 1, ends", None),
        ("one that has failed", "a: x; b: x, ready since 1, failed", None),
        ("one with the network of its node", "a: x; b: x, ready since 1, host", None),
        ("this Pod ends", "a: x, ends; b: x, ready since 1", Some("b")),
        ("somebody else's", "a: x; b: x, of other, ready since 1", None),
        ("nobody's", "a: x; b: x, of nobody, ready since 1", None),
        ("this is nobody's", "a: x, of nobody; b: x, of nobody, ready since 1", None),
        ("a Deployment of a longer name", "a: x; b: y, of dep-2, ready since 1", None),
        ("a StatefulSet of another name", "a: set r; b: set r, of other, ready since 1", None),
        ("a StatefulSet of the same name", "a: x; b: set x, ready since 1", None),
    ]);
}

#[test]
fn the_revision_of_the_youngest_goes_first() {
    check(&[
        (
            "a rollout, whose newest Pod is not ready yet",
            "a: old, ready since 1; b: old, ready since 2; c: new, ready since 9; d: new, created 20",
            Some("c"),
        ),
        (
            "a rollout, whose only new Pod is not ready yet",
            "a: old, ready since 1; b: old, ready since 2; c: new, created 20",
            Some("b"),
        ),
        ("an undo", "a: new, ready since 20; b: new, ready; c: old, ready since 30", Some("c")),
        (
            "an undo that has made no Pod",
            "a: old, ready since 1; b: old, ready since 2; c: new, ready since 9, ends",
            Some("b"),
        ),
        (
            "a third revision",
            "a: new, ready since 8; b: old, ready since 1; c: newer, ready since 9; d: newer",
            Some("c"),
        ),
        (
            "this is the youngest",
            "a: new, ready since 20; b: old, ready since 1; c: new, ready since 9",
            Some("b"),
        ),
        (
            "this is the youngest, and an older revision is younger than another of this one",
            "a: new, ready since 20; b: old, ready since 9; c: new, ready since 5",
            Some("c"),
        ),
        (
            "what ends does not count",
            "a: old, on n1; b: old, on n2, ready since 30; c: new, on n1, ready since 9; \
             d: new, created 40, ends",
            Some("b"),
        ),
        (
            "this one was made in the same second",
            "a: old, ready since 9; b: old, ready since 1; c: new, ready since 9",
            Some("c"),
        ),
        (
            "somebody else's rollout",
            "a: old, ready since 1; b: old, ready since 2; c: new, of other, created 90",
            Some("b"),
        ),
        (
            "a StatefulSet",
            "a: set r1; b: set r1, ready since 1; c: set r2, ready since 5",
            Some("c"),
        ),
    ]);
}

#[test]
fn the_best_of_a_revision_is_chosen() {
    check(&[
        (
            "another node goes before a longer time",
            "a: x, on n1; b: x, on n1, ready since 1; c: x, on n2, ready since 5",
            Some("c"),
        ),
        (
            "a node that is not known is another one",
            "a: x; b: x, ready since 1; c: x, on n2, ready since 5",
            Some("b"),
        ),
        (
            "the node is worth less than the revision",
            "a: old, on n1; b: new, on n1, ready since 9; c: old, on n2, ready since 1",
            Some("b"),
        ),
        (
            "a longer time goes before restarts",
            "a: x; b: x, ready since 1, restarts 9; c: x, ready since 2",
            Some("b"),
        ),
        ("fewest restarts", "a: x; b: x, ready, restarts 9; c: x, ready, restarts 8", Some("c")),
        (
            "a time that is not known",
            "a: x; b: x, ready; c: x, ready since 50, restarts 8",
            Some("c"),
        ),
        ("of equals, the first by name", "a: x; c: x, ready; b: x, ready", Some("b")),
    ]);
}

fn check(cases: &[Case]) {
    for (case, pods, expected) in cases {
        let pods = pods.split("; ").filter_map(|pod| pod.split_once(": "));
        let mut pods: Vec<_> = pods.map(|(name, of)| pod(name, of)).collect();
        for _ in 0..2 {
            assert_eq!(choice_of("a", &list(&pods)).as_deref(), *expected, "{case}");
            pods.reverse();
        }
    }
}

#[test]
fn what_can_not_be_read_is_left_out() {
    let (own, other) = (pod("a", "x"), pod("b", "x, ready since 1"));
    let odd = [
        json!(null),
        json!(7),
        json!([]),
        json!({}),
        json!({ "metadata": [] }),
        json!({ "metadata": { "name": "" } }),
        altered(&other, "/metadata/name", json!("B\n")),
        altered(&other, "/metadata/name", json!(["b"])),
        altered(&other, "/metadata/ownerReferences", json!("no")),
        altered(&other, "/metadata/ownerReferences", json!([])),
        altered(&other, "/metadata/ownerReferences/0/controller", json!("true")),
        altered(&other, "/metadata/ownerReferences/0/uid", json!("")),
        altered(&other, "/status", json!(null)),
        altered(&other, "/status/conditions", json!({ "type": "Ready", "status": "True" })),
        altered(&other, "/status/conditions/0/status", json!(true)),
        altered(&other, "/metadata/deletionTimestamp", json!(false)),
        altered(&other, "/spec/hostNetwork", json!(true)),
    ];
    for odd in odd {
        let told = odd.to_string();
        assert_eq!(choice_of("a", &list(&[own.clone(), odd])), None, "{told}");
    }
    for (pointer, value) in [
        ("/metadata/creationTimestamp", json!("yesterday")),
        ("/metadata/labels", json!(null)),
        ("/spec", json!([])),
        ("/spec/nodeName", json!({})),
        ("/status/conditions/0/lastTransitionTime", json!(5)),
        ("/status/containerStatuses", json!({ "restartCount": -1 })),
        (
            "/status/containerStatuses",
            json!([{ "restartCount": u64::MAX }, { "restartCount": 2 }, 3]),
        ),
    ] {
        let list = list(&[own.clone(), altered(&other, pointer, value)]);
        assert_eq!(choice_of("a", &list).as_deref(), Some("b"), "{pointer}");
    }
    // It is not Unicode, or deeper than a Pod can be.
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for odd in [r#"{"metadata":{"name":"\ud800"}}"#, &deep] {
        let list = format!(r#"{{"items":[{odd},{own},{other}]}}"#);
        assert_eq!(choice_of("a", list.as_bytes()).as_deref(), Some("b"));
    }
}

#[test]
fn what_is_no_list_has_no_pods() {
    for list in ["{}", r#"{"items":null}"#, r#"{"items":[]}"#, r#"{"kind":"Status","code":403}"#] {
        assert!(pods::read(list.as_bytes()).unwrap().is_empty(), "{list}");
    }
    for list in ["", "null", "[]", "{", r#"{"items":{}}"#, r#"{"items":"[]"}"#, "\u{feff}{}"] {
        assert!(pods::read(list.as_bytes()).is_err(), "{list}");
    }
    assert!(pods::read(b"{\"items\":[\"\xff\"]}").is_err());
}

#[test]
fn a_replica_set_of_no_deployment_is_kin_to_itself_only() {
    // A name that does not end in the hash, one that is nothing but the hash, and no hash.
    for (pointer, value) in [
        ("/metadata/ownerReferences/0/name", json!("mine")),
        ("/metadata/ownerReferences/0/name", json!("-old")),
        ("/metadata/ownerReferences/0/kind", json!("StatefulSet")),
        ("/metadata/labels/pod-template-hash", json!(null)),
    ] {
        let own = altered(&pod("a", "old"), pointer, value.clone());
        let same = altered(&pod("b", "old, ready"), pointer, value);
        let other = pod("c", "new, ready since 90");
        assert_eq!(choice_of("a", &list(&[own.clone(), other.clone()])), None, "{pointer}");
        assert_eq!(choice_of("a", &list(&[own, same, other])).as_deref(), Some("b"), "{pointer}");
    }
}

fn choice_of(own: &str, list: &[u8]) -> Option<String> {
    let pods = pods::read(list).unwrap();
    let own = pods.iter().find(|pod| &*pod.name == own)?;
    choose(&pods, own).map(|pod| pod.name.to_string())
}

/// A Pod of the Deployment `dep`, or of the `StatefulSet` `dep`, from a description of it in words.
fn pod(name: &str, of: &str) -> Value {
    let word = |word: &str| of.split(", ").find_map(|part| part.strip_prefix(word));
    let number = |prefix| word(prefix).and_then(|text| text.parse::<u64>().ok());
    let since = |seconds: u64| format!("2026-11-26T20:{:02}:{:02}Z", seconds / 60, seconds % 60);
    let ready = word("ready").is_some();
    let ready_since = number("ready since ");
    let created = number("created ").or(ready_since).unwrap_or_default();
    let owner = word("of ").unwrap_or("dep");
    let set = word("set ");
    let revision =
        set.unwrap_or_else(|| of.split(", ").find(|part| !part.contains(' ')).unwrap_or("x"));
    let (label, kind, name_of_owner) = match set {
        Some(_) => ("controller-revision-hash", "StatefulSet", owner.to_owned()),
        None => ("pod-template-hash", "ReplicaSet", format!("{owner}-{revision}")),
    };
    let owners = match owner {
        "nobody" => json!([{ "kind": "Node", "name": "n", "uid": "n" }]),
        _ => json!([{ "controller": true, "kind": kind, "name": name_of_owner,
                      "uid": format!("{kind}/{name_of_owner}") }]),
    };
    json!({
        "metadata": {
            "name": name,
            "labels": { label: revision },
            "creationTimestamp": since(created),
            "deletionTimestamp": word("ends").map(|_| since(59)),
            "ownerReferences": owners,
        },
        "spec": { "nodeName": word("on "), "hostNetwork": word("host").is_some() },
        "status": {
            "phase": if word("failed").is_some() { "Failed" } else { "Running" },
            "conditions": [{ "type": "Ready", "status": if ready { "True" } else { "False" },
                             "lastTransitionTime": ready_since.map(since) }],
            "containerStatuses": [{ "restartCount": number("restarts ").unwrap_or_default() }],
        },
    })
}

fn altered(pod: &Value, pointer: &str, value: Value) -> Value {
    let mut pod = pod.clone();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let parent = pod.pointer_mut(parent).unwrap();
    match field.parse::<usize>() {
        Ok(index) => parent[index] = value,
        Err(_) => parent[field] = value,
    }
    pod
}

fn list(pods: &[Value]) -> Vec<u8> {
    json!({ "kind": "PodList", "apiVersion": "v1", "items": pods }).to_string().into_bytes()
}
