//! Environment variables, and where their values come from.

use crate::validation::{field::Field, names::label_key, texts};

pub(super) fn variables(variables: &Field) {
    for variable in variables.items() {
        let name = variable.get("name");
        if name.required_text() {
            name.each(texts::variable(name.text()));
        }
        let from = variable.get("valueFrom");
        if from.is_set() {
            value_from(&from, !variable.get("value").text().is_empty());
        }
    }
}

pub(super) fn sources(sources: &Field) {
    for source in sources.items() {
        let prefix = source.get("prefix");
        if !prefix.text().is_empty() {
            prefix.each(texts::variable(prefix.text()));
        }
        let kinds = ["configMapRef", "secretRef"].map(|kind| source.get(kind));
        let kinds = kinds.iter().filter(|kind| kind.is_set());
        match kinds.inspect(|kind| kind.get("name").required_name()).count() {
            0 => {
                sources
                    .invalid_as(&"".into(), "must specify one of: `configMapRef` or `secretRef`");
            }
            1 => {}
            _ => sources
                .invalid_as(&"".into(), "may not have more than one field specified at a time"),
        }
    }
}

fn value_from(from: &Field, has_value: bool) {
    let mut count = 0;
    for kind in ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"] {
        let source = from.get(kind);
        if !source.is_set() {
            continue;
        }
        count += 1;
        match kind {
            "fieldRef" => field(&source, &FIELDS),
            "resourceFieldRef" => resource(&source, false),
            "fileKeyRef" => file_key(&source),
            _ => {
                source.get("name").dns_subdomain();
                if source.get("key").required_text() {
                    source.get("key").config_key();
                }
            }
        }
    }
    let detail = match count {
        0 => {
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, \
             `secretKeyRef` or `fileKeyRef`"
        }
        _ if has_value => "may not be specified when `value` is not empty",
        1 => return,
        _ => "may not have more than one field specified at a time",
    };
    from.invalid_as(&"".into(), detail);
}

fn file_key(key: &Field) {
    if key.get("key").required_text() {
        key.get("key").each(texts::variable(key.get("key").text()));
    }
    if key.get("volumeName").required_text() {
        key.get("volumeName").dns_label();
    }
    if key.get("path").required_text() {
        key.get("path").descending(key.get("path").text());
    }
}

/// A field of the pod itself.
pub(super) fn field(source: &Field, known: &[&str]) {
    if !(source.get("apiVersion").required_text() && source.get("fieldPath").required_text()) {
        return;
    }
    let (version, path) = (source.get("apiVersion").text(), source.get("fieldPath"));
    let (name, subscript) = split(path.text());
    if let Some(why) = unknown(version, path.text(), name, subscript) {
        path.invalid(&format!("error converting fieldPath: {why}"));
        return;
    }
    // An old name of the same.
    let name = if name == "spec.host" { "spec.nodeName" } else { name };
    match (name, subscript) {
        ("metadata.annotations", Some(key)) => {
            let key = key.to_lowercase();
            source.each_of(&key, label_key(&key));
        }
        (_, Some(key)) => source.each_of(key, label_key(key)),
        (name, None) if !known.contains(&name) => {
            let name = name.into();
            path.with(&name).unsupported(known);
        }
        (_, None) => {}
    }
}

/// `metadata.labels['a']`: the path, and what is within the brackets.
fn split(path: &str) -> (&str, Option<&str>) {
    let subscript = path.strip_suffix("']").and_then(|path| path.split_once("['"));
    match subscript {
        Some((name, key)) if !name.is_empty() => (name, Some(key)),
        _ => (path, None),
    }
}

fn unknown(version: &str, path: &str, name: &str, subscript: Option<&str>) -> Option<String> {
    if version != "v1" {
        return Some(format!("unsupported pod version: {version}"));
    }
    let has_keys = matches!(name, "metadata.annotations" | "metadata.labels");
    if subscript.is_some() {
        return (!has_keys).then(|| format!("field label does not support subscript: {path}"));
    }
    let is_known = has_keys
        || FIELDS.contains(&name)
        || matches!(
            name,
            "spec.host" | "spec.restartPolicy" | "spec.schedulerName" | "status.phase"
        );
    (!is_known).then(|| format!("field label not supported: {path}"))
}

/// An amount that a container asks for. In a volume, the container is named.
pub(super) fn resource(source: &Field, is_volume: bool) {
    let resource = source.get("resource");
    if is_volume && source.get("containerName").text().is_empty() {
        source.get("containerName").required("");
    } else if resource.required_text() {
        let is_huge_page = ["limits.hugepages-", "requests.hugepages-"]
            .iter()
            .any(|prefix| resource.text().starts_with(prefix));
        if !is_huge_page {
            resource.one_of(&RESOURCES);
        }
    }
    let divisor = source.get("divisor");
    if divisor.quantity().is_none_or(|divisor| divisor == 0) {
        return;
    }
    let (kind, known) = match resource.text() {
        "limits.cpu" | "requests.cpu" => ("cpu", "1m and 1"),
        "limits.memory" | "requests.memory" => ("memory", SIZES),
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => {
            ("local ephemeral storage", SIZES)
        }
        name if name.contains(".hugepages-") => ("hugepages", SIZES),
        _ => return,
    };
    let is_known = match kind {
        "cpu" => matches!(divisor.text(), "1m" | "1"),
        _ => SIZES.split(", ").any(|size| size == divisor.text()),
    };
    if !is_known {
        let detail =
            format!("only divisor's values {known} are supported with the {kind} resource");
        divisor.invalid_as(resource.value(), &detail);
    }
}

const FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];
const SIZES: &str = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";
