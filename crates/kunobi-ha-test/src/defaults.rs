//! The defaults that kube-apiserver gives to an object of a built-in type when it reads it: from a
//! request, after a patch or an apply.
//!
//! What admission plugins add is left out, because it needs controllers or is policy: the tolerations
//! and the priority of a pod, its service account and the volume with its token, finalizers that
//! protect volumes.

mod autoscaling;
mod constants;
pub(crate) mod fields;
mod limits;
mod pods;
mod services;
#[cfg(test)]
mod tests;
pub(crate) mod workloads;

use serde_json::{Map, Value};

use self::fields::text;
use crate::{
    crd,
    shape::{Form, Shape},
    types::Resource,
};

/// Fills in what the object leaves out.
pub(crate) fn apply(resource: &Resource, value: &mut Value) {
    walk(resource.shape(), value);
}

/// A parent first, then what is in it: it may make what is then filled in.
fn walk(shape: &Shape, value: &mut Value) {
    match (shape.form(), value) {
        (Form::Struct(known), Value::Object(object)) => {
            let name = shape.name();
            if name == METADATA {
                return;
            }
            constants::fill(name, object);
            depending(name, object);
            for (field, value) in object.iter_mut() {
                if let Some(field) = known.fields.get(field) {
                    walk(&field.shape, value);
                }
            }
        }
        (Form::Map { values, .. }, Value::Object(entries)) => {
            for value in entries.values_mut() {
                walk(values, value);
            }
        }
        (Form::List { items, .. }, Value::Array(list)) => {
            for value in list {
                walk(items, value);
            }
        }
        _ => {}
    }
}

/// The defaults of a type that depend on its other fields.
fn depending(name: &str, object: &mut Map<String, Value>) {
    match name {
        "api.core.v1.Pod" => pods::pod(object),
        "api.core.v1.PodSpec" => pods::service_account(object),
        "api.core.v1.PodStatus" => pods::addresses(object),
        "api.core.v1.Container" | "api.core.v1.EphemeralContainer" => {
            pods::pull_policy(object, "image", "imagePullPolicy");
        }
        "api.core.v1.ImageVolumeSource" => pods::pull_policy(object, "reference", "pullPolicy"),
        "api.core.v1.Volume" => pods::volume(object),
        "api.core.v1.Service" => services::service(object),
        "api.core.v1.Secret" => encode_texts(object),
        "api.core.v1.Namespace" => name_label(object),
        "api.core.v1.NodeStatus" => limits::node(object),
        "api.core.v1.LimitRangeItem" => limits::range(object),
        "api.core.v1.ReplicationController" => workloads::replication_controller(object),
        "api.apps.v1.DaemonSet" => workloads::template_generation(object),
        "api.apps.v1.DeploymentStrategy" => workloads::deployment(object),
        "api.apps.v1.DaemonSetUpdateStrategy" => workloads::daemon_set(object),
        "api.apps.v1.StatefulSetUpdateStrategy" => workloads::stateful_set(object),
        "api.apps.v1.StatefulSetSpec" => workloads::claims(object),
        "api.batch.v1.Job" => workloads::job(object),
        "api.autoscaling.v1.HorizontalPodAutoscalerSpec" => autoscaling::percentage(object),
        "api.autoscaling.v2.HorizontalPodAutoscalerSpec" => autoscaling::metrics(object),
        "api.autoscaling.v2.HorizontalPodAutoscalerBehavior" => autoscaling::behavior(object),
        "api.networking.v1.NetworkPolicySpec" => services::policy_types(object),
        "api.rbac.v1.Subject" => subject(object),
        DEFINITION => crd::default_spec(object),
        "api.resource.v1.ExactDeviceRequest" | "api.resource.v1.DeviceSubRequest"
            if text(object, "allocationMode") == "ExactCount" =>
        {
            fields::fill_zero(object, "count", &1.into());
        }
        _ => {}
    }
}

/// `stringData` is written, but never read.
fn encode_texts(secret: &mut Map<String, Value>) {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let Some(Value::Object(texts)) = secret.remove("stringData") else {
        return;
    };
    let Some(data) = fields::child(secret, "data") else {
        return;
    };
    for (key, value) in texts {
        data.insert(key, STANDARD.encode(value.as_str().unwrap_or_default()).into());
    }
}

/// A user or group is of this API group; a service account is of none.
fn subject(subject: &mut Map<String, Value>) {
    if matches!(text(subject, "kind"), "User" | "Group") {
        fields::fill_zero(subject, "apiGroup", &"rbac.authorization.k8s.io".into());
    }
}

fn name_label(namespace: &mut Map<String, Value>) {
    let Some(metadata) = namespace.get_mut("metadata").and_then(Value::as_object_mut) else {
        return;
    };
    let name = text(metadata, "name").to_owned();
    if let (false, Some(labels)) = (name.is_empty(), fields::child(metadata, "labels")) {
        labels.insert("kubernetes.io/metadata.name".into(), name.into());
    }
}

const DEFINITION: &str =
    "apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec";
/// There is nothing to fill in, and all objects have it.
const METADATA: &str = "apimachinery.pkg.apis.meta.v1.ObjectMeta";
