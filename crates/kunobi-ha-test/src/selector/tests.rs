mod labels;

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::types::Types;

fn resource(group: &str, plural: &str) -> Arc<Resource> {
    Types::new().find(group, "v1", plural).unwrap()
}

fn key(namespace: &str, name: &str) -> Key {
    let (namespace, name) = (namespace.to_owned(), name.to_owned());
    Key { group: String::new(), resource: "pods".into(), namespace, name }
}

fn fields(resource: &Resource, text: &str) -> Result<Selector, String> {
    let selector = Selector::parse(None, Some(text), resource);
    selector.map_err(|rejection| rejection.body()["message"].as_str().unwrap().to_owned())
}

#[test]
fn fields_are_compared_as_there() {
    let pods = resource("", "pods");
    let object = json!({
        "spec": { "nodeName": "n1", "restartPolicy": "Never", "hostNetwork": true },
        "status": { "phase": "Running", "podIPs": [{ "ip": "10.0.0.1" }, { "ip": "::1" }] },
    });
    for (text, expected) in [
        ("metadata.name=p", true),
        ("metadata.name==p", true),
        ("metadata.name!=p", false),
        ("metadata.name=", false),
        ("metadata.namespace=x,metadata.name=p", true),
        ("metadata.namespace!=x", false),
        (",,metadata.name=p,", true),
        ("spec.nodeName=n1", true),
        ("spec.host=n1", true),
        ("spec.nodeName=", false),
        ("spec.schedulerName=default-scheduler", true),
        ("spec.restartPolicy!=Always", true),
        ("spec.hostNetwork=true", true),
        ("status.phase=Running", true),
        ("status.phase!=Succeeded,status.phase!=Failed", true),
        ("status.podIP=10.0.0.1", true),
        ("status.podIPs=", true),
        ("status.podIPs=10.0.0.1", false),
        ("status.nominatedNodeName=", true),
        ("status.nominatedNodeName!=", false),
        (r"metadata.name=a\,b\=c\\", false),
    ] {
        let selector = fields(&pods, text).unwrap();
        assert_eq!(selector.matches(&key("x", "p"), &object), expected, "{text}");
    }
    let odd = fields(&pods, r"metadata.name=a\,b\=c\\").unwrap();
    assert!(odd.matches(&key("x", r"a,b=c\"), &object));
    assert_eq!(odd.name(), Some(r"a,b=c\"));
    assert_eq!(fields(&pods, "metadata.name!=p").unwrap().name(), None);
    assert_eq!(fields(&pods, "spec.nodeName=p").unwrap().name(), None);
}

#[test]
fn each_type_has_its_fields() {
    for (group, plural, text, object) in [
        ("", "nodes", "spec.unschedulable=false", json!({})),
        ("", "nodes", "spec.unschedulable=true", json!({ "spec": { "unschedulable": true } })),
        ("", "namespaces", "status.phase=Active", json!({ "status": { "phase": "Active" } })),
        ("", "secrets", "type=Opaque", json!({})),
        ("", "secrets", "type=a/b", json!({ "type": "a/b" })),
        ("", "services", "spec.type=ClusterIP,spec.clusterIP=None", {
            json!({ "spec": { "clusterIP": "None" } })
        }),
        ("", "replicationcontrollers", "status.replicas=0", json!({})),
        ("batch", "jobs", "status.successful=0", json!({ "status": { "failed": 1 } })),
        ("batch", "jobs", "status.successful=3", json!({ "status": { "succeeded": 3 } })),
        ("", "events", "involvedObject.name=p,reason=r,type=Normal,source=s", {
            json!({ "involvedObject": { "name": "p" }, "reason": "r", "type": "Normal",
                    "source": { "component": "s" }, "reportingComponent": "t" })
        }),
        ("", "events", "source=t,reportingComponent=t", json!({ "reportingComponent": "t" })),
        ("events.k8s.io", "events", "regarding.uid=u,reportingController=c", {
            json!({ "involvedObject": { "uid": "u" }, "reportingComponent": "c" })
        }),
        ("certificates.k8s.io", "certificatesigningrequests", "spec.signerName=s", {
            json!({ "spec": { "signerName": "s" } })
        }),
        ("rbac.authorization.k8s.io", "clusterroles", "metadata.namespace=", json!({})),
    ] {
        let selector = fields(&resource(group, plural), text).unwrap();
        assert!(selector.matches(&key("", "x"), &object), "{plural} {text}");
        assert!(!selector.is_empty());
    }
}

/// Recorded from kube-apiserver 1.37.2.
#[test]
fn wrong_field_selectors_are_refused_in_the_words_of_kube_apiserver() {
    let only = r#"is not a known field selector: only "metadata.name", "metadata.namespace""#;
    let config_maps = ("", "configmaps");
    for ((group, plural), text, expected) in [
        (config_maps, "foo", "invalid selector: 'foo'; can't understand 'foo'".to_owned()),
        (config_maps, "b,a", "invalid selector: 'b,a'; can't understand 'a'".to_owned()),
        (config_maps, "spec.x=1", format!("\"spec.x\" {only}")),
        (config_maps, "=x", format!("\"\" {only}")),
        (config_maps, "metadata.name=a,foo=b", format!("\"foo\" {only}")),
        (config_maps, "foo=b,a!b", "invalid selector: 'foo=b,a!b'; can't understand 'a!b'".into()),
        (
            config_maps,
            r"metadata.name=a\b",
            r"invalid field selector: invalid escape sequence: \b".into(),
        ),
        (
            config_maps,
            r"metadata.name=a\",
            r"invalid field selector: invalid escape sequence: \".into(),
        ),
        (
            config_maps,
            "metadata.name=a=b",
            "invalid field selector: unescaped character in value: 61".into(),
        ),
        (("", "pods"), "spec.foo=1", "field label not supported: spec.foo".into()),
        (("", "nodes"), "metadata.namespace=", {
            "field label not supported: metadata.namespace".into()
        }),
        (("", "namespaces"), "name=default", "field label not supported: name".into()),
        (("batch", "jobs"), "foo=b", "field label \"foo\" not supported for Job".into()),
        (("apps", "replicasets"), "status.replicas=1", format!("\"status.replicas\" {only}")),
        (("events.k8s.io", "events"), "involvedObject.name=x", {
            "field label not supported: involvedObject.name".into()
        }),
        (("", "events"), "regarding.name=x", "field label not supported: regarding.name".into()),
        (("resource.k8s.io", "resourceslices"), "spec.x=1", {
            "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: spec.x".into()
        }),
    ] {
        assert_eq!(fields(&resource(group, plural), text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn a_custom_type_has_the_fields_that_it_declares() {
    let definition = |scope: &str| {
        let conditions = [json!({ "type": "Established", "status": "True" })];
        json!({ "status": { "conditions": conditions }, "spec": {
            "group": "example.com",
            "scope": scope,
            "names": { "plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList" },
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "schema": { "openAPIV3Schema": { "type": "object", "properties": {
                    "spec": { "type": "object", "properties": {
                        "colour": { "type": "string" },
                        "size": { "type": "integer" },
                        "is": { "type": "object", "properties": { "ready": { "type": "boolean" } } },
                    } },
                } } },
                "selectableFields": [
                    { "jsonPath": ".spec.colour" },
                    { "jsonPath": ".spec.size" },
                    { "jsonPath": ".spec.is.ready" },
                ],
            }],
        } })
    };
    let resources = crate::crd::served(&definition("Namespaced"));
    let object = json!({ "spec": { "colour": "red", "size": 5, "is": { "ready": true } } });
    for (text, expected) in [
        ("spec.colour=red", true),
        ("spec.colour!=red", false),
        ("spec.size=5,spec.is.ready=true", true),
        ("spec.size=6", false),
        ("metadata.name=n,metadata.namespace=x", true),
    ] {
        let selector = fields(&resources[0], text).unwrap();
        assert_eq!(selector.matches(&key("x", "n"), &object), expected, "{text}");
    }
    assert!(fields(&resources[0], "spec.colour=").unwrap().matches(&key("x", "n"), &json!({})));
    let unknown = fields(&resources[0], "spec=red").unwrap_err();
    assert_eq!(unknown, "field label not supported: spec");
    let cluster = crate::crd::served(&definition("Cluster"));
    let unknown = fields(&cluster[0], "metadata.namespace=x").unwrap_err();
    assert_eq!(unknown, "field label not supported: metadata.namespace");
}

#[test]
fn labels_are_read_before_fields() {
    let wrong = Selector::parse(Some("="), Some("foo"), &resource("", "pods")).unwrap_err();
    let message = "found '=', expected: !, identifier, or 'end of string'";
    assert_eq!(wrong.body()["message"], message);
    assert_eq!(wrong.body()["code"], 400);
}

#[test]
fn nothing_that_a_client_sends_panics() {
    for length in 0..6_u32 {
        for mut number in 0..9_u32.pow(length) {
            let mut text = String::new();
            for _ in 0..length {
                let next = ["a", "=", "!", "(", ")", ",", " in ", "\\", "\0ä"];
                text.push_str(next[number as usize % 9]);
                number /= 9;
            }
            let _ = super::labels::parse(&text);
            let _ = fields::parse(&text, &resource_once());
        }
    }
}

fn resource_once() -> Arc<Resource> {
    static PODS: std::sync::OnceLock<Arc<Resource>> = std::sync::OnceLock::new();
    Arc::clone(PODS.get_or_init(|| resource("", "pods")))
}
