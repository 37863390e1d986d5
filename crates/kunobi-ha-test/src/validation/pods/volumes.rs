//! The volumes of a pod.

use std::collections::BTreeSet;

use super::{environment, projections};
use crate::validation::{claims, field::Field, texts};

/// Returns the volumes that are valid. The pod, if it is none of a template, gives its name to claims.
pub(super) fn check<'a>(volumes: &Field<'a>, pod: Option<&str>) -> Vec<(&'a str, Field<'a>)> {
    let mut valid: Vec<(&str, Field)> = Vec::new();
    let claim = |name: &str| format!("{}-{name}", pod.unwrap_or_default());
    let is_named = pod.is_some_and(|pod| !pod.is_empty());
    let made: BTreeSet<String> = volumes
        .items()
        .filter(|volume| is_named && volume.get("ephemeral").is_set())
        .map(|volume| claim(volume.get("name").text()))
        .collect();
    for volume in volumes.items() {
        let (name, before) = (volume.get("name"), volume.problems());
        source(&volume);
        if is_named && volume.get("ephemeral").is_set() && !name.text().is_empty() {
            let made = claim(name.text());
            for problem in texts::dns_subdomain(&made) {
                name.invalid(&format!("PVC name {made:?}: {problem}"));
            }
        }
        if name.required_text() {
            name.dns_label();
        }
        if valid.iter().any(|(known, _)| *known == name.text()) {
            name.duplicate_as(&name.text().into());
        }
        if volume.problems() == before {
            valid.push((name.text(), volume.clone()));
        }
        let used = volume.get("persistentVolumeClaim").get("claimName");
        if made.contains(used.text()) {
            used.invalid("must not reference a PVC that gets created for an ephemeral volume");
        }
    }
    valid
}

fn source(volume: &Field) {
    let mut count = 0;
    for kind in KINDS.into_iter().filter(|kind| volume.get(kind).is_set()) {
        count += 1;
        if count > 1 {
            volume.get(kind).forbidden("may not specify more than 1 volume type");
        } else {
            check_source(&volume.get(kind), kind);
        }
    }
    if count == 0 {
        volume.required("must specify a volume type");
    }
}

fn check_source(source: &Field, kind: &str) {
    match kind {
        "emptyDir" if source.get("sizeLimit").quantity().is_some_and(|size| size < 0) => {
            source.get("sizeLimit").forbidden("SizeLimit field must be a valid resource quantity");
        }
        "hostPath" => host_path(source),
        "gitRepo" => {
            source.get("repository").required_text();
            source.get("directory").local_path(source.get("directory").text());
        }
        "secret" => keys(source, "secretName"),
        "configMap" => keys(source, "name"),
        "persistentVolumeClaim" => drop(source.get("claimName").required_text()),
        "nfs" => {
            source.get("server").required_text();
            source.get("path").required_text();
            if !source.get("path").text().starts_with('/') {
                source.get("path").wrong_text("must be an absolute path");
            }
        }
        "downwardAPI" => {
            mode(&source.get("defaultMode"));
            source.get("items").items().for_each(|item| file(source, &item));
        }
        "projected" => projections::check(source),
        "csi" => csi(source),
        "ephemeral" => ephemeral(source),
        "image" => {
            source.get("reference").required_text();
            source.get("pullPolicy").required_one_of(&["Always", "IfNotPresent", "Never"]);
        }
        _ => {}
    }
}

fn host_path(source: &Field) {
    if source.get("path").required_text() {
        source.get("path").descending(source.get("path").text());
        source.get("type").one_of_if_set(&HOST_PATHS);
    }
}

fn keys(source: &Field, name: &'static str) {
    source.get(name).required_text();
    mode(&source.get("defaultMode"));
    source.get("items").items().for_each(|item| key_to_path(&item));
}

/// A key of a `ConfigMap` or Secret that becomes a file.
pub(super) fn key_to_path(item: &Field) {
    item.get("key").required_text();
    item.get("path").required_text();
    item.get("path").free_path(item.get("path").text());
    mode(&item.get("mode"));
}

pub(super) fn mode(mode: &Field) {
    if mode.number().is_some_and(|mode| !(0..=0o777).contains(&mode)) {
        let detail = "must be a number between 0 and 0777 (octal), both inclusive";
        mode.invalid(detail);
    }
}

/// A field of the pod that becomes a file. Failures name the volume, not the file.
pub(super) fn file(place: &Field, file: &Field) {
    let at = |name: &'static str| place.get(name).with(file.get(name).value());
    let (path, reference, resource) = (at("path"), at("fieldRef"), at("resourceFieldRef"));
    path.required_text();
    path.free_path(path.text());
    if reference.is_set() {
        environment::field(&reference, &FIELDS);
        if resource.is_set() {
            let detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
            place.invalid_as(&"resource".into(), detail);
        }
    } else if resource.is_set() {
        environment::resource(&resource, true);
    } else {
        place.required("one of fieldRef and resourceFieldRef is required");
    }
    mode(&at("mode"));
}

fn csi(source: &Field) {
    driver_name(&source.get("driver"));
    let secret = source.get("nodePublishSecretRef");
    if secret.is_set() && secret.get("name").required_text() {
        source.get("name").with(secret.get("name").value()).dns_subdomain();
    }
}

/// The name of a driver, whose case does not matter.
pub(super) fn driver_name(driver: &Field) {
    if driver.required_text() {
        if driver.text().len() > 63 {
            driver.too_long(63);
        }
        driver.each(texts::dns_subdomain(&driver.text().to_lowercase()));
    }
}

fn ephemeral(source: &Field) {
    let template = source.get("volumeClaimTemplate");
    if !template.is_set() {
        template.required("");
        return;
    }
    let metadata = template.get("metadata");
    metadata.get("annotations").annotations();
    metadata.get("labels").labels();
    for name in ["name", "generateName", "namespace", "ownerReferences", "finalizers"] {
        if metadata.get(name).is_set() {
            metadata.get(name).forbidden("cannot be set");
        }
    }
    claims::spec(&template.get("spec"));
}

/// In the order in which kube-apiserver looks for them.
const KINDS: [&str; 30] = [
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];
const HOST_PATHS: [&str; 8] = [
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
];
const FIELDS: [&str; 5] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
];
