//! The selector of a job, by which its pods are told from those of other jobs.

use serde_json::{Map, Value};

use crate::defaults::fields::child;

/// Labels the pods with the name and the uid of the job, and selects by the uid.
pub(super) fn select(job: &mut Map<String, Value>) {
    let field = |name: &str| {
        job.get("metadata").and_then(|metadata| metadata.get(name)?.as_str()).map(ToOwned::to_owned)
    };
    let (Some(name), Some(uid)) = (field("name"), field("uid")) else {
        return;
    };
    let Some(spec) = child(job, "spec") else {
        return;
    };
    if spec.get("manualSelector") == Some(&Value::Bool(true)) {
        return;
    }
    if let Some(labels) = child(spec, "template")
        .and_then(|template| child(template, "metadata"))
        .and_then(|metadata| child(metadata, "labels"))
    {
        for (label, value) in [
            ("job-name", &name),
            ("batch.kubernetes.io/job-name", &name),
            ("controller-uid", &uid),
            (CONTROLLER, &uid),
        ] {
            if !labels.contains_key(label) {
                labels.insert(label.into(), value.as_str().into());
            }
        }
    }
    if let Some(labels) =
        child(spec, "selector").and_then(|selector| child(selector, "matchLabels"))
    {
        labels.entry(CONTROLLER).or_insert_with(|| uid.into());
    }
}

const CONTROLLER: &str = "batch.kubernetes.io/controller-uid";
