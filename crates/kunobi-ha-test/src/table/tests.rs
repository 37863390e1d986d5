use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;
use crate::{
    request::{Include, Meta},
    store::Object,
    types::{self, Types},
};

/// An object that kube-apiserver has printed.
#[derive(Deserialize)]
struct Recorded {
    note: String,
    now: Timestamp,
    object: Value,
    row: Value,
}

fn recorded() -> Vec<Recorded> {
    serde_json::from_str(include_str!("tests/recorded.json")).unwrap()
}

/// The rows of a table of these objects, which are of one type.
fn rows(resource: &Resource, objects: Vec<Value>, now: Timestamp, extent: Extent) -> Vec<Value> {
    let table = Table::of(resource, "", (Meta::V1, Include::None), now).unwrap();
    let objects: Vec<Arc<Object>> = objects.into_iter().map(Object::other).map(Arc::new).collect();
    let text = table.of_objects(&json!({}), &objects, extent);
    let mut table: Value = serde_json::from_slice(&text).unwrap();
    // kube-apiserver prints the age of an IPAddress in a column that it does not define.
    let undefined = usize::from(resource.plural == "ipaddresses");
    let columns = table["columnDefinitions"].as_array().unwrap().len() + undefined;
    let Value::Array(mut rows) = table["rows"].take() else { panic!("{table}") };
    for row in &mut rows {
        assert_eq!(row["cells"].as_array().unwrap().len(), columns, "{row}");
        assert_eq!(row.as_object_mut().unwrap().remove("object"), Some(Value::Null));
    }
    rows
}

fn type_of(object: &Value) -> Arc<Resource> {
    let text = |field: &str| object[field].as_str().unwrap();
    let (group, version) = text("apiVersion").split_once('/').unwrap_or(("", text("apiVersion")));
    Types::new().find_kind(group, version, text("kind")).unwrap()
}

/// The types whose objects can be stored.
fn stored() -> impl Iterator<Item = Arc<Resource>> {
    let types: Vec<Arc<Resource>> = Types::new().all().cloned().collect();
    types.into_iter().filter(|it| it.has_verb("get") && it.has_verb("create"))
}

#[test]
fn rows_are_those_of_kube_apiserver() {
    let mut types = BTreeSet::new();
    for Recorded { note, now, object, row } in recorded() {
        let resource = type_of(&object);
        assert_eq!(rows(&resource, vec![object], now, Extent::Object), [row], "{note}");
        types.insert(resource.qualified());
    }
    // It takes a pod on a node to make one.
    let unrecorded = ["events.events.k8s.io", "podcertificaterequests.certificates.k8s.io"];
    let all = stored().map(|resource| resource.qualified());
    let missing: Vec<String> = all.filter(|name| !types.contains(name)).collect();
    assert_eq!(missing, unrecorded);
}

#[test]
fn every_type_is_printed_whatever_its_objects_lack() {
    for resource in stored() {
        let name = resource.qualified();
        assert!(!columns::of(&name).is_empty(), "{name} has no columns");
        let objects = vec![resource.shape().zero(), json!({}), json!("x")];
        let rows = rows(&resource, objects, Timestamp::UNIX_EPOCH, Extent::List);
        assert_eq!(rows.len(), 3, "{name}");
    }
    assert_eq!(columns::of("scale.autoscaling").len(), 4);
    assert_eq!(columns::release(), types::release());
    assert!(!description("Age").is_empty());
}

#[test]
fn what_is_only_asked_is_not_printed() {
    for (group, plural, subresource, expected) in [
        ("", "pods", "", true),
        ("", "pods", "status", true),
        ("", "pods", "eviction", false),
        ("", "pods", "binding", false),
        ("", "namespaces", "finalize", false),
        ("apps", "deployments", "scale", true),
        ("apiextensions.k8s.io", "customresourcedefinitions", "", true),
        ("apiextensions.k8s.io", "customresourcedefinitions", "status", false),
        ("certificates.k8s.io", "certificatesigningrequests", "approval", false),
        ("authorization.k8s.io", "selfsubjectaccessreviews", "", false),
    ] {
        let resource = Types::new().find(group, "v1", plural).unwrap();
        assert_eq!(is_printed(&resource, subresource), expected, "{plural} {subresource}");
    }
}

#[test]
fn a_request_of_a_pod_for_a_certificate() {
    let resource =
        Types::new().find("certificates.k8s.io", "v1", "podcertificaterequests").unwrap();
    let request = |conditions: Value| {
        json!({ "metadata": { "name": "a" },
                "spec": { "podName": "p", "serviceAccountName": "s", "nodeName": "n",
                          "signerName": "e.com/s", "unverifiedUserAnnotations": { "a": "b" } },
                "status": { "conditions": conditions } })
    };
    let objects = vec![request(json!([])), request(json!([{ "type": "Issued" }]))];
    let row = |state: &str| json!({ "cells": ["a", "p", "s", "n", "e.com/s", state, "a=b"] });
    let rows = rows(&resource, objects, Timestamp::UNIX_EPOCH, Extent::List);
    assert_eq!(rows, [row("Pending"), row("Issued")]);
}

/// The youngest class wins, or else the first name: `getEffectiveDefaultStorageClass`.
#[test]
fn a_list_of_storage_classes_marks_the_default() {
    let resource = Types::new().find("storage.k8s.io", "v1", "storageclasses").unwrap();
    let class = |name: &str, second: u8, annotation: &str| {
        json!({ "metadata": { "name": name, "annotations": { (annotation): "true" },
                              "creationTimestamp": format!("2024-01-01T00:00:0{second}Z") } })
    };
    let classes = || {
        let annotation = "storageclass.kubernetes.io/is-default-class";
        vec![
            class("a", 1, annotation),
            class("b", 2, "storageclass.beta.kubernetes.io/is-default-class"),
            class("c", 2, annotation),
            class("d", 3, "example.com/other"),
        ]
    };
    let names = |extent| {
        let rows = rows(&resource, classes(), Timestamp::UNIX_EPOCH, extent);
        rows.iter().map(|row| row["cells"][0].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(Extent::List), ["a", "b (default)", "c", "d"]);
    assert_eq!(names(Extent::Object), ["a", "b", "c", "d"]);
}

#[test]
fn flow_schemas_are_listed_as_they_are_tried() {
    let resource = Types::new().find("flowcontrol.apiserver.k8s.io", "v1", "flowschemas").unwrap();
    let schema = |name: &str, precedence: i64| json!({ "metadata": { "name": name }, "spec": { "matchingPrecedence": precedence } });
    let schemas = vec![schema("a", 9), schema("b", 1), schema("c", 1)];
    let rows = rows(&resource, schemas, Timestamp::UNIX_EPOCH, Extent::List);
    let names: Vec<&Value> = rows.iter().map(|row| &row["cells"][0]).collect();
    assert_eq!(names, ["b", "c", "a"]);
}
