//! The `OpenAPI` documents of `kunobi-ha-test` say what those of kube-apiserver say.

use std::collections::{BTreeMap, BTreeSet};

use http::Request;
use kube::Client;
use kunobi_ha_test::TestServer;
use serde_json::{Map, Value};

use crate::real::Real;

/// What is compared of an operation: what it does, the kind, and the names of its parameters.
type Operation = (Value, Value, Value, BTreeSet<String>);

#[tokio::test]
async fn documents_say_what_those_of_kube_apiserver_say() {
    let ours = Client::new(TestServer::new().service("openapi"), "default");
    let real = Real::start().await.admin();
    let here = get(&ours, "/openapi/v3").await["paths"].take();
    let there = get(&real, "/openapi/v3").await["paths"].take();
    let (mut schemas, mut operations, mut faults) = (0, 0, Vec::new());
    for (path, url) in here.as_object().unwrap() {
        let here = get(&ours, url["serverRelativeURL"].as_str().unwrap()).await;
        let there = get(&real, there[path]["serverRelativeURL"].as_str().unwrap()).await;
        let known = &there["components"]["schemas"];
        for (name, schema) in here["components"]["schemas"].as_object().unwrap() {
            schemas += 1;
            let (here, there) = (plain(schema), plain(&known[name]));
            let kinds = |of: &Value| of[KINDS].as_array().cloned().unwrap_or_default();
            let (told, known) = (kinds(schema), kinds(&known[name]));
            if here != there || !told.iter().all(|kind| known.contains(kind)) {
                faults.push(format!("{path}: {name}: {here}\n  there: {there}"));
            }
        }
        let known = operations_of(&there);
        for (name, here) in operations_of(&here) {
            operations += 1;
            let there = known.get(&name);
            if Some(&here) != there {
                faults.push(format!("{path}: {name}: {here:?}\n  there: {there:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
    println!("openapi: {schemas} schemas and {operations} operations are the same");
    assert!(schemas > 500 && operations > 500, "{schemas}, {operations}");
}

async fn get(client: &Client, path: &str) -> Value {
    let request = Request::get(path).header("accept", "application/json");
    let request = request.body(Vec::new()).unwrap();
    serde_json::from_str(&client.request_text(request).await.unwrap()).unwrap()
}

/// A schema without what is known to differ.
fn plain(schema: &Value) -> Value {
    let Some(members) = schema.as_object() else {
        return schema.clone();
    };
    let mut result = Map::new();
    for (name, value) in members {
        let value = match (name.as_str(), value) {
            ("properties", Value::Object(all)) => {
                all.iter().map(|(name, of)| (name.clone(), plain(of))).collect()
            }
            // Of what is in a list or a map, the values and how it is applied are not known here.
            ("items" | "additionalProperties", of) => {
                let mut of = plain(of);
                if let Some(of) = of.as_object_mut() {
                    of.remove("enum");
                    of.remove("x-kubernetes-list-type");
                }
                of
            }
            // The order is that of the fields in Go.
            ("required", Value::Array(names)) => {
                let names: BTreeSet<_> = names.iter().map(Value::to_string).collect();
                names.into_iter().collect()
            }
            // What is beside a reference stands in another place if there is a description.
            ("allOf", Value::Array(all)) if all.len() == 1 => {
                result.insert("$ref".into(), all[0]["$ref"].clone());
                continue;
            }
            ("x-kubernetes-map-type", value) if value == "granular" => continue,
            ("x-kubernetes-patch-strategy", value) if value == "replace" => continue,
            // Bytes are a list in Go.
            ("x-kubernetes-list-type", _) if schema["type"] == "string" => continue,
            ("description" | "x-kubernetes-unions" | KINDS, _) => continue,
            (_, value) => value.clone(),
        };
        result.insert(name.clone(), value);
    }
    Value::Object(result)
}

fn operations_of(document: &Value) -> BTreeMap<String, Operation> {
    let names = |of: &Value| -> BTreeSet<String> {
        let all = of["parameters"].as_array().into_iter().flatten();
        let names = all.filter_map(|parameter| parameter["name"].as_str());
        names.filter(|name| !UNKNOWN.contains(name)).map(String::from).collect()
    };
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let common = names(item);
        for (method, of) in item.as_object().unwrap().iter().filter(|(_, of)| of.is_object()) {
            let all = common.union(&names(of)).cloned().collect();
            let what = of["x-kubernetes-action"].clone();
            let operation = (what, of[KINDS].clone(), of["operationId"].clone(), all);
            found.insert(format!("{method} {path}"), operation);
        }
    }
    found
}

const KINDS: &str = "x-kubernetes-group-version-kind";
/// Parameters that are read by every verb and documented there alone, or belong to a feature that is off.
const UNKNOWN: [&str; 2] = ["pretty", "shardSelector"];
