//! Claims of volumes.

use serde_json::Value;

use super::{
    checks::{IMMUTABLE, same},
    field::Field,
    internal,
    resources::any_name,
};
use crate::defaults::fields;

pub(super) fn claim(claim: &Field, old: Option<&Field>) {
    spec(&claim.get("spec"));
    if let Some(old) = old {
        changes(claim, old);
    }
}

pub(super) fn spec(spec: &Field) {
    let modes = spec.get("accessModes");
    if modes.len() == 0 {
        modes.required("at least 1 access mode is required");
    }
    spec.get("selector").label_selector();
    for mode in modes.items() {
        modes.with(mode.value()).one_of(&MODES);
    }
    let is_alone = |mode: &str| mode == "ReadWriteOncePod";
    let known = || modes.texts().filter(|mode| MODES.contains(mode));
    if known().any(is_alone) && !known().all(is_alone) {
        modes.forbidden("may not use ReadWriteOncePod with other access modes");
    }
    let requested = spec.get("resources").get("requests").get("storage");
    let place = spec.get("resources").key("storage").with(requested.value());
    if !place.is_set() {
        place.required("");
    } else if place.quantity().is_some_and(|size| size <= 0) {
        place.invalid("must be greater than zero");
    }
    spec.get("storageClassName").name_if_any();
    spec.get("volumeMode").one_of_if_set(&["Block", "Filesystem"]);
    sources(spec);
    spec.get("volumeAttributesClassName").name_if_any();
}

/// What the volume is a copy of, in the old and the new way.
fn sources(spec: &Field) {
    let (old, new) = (spec.get("dataSource"), spec.get("dataSourceRef"));
    for source in [&old, &new].into_iter().filter(|source| source.is_set()) {
        source.get("name").required_text();
        source.get("kind").required_text();
        let (group, kind) = (source.get("apiGroup"), source.get("kind"));
        if group.text().is_empty() && kind.text() != "PersistentVolumeClaim" {
            let detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
            source.invalid_as(&kind.text().into(), detail);
        }
        group.name_if_any();
        let namespace = source.get("namespace");
        if !namespace.text().is_empty() {
            namespace.dns_label();
        }
    }
    let has_namespace = !new.get("namespace").text().is_empty();
    let is_same = || {
        ["apiGroup", "kind", "name"].iter().all(|f| same(old.get(f).value(), new.get(f).value()))
    };
    let quoted = "{}";
    if has_namespace && old.is_set() {
        let detail = "may not be specified when dataSourceRef.namespace is specified";
        spec.invalid_internal(quoted, detail);
    } else if old.is_set() && new.is_set() && !is_same() {
        spec.invalid_internal(quoted, "must match dataSourceRef");
    }
}

fn changes(claim: &Field, old: &Field) {
    let (spec, was) = (claim.get("spec"), old.get("spec"));
    let is_bound = claim.get("status").get("phase").text() == "Bound";
    let (mut before, mut after) = (was.value().clone(), spec.value().clone());
    let copy = |from: &Value, to: &mut Value, field: &str| {
        if let Some(to) = to.as_object_mut() {
            fields::copy(from, to, field);
        }
    };
    if was.get("volumeName").text().is_empty() {
        copy(spec.value(), &mut before, "volumeName");
    }
    let annotation = |claim: &Field| {
        let annotations = claim.get("metadata").get("annotations").value();
        annotations.get(CLASS).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    if annotation(claim) != annotation(old) {
        let place = claim.get("metadata").get("annotations").get(CLASS);
        place.invalid_as(&annotation(claim).into(), IMMUTABLE);
    }
    let (class, had) = (spec.get("storageClassName"), was.get("storageClassName"));
    let old_class = annotation(old);
    if class.is_set() && !had.is_set() && (old_class.is_empty() || old_class == class.text()) {
        copy(spec.value(), &mut before, "storageClassName");
    }
    if is_bound {
        copy(&before, &mut after, "volumeAttributesClassName");
        let storage = |spec: &Value| spec.pointer("/resources/requests/storage").cloned();
        if let (Some(storage), Some(place)) =
            (storage(&before), after.pointer_mut("/resources/requests/storage"))
        {
            *place = storage;
        }
    }
    if !same(&before, &after) {
        let difference = internal::difference("PersistentVolumeClaimSpec", &before, &after);
        spec.forbidden(&format!("{CHANGEABLE}\n{difference}"));
    }
    sizes(claim, old);
    claim.get("volumeMode").with(spec.get("volumeMode").value()).immutable(&was.get("volumeMode"));
}

/// A claim may become smaller again, but not as small as its volume is.
fn sizes(claim: &Field, old: &Field) {
    let size = |claim: &Field| {
        claim.get("spec").get("resources").get("requests").get("storage").quantity()
    };
    let (new, was) = (size(claim).unwrap_or_default(), size(old).unwrap_or_default());
    let is = old.get("status").get("capacity").get("storage").quantity().unwrap_or_default();
    if new < was && new <= is {
        let place = claim.get("spec").get("resources").get("requests").get("storage");
        place.forbidden("field can not be less than status.capacity");
    }
}

pub(super) fn claim_status(claim: &Field, _: &Field) {
    let status = claim.get("status");
    for (_, amount) in status.get("capacity").entries() {
        if let Some(nanos) = amount.quantity().filter(|nanos| *nanos < 0) {
            let value = i64::try_from(nanos / BILLION).unwrap_or(i64::MIN);
            amount.invalid_as(&value.into(), "must be a valid resource quantity");
        }
    }
    for (name, amount) in status.get("allocatedResources").entries() {
        any_name(&status.get("allocatedResources"), name);
        amount.not_negative_quantity();
    }
}

const BILLION: i128 = 1_000_000_000;
const CLASS: &str = "volume.beta.kubernetes.io/storage-class";
const MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const CHANGEABLE: &str = "spec is immutable after creation except resources.requests and \
    volumeAttributesClassName for bound claims";
