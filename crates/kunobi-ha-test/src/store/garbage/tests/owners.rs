use super::*;

fn at(name: &str) -> String {
    format!("{MAPS}/{name}")
}

#[test]
fn dependents_go_with_their_owner_and_theirs_with_them() {
    let mut api = Api::new();
    let a = api.map("a", &[]);
    let b = api.map("b", &[owner("a", &a)]);
    api.map("c", &[owner("b", &b)]);
    api.map("d", &[]);
    assert!(api.settle().is_empty());
    assert_eq!(api.delete(&at("a"), None), Outcome::Gone);
    assert_eq!(api.settle(), ["DELETE b (gone)", "DELETE c (gone)"]);
    assert!(api.has("d"));
    assert!(api.settle().is_empty());
}

#[test]
fn a_dependent_stays_while_another_owner_does() {
    let mut api = Api::new();
    let (a, b) = (api.map("a", &[]), api.map("b", &[]));
    api.map("c", &[owner("a", &a), owner("b", &b)]);
    api.delete(&at("a"), None);
    assert_eq!(api.settle(), ["PATCH c"]);
    assert_eq!(api.owners("c"), json!([owner("b", &b)]));
    let managed = api.get(&at("c")).unwrap().value["metadata"]["managedFields"].to_string();
    assert!(managed.contains(&b) && !managed.contains(&a), "{managed}");
    api.delete(&at("b"), None);
    assert_eq!(api.settle(), ["DELETE c (gone)"]);
}

#[test]
fn the_finalizers_of_a_dependent_are_respected() {
    let mut api = Api::new();
    let a = api.map("a", &[]);
    let b = api.map("b", &[owner("a", &a)]);
    api.map("c", &[owner("b", &b)]);
    api.finalizers(&at("b"), &["a/b"]);
    api.delete(&at("a"), None);
    assert_eq!(api.settle(), ["DELETE b"]);
    assert!(api.has("b") && api.has("c"));
    api.finalizers(&at("b"), &[]);
    assert_eq!(api.settle(), ["DELETE c (gone)"]);
}

#[test]
fn an_owner_that_is_absent_or_another_one_is_none() {
    let mut api = Api::new();
    let a = api.map("a", &[]);
    api.map("b", &[owner("a", "another")]);
    assert_eq!(api.settle(), ["DELETE b (gone)"]);
    api.map("b", &[owner("a", &a), owner("z", "z")]);
    assert_eq!(api.settle(), ["PATCH b"]);
    assert_eq!(api.owners("b"), json!([owner("a", &a)]));
    // An owner in another namespace is absent, too.
    let other = "/api/v1/namespaces/y/configmaps";
    api.create(other, json!({ "metadata": { "name": "b", "ownerReferences": [owner("a", &a)] } }));
    assert_eq!(api.settle(), ["DELETE b (gone)"]);
    assert!(api.has("b"));
}

#[test]
fn a_cluster_scoped_owner_has_dependents_everywhere_but_no_namespaced_owner() {
    let mut api = Api::new();
    let node = api.create("/api/v1/nodes", json!({ "metadata": { "name": "n" } }));
    let owned = json!({ "apiVersion": "v1", "kind": "Node", "name": "n", "uid": node });
    api.map("a", std::slice::from_ref(&owned));
    api.create("/api/v1/nodes", json!({ "metadata": { "name": "m", "ownerReferences": [owned] } }));
    api.create(
        "/api/v1/nodes",
        json!({ "metadata": { "name": "o", "ownerReferences": [owner("gone", "gone")] } }),
    );
    assert!(api.settle().is_empty());
    api.delete("/api/v1/nodes/n", None);
    let mut done = api.settle();
    done.sort();
    assert_eq!(done, ["DELETE a (gone)", "DELETE m (gone)"]);
    assert!(api.get("/api/v1/nodes/o").is_some());
}

#[test]
fn in_the_foreground_an_owner_waits_for_those_who_block_it() {
    let mut api = Api::new();
    let a = api.map("a", &[]);
    api.map("b", &[blocking("a", &a)]);
    api.map("c", &[owner("a", &a)]);
    api.finalizers(&at("b"), &["a/b"]);
    api.finalizers(&at("c"), &["a/b"]);
    assert_eq!(api.delete(&at("a"), Some(Propagation::Foreground)), Outcome::Changed);
    assert_eq!(api.settle(), ["DELETE b", "DELETE c"]);
    assert!(api.has("a"));
    api.finalizers(&at("b"), &[]);
    assert_eq!(api.settle(), ["PATCH a (gone)"]);
    assert!(api.has("c"));
}

#[test]
fn an_owner_that_is_not_blocked_any_more_goes() {
    let mut api = Api::new();
    let a = api.map("a", &[]);
    api.map("b", &[blocking("a", &a)]);
    api.finalizers(&at("b"), &["a/b"]);
    api.delete(&at("a"), Some(Propagation::Foreground));
    api.settle();
    assert!(api.has("a"));
    let mut value = api.get(&at("b")).unwrap().value.clone();
    value["metadata"]["ownerReferences"][0]["blockOwnerDeletion"] = false.into();
    api.put(&at("b"), value).unwrap();
    assert_eq!(api.settle(), ["PATCH a (gone)"]);
}

#[test]
fn a_foreground_deletion_goes_on_below() {
    let mut api = Api::new();
    let a = api.map("a", &[]);
    let b = api.map("b", &[blocking("a", &a)]);
    let c = api.map("c", &[blocking("b", &b)]);
    api.map("d", &[blocking("c", &c)]);
    api.delete(&at("a"), Some(Propagation::Foreground));
    assert_eq!(
        api.settle(),
        [
            "DELETE b",
            "DELETE c",
            "DELETE d (gone)",
            "PATCH c (gone)",
            "PATCH b (gone)",
            "PATCH a (gone)",
        ]
    );
}

#[test]
fn owners_in_a_circle_are_deleted() {
    let mut api = Api::new();
    let a = api.map("a", &[]);
    let b = api.map("b", &[blocking("a", &a)]);
    let mut value = api.get(&at("a")).unwrap().value.clone();
    value["metadata"]["ownerReferences"] = json!([blocking("b", &b)]);
    api.put(&at("a"), value).unwrap();
    assert!(api.settle().is_empty());
    api.delete(&at("a"), Some(Propagation::Foreground));
    api.settle();
    assert!(!api.has("a") && !api.has("b"));
}

#[test]
fn another_owner_keeps_a_dependent_of_a_foreground_deletion() {
    let mut api = Api::new();
    let (a, b) = (api.map("a", &[]), api.map("b", &[]));
    api.map("c", &[blocking("a", &a), owner("b", &b)]);
    api.delete(&at("a"), Some(Propagation::Foreground));
    assert_eq!(api.settle(), ["PATCH c", "PATCH a (gone)"]);
    assert_eq!(api.owners("c"), json!([owner("b", &b)]));
}

#[test]
fn orphans_stay_without_their_owner() {
    let mut api = Api::new();
    let a = api.map("a", &[]);
    api.map("b", &[blocking("a", &a)]);
    assert_eq!(api.delete(&at("a"), Some(Propagation::Orphan)), Outcome::Changed);
    assert_eq!(api.settle(), ["PATCH b", "PATCH a (gone)"]);
    assert_eq!(api.owners("b"), Value::Null);
}

#[test]
fn a_job_orphans_its_pods_unless_told_otherwise() {
    for (propagation, stays) in [(None, true), (Some(Propagation::Background), false)] {
        let mut api = Api::new();
        let jobs = "/apis/batch/v1/namespaces/x/jobs";
        let pod =
            json!({ "containers": [{ "name": "c", "image": "i" }], "restartPolicy": "Never" });
        let spec = json!({ "template": { "spec": pod } });
        let job = api.create(jobs, json!({ "metadata": { "name": "j" }, "spec": spec }));
        let job = json!({ "apiVersion": "batch/v1", "kind": "Job", "name": "j", "uid": job });
        api.map("a", &[job]);
        api.delete(&format!("{jobs}/j"), propagation);
        api.settle();
        assert!(api.get(&format!("{jobs}/j")).is_none());
        assert_eq!(api.has("a"), stays);
    }
}

#[test]
fn a_second_delete_changes_the_propagation() {
    let mut api = Api::new();
    api.0.settings.no_garbage_collection = true;
    api.map("a", &[]);
    let mut delete = |propagation| {
        let outcome = api.delete(&at("a"), propagation);
        let stored = api.get(&at("a"));
        let finalizers = stored.map(|it| it.value["metadata"]["finalizers"].clone());
        (outcome, finalizers.unwrap_or_default())
    };
    let (foreground, orphan) = (json!(["foregroundDeletion"]), json!(["orphan"]));
    assert_eq!(delete(Some(Propagation::Foreground)), (Outcome::Changed, foreground.clone()));
    assert_eq!(delete(None), (Outcome::Unchanged, foreground));
    assert_eq!(delete(Some(Propagation::Orphan)), (Outcome::Changed, orphan));
    assert_eq!(delete(Some(Propagation::Background)), (Outcome::Gone, Value::Null));
}

#[test]
fn without_garbage_collection_everything_stays() {
    let mut api = Api::new();
    api.0.settings.no_garbage_collection = true;
    let a = api.map("a", &[]);
    api.map("b", &[blocking("a", &a)]);
    api.delete(&at("a"), Some(Propagation::Foreground));
    assert!(api.settle().is_empty());
    api.finalizers(&at("a"), &[]);
    assert!(api.settle().is_empty());
    assert!(!api.has("a") && api.has("b"));
}

#[test]
fn events_own_nothing_and_are_nobodys() {
    let mut api = Api::new();
    let events = "/api/v1/namespaces/x/events";
    let event = json!({ "metadata": { "name": "e", "ownerReferences": [owner("z", "z")] },
                        "involvedObject": { "namespace": "x" } });
    api.create(events, event);
    assert!(api.settle().is_empty());
    let path = format!("{events}/e");
    assert_eq!(api.delete(&path, Some(Propagation::Foreground)), Outcome::Gone);
}
