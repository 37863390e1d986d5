//! On which nodes, and near which pods.

use crate::validation::{field::Field, texts};

pub(super) fn check(affinity: &Field) {
    let (required, preferred) = (
        "requiredDuringSchedulingIgnoredDuringExecution",
        "preferredDuringSchedulingIgnoredDuringExecution",
    );
    let nodes = affinity.get("nodeAffinity");
    if nodes.get(required).is_set() {
        nodes.get(required).node_selector();
    }
    for term in nodes.get(preferred).items() {
        weight(&term);
        term.get("preference").node_term(false);
    }
    for pods in ["podAffinity", "podAntiAffinity"].map(|kind| affinity.get(kind)) {
        pods.get(required).items().for_each(|term| pod_term(&term));
        for term in pods.get(preferred).items() {
            weight(&term);
            pod_term(&term.get("podAffinityTerm"));
        }
    }
}

fn weight(term: &Field) {
    if !(1..=100).contains(&term.get("weight").integer()) {
        term.get("weight").wrong_number("must be in the range 1-100");
    }
}

fn pod_term(term: &Field) {
    term.get("labelSelector").label_selector();
    term.get("namespaceSelector").label_selector();
    for name in term.get("namespaces").texts() {
        term.get("namespace").each_of(name, texts::dns_label(name));
    }
    label_keys(term, &["matchLabelKeys", "mismatchLabelKeys"]);
    let topology = term.get("topologyKey");
    if topology.text().is_empty() {
        topology.required("can not be empty");
    }
    topology.qualified_name();
}

/// Labels whose values are those of the pod itself.
fn label_keys(term: &Field, fields: &[&'static str]) {
    let selector = term.get("labelSelector");
    for keys in fields.iter().map(|field| term.get(field)).filter(|keys| keys.len() > 0) {
        if selector.is_set() {
            keys.items().for_each(|key| key.qualified_name());
        } else {
            keys.forbidden("must not be specified when labelSelector is not set");
        }
    }
    let (matched, mut seen) = (term.get("matchLabelKeys"), Vec::new());
    seen.extend(selector.get("matchLabels").entries().map(|(key, _)| key));
    for expression in selector.get("matchExpressions").items() {
        let key = expression.get("key").text();
        if seen.contains(&key)
            && let Some(index) = matched.texts().position(|matched| matched == key)
        {
            let place = term.item(index, expression.get("key").value());
            place.invalid("exists in both matchLabelKeys and labelSelector");
        }
        seen.push(key);
    }
    for key in matched.items() {
        if term.get("mismatchLabelKeys").texts().any(|other| other == key.text()) {
            key.invalid("exists in both matchLabelKeys and mismatchLabelKeys");
        }
    }
}

pub(super) fn spread(constraints: &Field) {
    for (index, constraint) in constraints.items().enumerate() {
        let (topology, action) =
            (constraint.get("topologyKey"), constraint.get("whenUnsatisfiable"));
        constraint.get("maxSkew").positive();
        if topology.text().is_empty() {
            topology.required("can not be empty");
        }
        action.one_of(&["DoNotSchedule", "ScheduleAnyway"]);
        let is_repeated = constraints.items().skip(index + 1).any(|other| {
            other.get("topologyKey").text() == topology.text()
                && other.get("whenUnsatisfiable").text() == action.text()
        });
        if is_repeated {
            let pair = format!("{{{}, {}}}", topology.text(), action.text());
            constraint.get("{topologyKey, whenUnsatisfiable}").duplicate_as(&pair.into());
        }
        let domains = constraint.get("minDomains");
        if domains.is_set() {
            domains.positive();
            if action.text() != "DoNotSchedule" {
                domains.invalid(&format!(
                    "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {}",
                    action.text()
                ));
            }
        }
        constraint.get("nodeAffinityPolicy").one_of_if_set(&["Honor", "Ignore"]);
        constraint.get("nodeTaintsPolicy").one_of_if_set(&["Honor", "Ignore"]);
        label_keys(&constraint, &["matchLabelKeys"]);
        constraint.get("labelSelector").label_selector();
    }
}
