use super::*;

const SPACE: &str = "/api/v1/namespaces/x";

fn with_namespace(map_finalizers: &[&str]) -> Api {
    let mut api = Api::new();
    api.create("/api/v1/namespaces", json!({ "metadata": { "name": "x" } }));
    api.create(MAPS, json!({ "metadata": { "name": "a", "finalizers": map_finalizers } }));
    api.map("b", &[]);
    api
}

fn condition(api: &Api, kind: &str) -> (String, String) {
    let value = &api.get(SPACE).unwrap().value;
    let conditions = value["status"]["conditions"].as_array().unwrap();
    let found = conditions.iter().find(|it| it["type"] == kind).unwrap();
    let text = |field: &str| found[field].as_str().unwrap().to_owned();
    (text("status"), text("message"))
}

#[test]
fn a_namespace_goes_with_what_is_in_it() {
    let mut api = with_namespace(&[]);
    let budgets = "/apis/policy/v1/namespaces/x/poddisruptionbudgets";
    api.create(budgets, json!({ "metadata": { "name": "d" } }));
    api.create("/api/v1/namespaces/y/configmaps", json!({ "metadata": { "name": "a" } }));
    assert_eq!(api.delete(SPACE, None), Outcome::Changed);
    let value = &api.get(SPACE).unwrap().value;
    assert_eq!(value["status"], json!({ "phase": "Terminating" }));
    assert_eq!(value["metadata"].get("deletionGracePeriodSeconds"), None);
    assert_eq!(
        api.settle(),
        ["DELETE a (gone)", "DELETE b (gone)", "DELETE d (gone)", "PUT x", "PUT x (gone)"]
    );
    assert!(api.get("/api/v1/namespaces/y/configmaps/a").is_some());
}

#[test]
fn a_namespace_waits_for_finalizers_and_says_so() {
    let mut api = with_namespace(&["a/b"]);
    api.delete(SPACE, None);
    assert_eq!(api.settle(), ["DELETE a", "DELETE b (gone)", "PUT x"]);
    let remaining = "Some resources are remaining: configmaps. has 1 resource instances";
    assert_eq!(condition(&api, "NamespaceContentRemaining"), ("True".into(), remaining.into()));
    let finalizers =
        "Some content in the namespace has finalizers remaining: a/b in 1 resource instances";
    assert_eq!(condition(&api, "NamespaceFinalizersRemaining"), ("True".into(), finalizers.into()));
    assert_eq!(condition(&api, "NamespaceDeletionContentFailure").0, "False");
    assert_eq!(api.delete(SPACE, None), Outcome::Unchanged);
    api.finalizers(&format!("{MAPS}/a"), &[]);
    assert_eq!(api.settle(), ["PUT x", "PUT x (gone)"]);
}

#[test]
fn nothing_is_created_in_a_namespace_that_ends() {
    let mut api = with_namespace(&["a/b"]);
    api.delete(SPACE, None);
    api.settle();
    for metadata in [json!({ "name": "q" }), json!({ "generateName": "q" })] {
        let refused = api.try_create(MAPS, json!({ "metadata": metadata })).unwrap_err();
        assert_eq!(
            refused.body(),
            json!({
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": "Failure",
                "message": "configmaps \"q\" is forbidden: unable to create new content in \
                            namespace x because it is being terminated",
                "reason": "Forbidden",
                "details": {
                    "name": "q",
                    "kind": "configmaps",
                    "causes": [{
                        "reason": "NamespaceTerminating",
                        "message": "namespace x is being terminated",
                        "field": "metadata.namespace",
                    }],
                },
                "code": 403,
            })
        );
    }
    let mut value = api.get(&format!("{MAPS}/a")).unwrap().value.clone();
    value["data"] = json!({ "a": "b" });
    assert_eq!(api.put(&format!("{MAPS}/a"), value).unwrap().outcome, Outcome::Changed);
}

#[test]
fn a_name_that_was_sent_is_told_even_if_it_looks_generated() {
    let mut api = with_namespace(&["a/b"]);
    api.delete(SPACE, None);
    let metadata = json!({ "name": "web-12345", "generateName": "web-" });
    let refused = api.try_create(MAPS, json!({ "metadata": metadata })).unwrap_err();
    let message = "configmaps \"web-12345\" is forbidden: unable to create new content in namespace \
                   x because it is being terminated";
    assert_eq!(refused.message(), message);
    assert_eq!(refused.body()["details"]["name"], "web-12345");
}

#[test]
fn pods_that_stop_go_before_the_rest() {
    let mut api = with_namespace(&[]);
    let containers = json!([{ "name": "c", "image": "i" }]);
    let spec = json!({ "nodeName": "n", "containers": containers });
    let pod = json!({ "metadata": { "name": "p" }, "spec": spec });
    api.create("/api/v1/namespaces/x/pods", pod);
    api.delete(SPACE, None);
    assert_eq!(api.settle(), ["DELETE p", "PUT x"]);
    assert!(api.has("a"));
    let options = DeleteOptions { grace_seconds: Some(0), ..DeleteOptions::default() };
    api.call("/api/v1/namespaces/x/pods/p", |store, call| store.delete(call, &options)).unwrap();
    let done = api.settle();
    assert_eq!(done, ["DELETE a (gone)", "DELETE b (gone)", "PUT x (gone)"]);
}

#[test]
fn only_finalize_changes_the_finalizers_of_the_spec() {
    let mut api = Api::new();
    let value = json!({ "metadata": { "name": "x", "finalizers": ["a/b"] },
                        "spec": { "finalizers": ["x/y"] } });
    api.create("/api/v1/namespaces", value.clone());
    let finalizers = |api: &Api| api.get(SPACE).unwrap().value["spec"]["finalizers"].clone();
    assert_eq!(finalizers(&api), json!(["x/y", "kubernetes"]));
    api.put(SPACE, json!({ "metadata": { "name": "x", "finalizers": ["a/b"] } })).unwrap();
    assert_eq!(finalizers(&api), json!(["x/y", "kubernetes"]));

    api.delete(SPACE, None);
    assert_eq!(api.settle(), ["PUT x", "PUT x"]);
    assert_eq!(finalizers(&api), json!(["x/y"]));
    let finalize = format!("{SPACE}/finalize");
    let bad = json!({ "metadata": { "name": "x" }, "spec": { "finalizers": ["bad", "x/y"] } });
    let refused = api.put(&finalize, bad).unwrap_err();
    assert_eq!(
        refused.message(),
        "Namespace \"x\" is invalid: spec.finalizers: Invalid value: \"bad\": name is neither a \
         standard finalizer name nor is it fully qualified"
    );
    let empty = json!({ "metadata": { "name": "x", "finalizers": ["a/b"] }, "spec": {} });
    assert_eq!(api.put(&finalize, empty).unwrap().outcome, Outcome::Changed);
    assert_eq!(api.get(SPACE).unwrap().value["spec"], json!({}));
    let last = api.put(SPACE, json!({ "metadata": { "name": "x" } })).unwrap();
    assert_eq!(last.outcome, Outcome::Gone);
}

#[test]
fn some_namespaces_do_not_end() {
    let mut api = Api::new();
    let mut delete = |name: &str| {
        let path = format!("/api/v1/namespaces/{name}");
        api.call(&path, |store, call| store.delete(call, &DeleteOptions::default()))
    };
    for name in ["default", "kube-system", "kube-public"] {
        let why = format!("namespaces \"{name}\" is forbidden: this namespace may not be deleted");
        assert_eq!(delete(name).unwrap_err().message(), why);
    }
    assert!(delete("kube-node-lease").is_ok());
}

#[test]
fn a_precondition_has_the_words_of_its_type() {
    let mut api = with_namespace(&[]);
    let mut delete = |path: &str, uid: Option<&str>, version: Option<&str>| {
        let options = DeleteOptions {
            uid: uid.map(Into::into),
            resource_version: version.map(Into::into),
            ..DeleteOptions::default()
        };
        let refused = api.call(path, |store, call| store.delete(call, &options)).unwrap_err();
        let uid = api.get(path).unwrap().value["metadata"]["uid"].as_str().unwrap().to_owned();
        let body = refused.body();
        (body["message"].as_str().unwrap().replace(&uid, "UID"), body["details"]["kind"].clone())
    };
    let map = "Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (x) does \
               not match the UID in record (UID). The object might have been deleted and then recreated";
    assert_eq!(delete(&format!("{MAPS}/a"), Some("x"), None), (map.into(), "ConfigMap".into()));
    let version = "Operation cannot be fulfilled on ConfigMap \"b\": the ResourceVersion in the \
                   precondition (1) does not match the ResourceVersion in record (8). The object \
                   might have been modified";
    assert_eq!(delete(&format!("{MAPS}/b"), None, Some("1")), (version.into(), "ConfigMap".into()));
    let namespace = "Operation cannot be fulfilled on namespaces \"x\": Precondition failed: UID in \
                     precondition: x, UID in object meta: UID";
    assert_eq!(delete(SPACE, Some("x"), None), (namespace.into(), "namespaces".into()));
}
