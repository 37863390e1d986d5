//! Where a container has its volumes.

use std::collections::BTreeSet;

use super::Context;
use crate::validation::field::Field;

pub(super) fn check(container: &Field, context: &Context) {
    let (mounts, devices) = (container.get("volumeMounts"), container.get("volumeDevices"));
    let mut paths = BTreeSet::new();
    for mount in mounts.items() {
        let (name, path) = (mount.get("name"), mount.get("mountPath"));
        name.required_text();
        if !context.volumes.iter().any(|(known, _)| *known == name.text()) {
            name.missing("");
        }
        path.required_text();
        if !paths.insert(path.text()) {
            path.wrong_text("must be unique");
        }
        if has(&devices, "name", name.text()) {
            name.wrong_text("must not already exist in volumeDevices");
        }
        if has(&devices, "devicePath", path.text()) {
            path.wrong_text("must not already exist as a path in volumeDevices");
        }
        sub_paths(&mounts, &mount);
        propagation(&mounts, &mount, container);
    }
}

pub(super) fn devices(container: &Field, context: &Context) {
    let (mounts, devices) = (container.get("volumeMounts"), container.get("volumeDevices"));
    let (mut paths, mut names) = (BTreeSet::new(), BTreeSet::new());
    for device in devices.items() {
        let (name, path) = (device.get("name"), device.get("devicePath"));
        name.required_text();
        if !name.text().is_empty() && !names.insert(name.text()) {
            name.wrong_text("must be unique");
        }
        match context.volumes.iter().find(|(known, _)| *known == name.text()) {
            Some((_, volume)) if !is_claim(volume) => name.wrong_text(
                "can only use volume source type of PersistentVolumeClaim or Ephemeral for block \
                 mode",
            ),
            Some(_) => {}
            None => name.missing(""),
        }
        path.required_text();
        if paths.contains(path.text()) {
            path.wrong_text("must be unique");
        }
        if path.text().split('/').any(|part| part == "..") {
            path.wrong_text("can not contain backsteps ('..')");
        } else {
            paths.insert(path.text());
        }
        if has(&mounts, "name", name.text()) {
            name.wrong_text("must not already exist in volumeMounts");
        }
        if has(&mounts, "mountPath", path.text()) {
            path.wrong_text("must not already exist as a path in volumeMounts");
        }
    }
}

fn is_claim(volume: &Field) -> bool {
    volume.get("persistentVolumeClaim").is_set() || volume.get("ephemeral").is_set()
}

fn has<'a>(list: &Field<'a>, field: &'a str, text: &str) -> bool {
    list.items().any(|item| item.get(field).text() == text)
}

/// The part of a volume that is mounted. kube-apiserver leaves the index of the mount out.
fn sub_paths(mounts: &Field, mount: &Field) {
    let (path, expression) = (mount.get("subPath").text(), mount.get("subPathExpr"));
    if !path.is_empty() {
        mounts.get("subPath").local_path(path);
    }
    if !expression.text().is_empty() {
        if !path.is_empty() {
            expression.invalid("subPathExpr and subPath are mutually exclusive");
        }
        mounts.get("subPathExpr").local_path(expression.text());
    }
}

fn propagation(mounts: &Field, mount: &Field, container: &Field) {
    let propagation = mounts.get("mountPropagation").with(mount.get("mountPropagation").value());
    propagation.one_of_if_set(&["Bidirectional", "HostToContainer", "None"]);
    let is_privileged = container.get("securityContext").get("privileged").is_true();
    if propagation.text() == "Bidirectional" && !is_privileged {
        let detail = "Bidirectional mount propagation is available only to privileged containers";
        propagation.forbidden(detail);
    }
    let recursive = mounts.get("recursiveReadOnly").with(mount.get("recursiveReadOnly").value());
    recursive.one_of_if_set(&["Disabled", "Enabled", "IfPossible"]);
    if matches!(recursive.text(), "Enabled" | "IfPossible") {
        if !mount.get("readOnly").is_true() {
            recursive.forbidden("may only be specified when readOnly is true");
        }
        if !matches!(propagation.text(), "" | "None") {
            let detail = "may only be specified when mountPropagation is None or not specified";
            recursive.forbidden(detail);
        }
    }
}
