//! `DaemonSet`s and `StatefulSet`s.

use serde_json::{Value, json};

use super::{UNSELECTED, always_restarts};
use crate::validation::{
    checks::same,
    claims,
    field::{Field, Report},
    internal, pods,
};

pub(in crate::validation) fn daemon_set(object: &Field, old: Option<&Field>) {
    let spec = object.get("spec");
    let (selector, template) = (spec.get("selector"), spec.get("template"));
    if let Some(old) = old {
        selector.immutable(&old.get("spec").get("selector"));
    }
    selector.label_selector();
    let labels = template.get("metadata").get("labels");
    if selector.is_valid_selector() && !selector.selects(&labels) {
        labels.invalid(UNSELECTED);
    }
    if selector.is_set() && selector.is_empty_selector() {
        selector.invalid("empty selector is invalid for daemonset");
    }
    pods::template(&template);
    always_restarts(&template, "DaemonSet");
    spec.get("minReadySeconds").not_negative();
    let strategy = spec.get("updateStrategy");
    let rolling = strategy.get("rollingUpdate");
    match strategy.get("type").text() {
        "OnDelete" => {}
        "RollingUpdate" if rolling.is_set() => rolling_daemons(&rolling),
        "RollingUpdate" => rolling.required(""),
        _ => {
            let quoted = internal::compact("DaemonSetUpdateStrategy", strategy.value());
            strategy.unsupported_internal(&quoted, &["RollingUpdate", "OnDelete"]);
        }
    }
    spec.get("revisionHistoryLimit").not_negative();
}

fn rolling_daemons(rolling: &Field) {
    let (unavailable, surge) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
    unavailable.number_or_percentage();
    surge.number_or_percentage();
    unavailable.at_most_all();
    surge.at_most_all();
    match (unavailable.amount_or_percentage() != 0, surge.amount_or_percentage() != 0) {
        (true, true) => surge.invalid("may not be set when maxUnavailable is non-zero"),
        (false, false) => unavailable.required("cannot be 0 when maxSurge is 0"),
        (true, false) | (false, true) => {}
    }
}

pub(in crate::validation) fn stateful_set(object: &Field, old: Option<&Field>) {
    let spec = object.get("spec");
    // What was stored before a rule was made stays.
    let was_valid = old.is_none_or(|old| {
        let report = Report::default();
        check(&Field::new(old.value(), &report).get("spec"), true);
        report.len() == 0
    });
    check(&spec, was_valid);
    if let Some(old) = old {
        let old = old.get("spec");
        spec.get("selector").immutable(&old.get("selector"));
        claim_templates(&spec.get("volumeClaimTemplates"), &old.get("volumeClaimTemplates"));
        spec.get("serviceName").immutable(&old.get("serviceName"));
        spec.get("podManagementPolicy").immutable(&old.get("podManagementPolicy"));
    }
}

fn claim_templates(new: &Field, old: &Field) {
    if !same(new.value(), old.value()) {
        let quoted = internal::compact_list("PersistentVolumeClaim", new.value());
        new.invalid_internal(&quoted, "field is immutable");
    }
}

fn check(spec: &Field, checks_template: bool) {
    management(spec);
    let policy = spec.get("persistentVolumeClaimRetentionPolicy");
    if policy.is_set() {
        policy.get("whenDeleted").one_of(&["Retain", "Delete"]);
        policy.get("whenScaled").one_of(&["Retain", "Delete"]);
    }
    if checks_template {
        for claim in spec.get("volumeClaimTemplates").items() {
            claims::spec(&claim.get("spec"));
        }
    }
    spec.get("replicas").not_negative();
    spec.get("minReadySeconds").not_negative();
    spec.get("ordinals").get("start").not_negative();
    if !spec.get("serviceName").text().is_empty() {
        spec.get("serviceName").dns_label();
    }
    let (selector, template) = (spec.get("selector"), spec.get("template"));
    if selector.is_set() {
        selector.label_selector();
        if selector.is_empty_selector() {
            selector.invalid("empty selector is invalid for statefulset");
        }
    } else {
        selector.required("");
    }
    if selector.is_set() && !selector.is_valid_selector() {
        selector.invalid("");
    } else {
        let labels = template.get("metadata").get("labels");
        if !selector.selects(&labels) {
            labels.invalid(UNSELECTED);
        }
        if checks_template {
            pods::template(&template.with(&with_claims(spec, template.value())));
        }
        let labels = template.get("labels").with(labels.value());
        labels.labels();
        pods::template_annotations(&template);
    }
    always_restarts(&template, "StatefulSet");
}

/// The template as it will be: the controller has its own names for hosts, and adds volumes.
fn with_claims(spec: &Field, template: &Value) -> Value {
    let mut template = template.clone();
    let Some(pod) = template.get_mut("spec").and_then(Value::as_object_mut) else {
        return template;
    };
    pod.remove("subdomain");
    pod.remove("hostname");
    let claims = spec.get("volumeClaimTemplates");
    let names: Vec<&str> = claims.items().map(|c| c.get("metadata").get("name").text()).collect();
    let claimed =
        |name: &&str| json!({ "name": name, "persistentVolumeClaim": { "claimName": name } });
    let mut volumes: Vec<Value> = names.iter().map(claimed).collect();
    let own = pod.get("volumes").and_then(Value::as_array).into_iter().flatten();
    let is_own = |volume: &&Value| {
        let name = volume.get("name").and_then(Value::as_str).unwrap_or_default();
        !names.contains(&name)
    };
    volumes.extend(own.filter(is_own).cloned());
    if !names.is_empty() {
        pod.insert("volumes".into(), volumes.into());
    }
    template
}

fn management(spec: &Field) {
    let policy = spec.get("podManagementPolicy");
    if policy.required_text() && !matches!(policy.text(), "OrderedReady" | "Parallel") {
        policy.invalid("must be 'OrderedReady' or 'Parallel'");
    }
    let strategy = spec.get("updateStrategy");
    let rolling = strategy.get("rollingUpdate");
    match strategy.get("type").text() {
        "" => strategy.required(""),
        "OnDelete" if rolling.is_set() => {
            let quoted = internal::compact("RollingUpdateStatefulSetStrategy", rolling.value());
            let detail = "only allowed for updateStrategy 'RollingUpdate'";
            rolling.invalid_internal(&quoted, detail);
        }
        "OnDelete" => {}
        "RollingUpdate" => {
            rolling.get("partition").not_negative();
            let unavailable = rolling.get("maxUnavailable");
            if unavailable.is_set() {
                unavailable.number_or_percentage();
                if unavailable.amount_or_percentage() == 0 {
                    unavailable.invalid("cannot be 0");
                }
                unavailable.at_most_all();
            }
        }
        _ => {
            let quoted = internal::compact("StatefulSetUpdateStrategy", strategy.value());
            strategy.invalid_internal(&quoted, "must be 'RollingUpdate' or 'OnDelete'");
        }
    }
}
