//! What an update may change in a pod.

use serde_json::{Map, Value};

use super::spec::tolerations;
use crate::{
    defaults::fields::copy,
    validation::{checks::same, field::Field, internal},
};

pub(super) fn check(pod: &Field, old: &Field) {
    mirror(&pod.get("metadata").get("annotations"), &old.get("metadata").get("annotations"));
    let (spec, was) = (pod.get("spec"), old.get("spec"));
    for kind in ["containers", "initContainers"] {
        let containers = spec.get(kind);
        if containers.len() != was.get(kind).len() {
            containers.forbidden("pod updates may not add or remove containers");
            return;
        }
        for container in containers.items() {
            container.get("image").required_text();
            super::containers::image(&container);
        }
    }
    if !deadline(&spec.get("activeDeadlineSeconds"), &was.get("activeDeadlineSeconds")) {
        return;
    }
    only_added(&spec.get("tolerations"), &was.get("tolerations"));
    only_removed(&spec.get("schedulingGates"), &was.get("schedulingGates"));
    let rest = rest(&spec, &was);
    if !same(&rest, was.value()) {
        let difference = internal::difference("PodSpec", was.value(), &rest);
        spec.forbidden(&format!("{CHANGEABLE}\n{difference}"));
    }
}

fn mirror(annotations: &Field, old: &Field) {
    let (new, old) = (annotations.key(MIRROR), old.key(MIRROR));
    match (old.is_set(), new.is_set()) {
        (true, _) if new.value() != old.value() => {
            new.forbidden("may not remove or update mirror pod annotation");
        }
        (false, true) => new.forbidden("may not add mirror pod annotation"),
        (true | false, _) => {}
    }
}

/// Returns whether the rest is checked, too.
fn deadline(new: &Field, old: &Field) -> bool {
    match (new.number(), old.number()) {
        (Some(new_seconds), _) if !(0..=i64::from(i32::MAX)).contains(&new_seconds) => {
            new.within(0, i32::MAX.into());
            false
        }
        (Some(new_seconds), Some(old_seconds)) if old_seconds < new_seconds => {
            new.invalid("must be less than or equal to previous value");
            false
        }
        (None, Some(_)) => {
            new.invalid("must not update from a positive integer to nil value");
            true
        }
        (Some(_) | None, _) => true,
    }
}

fn only_added(new: &Field, old: &Field) {
    let without_seconds = |toleration: &Field| {
        let mut toleration = toleration.value().clone();
        if let Some(toleration) = toleration.as_object_mut() {
            toleration.remove("tolerationSeconds");
        }
        toleration
    };
    let kept: Vec<Value> = new.items().map(|item| without_seconds(&item)).collect();
    if old.items().any(|item| !kept.contains(&without_seconds(&item))) {
        new.forbidden("existing toleration can not be modified except its tolerationSeconds");
    } else {
        tolerations(new);
    }
}

fn only_removed(new: &Field, old: &Field) {
    for gate in new.items() {
        let name = gate.get("name");
        if !old.items().any(|old| old.get("name").text() == name.text()) {
            let detail = format!(
                "only deletion is allowed, but found new scheduling gate '{}'",
                name.text()
            );
            name.forbidden(&detail);
        }
    }
}

/// The new spec without what may change.
fn rest(spec: &Field, was: &Field) -> Value {
    let mut rest = spec.value().clone();
    let Some(map) = rest.as_object_mut() else {
        return rest;
    };
    for kind in ["containers", "initContainers"] {
        let containers = map.get_mut(kind).and_then(Value::as_array_mut);
        for (container, old) in containers.into_iter().flatten().zip(was.get(kind).items()) {
            if let Some(container) = container.as_object_mut() {
                copy(old.value(), container, "image");
            }
        }
    }
    for field in ["activeDeadlineSeconds", "schedulingGates", "tolerations"] {
        copy(was.value(), map, field);
    }
    let grace = "terminationGracePeriodSeconds";
    if was.get(grace).integer() < 0 && spec.get(grace).number() == Some(1) {
        copy(was.value(), map, grace);
    }
    if was.get("schedulingGates").len() > 0 {
        gated(map, spec, was);
    }
    rest
}

/// Until a pod is scheduled, it may get more conditions on its node.
fn gated(map: &mut Map<String, Value>, spec: &Field, was: &Field) {
    let (new, old) = (spec.get("nodeSelector"), was.get("nodeSelector"));
    if !same(new.value(), old.value()) {
        if old.entries().any(|(key, value)| new.key(key).value() != value.value()) {
            let detail =
                "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
            new.invalid(detail);
        }
        copy(was.value(), map, "nodeSelector");
    }
    let (new, old) = (spec.get("affinity"), was.get("affinity"));
    let (new_nodes, old_nodes) = (new.get("nodeAffinity"), old.get("nodeAffinity"));
    if !same(new_nodes.value(), old_nodes.value()) {
        node_affinity(&new_nodes, &old_nodes);
        let is_only_nodes =
            !new.get("podAffinity").is_set() && !new.get("podAntiAffinity").is_set();
        if !old.is_set() && is_only_nodes {
            map.remove("affinity");
        } else {
            let entry = map.entry("affinity").or_insert_with(|| Map::new().into());
            if let Some(affinity) = entry.as_object_mut() {
                copy(old.value(), affinity, "nodeAffinity");
            }
        }
    }
}

fn node_affinity(new: &Field, old: &Field) {
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let terms = |affinity: &Field| affinity.get(required).value().get("nodeSelectorTerms").cloned();
    let new_terms = new.get(required).get("nodeSelectorTerms");
    let old_terms = old.get(required).get("nodeSelectorTerms");
    if old_terms.len() == 0 {
        return;
    }
    if old_terms.len() != new_terms.len() {
        let quoted = internal::compact_list("NodeSelectorTerm", &terms(new).unwrap_or_default());
        let detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed";
        new_terms.invalid_internal(&quoted, detail);
        return;
    }
    for (term, old) in new_terms.items().zip(old_terms.items()) {
        let is_kept = ["matchExpressions", "matchFields"].iter().all(|field| {
            let (new, old) = (term.get(field), old.get(field));
            new.len() >= old.len()
                && old.items().zip(new.items()).all(|(a, b)| same(a.value(), b.value()))
        });
        let was_empty = ["matchExpressions", "matchFields"].iter().all(|f| old.get(f).len() == 0);
        if !is_kept || was_empty && !same(term.value(), old.value()) {
            let quoted = internal::compact("NodeSelectorTerm", term.value());
            let detail = "only additions are allowed (no mutations or deletions)";
            term.invalid_internal(&quoted, detail);
        }
    }
}

const MIRROR: &str = "kubernetes.io/config.mirror";
const CHANGEABLE: &str = "pod updates may not change fields other than \
    `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,\
    `spec.tolerations` (only additions to existing tolerations),\
    `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
