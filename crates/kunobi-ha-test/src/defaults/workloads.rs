//! Controllers of pods.

use serde_json::{Map, Value, json};

use super::fields::{child, fill, fill_zero, is_empty, items, text};

pub(super) fn deployment(strategy: &mut Map<String, Value>) {
    rolling(strategy, &[("maxUnavailable", json!("25%")), ("maxSurge", json!("25%"))]);
}

pub(super) fn daemon_set(strategy: &mut Map<String, Value>) {
    rolling(strategy, &[("maxUnavailable", json!(1)), ("maxSurge", json!(0))]);
}

/// An old field lives on as an annotation.
pub(super) fn template_generation(set: &mut Map<String, Value>) {
    let metadata = child(set, "metadata");
    if let Some(annotations) = metadata.and_then(|metadata| child(metadata, "annotations")) {
        fill(annotations, TEMPLATE_GENERATION, &"0".into());
    }
}

/// A strategy that names its type keeps what it says of rolling updates, even if it is nothing.
pub(super) fn stateful_set(strategy: &mut Map<String, Value>) {
    let is_named = !is_empty(strategy, "type");
    fill_zero(strategy, "type", &"RollingUpdate".into());
    if !is_named || strategy.contains_key("rollingUpdate") {
        rolling(strategy, &[("partition", json!(0)), ("maxUnavailable", json!(1))]);
    }
}

fn rolling(strategy: &mut Map<String, Value>, defaults: &[(&str, Value)]) {
    if text(strategy, "type") != "RollingUpdate" {
        return;
    }
    if let Some(rolling) = child(strategy, "rollingUpdate") {
        for (field, value) in defaults {
            fill(rolling, field, value);
        }
    }
}

/// The claims of a stateful set say what they are.
pub(super) fn claims(spec: &mut Map<String, Value>) {
    for claim in items(spec, "volumeClaimTemplates") {
        fill_zero(claim, "apiVersion", &"v1".into());
        fill_zero(claim, "kind", &"PersistentVolumeClaim".into());
    }
}

/// A new job, which has no uid yet, takes the labels of its pods after its selector has added to them.
pub(super) fn job(job: &mut Map<String, Value>) {
    if job.get("metadata").is_some_and(|metadata| metadata.get("uid").is_some()) {
        labels_of_template(job);
    }
    let Some(spec) = child(job, "spec") else {
        return;
    };
    if !spec.contains_key("parallelism") {
        fill(spec, "completions", &1.into());
    }
    let is_by_index = spec.contains_key("backoffLimitPerIndex");
    let replacement =
        if spec.contains_key("podFailurePolicy") { "Failed" } else { "TerminatingOrFailed" };
    for (field, value) in [
        ("parallelism", json!(1)),
        ("backoffLimit", json!(if is_by_index { i32::MAX } else { 6 })),
        ("completionMode", json!("NonIndexed")),
        ("suspend", json!(false)),
        ("podReplacementPolicy", json!(replacement)),
        ("manualSelector", json!(false)),
    ] {
        fill(spec, field, &value);
    }
}

pub(super) fn replication_controller(controller: &mut Map<String, Value>) {
    let labels = labels_of_template(controller);
    if let (Some(labels), Some(spec)) = (labels, child(controller, "spec")) {
        fill_zero(spec, "selector", &labels);
    }
}

/// A controller without labels takes those of its pods, which are returned.
fn labels_of_template(controller: &mut Map<String, Value>) -> Option<Value> {
    let labels = controller.get("spec")?.get("template")?.get("metadata")?.get("labels")?.clone();
    fill_zero(child(controller, "metadata")?, "labels", &labels);
    Some(labels)
}

pub(crate) const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";
