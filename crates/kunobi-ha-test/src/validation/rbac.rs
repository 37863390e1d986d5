//! Roles, and to whom they are given.

use super::{
    checks::{IMMUTABLE, same},
    field::Field,
    internal,
};

pub(super) fn role(object: &Field, _: Option<&Field>) {
    rules(object, true);
}

pub(super) fn cluster_role(object: &Field, _: Option<&Field>) {
    let rule = object.get("aggregationRule");
    let selectors = rule.get("clusterRoleSelectors");
    rules_before(object, false);
    if rule.is_set() && selectors.len() == 0 {
        let detail = "at least one clusterRoleSelector required if aggregationRule is non-nil";
        selectors.required(detail);
    }
    for selector in selectors.items() {
        selector.label_selector();
        if !selector.is_valid_selector() {
            selector.invalid_as(&serde_json::Value::Null, "invalid label selector.");
        }
    }
    verbs(object);
}

fn rules(object: &Field, is_namespaced: bool) {
    rules_before(object, is_namespaced);
    verbs(object);
}

fn rules_before(object: &Field, is_namespaced: bool) {
    for rule in object.get("rules").items() {
        let urls = rule.get("nonResourceURLs");
        if urls.len() > 0 {
            if is_namespaced {
                urls.invalid("namespaced rules cannot apply to non-resource URLs");
            }
            let others = ["apiGroups", "resources", "resourceNames"];
            if others.iter().any(|field| rule.get(field).len() > 0) {
                let detail = "rules cannot apply to both regular resources and non-resource URLs";
                urls.invalid(detail);
            }
            continue;
        }
        if rule.get("apiGroups").len() == 0 {
            let detail = "resource rules must supply at least one api group";
            rule.get("apiGroups").required(detail);
        }
        if rule.get("resources").len() == 0 {
            rule.get("resources").required("resource rules must supply at least one resource");
        }
    }
}

/// One of kube-apiserver's newer checks, which come last.
fn verbs(object: &Field) {
    for rule in object.get("rules").items().filter(|rule| rule.get("verbs").len() == 0) {
        rule.get("verbs").required("");
    }
}

pub(super) fn role_binding(object: &Field, old: Option<&Field>) {
    binding(object, old, &["Role", "ClusterRole"]);
}

pub(super) fn cluster_role_binding(object: &Field, old: Option<&Field>) {
    binding(object, old, &["ClusterRole"]);
}

fn binding(object: &Field, old: Option<&Field>, kinds: &[&str]) {
    let role = object.get("roleRef");
    role.get("apiGroup").one_of(&[GROUP]);
    role.get("kind").one_of(kinds);
    if !role.get("name").text().is_empty() {
        role.get("name").path_segment();
    }
    let is_namespaced = kinds.len() > 1;
    for subject in object.get("subjects").items() {
        check_subject(&subject, is_namespaced);
    }
    if let Some(old) = old {
        let was = old.get("roleRef");
        if !same(role.value(), was.value()) {
            let quoted = internal::compact("RoleRef", role.value());
            role.invalid_internal(&quoted, IMMUTABLE);
        }
    }
    role.get("name").required_text();
    for subject in object.get("subjects").items() {
        subject.get("name").required_text();
    }
}

fn check_subject(subject: &Field, is_namespaced: bool) {
    let (kind, group) = (subject.get("kind"), subject.get("apiGroup"));
    match kind.text() {
        "ServiceAccount" => {
            subject.get("name").name_if_any();
            if !group.text().is_empty() {
                group.unsupported(&[""]);
            }
            if !is_namespaced {
                subject.get("namespace").required_text();
            }
        }
        "User" | "Group" => group.one_of(&[GROUP]),
        _ => kind.unsupported(&["ServiceAccount", "User", "Group"]),
    }
}

const GROUP: &str = "rbac.authorization.k8s.io";
