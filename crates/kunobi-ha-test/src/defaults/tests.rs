//! Objects as kube-apiserver has answered their creation (`scripts/defaults-record.py`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    crd,
    request::{FieldValidation, WriteOptions, body::Content, path::Target},
    store::{Call, Settings, Store},
};

fn create(store: &mut Store, manifest: &Value) -> Value {
    write(store, manifest, false)
}

/// Creates or replaces an object, and returns the whole answer.
fn write(store: &mut Store, manifest: &Value, replaces: bool) -> Value {
    let text = |field: &str| manifest[field].as_str().unwrap();
    let (group, version) = text("apiVersion").split_once('/').unwrap_or(("", text("apiVersion")));
    let resource = store.types.find_kind(group, version, text("kind")).unwrap();
    let target = Target::collection(&resource, if resource.is_namespaced { "a" } else { "" });
    let now = Timestamp::UNIX_EPOCH;
    let call = Call::by_server(&resource, &target, now);
    let content = Content { value: manifest.clone(), duplicates: Vec::new() };
    let options = WriteOptions {
        manager: "test".into(),
        is_dry_run: false,
        validation: FieldValidation::Strict,
    };
    let written = if replaces {
        let target = target.named(manifest["metadata"]["name"].as_str().unwrap());
        store.update(&Call { target: &target, ..call }, content, &options)
    } else {
        store.create(&call, content, &options)
    };
    written.unwrap().object.value.clone()
}

/// Names what differs with each request.
fn masked(mut answer: Value) -> Value {
    let metadata = answer["metadata"].as_object_mut().unwrap();
    for field in ["creationTimestamp", "namespace", "resourceVersion"] {
        metadata.remove(field);
    }
    let uid = metadata["uid"].as_str().unwrap().to_owned();
    let managed = metadata.get_mut("managedFields").and_then(Value::as_array_mut);
    for entry in managed.into_iter().flatten() {
        entry["time"] = "TIME".into();
    }
    for time in ["/status/lastPhaseTransitionTime", "/status/conditions/0/lastTransitionTime"] {
        if let Some(time) = answer.pointer_mut(time) {
            *time = "TIME".into();
        }
    }
    if answer["kind"] == "Service" {
        mask_service(&mut answer["spec"]);
    }
    serde_json::from_str(&answer.to_string().replace(&uid, "UID")).unwrap()
}

fn mask_service(spec: &mut Value) {
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    let mut name = |port: &mut Value| {
        let count = names.len();
        let port = port.as_u64().map(|number| {
            assert!((30000..32768).contains(&number));
            names.entry(number).or_insert_with(|| format!("PORT-{count}")).clone()
        });
        port.unwrap()
    };
    for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(port) = port.get_mut("nodePort") {
            *port = name(port).into();
        }
    }
    if let Some(port) = spec.get_mut("healthCheckNodePort") {
        *port = name(port).into();
    }
    if spec["clusterIP"].as_str().is_some_and(|address| address.starts_with("10.")) {
        assert_eq!(spec["clusterIPs"], json!([spec["clusterIP"]]));
        spec["clusterIP"] = "ADDRESS".into();
        spec["clusterIPs"] = json!(["ADDRESS"]);
    }
}

/// Where two values differ.
fn differences(path: &str, is: &Value, expected: &Value, found: &mut Vec<String>) {
    match (is, expected) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for name in names {
                let of = |object: &serde_json::Map<String, Value>| match object.get(name) {
                    Some(value) => value.clone(),
                    None => "(missing)".into(),
                };
                differences(&format!("{path}.{name}"), &of(a), &of(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}[{index}]"), a, b, found);
            }
        }
        (is, expected) if is == expected => {}
        (is, expected) => found.push(format!("{path}: {is}, not {expected}")),
    }
}

#[test]
fn the_same_as_kube_apiserver() {
    let answers: Value = serde_json::from_str(include_str!("tests/answers.json")).unwrap();
    let mut store = Store::new(Settings::default());
    let mut found = Vec::new();
    let manifests = crd::documents(include_str!("tests/manifests.yaml")).unwrap();
    assert_eq!(manifests.len(), answers.as_object().unwrap().len());
    for manifest in &manifests {
        let name = manifest["metadata"]["name"].as_str().unwrap();
        differences(name, &masked(create(&mut store, manifest)), &answers[name], &mut found);
    }
    // A job that has no labels takes those of its pods after its owners were recorded.
    let is_known = |found: &&String| {
        ["job-indexed", "job-manual"].iter().any(|job| {
            found.starts_with(&format!("{job}.metadata.managedFields[0].fieldsV1.f:metadata"))
        })
    };
    let (known, unknown): (Vec<_>, Vec<_>) = found.iter().partition(is_known);
    assert_eq!(unknown, Vec::<&String>::new());
    assert_eq!(known.len(), 2);
}

#[test]
fn a_service_keeps_what_was_allocated_as_long_as_its_type_needs_it() {
    let mut store = Store::new(Settings::default());
    let of = |kind: &str| {
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": { "name": "s" },
            "spec": { "type": kind, "externalName": "a.b", "ports": [{ "port": 80 }] },
        })
    };
    let first = create(&mut store, &of("NodePort"));
    let again = write(&mut store, &of("NodePort"), true);
    assert_eq!(again["spec"], first["spec"]);
    let without = write(&mut store, &of("ClusterIP"), true);
    assert_eq!(without["spec"]["clusterIP"], first["spec"]["clusterIP"]);
    assert!(without["spec"]["ports"][0].get("nodePort").is_none());
    assert!(without["spec"].get("externalTrafficPolicy").is_none());
    let name = write(&mut store, &of("ExternalName"), true);
    assert_eq!(
        name["spec"],
        json!({
            "type": "ExternalName", "externalName": "a.b", "sessionAffinity": "None",
            "ports": [{ "port": 80, "protocol": "TCP", "targetPort": 80 }],
        })
    );
    let other = write(&mut store, &of("ClusterIP"), true);
    assert_ne!(other["spec"]["clusterIP"], first["spec"]["clusterIP"]);
}

#[test]
fn a_daemon_set_counts_the_changes_of_its_template() {
    let mut store = Store::new(Settings::default());
    let of = |image: &str| {
        json!({
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": "d" },
            "spec": {
                "selector": { "matchLabels": { "a": "b" } },
                "template": {
                    "metadata": { "labels": { "a": "b" } },
                    "spec": { "containers": [{ "name": "a", "image": image }] },
                },
            },
        })
    };
    let mut counted = |image: &str, replaces: bool| {
        let written = write(&mut store, &of(image), replaces);
        written["metadata"]["annotations"]["deprecated.daemonset.template.generation"].clone()
    };
    assert_eq!(counted("a", false), "1");
    assert_eq!(counted("a", true), "1");
    assert_eq!(counted("b", true), "2");
}
