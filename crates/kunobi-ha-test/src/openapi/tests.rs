use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{SCHEMAS, custom, document, swagger::swagger};
use crate::types::{Types, tests::widget};

fn types() -> Types {
    let mut types = Types::new();
    types.define("widgets.example.com", vec![widget("example.com", "v1", "widgets")]);
    types
}

fn documents(types: &Types) -> Vec<Value> {
    types.groups().iter().flat_map(|group| &group.versions).map(document).collect()
}

/// The names after `prefix` in all `$ref`.
fn references<'a>(value: &'a Value, prefix: &str, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, prefix, found)),
        Value::Object(members) => {
            if let Some(name) = members.get("$ref").and_then(Value::as_str) {
                found.insert(name.strip_prefix(prefix).unwrap_or(name));
            }
            members.values().for_each(|member| references(member, prefix, found));
        }
        _ => {}
    }
}

#[track_caller]
fn check_references(document: &Value, prefix: &str, schemas: &Value) {
    let mut found = BTreeSet::new();
    references(document, prefix, &mut found);
    assert!(found.len() > 5, "{found:?}");
    for name in found {
        assert!(schemas[name].is_object(), "{name}");
    }
}

#[test]
fn what_a_document_refers_to_is_in_it() {
    for document in documents(&types()) {
        check_references(&document, SCHEMAS, &document["components"]["schemas"]);
    }
}

#[test]
fn what_the_one_document_refers_to_is_in_it() {
    let document = swagger(&documents(&types()));
    check_references(&document, "#/definitions/", &document["definitions"]);
}

#[test]
fn every_kind_has_a_schema() {
    let types = types();
    for (document, served) in
        documents(&types).iter().zip(types.groups().iter().flat_map(|group| &group.versions))
    {
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for resource in &served.resources {
            let kind = json!({
                "group": resource.group, "version": resource.version, "kind": resource.kind,
            });
            let is_it = |schema: &&Value| {
                let kinds = schema["x-kubernetes-group-version-kind"].as_array();
                kinds.is_some_and(|kinds| kinds.contains(&kind))
            };
            let schema = schemas.values().find(is_it);
            assert!(schema.is_some_and(|schema| schema["type"] == "object"), "{kind}");
        }
    }
}

#[test]
fn the_schema_of_a_definition() {
    let schema = json!({
        "type": "object",
        "description": "A widget.",
        "properties": { "spec": { "type": "object", "properties": {
            "size": { "type": "integer", "default": 3, "description": "How large." },
            "port": { "x-kubernetes-int-or-string": true },
            "pod": { "type": "object", "x-kubernetes-embedded-resource": true, "required": ["spec"],
                     "x-kubernetes-preserve-unknown-fields": true },
        } } },
    });
    let widget = custom::object(&schema);
    assert_eq!(widget["description"], "A widget.");
    let meta =
        json!([{ "$ref": format!("{SCHEMAS}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta") }]);
    assert_eq!(widget["properties"]["metadata"]["allOf"], meta);
    let spec = &widget["properties"]["spec"]["properties"];
    let size = json!({ "type": "integer", "default": 3, "description": "How large." });
    assert_eq!(spec["size"], size);
    let either = json!([{ "type": "integer" }, { "type": "string" }]);
    assert_eq!(spec["port"]["anyOf"], either);
    assert_eq!(spec["pod"]["properties"]["metadata"]["allOf"], meta);
    assert_eq!(spec["pod"]["required"], json!(["spec", "kind", "apiVersion"]));

    // OpenAPI 2.0 has no defaults, and no type for what may be more than it says.
    let document = json!({ "paths": {}, "components": { "schemas": { "Widget": widget } } });
    let old = swagger([&document]);
    let spec = &old["definitions"]["Widget"]["properties"]["spec"]["properties"];
    assert_eq!(spec["size"], json!({ "type": "integer", "description": "How large." }));
    assert_eq!(spec["port"], json!({ "x-kubernetes-int-or-string": true }));
    assert_eq!(spec["pod"]["type"], Value::Null);
}

#[test]
fn the_paths_of_a_type() {
    let documents = documents(&types());
    let (core, custom) = (&documents[0]["paths"], &documents.last().unwrap()["paths"]);
    let patch = &core["/api/v1/namespaces/{namespace}/pods/{name}"]["patch"];
    assert_eq!(patch["x-kubernetes-action"], "patch");
    let kind = json!({ "group": "", "version": "v1", "kind": "Pod" });
    assert_eq!(patch["x-kubernetes-group-version-kind"], kind);
    assert_eq!(patch["operationId"], "patchCoreV1NamespacedPod");
    let names: Vec<_> =
        patch["parameters"].as_array().unwrap().iter().map(|of| of["name"].as_str()).collect();
    let expected =
        ["name", "namespace", "dryRun", "fieldManager", "fieldValidation", "force"].map(Some);
    assert_eq!(names, expected);
    let content = patch["requestBody"]["content"].as_object().unwrap();
    assert!(content.contains_key("application/strategic-merge-patch+json"));
    let widget = &custom["/apis/example.com/v1/namespaces/{namespace}/widgets/{name}"];
    assert!(widget.as_object().unwrap().keys().eq(["delete", "get", "patch", "put"]));
    assert_eq!(core["/api/v1/namespaces/{namespace}/pods/{name}/exec"], Value::Null);
}

#[test]
fn values_and_defaults_are_those_of_kubernetes() {
    let documents = documents(&types());
    let schemas = &documents[0]["components"]["schemas"];
    let property = |of: &str, name: &str| {
        schemas[format!("io.k8s.api.core.v1.{of}")]["properties"][name].clone()
    };
    let policies = json!(["Always", "Never", "OnFailure"]);
    assert_eq!(property("PodSpec", "restartPolicy"), json!({ "type": "string", "enum": policies }));
    let protocol = json!({ "type": "string", "default": "TCP", "enum": ["SCTP", "TCP", "UDP"] });
    assert_eq!(property("ContainerPort", "protocol"), protocol);
    assert_eq!(property("Container", "name"), json!({ "type": "string", "default": "" }));
    assert_eq!(property("Pod", "spec")["default"], json!({}));
}

#[test]
fn the_one_document_of_the_built_in_types_is_the_same_on_every_server() {
    let (one, other, defined) = (Types::new(), Types::new(), types());
    let shared = one.documents.all(&one);
    assert!(std::ptr::eq(shared, other.documents.all(&other)));
    assert_ne!(shared.json.tag, defined.documents.all(&defined).json.tag);
}
