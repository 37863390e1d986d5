//! What controllers of the group `apps` are to run, and replication controllers.

mod sets;
mod status;

use serde_json::Value;

use super::{field::Field, internal, pods, selectors::map_selects, texts};

pub(super) use self::{
    sets::{daemon_set, stateful_set},
    status::{daemon_set_status, deployment_status, replica_set_status, stateful_set_status},
};

pub(super) fn deployment(object: &Field, old: Option<&Field>) {
    let spec = object.get("spec");
    spec.get("replicas").not_negative();
    selected(&spec);
    strategy(&spec.get("strategy"));
    spec.get("minReadySeconds").not_negative();
    spec.get("revisionHistoryLimit").not_negative();
    let deadline = spec.get("progressDeadlineSeconds");
    if deadline.is_set() {
        deadline.not_negative();
        if deadline.integer() <= spec.get("minReadySeconds").integer() {
            deadline.invalid("must be greater than minReadySeconds");
        }
    }
    if let Some(old) = old {
        spec.get("selector").immutable(&old.get("spec").get("selector"));
    }
}

pub(super) fn replica_set(object: &Field, old: Option<&Field>) {
    let spec = object.get("spec");
    spec.get("replicas").not_negative();
    spec.get("minReadySeconds").not_negative();
    selected(&spec);
    if let Some(old) = old {
        spec.get("selector").immutable(&old.get("spec").get("selector"));
    }
}

pub(super) fn replication_controller(object: &Field, _: Option<&Field>) {
    let spec = object.get("spec");
    let (selector, template) = (spec.get("selector"), spec.get("template"));
    if selector.len() == 0 {
        selector.required("");
    }
    if template.is_set() {
        let labels = template.get("metadata").get("labels");
        if !map_selects(selector.value(), labels.value()) {
            labels.invalid(UNSELECTED);
        }
        pods::template(&template);
        always_restarts(&template, "ReplicationController");
    } else {
        template.required("");
    }
    spec.get("replicas").not_negative();
    spec.get("minReadySeconds").not_negative();
}

pub(super) fn revision(object: &Field, old: Option<&Field>) {
    let data = object.get("data");
    object.get("revision").not_negative();
    match old {
        Some(old) => data.immutable(&old.get("data")),
        None if !data.is_set() => data.required("data is mandatory"),
        None if !data.value().is_object() => data.required("data must be a valid JSON object"),
        None => {}
    }
}

/// The selector of a Deployment or `ReplicaSet`, and the template that it selects.
fn selected(spec: &Field) {
    let (selector, template) = (spec.get("selector"), spec.get("template"));
    if selector.is_set() {
        selector.label_selector();
        if selector.is_empty_selector() {
            selector.invalid("empty selector is invalid for deployment");
        }
    } else {
        selector.required("");
    }
    if selector.is_set() && !selector.is_valid_selector() {
        selector.invalid("invalid label selector");
        return;
    }
    let labels = template.get("metadata").get("labels");
    if !selector.selects(&labels) {
        labels.invalid(UNSELECTED);
    }
    pods::template(&template);
    always_restarts(&template, "ReplicaSet");
}

/// Pods that a controller replaces are restarted until then.
fn always_restarts(template: &Field, kind: &str) {
    let spec = template.get("spec");
    spec.get("restartPolicy").one_of(&["Always"]);
    if spec.get("activeDeadlineSeconds").is_set() {
        let detail = format!("activeDeadlineSeconds in {kind} is not Supported");
        spec.get("activeDeadlineSeconds").forbidden(&detail);
    }
}

fn strategy(strategy: &Field) {
    let rolling = strategy.get("rollingUpdate");
    match strategy.get("type").text() {
        "Recreate" if rolling.is_set() => {
            rolling.forbidden("may not be specified when strategy `type` is 'Recreate'");
        }
        "Recreate" => {}
        "RollingUpdate" => {
            let (unavailable, surge) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
            unavailable.number_or_percentage();
            surge.number_or_percentage();
            if unavailable.amount_or_percentage() == 0 && surge.amount_or_percentage() == 0 {
                unavailable.invalid("may not be 0 when `maxSurge` is 0");
            }
            unavailable.at_most_all();
        }
        _ => {
            let quoted = internal::compact("DeploymentStrategy", strategy.value());
            strategy.unsupported_internal(&quoted, &["Recreate", "RollingUpdate"]);
        }
    }
}

impl Field<'_> {
    pub(super) fn number_or_percentage(&self) {
        match self.value() {
            Value::String(text) => self.each(texts::percentage(text)),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => self.not_negative(),
        }
    }

    /// A percentage that is valid.
    fn percentage(&self) -> Option<u64> {
        self.value().as_str()?.strip_suffix('%')?.parse().ok()
    }

    pub(super) fn amount_or_percentage(&self) -> i64 {
        let percentage = self.percentage().and_then(|percentage| percentage.try_into().ok());
        percentage.unwrap_or_else(|| self.integer())
    }

    pub(super) fn at_most_all(&self) {
        if self.percentage().is_some_and(|percentage| percentage > 100) {
            self.invalid("must not be greater than 100%");
        }
    }
}

const UNSELECTED: &str = "`selector` does not match template `labels`";
