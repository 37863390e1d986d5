//! Which types there are.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::json;

use super::{Resource, Types, builtin};
use crate::{
    crd,
    shape::{Form, Shape},
};

/// A type of a `CustomResourceDefinition`, with a scale.
pub(crate) fn widget(group: &str, version: &str, plural: &str) -> Arc<Resource> {
    let definition = json!({
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "versions": [{
                "name": version,
                "served": true,
                "schema": { "openAPIV3Schema": { "type": "object" } },
                "subresources": {
                    "status": {},
                    "scale": { "specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n" },
                },
            }],
        },
        "status": {
            "acceptedNames": {
                "plural": plural,
                "singular": "widget",
                "kind": "Widget",
                "listKind": "WidgetList",
                "shortNames": ["wi"],
                "categories": ["all", "toys"],
            },
            "conditions": [{ "type": "Established", "status": "True" }],
        },
    });
    crd::served(&definition).remove(0)
}

fn fields(shape: &Shape) -> Vec<&str> {
    match shape.form() {
        Form::Struct(known) => known.fields.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_stable_resource_of_the_release_is_known() {
    let all = builtin::all();
    assert_eq!(all.len(), 72);
    assert_eq!(super::release(), "v1.37.2");
    let stable = |version: &str| version.trim_start_matches('v').parse::<u8>().is_ok();
    assert!(all.iter().all(|resource| stable(&resource.version)), "{all:?}");
    let mut each = BTreeSet::new();
    for resource in all {
        let name = (&resource.group, &resource.version, &resource.plural);
        assert!(each.insert(name), "{name:?} twice");
        assert_eq!(resource.has_verb("list"), !resource.list_kind.is_empty(), "{name:?}");
    }
}

#[test]
fn a_built_in_resource_is_as_the_server_tells() {
    let types = Types::new();
    let deployment = types.find("apps", "v1", "deployments").unwrap();
    assert_eq!(deployment.kind, "Deployment");
    assert_eq!(deployment.singular, "deployment");
    assert_eq!(deployment.list_kind, "DeploymentList");
    assert_eq!(deployment.short_names, ["deploy"]);
    assert_eq!(deployment.categories, ["all"]);
    assert!(deployment.is_namespaced);
    assert!(deployment.has_verb("deletecollection"));
    assert!(!deployment.has_verb("approve"));
    assert_eq!(deployment.api_version(), "apps/v1");
    let scale = deployment.subresource("scale").unwrap();
    assert_eq!(scale.foreign(&deployment), Some(("autoscaling", "v1")));
    assert_eq!(deployment.subresource("status").unwrap().foreign(&deployment), None);
    assert!(deployment.subresource("log").is_none());
    assert!(deployment.custom().is_none());

    let node = types.find("", "v1", "nodes").unwrap();
    assert!(!node.is_namespaced);
    assert_eq!((node.api_version(), node.qualified()), ("v1".into(), "nodes".into()));
    assert_eq!(deployment.qualified(), "deployments.apps");
    let namespace = types.find("", "v1", "namespaces").unwrap();
    assert!(!namespace.has_verb("deletecollection"));
    assert_eq!(namespace.subresource("finalize").unwrap().verbs, ["update"]);
}

#[test]
fn what_a_default_server_does_not_serve_is_unknown() {
    let types = Types::new();
    assert!(types.find("apps", "v1beta1", "deployments").is_none());
    assert!(types.find("resource.k8s.io", "v1beta1", "resourceclaims").is_none());
    assert!(types.find("internal.apiserver.k8s.io", "v1alpha1", "storageversions").is_none());
    assert!(types.find("", "v1", "deployments").is_none());
    assert!(types.find("apps", "v1", "deployment").is_none());
    assert!(types.find("", "", "").is_none());
}

#[test]
fn types_are_found_by_kind() {
    let types = Types::new();
    let found = types.find_kind("", "v1", "Endpoints").unwrap();
    assert_eq!(found.plural, "endpoints");
    assert!(types.find_kind("", "v2", "Endpoints").is_none());
    assert!(types.find("autoscaling", "v1", "horizontalpodautoscalers").is_some());
}

#[test]
fn every_built_in_type_and_body_has_a_shape() {
    for resource in builtin::all() {
        assert!(fields(resource.shape()).contains(&"kind"), "{}", resource.plural);
        for part in &resource.subresources {
            let is_stream = part.kind.ends_with("Options");
            let body = resource.body_of(&part.name);
            assert_eq!(body.is_none(), is_stream, "{}/{}", resource.plural, part.name);
            let is_known = body.is_none_or(|body| fields(&body).contains(&"metadata"));
            assert!(is_known, "{}/{}", resource.plural, part.name);
        }
    }
    let types = Types::new();
    let pod = types.find("", "v1", "pods").unwrap();
    assert!(fields(&pod.body_of("eviction").unwrap()).contains(&"deleteOptions"));
    assert!(fields(&pod.body_of("binding").unwrap()).contains(&"target"));
    assert!(fields(&pod.body_of("resize").unwrap()).contains(&"spec"));
    assert!(pod.body_of("exec").is_none());
    assert!(pod.body_of("nope").is_none());
    let scaled = types.find("", "v1", "replicationcontrollers").unwrap().body_of("scale").unwrap();
    let Form::Struct(scale) = scaled.form() else { panic!("{scaled:?}") };
    assert_eq!(fields(&scale.fields["spec"].shape), ["replicas"]);

    let widget = widget("example.com", "v1", "widgets");
    let scaled = widget.body_of("scale").unwrap();
    let Form::Struct(scale) = scaled.form() else { panic!("{scaled:?}") };
    assert_eq!(fields(&scale.fields["spec"].shape), ["replicas"]);
    assert!(widget.body_of("status").is_some());
    assert!(widget.body_of("log").is_none());
}

#[test]
fn definitions_come_change_and_go() {
    let mut types = Types::new();
    let versions = ["v1alpha1", "foo", "v1", "v2beta1"];
    let all = versions.map(|version| widget("example.com", version, "widgets")).to_vec();
    types.define("widgets.example.com", all);
    assert_eq!(types.find("example.com", "foo", "widgets").unwrap().version, "foo");
    assert!(types.find("example.com", "v3", "widgets").is_none());
    assert!(types.find("example.org", "v1", "widgets").is_none());
    assert!(types.find_kind("example.com", "v2beta1", "Widget").is_some());

    types.define("widgets.example.com", vec![widget("example.com", "v2", "widgets")]);
    assert!(types.find("example.com", "v1", "widgets").is_none());
    assert_eq!(types.custom().count(), 1);
    types.define("widgets.example.com", Vec::new());
    assert!(types.group("example.com").is_none());
    types.define("widgets.example.com", vec![widget("example.com", "v2", "widgets")]);
    types.define("balls.example.com", vec![widget("example.com", "v2", "balls")]);
    let others: Vec<_> =
        types.others("widgets.example.com").map(|other| other.plural.clone()).collect();
    assert_eq!(others, ["balls"]);
    types.forget("widgets.example.com");
    assert!(types.find("example.com", "v2", "widgets").is_none());
}

#[test]
fn a_definition_in_a_built_in_group_makes_no_second_one() {
    let mut types = Types::new();
    let all = ["v1", "v2"].map(|version| widget("apps", version, "widgets"));
    types.define("widgets.apps", all.to_vec());
    let names: Vec<&str> = types.groups().iter().map(|group| group.name).collect();
    assert_eq!(names.iter().filter(|name| **name == "apps").count(), 1);
    let apps = types.group("apps").unwrap();
    let versions = apps.versions.iter().map(|served| (served.version, served.resources.len()));
    assert_eq!(versions.collect::<Vec<_>>(), [("v1", 6), ("v2", 1)]);
}

#[test]
fn groups_come_in_the_order_of_the_server() {
    let mut types = Types::new();
    let all = ["v1", "v1beta1"].map(|version| widget("types.example.com", version, "widgets"));
    types.define("widgets.types.example.com", all.to_vec());
    types.define("anchors.types.example.com", vec![widget("types.example.com", "v2", "anchors")]);
    types.define("balls.types.example.com", vec![widget("types.example.com", "v1", "balls")]);
    types.define("zed.a1.example.com", vec![widget("a1.example.com", "v1", "zed")]);
    let names: Vec<&str> = types.groups().iter().map(|group| group.name).collect();
    assert_eq!(names[..4], ["", "apiregistration.k8s.io", "apps", "events.k8s.io"]);
    assert_eq!(names[22..], ["a1.example.com", "types.example.com"]);

    let group = types.group("types.example.com").unwrap();
    let versions: Vec<&str> = group.versions.iter().map(|version| version.version).collect();
    assert_eq!(versions, ["v2", "v1", "v1beta1"]);
    let plurals: Vec<&str> =
        group.versions[1].resources.iter().map(|resource| resource.plural.as_str()).collect();
    assert_eq!(plurals, ["balls", "widgets"]);
    assert_eq!(types.group("autoscaling").unwrap().versions[0].version, "v2");
    assert!(types.is_built_in(""));
    assert!(types.is_built_in("apps"));
    assert!(!types.is_built_in("types.example.com"));
}
