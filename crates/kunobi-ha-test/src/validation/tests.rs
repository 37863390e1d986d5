//! Which types have rules, and what they say of objects as users write them.

use serde_json::{Value, json};

use super::{fields, rules::Rules};
use crate::types::Types;

#[test]
fn every_type_has_rules_or_is_named_here() {
    let types = Types::new();
    let without: Vec<String> = types
        .all()
        .filter(|resource| Rules::of(resource).is_none())
        .map(|resource| format!("{}/{}", resource.group, resource.plural))
        .collect();
    assert_eq!(without, WITHOUT);
}

#[test]
fn a_rule_is_of_the_object_or_of_its_status() {
    let types = Types::new();
    let deployments = types.find("apps", "v1", "deployments").unwrap();
    let valid = deployment(&json!({}));
    let invalid = deployment(&json!({ "replicas": -1 }));
    let texts = |subresource: &str, old: Option<&Value>, value: &Value| -> Vec<String> {
        fields(&deployments, subresource, old, value)
            .iter()
            .map(crate::status::Cause::text)
            .collect()
    };
    assert_eq!(texts("", None, &valid), Vec::<String>::new());
    let expected = ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"];
    assert_eq!(texts("", None, &invalid), expected);
    assert_eq!(texts("", Some(&valid), &invalid), expected);
    assert_eq!(texts("status", Some(&valid), &invalid), Vec::<String>::new());
    assert_eq!(texts("scale", Some(&valid), &invalid), Vec::<String>::new());
    let ready = json!({ "status": { "replicas": 1, "readyReplicas": 2 } });
    let expected =
        ["status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas"];
    assert_eq!(texts("status", Some(&valid), &ready), expected);
}

#[test]
fn only_amounts_of_the_same_resource_are_compared() {
    let ranges = Types::new().find("", "v1", "limitranges").unwrap();
    let texts = |limit: Value| -> Vec<String> {
        let range = json!({ "spec": { "limits": [limit] } });
        fields(&ranges, "", None, &range).iter().map(crate::status::Cause::text).collect()
    };
    let huge = "hugepages-2Mi";
    let apart = json!({ "type": "Container", "default": { "cpu": "1" }, "defaultRequest": { huge: "2Mi" } });
    assert_eq!(texts(apart), Vec::<String>::new());
    let together = json!({ "type": "Container", "default": { huge: "4Mi" }, "defaultRequest": { huge: "2Mi" } });
    let expected = "spec.limits[0].defaultRequest[hugepages-2Mi]: Invalid value: \"2Mi\": default \
                    value 4Mi must equal to defaultRequest value 2Mi in hugepages-2Mi";
    assert_eq!(texts(together), [expected]);
    let ratio = json!({ "type": "Container", "max": { "cpu": "1" }, "min": { "memory": "1Gi" },
                        "maxLimitRequestRatio": { "cpu": "500m" } });
    let expected = "spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"500m\": ratio 500m \
                    is less than 1";
    assert_eq!(texts(ratio), [expected]);
}

fn deployment(more: &Value) -> Value {
    let mut deployment = json!({
        "metadata": { "name": "a", "namespace": "b" },
        "spec": {
            "replicas": 1,
            "selector": { "matchLabels": { "app": "a" } },
            "strategy": { "type": "Recreate" },
            "template": {
                "metadata": { "labels": { "app": "a" } },
                "spec": {
                    "containers": [{
                        "name": "c",
                        "image": "i",
                        "imagePullPolicy": "Always",
                        "terminationMessagePolicy": "File",
                    }],
                    "dnsPolicy": "ClusterFirst",
                    "restartPolicy": "Always",
                    "terminationGracePeriodSeconds": 30,
                },
            },
        },
    });
    for (field, value) in more.as_object().unwrap() {
        deployment["spec"][field] = value.clone();
    }
    deployment
}

/// Leases, namespaces and definitions are checked where they are known; service accounts have no rules. Of the
/// others, any fields are stored.
const WITHOUT: &[&str] = &[
    "/bindings",
    "/componentstatuses",
    "/endpoints",
    "/namespaces",
    "/nodes",
    "/persistentvolumes",
    "/serviceaccounts",
    "apiregistration.k8s.io/apiservices",
    "authentication.k8s.io/selfsubjectreviews",
    "authentication.k8s.io/tokenreviews",
    "authorization.k8s.io/localsubjectaccessreviews",
    "authorization.k8s.io/selfsubjectaccessreviews",
    "authorization.k8s.io/selfsubjectrulesreviews",
    "authorization.k8s.io/subjectaccessreviews",
    "certificates.k8s.io/certificatesigningrequests",
    "certificates.k8s.io/clustertrustbundles",
    "certificates.k8s.io/podcertificaterequests",
    "networking.k8s.io/ipaddresses",
    "networking.k8s.io/servicecidrs",
    "storage.k8s.io/csidrivers",
    "storage.k8s.io/csinodes",
    "storage.k8s.io/csistoragecapacities",
    "storage.k8s.io/volumeattachments",
    "storage.k8s.io/volumeattributesclasses",
    "admissionregistration.k8s.io/mutatingadmissionpolicies",
    "admissionregistration.k8s.io/mutatingadmissionpolicybindings",
    "admissionregistration.k8s.io/mutatingwebhookconfigurations",
    "admissionregistration.k8s.io/validatingadmissionpolicies",
    "admissionregistration.k8s.io/validatingadmissionpolicybindings",
    "admissionregistration.k8s.io/validatingwebhookconfigurations",
    "apiextensions.k8s.io/customresourcedefinitions",
    "coordination.k8s.io/leases",
    "node.k8s.io/runtimeclasses",
    "resource.k8s.io/deviceclasses",
    "resource.k8s.io/devicetaintrules",
    "resource.k8s.io/resourceclaims",
    "resource.k8s.io/resourceclaimtemplates",
    "resource.k8s.io/resourceslices",
    "flowcontrol.apiserver.k8s.io/flowschemas",
    "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations",
    "storagemigration.k8s.io/storageversionmigrations",
];
