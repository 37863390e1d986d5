//! What the registries of some built-in types state of an object when it is created, and keep when it
//! is replaced.

mod jobs;
mod pods;
mod services;

use serde_json::{Map, Value};

use super::{Call, Store, certificates};
use crate::{
    defaults::{
        self,
        fields::{child, fill, text},
        workloads::TEMPLATE_GENERATION,
    },
    types::Origin,
};

impl Store {
    /// States what a new object has, or what one has that replaces another.
    pub(super) fn complete(&self, call: &Call, old: Option<&Value>, value: &mut Value) {
        let is_whole = matches!(call.resource.origin, Origin::BuiltIn { .. })
            && call.target.subresource.is_empty();
        let Some(object) = value.as_object_mut().filter(|_| is_whole) else {
            return;
        };
        let (group, plural) = (call.resource.group.as_str(), call.resource.plural.as_str());
        match (group, plural, old) {
            ("", "services", old) => self.allocate(old, object),
            ("", "pods", None) => pods::begin(object, &call.time()),
            ("certificates.k8s.io", "certificatesigningrequests", None) => {
                certificates::begin(call, object);
            }
            ("", "persistentvolumeclaims", old) => claim(old, object),
            ("", "persistentvolumes", None) => volume(object, &call.time()),
            ("apps", "daemonsets", old) => count_template(old, object),
            ("batch", "jobs", None) => jobs::select(object),
            _ => {}
        }
    }
}

/// As when an object is read from etcd: what was stated here may bring defaults with it. A job takes the labels of
/// its pods only now.
pub(super) fn settle(call: &Call, old: Option<&Value>, value: &mut Value) {
    let is_whole = matches!(call.resource.origin, Origin::BuiltIn { .. })
        && call.target.subresource.is_empty();
    if is_whole && (old.is_none() || call.is("batch", "jobs")) {
        defaults::apply(call.resource, value);
    }
}

/// The generation of the template counts its changes.
fn count_template(old: Option<&Value>, set: &mut Map<String, Value>) {
    let count = |set: &Value| {
        let annotation = set.get("metadata")?.get("annotations")?.get(TEMPLATE_GENERATION)?;
        annotation.as_str()?.parse::<u64>().ok()
    };
    let template = |spec: Option<&Value>| spec.and_then(|spec| spec.get("template")).cloned();
    let next = old.map(|old| {
        let changed = template(old.get("spec")) != template(set.get("spec"));
        count(old).unwrap_or_default().saturating_add(changed.into())
    });
    let metadata = child(set, "metadata");
    if let Some(annotations) = metadata.and_then(|metadata| child(metadata, "annotations")) {
        match next {
            Some(next) => {
                drop(annotations.insert(TEMPLATE_GENERATION.into(), next.to_string().into()));
            }
            None if matches!(text(annotations, TEMPLATE_GENERATION), "" | "0") => {
                annotations.insert(TEMPLATE_GENERATION.into(), "1".into());
            }
            None => {}
        }
    }
}

fn volume(object: &mut Map<String, Value>, now: &str) {
    if let Some(status) = child(object, "status") {
        fill(status, "lastPhaseTransitionTime", &now.into());
    }
}

/// Whether the older way names such a source: another claim, or a snapshot.
fn is_old_source(source: &Value) -> bool {
    let text = |field: &str| source.get(field).and_then(Value::as_str).unwrap_or_default();
    matches!(
        (text("apiGroup"), text("kind")),
        ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot")
    )
}

/// A claim names its source in an old and in a new way.
fn claim(old: Option<&Value>, object: &mut Map<String, Value>) {
    let Some(spec) = child(object, "spec") else {
        return;
    };
    let had_source = old.is_some_and(|old| old.pointer("/spec/dataSource").is_some());
    if !had_source && spec.get("dataSource").is_some_and(|source| !is_old_source(source)) {
        spec.remove("dataSource");
    }
    if let Some(source) = spec.get("dataSource").cloned() {
        fill(spec, "dataSourceRef", &source);
    } else if let Some(source) = spec.get("dataSourceRef").cloned()
        && source.get("namespace").is_none()
    {
        fill(spec, "dataSource", &source);
    }
}
