//! What an autoscaler measures.

use super::{reference, version};
use crate::validation::{field::Field, resources::container_name};

pub(super) fn check(metrics: &Field, least: Option<i64>) {
    metrics.items().for_each(|metric| check_metric(&metric));
    let is_outside = |metric: Field| matches!(metric.get("type").text(), "Object" | "External");
    if least == Some(0) && !metrics.items().any(is_outside) {
        metrics.forbidden(
            "must specify at least one Object or External metric to support scaling to zero \
             replicas",
        );
    }
}

fn check_metric(metric: &Field) {
    let kind = metric.get("type");
    if kind.text().is_empty() {
        kind.required("must specify a metric source type");
    }
    kind.one_of(&TYPES);
    let present: Vec<&str> = SOURCES.into_iter().filter(|s| metric.get(s).is_set()).collect();
    if let Some(first) = present.first() {
        source(&metric.get(first), first);
    }
    let expected = match kind.text() {
        "Object" => "object",
        "Pods" => "pods",
        "Resource" => "resource",
        "External" => "external",
        "ContainerResource" => "containerResource",
        _ => {
            kind.one_of(&TYPES);
            ""
        }
    };
    if !expected.is_empty() && !metric.get(expected).is_set() {
        metric.get(expected).required("must populate information for the given metric source");
    }
    if present.len() != 1 {
        for other in present.into_iter().filter(|source| *source != expected) {
            metric.get(other).forbidden("must populate the given metric source only");
        }
    }
}

fn source(source: &Field, kind: &str) {
    let target = source.get("target");
    let (value, average) = (target.get("value"), target.get("averageValue"));
    match kind {
        "object" => {
            let object = source.get("describedObject");
            reference(&object);
            version(&object, false);
            name(source);
            check_target(&target);
            if !value.is_set() && !average.is_set() {
                average.required("must set either a target value or averageValue");
            }
        }
        "external" => {
            name(source);
            check_target(&target);
            match (value.is_set(), average.is_set()) {
                (false, false) => average
                    .required("must set either a target value for metric or a per-pod target"),
                (true, true) => value
                    .forbidden("may not set both a target value for metric and a per-pod target"),
                (true, false) | (false, true) => {}
            }
        }
        "pods" => {
            name(source);
            check_target(&target);
            if !average.is_set() {
                average.required("must specify a positive target averageValue");
            }
        }
        _ => resource(source, kind == "containerResource"),
    }
}

fn name(source: &Field) {
    let name = source.get("metric").get("name");
    if name.text().is_empty() {
        name.required("must specify a metric name");
    } else {
        name.path_segment();
    }
}

fn resource(source: &Field, is_of_container: bool) {
    let (name, target) = (source.get("name"), source.get("target"));
    if name.text().is_empty() {
        name.required("must specify a resource name");
    } else if is_of_container {
        container_name(&name, name.text());
    }
    let container = source.get("container");
    if is_of_container && container.text().is_empty() {
        container.required("must specify a container");
    } else if is_of_container {
        container.dns_label();
    }
    check_target(&target);
    let (share, average) = (target.get("averageUtilization"), target.get("averageValue"));
    match (share.is_set(), average.is_set()) {
        (false, false) => {
            share.required("must set either a target raw value or a target utilization");
        }
        (true, true) => {
            average.forbidden("may not set both a target raw value and a target utilization");
        }
        (true, false) | (false, true) => {}
    }
}

fn check_target(target: &Field) {
    let kind = target.get("type");
    if kind.text().is_empty() {
        kind.required("must specify a metric target type");
    }
    if !matches!(kind.text(), "Utilization" | "Value" | "AverageValue") {
        kind.wrong_text("must be either Utilization, Value, or AverageValue");
    }
    for amount in ["value", "averageValue"].map(|field| target.get(field)) {
        if amount.quantity().is_some_and(|amount| amount <= 0) {
            amount.invalid("must be positive");
        }
    }
    let share = target.get("averageUtilization");
    if share.number().is_some_and(|share| share < 1) {
        share.invalid("must be greater than 0");
    }
}

/// In the order in which kube-apiserver looks for them.
const SOURCES: [&str; 5] = ["object", "external", "pods", "resource", "containerResource"];
const TYPES: [&str; 5] = ["ContainerResource", "External", "Object", "Pods", "Resource"];
