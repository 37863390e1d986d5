use serde_json::json;

use super::*;

fn read(name: &str, mut value: Value) -> Result<(Value, Vec<String>), String> {
    let unknown = decode(&Shape::named(&format!("io.k8s.api.{name}")), &mut value)?;
    Ok((value, unknown))
}

#[test]
fn unknown_fields_are_dropped_and_told_with_their_path() {
    let (value, unknown) = read(
        "core.v1.Pod",
        json!({ "spec": { "containers": [{ "name": "c", "typo": 1 }], "nodeNames": "n" }, "x": {} }),
    )
    .unwrap();
    let spec = json!({ "containers": [{ "name": "c", "resources": {} }] });
    assert_eq!(
        value,
        json!({ "metadata": {}, "spec": spec, "status": {} }),
        "some are never absent"
    );
    assert_eq!(
        unknown,
        [
            r#"unknown field "spec.containers[0].typo""#,
            r#"unknown field "spec.nodeNames""#,
            r#"unknown field "x""#
        ]
    );
}

#[test]
fn a_wrong_type_is_told_in_the_words_of_gos_decoder() {
    for (name, value, expected) in [
        (
            "apps.v1.Deployment",
            json!({ "spec": { "replicas": "3" } }),
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            "core.v1.ConfigMap",
            json!({ "data": { "a": 1 } }),
            "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
        ),
        (
            "core.v1.Pod",
            json!({ "spec": { "containers": {} } }),
            "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
        ),
        (
            "core.v1.Pod",
            json!({ "metadata": { "labels": [] } }),
            "json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string",
        ),
    ] {
        assert_eq!(read(name, value).unwrap_err(), expected);
    }
}

#[test]
fn what_is_null_is_absent_and_times_are_in_utc() {
    let value = json!({ "spec": { "holderIdentity": null, "renewTime": "2026-11-22T11:37:00.051743+01:00",
                                  "acquireTime": "0001-01-01T00:00:00.000000Z" },
                        "metadata": { "creationTimestamp": "2026-11-22T11:37:00.9+01:00" } });
    let (value, unknown) = read("coordination.v1.Lease", value).unwrap();
    assert_eq!(unknown.len(), 0);
    assert_eq!(value["spec"]["renewTime"], "2026-11-22T10:37:00.051743Z");
    assert_eq!(value["metadata"]["creationTimestamp"], "2026-11-22T10:37:00Z");
    assert_eq!(value["spec"]["acquireTime"], Value::Null);
    assert!(value["spec"].get("holderIdentity").is_none());
}

#[test]
fn quantities_are_numbers_with_suffixes() {
    let with = |quantity: Value| {
        let resources = json!({ "limits": { "cpu": quantity } });
        read("core.v1.ResourceRequirements", resources)
            .map(|(value, _)| value["limits"]["cpu"].clone())
    };
    for (good, written) in [("100m", "100m"), ("1.5Gi", "1536Mi"), ("-1", "-1"), ("+2E-3", "+2E-3")]
    {
        assert_eq!(with(json!(good)).unwrap(), written);
    }
    assert_eq!(with(json!(2)).unwrap(), "2");
    for bad in [json!(""), json!("lots"), json!("1.2.3"), json!("1 Gi"), json!(true), json!(".")] {
        assert!(with(bad.clone()).is_err(), "{bad}");
    }
}
