//! Events, which two groups serve: the newer one is stricter.

use serde_json::Value;

use super::{
    checks::{IMMUTABLE, same},
    field::Field,
    internal,
};

/// An event of the core group.
pub(super) fn plain(object: &Field, _: Option<&Field>) {
    legacy(object, "involvedObject", "message", "reportingComponent");
}

/// An event of the group `events.k8s.io`. Failures have the names of the core group.
pub(super) fn strict(object: &Field, old: Option<&Field>) {
    legacy(object, "regarding", "note", "reportingController");
    let Some(old) = old else {
        begin(object);
        return;
    };
    let (series, was) = (object.get("series"), old.get("series"));
    if !same(series.value(), was.value()) {
        check_series(object);
    }
    let (about, was) = (object.get("regarding"), old.get("regarding"));
    if !same(about.value(), was.value()) {
        let quoted = internal::compact("ObjectReference", about.value());
        object.get("involvedObject").invalid_internal(&quoted, IMMUTABLE);
    }
    for (field, name) in [
        ("reason", "reason"),
        ("note", "message"),
        ("deprecatedFirstTimestamp", "firstTimestamp"),
        ("deprecatedLastTimestamp", "lastTimestamp"),
        ("deprecatedCount", "count"),
        ("reason", "reason"),
        ("type", "type"),
        ("eventTime", "eventTime"),
        ("action", "action"),
        ("related", "related"),
        ("reportingController", "reportingController"),
        ("reportingInstance", "reportingInstance"),
    ] {
        object.get(name).with(object.get(field).value()).immutable(&old.get(field));
    }
}

fn begin(object: &Field) {
    check_series(object);
    let time = object.get("eventTime");
    if !time.is_set() {
        time.required("");
    }
    let kind = object.get("type");
    if !matches!(kind.text(), "Normal" | "Warning") {
        kind.invalid_as(&"".into(), &format!("has invalid value: {}", kind.text()));
    }
    let source = object.get("deprecatedSource");
    let has_source = ["component", "host"].iter().any(|f| !source.get(f).text().is_empty());
    for (is_set, name) in [
        (object.get("deprecatedFirstTimestamp").is_set(), "firstTimestamp"),
        (object.get("deprecatedLastTimestamp").is_set(), "lastTimestamp"),
        (object.get("deprecatedCount").integer() != 0, "count"),
        (has_source, "source"),
    ] {
        if is_set {
            object.get(name).invalid_as(&"".into(), "needs to be unset");
        }
    }
}

fn check_series(object: &Field) {
    let series = object.get("series");
    if !series.is_set() {
        return;
    }
    if series.get("count").integer() < 2 {
        series.get("count").invalid_as(&"".into(), "should be at least 2");
    }
    if !series.get("lastObservedTime").is_set() {
        series.get("lastObservedTime").required("");
    }
}

/// What every event must say.
fn legacy(object: &Field, about: &'static str, note: &'static str, controller: &'static str) {
    let namespace = object.get("metadata").get("namespace").text();
    let other = object.get(about).get("namespace");
    let place = object.get("involvedObject").get("namespace").with(other.value());
    let mismatch = || place.wrong_text("does not match event.namespace");
    if !object.get("eventTime").is_set() {
        let is_right = if other.text().is_empty() {
            matches!(namespace, "" | "default")
        } else {
            namespace == other.text()
        };
        if !is_right {
            mismatch();
        }
        return;
    }
    if other.text().is_empty() && !matches!(namespace, "default" | "kube-system") {
        mismatch();
    }
    let reporter = object.get(controller);
    reporter.required_text();
    reporter.qualified_name();
    let message = object.get("message").with(object.get(note).value());
    for field in ["reportingInstance", "action", "reason"] {
        object.get(field).required_text();
        at_most(&object.get(field), 128);
    }
    at_most(&message, 1024);
}

fn at_most(field: &Field, most: usize) {
    if field.text().len() > most {
        let empty = Value::String(String::new());
        field.invalid_as(&empty, &format!("can have at most {most} characters"));
    }
}
