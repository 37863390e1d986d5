use super::*;

const ALL: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const WIDGETS: &str = "/apis/example.com/v1/widgets";

fn definition() -> Value {
    json!({
        "metadata": { "name": "widgets.example.com" },
        "spec": {
            "group": "example.com",
            "scope": "Cluster",
            "names": { "plural": "widgets", "singular": "widget", "kind": "Widget" },
            "versions": [{ "name": "v1", "served": true, "storage": true,
                           "schema": { "openAPIV3Schema": { "type": "object" } } }],
        },
    })
}

fn widget(name: &str, finalizers: &[&str]) -> Value {
    json!({ "apiVersion": "example.com/v1", "kind": "Widget",
            "metadata": { "name": name, "finalizers": finalizers } })
}

fn with_definition() -> Api {
    let mut api = Api::new();
    api.create(ALL, definition());
    api
}

fn path() -> String {
    format!("{ALL}/widgets.example.com")
}

fn terminating(api: &Api) -> (Value, Value) {
    let value = &api.get(&path()).unwrap().value;
    let conditions = value["status"]["conditions"].as_array().unwrap();
    let found = conditions.iter().find(|it| it["type"] == "Terminating").unwrap();
    (found["status"].clone(), found["reason"].clone())
}

#[test]
fn a_definition_goes_after_its_objects_and_theirs() {
    let mut api = with_definition();
    api.0.settings.no_garbage_collection = false;
    for name in ["a", "b"] {
        let uid = api.create(WIDGETS, widget(name, &[]));
        let owner =
            json!({ "apiVersion": "example.com/v1", "kind": "Widget", "name": name, "uid": uid });
        api.map(name, &[owner]);
    }
    assert_eq!(api.delete(&path(), None), Outcome::Changed);
    let value = &api.get(&path()).unwrap().value;
    assert_eq!(
        value["metadata"]["finalizers"],
        json!(["customresourcecleanup.apiextensions.k8s.io"])
    );
    assert_eq!(value["metadata"]["generation"], 1);
    assert_eq!(terminating(&api), ("True".into(), "InstanceDeletionPending".into()));
    assert_eq!(
        api.settle(),
        [
            "PUT widgets.example.com",
            "DELETE a (gone)",
            "DELETE b (gone)",
            "DELETE a (gone)",
            "DELETE b (gone)",
            "PUT widgets.example.com (gone)",
        ]
    );
    assert!(api.0.types.find("example.com", "v1", "widgets").is_none());
    assert!(!api.has("a"));
}

#[test]
fn a_definition_waits_for_the_finalizers_of_its_objects() {
    let mut api = with_definition();
    api.0.settings.no_garbage_collection = true;
    api.create(WIDGETS, widget("a", &["a/b"]));
    api.delete(&path(), None);
    assert_eq!(api.settle(), ["PUT widgets.example.com", "DELETE a"]);
    assert_eq!(terminating(&api), ("True".into(), "InstanceDeletionInProgress".into()));
    let refused = api.try_create(WIDGETS, widget("b", &[])).unwrap_err();
    assert_eq!(
        refused.message(),
        "widgets.example.com \"b\" is forbidden: create not allowed while custom resource definition \
         is terminating"
    );
    api.finalizers(&format!("{WIDGETS}/a"), &[]);
    assert_eq!(api.settle(), ["PUT widgets.example.com (gone)"]);
}

#[test]
fn an_owner_of_a_type_that_comes_later_is_looked_for_then() {
    let mut api = Api::new();
    let owner =
        json!({ "apiVersion": "example.com/v1", "kind": "Widget", "name": "a", "uid": "z" });
    api.map("a", &[owner]);
    assert!(api.settle().is_empty());
    api.create(ALL, definition());
    assert_eq!(api.settle(), ["DELETE a (gone)"]);
}
