//! Custom resources from definition to deletion, as kube-apiserver 1.37.2 answers.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, also in its helpers")]

#[path = "shared/answer.rs"]
mod answer;

use http::Method;
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};

use self::answer::{Answer, ask_as};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const OBJECTS: &str = "/apis/example.com/v1/namespaces/default/scals";

async fn ask(server: &TestServer, method: Method, path: &str, body: Value) -> Answer {
    let kind =
        if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
    ask_as(server, method, path, body, kind).await
}

fn definition() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": "scals.example.com" },
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": { "plural": "scals", "kind": "Scal" },
            "versions": [{
                "name": "v1",
                "served": true,
                "storage": true,
                "subresources": {
                    "status": {},
                    "scale": {
                        "specReplicasPath": ".spec.replicas",
                        "statusReplicasPath": ".status.replicas",
                        "labelSelectorPath": ".status.selector",
                    },
                },
                "schema": { "openAPIV3Schema": {
                    "type": "object",
                    "properties": {
                        "spec": { "type": "object", "properties": {
                            "replicas": { "type": "integer" },
                            "color": { "type": "string", "default": "red", "enum": ["red", "blue"] },
                        } },
                        "status": { "type": "object", "x-kubernetes-preserve-unknown-fields": true },
                    },
                } },
            }],
        },
    })
}

fn object(name: &str, spec: &Value) -> Value {
    json!({ "apiVersion": "example.com/v1", "kind": "Scal", "metadata": { "name": name }, "spec": spec })
}

#[tokio::test]
async fn a_definition_is_served_at_once() {
    let server = TestServer::builder().build();
    assert_eq!(ask(&server, Method::GET, OBJECTS, Value::Null).await.code, 404);
    let answer = ask(&server, Method::POST, DEFINITIONS, definition()).await;
    assert_eq!(answer.code, 201, "{}", answer.body);
    assert_eq!(answer.body["spec"]["names"]["listKind"], "ScalList");
    assert_eq!(answer.body["status"]["conditions"][1]["type"], "Established");
    let list = ask(&server, Method::GET, OBJECTS, Value::Null).await;
    assert_eq!((list.code, &list.body["kind"]), (200, &json!("ScalList")));

    let sent = object("a", &json!({ "replicas": 1, "unknown": 1 }));
    let answer = ask(&server, Method::POST, OBJECTS, sent).await;
    assert_eq!(answer.code, 201, "{}", answer.body);
    assert_eq!(answer.body["spec"], json!({ "replicas": 1, "color": "red" }));
    assert_eq!(answer.warnings, [r#"299 - "unknown field \"spec.unknown\"""#]);

    let answer =
        ask(&server, Method::POST, OBJECTS, object("b", &json!({ "color": "green" }))).await;
    let message = "Scal.example.com \"b\" is invalid: spec.color: Unsupported value: \"green\": \
                   supported values: \"red\", \"blue\"";
    assert_eq!((answer.code, &answer.body["message"]), (422, &json!(message)));

    let deleted = format!("{DEFINITIONS}/scals.example.com");
    assert_eq!(ask(&server, Method::DELETE, &deleted, Value::Null).await.code, 200);
    assert_eq!(ask(&server, Method::GET, OBJECTS, Value::Null).await.code, 404);
}

#[tokio::test]
async fn what_is_wrong_with_a_definition_is_told() {
    let server = TestServer::builder().build();
    let mut wrong = definition();
    wrong["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["type"] =
        Value::Null;
    let answer = ask(&server, Method::POST, DEFINITIONS, wrong).await;
    let message = "CustomResourceDefinition.apiextensions.k8s.io \"scals.example.com\" is invalid: \
                   spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not \
                   be empty for specified object fields";
    assert_eq!((answer.code, &answer.body["message"]), (422, &json!(message)));

    let mut unusual = definition();
    unusual["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
        ["color"]["format"] = "foo".into();
    let answer = ask(&server, Method::POST, DEFINITIONS, unusual).await;
    assert_eq!(answer.code, 201);
    assert_eq!(answer.warnings, [r#"299 - "unrecognized format \"foo\"""#]);
}

#[tokio::test]
async fn a_scale_is_read_and_written() {
    let server = TestServer::builder().with_crds([definition()]).build();
    ask(&server, Method::POST, OBJECTS, object("a", &json!({ "replicas": 1 }))).await;
    let scale = format!("{OBJECTS}/a/scale");
    let answer = ask(&server, Method::GET, &scale, Value::Null).await;
    assert_eq!(answer.code, 200, "{}", answer.body);
    assert_eq!(
        (&answer.body["kind"], &answer.body["apiVersion"]),
        (&json!("Scale"), &json!("autoscaling/v1"))
    );
    assert_eq!(answer.body["spec"], json!({ "replicas": 1 }));
    assert_eq!(answer.body["status"], json!({ "replicas": 0 }));

    let patch = json!({ "spec": { "replicas": 3 } });
    let answer = ask(&server, Method::PATCH, &scale, patch.clone()).await;
    assert_eq!((answer.code, &answer.body["spec"]), (200, &json!({ "replicas": 3 })));
    let strategic = "application/strategic-merge-patch+json";
    assert_eq!(ask_as(&server, Method::PATCH, &scale, patch, strategic).await.code, 415);

    let put = |replicas: Value, version: &str| {
        json!({ "apiVersion": "autoscaling/v1", "kind": "Scale",
                "metadata": { "name": "a", "namespace": "default", "resourceVersion": version },
                "spec": { "replicas": replicas } })
    };
    let answer = ask(&server, Method::PUT, &scale, put(json!(-3), "")).await;
    let message = "Scal.example.com \"a\" is invalid: .spec.replicas: Invalid value: -3: should be a \
                   non-negative integer";
    assert_eq!((answer.code, &answer.body["message"]), (422, &json!(message)));
    assert_eq!(ask(&server, Method::PUT, &scale, put(json!(6), "")).await.code, 200);
    assert_eq!(ask(&server, Method::PUT, &scale, put(json!(7), "1")).await.code, 409);
    let object = ask(&server, Method::GET, &format!("{OBJECTS}/a"), Value::Null).await.body;
    assert_eq!(object["spec"], json!({ "replicas": 6, "color": "red" }));
    assert_eq!(object["metadata"]["generation"], 3);

    ask(&server, Method::POST, OBJECTS, self::object("c", &json!({}))).await;
    let scale = format!("{OBJECTS}/c/scale");
    let answer = ask(&server, Method::GET, &scale, Value::Null).await;
    let message =
        "Internal error occurred: the spec replicas field \".spec.replicas\" does not exist";
    assert_eq!((answer.code, &answer.body["message"]), (500, &json!(message)));
    let labels = json!({ "metadata": { "labels": { "a": "b" } } });
    assert_eq!(ask(&server, Method::PATCH, &scale, labels).await.code, 400);
    let patch = json!({ "spec": { "replicas": 2 } });
    assert_eq!(ask(&server, Method::PATCH, &scale, patch).await.code, 200);
}

#[tokio::test]
async fn what_is_stored_is_read_with_the_schema_of_now() {
    let server = TestServer::builder().with_crds([definition()]).build();
    let sent = object("a", &json!({ "replicas": 1, "color": "blue" }));
    ask(&server, Method::POST, OBJECTS, sent).await;

    let path = format!("{DEFINITIONS}/scals.example.com");
    let mut changed = ask(&server, Method::GET, &path, Value::Null).await.body;
    let versions = changed["spec"]["versions"].as_array_mut().unwrap();
    let fields = |version: &mut Value, fields: Value| {
        version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"] = fields;
    };
    let mut second = versions[0].clone();
    second["name"] = "v2".into();
    second["storage"] = false.into();
    fields(
        &mut second,
        json!({ "color": { "type": "string" }, "shape": { "type": "string", "default": "round" } }),
    );
    versions.push(second);
    fields(
        &mut versions[0],
        json!({ "replicas": { "type": "integer" }, "size": { "type": "integer", "default": 5 } }),
    );
    let answer = ask(&server, Method::PUT, &path, changed).await;
    assert_eq!(answer.code, 200, "{}", answer.body);

    let first = ask(&server, Method::GET, &format!("{OBJECTS}/a"), Value::Null).await.body;
    assert_eq!(first["spec"], json!({ "replicas": 1, "size": 5 }));
    let second = format!("{}/a", OBJECTS.replace("v1", "v2"));
    let second = ask(&server, Method::GET, &second, Value::Null).await.body;
    assert_eq!(second["apiVersion"], "example.com/v2");
    assert_eq!(second["spec"], json!({}));
    assert_eq!(first["metadata"]["resourceVersion"], second["metadata"]["resourceVersion"]);
}
