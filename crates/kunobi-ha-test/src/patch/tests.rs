use serde_json::json;

use super::*;

fn apply(
    kind: PatchKind,
    patch: Value,
    live: &Value,
    shape: &Shape,
    is_custom: bool,
) -> Result<Value, Rejection> {
    let patch = Content { value: patch, duplicates: Vec::new() };
    patched(kind, patch, live, shape, is_custom).map(|patched| patched.content.value)
}

#[expect(clippy::needless_pass_by_value, reason = "callers write the values down")]
fn strategic(name: &str, live: Value, patch: Value) -> Result<Value, Rejection> {
    let shape = Shape::named(&format!("io.k8s.api.{name}"));
    apply(PatchKind::Strategic, patch, &live, &shape, false)
}

#[expect(clippy::needless_pass_by_value, reason = "callers write the value down")]
fn pod(containers: Value) -> Value {
    json!({ "spec": { "containers": containers } })
}

#[test]
fn containers_are_merged_by_name_and_their_ports_by_number() {
    let live =
        pod(json!([{ "name": "a", "image": "1", "ports": [{ "containerPort": 80, "name": "x" }] },
                          { "name": "b", "image": "1" }]));
    let patch = pod(json!([{ "name": "b", "image": "2" }, { "name": "c" },
                           { "name": "a", "ports": [{ "containerPort": 81 }, { "containerPort": 80, "name": "y" }] }]));
    let expected = pod(json!([
        { "name": "b", "image": "2" },
        { "name": "c" },
        { "name": "a", "image": "1", "ports": [{ "containerPort": 81 }, { "containerPort": 80, "name": "y" }] },
    ]));
    assert_eq!(strategic("core.v1.Pod", live, patch).unwrap(), expected);
}

#[test]
fn directives_delete_replace_and_order() {
    let live = || pod(json!([{ "name": "a" }, { "name": "b" }, { "name": "c" }]));
    let names = |patch: Value| {
        let merged = strategic("core.v1.Pod", live(), json!({ "spec": patch })).unwrap();
        let containers = merged["spec"]["containers"].as_array().unwrap().clone();
        containers.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(json!({ "containers": [{ "name": "b", "$patch": "delete" }] })), ["a", "c"]);
    assert_eq!(names(json!({ "containers": [{ "name": "d" }, { "$patch": "replace" }] })), ["d"]);
    let order = json!([{ "name": "c" }, { "name": "d" }, { "name": "a" }]);
    let patch = json!({ "$setElementOrder/containers": order, "containers": [{ "name": "d" }] });
    assert_eq!(names(patch), ["b", "c", "d", "a"]);
}

/// A container that is renamed by `kubectl apply`.
#[test]
fn what_is_new_takes_the_place_of_what_is_deleted() {
    let live = pod(json!([{ "name": "a" }, { "name": "b" }, { "name": "c" }]));
    let patch = json!({ "spec": {
        "$setElementOrder/containers": [{ "name": "d" }, { "name": "c" }],
        "containers": [{ "name": "d", "image": "x" }, { "name": "b", "$patch": "delete" }],
    } });
    let expected = pod(json!([{ "name": "a" }, { "name": "d", "image": "x" }, { "name": "c" }]));
    assert_eq!(strategic("core.v1.Pod", live, patch).unwrap(), expected);
}

/// Patches of a Pod with containers `a` and `b`, and the refusals of kube-apiserver 1.37.2.
#[test]
fn a_strategic_patch_is_refused_in_the_words_of_kube_apiserver() {
    let live = pod(json!([{ "name": "a" }, { "name": "b" }]));
    for (spec, why) in [
        (
            json!({ "containers": ["a"] }),
            "list element types are not identical: [[map[name:a] map[name:b]] [a]]",
        ),
        (
            json!({ "containers": [{ "name": "a", "$patch": "merge" }] }),
            "merging lists cannot yet be specified in the patch",
        ),
        (
            json!({ "containers": [{ "name": "a", "$patch": 1 }] }),
            "unknown patch type: %!s(int64=1) in map: map[$patch:1 name:a]",
        ),
        (
            json!({ "containers": [{ "image": "x" }] }),
            "map: map[image:x] does not contain declared merge key: name",
        ),
        (
            json!({ "$setElementOrder/containers": [{ "name": "b" }], "containers": [{ "name": "a" }] }),
            "The order in patch list:\n[map[name:a]]\n doesn't match $setElementOrder \
             list:\n[map[name:b]]\n",
        ),
        (json!({ "$setElementOrder/containers": ["a"] }), "value for key 0 is not a map"),
        (
            json!({ "$setElementOrder/containers": "a" }),
            "expected a []interface {}, but received a string",
        ),
        (
            json!({ "$setElementOrder/containers": [{ "x": "a" }] }),
            "map: map[x:a] does not contain declared merge key: name",
        ),
        (
            json!({ "$setElementOrder/nope": [] }),
            "unable to find api field in struct PodSpec for the json field \"nope\"",
        ),
        (json!({ "$setElementOrder": [] }), "invalid patch format of setElementOrder list"),
        (json!({ "$deleteFromPrimitiveList": [] }), "invalid patch format of primitive list"),
        (json!({ "$retainKeys": "name" }), "invalid patch format of retainKeys"),
        (json!({ "$retainKeys": [1], "hostname": "x" }), "invalid patch format of retainKeys"),
        (json!({ "$patch": null }), "unknown patch type: %!s(<nil>) in map: map[$patch:<nil>]"),
    ] {
        let rejection =
            strategic("core.v1.Pod", live.clone(), json!({ "spec": spec })).unwrap_err();
        assert_eq!(rejection.message(), why);
    }
}

#[test]
fn the_type_is_that_of_the_url_and_a_refusal_shows_the_patch() {
    let live = json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "a": "1" } });
    let merged = strategic("core.v1.ConfigMap", live.clone(), json!({ "kind": "Secret" })).unwrap();
    assert_eq!(merged, live);
    let patch = json!({ "data": { "b": { "c": null } } });
    let rejection = strategic("core.v1.ConfigMap", live.clone(), patch).unwrap_err();
    let why = "map[data:map[b:map[]]]\": unrecognized type: string";
    assert!(rejection.message().ends_with(why), "{}", rejection.message());
    assert_eq!(strategic("core.v1.ConfigMap", live.clone(), json!(null)).unwrap(), live);
}

#[test]
fn sets_of_scalars_are_joined_and_reduced() {
    let live = json!({ "metadata": { "finalizers": ["a", "b"] } });
    let patch = json!({ "metadata": { "finalizers": ["c", "b"], "$deleteFromPrimitiveList/finalizers": ["a"] } });
    let merged = strategic("core.v1.ConfigMap", live, patch).unwrap();
    assert_eq!(merged["metadata"]["finalizers"], json!(["c", "b"]));
}

#[test]
fn retained_keys_drop_the_others_and_a_list_without_a_strategy_is_replaced() {
    let live = json!({ "spec": { "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 1 } } } });
    let patch = json!({ "spec": { "strategy": { "$retainKeys": ["type"], "type": "Recreate" } } });
    let merged = strategic("apps.v1.Deployment", live, patch).unwrap();
    assert_eq!(merged["spec"]["strategy"], json!({ "type": "Recreate" }));
    let merged = strategic(
        "core.v1.Pod",
        pod(json!([{ "name": "a", "args": ["1", "2"] }])),
        pod(json!([{ "name": "a", "args": ["3"] }])),
    );
    assert_eq!(merged.unwrap()["spec"]["containers"][0]["args"], json!(["3"]));
}

#[test]
fn a_strategic_patch_needs_its_keys_and_known_directives_and_a_built_in_type() {
    for (patch, code) in [
        (pod(json!([{ "image": "1" }])), 500),
        (pod(json!(["a", null])), 500),
        (json!({ "spec": { "$patch": "explode" } }), 500),
        (json!([]), 400),
    ] {
        let rejection = strategic("core.v1.Pod", pod(json!([])), patch.clone()).unwrap_err();
        assert_eq!(rejection.code, code, "{patch}");
    }
    let shape = Shape::new(crate::shape::Form::Any);
    let refused = apply(PatchKind::Strategic, json!({}), &json!({}), &shape, true);
    assert_eq!(refused.unwrap_err().code, 415);
}

#[test]
fn a_json_patch_that_fails_changes_nothing_and_is_a_422() {
    let shape = Shape::new(crate::shape::Form::Any);
    let live = json!({ "a": [1, 2] });
    let apply = |patch: Value| apply(PatchKind::Json, patch, &live, &shape, true);
    let patch = json!([{ "op": "test", "path": "/a/1", "value": 2 }, { "op": "add", "path": "/a/-", "value": 3 }]);
    assert_eq!(apply(patch).unwrap(), json!({ "a": [1, 2, 3] }));
    assert_eq!(apply(json!([{ "op": "test", "path": "/a/1", "value": 3 }])).unwrap_err().code, 422);
    assert_eq!(apply(json!([{ "op": "remove", "path": "/b" }])).unwrap_err().code, 422);
    assert_eq!(apply(json!({})).unwrap_err().code, 400);
    let many = vec![json!({ "op": "test", "path": "/a/0", "value": 1 }); 10_001];
    assert_eq!(apply(many.into()).unwrap_err().code, 413);
}

#[test]
fn a_merge_patch_removes_what_is_null() {
    let shape = Shape::new(crate::shape::Form::Any);
    let live = json!({ "a": { "b": 1, "c": 2 }, "d": [1] });
    let patch = json!({ "a": { "b": null, "e": { "f": null } }, "d": [2] });
    let merged = apply(PatchKind::Merge, patch, &live, &shape, true).unwrap();
    assert_eq!(merged, json!({ "a": { "c": 2, "e": {} }, "d": [2] }));
}

#[test]
fn copies_of_copies_are_refused_before_they_grow() {
    let shape = Shape::new(crate::shape::Form::Any);
    let live = json!({ "a": { "k": "v" } });
    let copy = |number| json!({ "op": "copy", "from": "/a", "path": format!("/a/{number}") });
    let patch: Vec<Value> = (0..40).map(copy).collect();
    let refused = apply(PatchKind::Json, patch.into(), &live, &shape, true);
    assert_eq!(refused.unwrap_err().code, 422);
}
