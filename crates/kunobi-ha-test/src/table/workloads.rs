//! What makes pods, and what counts them.

use serde_json::Value;

use super::{
    View,
    field::{flag, list, number, quantity, text},
    labels,
    pods::layout,
};
use crate::status::qualified;

pub(super) fn deployment(view: &View<'_>) -> Vec<Value> {
    let object = view.value;
    let (names, images) = layout(object, CONTAINERS);
    let selector = labels::requirements(object.pointer(SELECTOR).unwrap_or(&Value::Null));
    cells![
        view.name(),
        ready(object),
        number(object, "/status/updatedReplicas"),
        number(object, "/status/availableReplicas"),
        view.age(),
        names,
        images,
        selector.unwrap_or_else(|| "<invalid>".into()),
    ]
}

pub(super) fn stateful_set(view: &View<'_>) -> Vec<Value> {
    let (names, images) = layout(view.value, CONTAINERS);
    cells![view.name(), ready(view.value), view.age(), names, images]
}

pub(super) fn replica_set(view: &View<'_>) -> Vec<Value> {
    replicas(view, labels::selector(view.value, SELECTOR))
}

pub(super) fn replication_controller(view: &View<'_>) -> Vec<Value> {
    replicas(view, labels::labels(view.value, SELECTOR))
}

fn replicas(view: &View<'_>, selector: String) -> Vec<Value> {
    let object = view.value;
    let (names, images) = layout(object, CONTAINERS);
    cells![
        view.name(),
        number(object, "/spec/replicas"),
        number(object, "/status/replicas"),
        number(object, "/status/readyReplicas"),
        view.age(),
        names,
        images,
        selector,
    ]
}

pub(super) fn daemon_set(view: &View<'_>) -> Vec<Value> {
    let object = view.value;
    let (names, images) = layout(object, CONTAINERS);
    cells![
        view.name(),
        number(object, "/status/desiredNumberScheduled"),
        number(object, "/status/currentNumberScheduled"),
        number(object, "/status/numberReady"),
        number(object, "/status/updatedNumberScheduled"),
        number(object, "/status/numberAvailable"),
        labels::labels(object, "/spec/template/spec/nodeSelector"),
        view.age(),
        names,
        images,
        labels::selector(object, SELECTOR),
    ]
}

pub(super) fn controller_revision(view: &View<'_>) -> Vec<Value> {
    let owners = list(view.value, "/metadata/ownerReferences");
    let owner = owners.iter().find(|owner| flag(owner, "/controller"));
    let owner = owner.map_or_else(
        || "<none>".into(),
        |owner| {
            let group = text(owner, "/apiVersion").split_once('/').map_or("", |(group, _)| group);
            let kind = qualified(group, text(owner, "/kind")).to_lowercase();
            format!("{kind}/{}", text(owner, "/name"))
        },
    );
    cells![view.name(), owner, number(view.value, "/revision"), view.age()]
}

pub(super) fn scale(view: &View<'_>) -> Vec<Value> {
    cells![
        view.name(),
        number(view.value, "/spec/replicas"),
        number(view.value, "/status/replicas"),
        view.age(),
    ]
}

pub(super) fn disruption_budget(view: &View<'_>) -> Vec<Value> {
    let bound = |path: &str| quantity(view.value, path).unwrap_or_else(|| "N/A".into());
    cells![
        view.name(),
        bound("/spec/minAvailable"),
        bound("/spec/maxUnavailable"),
        number(view.value, "/status/disruptionsAllowed"),
        view.age(),
    ]
}

fn ready(object: &Value) -> String {
    let wanted = number(object, "/spec/replicas");
    format!("{}/{wanted}", number(object, "/status/readyReplicas"))
}

const CONTAINERS: &str = "/spec/template/spec/containers";
const SELECTOR: &str = "/spec/selector";
