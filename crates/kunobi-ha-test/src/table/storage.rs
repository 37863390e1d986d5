//! Volumes, and what provides them.

use serde_json::Value;

use super::{
    View,
    field::{annotation, count, flag, joined, list, quantity, set, some, text},
};

pub(super) fn volume(view: &View<'_>) -> Vec<Value> {
    let volume = view.value;
    let claim = some(volume, "/spec/claimRef")
        .map(|claim| format!("{}/{}", text(claim, "/namespace"), text(claim, "/name")));
    cells![
        view.name(),
        size(volume, "/spec/capacity/storage"),
        modes(volume, "/spec/accessModes"),
        text(volume, "/spec/persistentVolumeReclaimPolicy"),
        phase(view),
        claim.unwrap_or_default(),
        class(view),
        or_unset(volume, "/spec/volumeAttributesClassName"),
        text(volume, "/status/reason"),
        view.age(),
        or_unset(volume, "/spec/volumeMode"),
    ]
}

pub(super) fn claim(view: &View<'_>) -> Vec<Value> {
    let claim = view.value;
    let volume = text(claim, "/spec/volumeName");
    let (capacity, modes) = if volume.is_empty() {
        (String::new(), String::new())
    } else {
        (size(claim, "/status/capacity/storage"), modes(claim, "/status/accessModes"))
    };
    cells![
        view.name(),
        phase(view),
        volume,
        capacity,
        modes,
        class(view),
        or_unset(claim, "/spec/volumeAttributesClassName"),
        view.age(),
        or_unset(claim, "/spec/volumeMode"),
    ]
}

pub(super) fn storage_class(view: &View<'_>) -> Vec<Value> {
    let class = view.value;
    let name = view.name();
    let is_default = view.default_class == Some(name);
    cells![
        format!("{name}{}", if is_default { " (default)" } else { "" }),
        text(class, "/provisioner"),
        set(class, "/reclaimPolicy").unwrap_or("Delete"),
        set(class, "/volumeBindingMode").unwrap_or("Immediate"),
        flag(class, "/allowVolumeExpansion"),
        view.age(),
    ]
}

/// Returns whether this is to be the class of claims that name none.
pub(super) fn is_default(class: &Value) -> bool {
    let says = |name: &str| annotation(class, name) == Some("true");
    says("storageclass.kubernetes.io/is-default-class")
        || says("storageclass.beta.kubernetes.io/is-default-class")
}

pub(super) fn attributes_class(view: &View<'_>) -> Vec<Value> {
    cells![view.name(), text(view.value, "/driverName"), view.age()]
}

pub(super) fn attachment(view: &View<'_>) -> Vec<Value> {
    let attachment = view.value;
    cells![
        view.name(),
        text(attachment, "/spec/attacher"),
        text(attachment, "/spec/source/persistentVolumeName"),
        text(attachment, "/spec/nodeName"),
        flag(attachment, "/status/attached"),
        view.age(),
    ]
}

pub(super) fn driver(view: &View<'_>) -> Vec<Value> {
    let driver = view.value;
    let is_attached = some(driver, "/spec/attachRequired").and_then(Value::as_bool);
    let tokens = some(driver, "/spec/tokenRequests").map(|_| {
        let tokens = list(driver, "/spec/tokenRequests").iter();
        tokens.map(|token| text(token, "/audience")).collect::<Vec<_>>().join(",")
    });
    let modes = joined(driver, "/spec/volumeLifecycleModes");
    cells![
        view.name(),
        is_attached.unwrap_or(true),
        flag(driver, "/spec/podInfoOnMount"),
        flag(driver, "/spec/storageCapacity"),
        tokens.unwrap_or_else(|| "<unset>".into()),
        flag(driver, "/spec/requiresRepublish"),
        if modes.is_empty() { "<none>".into() } else { modes },
        view.age(),
    ]
}

pub(super) fn driver_node(view: &View<'_>) -> Vec<Value> {
    cells![view.name(), count(view.value, "/spec/drivers"), view.age()]
}

fn phase<'a>(view: &View<'a>) -> &'a str {
    if view.is_deleted() { "Terminating" } else { text(view.value, "/status/phase") }
}

fn size(value: &Value, path: &str) -> String {
    quantity(value, path).unwrap_or_else(|| "0".into())
}

fn class<'a>(view: &View<'a>) -> &'a str {
    let old = annotation(view.value, "volume.beta.kubernetes.io/storage-class");
    old.unwrap_or_else(|| text(view.value, "/spec/storageClassName"))
}

fn or_unset<'a>(value: &'a Value, path: &str) -> &'a str {
    set(value, path).unwrap_or("<unset>")
}

fn modes(value: &Value, path: &str) -> String {
    let modes: Vec<&str> = list(value, path).iter().filter_map(Value::as_str).collect();
    let short = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let short: Vec<&str> = short
        .into_iter()
        .filter(|(mode, _)| modes.contains(mode))
        .map(|(_, short)| short)
        .collect();
    short.join(",")
}
