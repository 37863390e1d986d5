//! Pods and the templates of pods.

use serde_json::{Map, Value, json};

use super::fields::{child, fill, fill_zero, is_empty, items, text};

/// What a pod has that a template has not.
pub(super) fn pod(pod: &mut Map<String, Value>) {
    let Some(spec) = child(pod, "spec") else {
        return;
    };
    if spec.get("terminationGracePeriodSeconds").and_then(Value::as_i64).is_some_and(|s| s < 0) {
        spec.insert("terminationGracePeriodSeconds".into(), 1.into());
    }
    fill(spec, "enableServiceLinks", &true.into());
    let is_on_host = spec.get("hostNetwork") == Some(&Value::Bool(true));
    for list in ["containers", "initContainers"] {
        for container in items(spec, list) {
            request_limits(container);
            for port in items(container, "ports").filter(|_| is_on_host) {
                if let Some(number) = port.get("containerPort").cloned() {
                    fill_zero(port, "hostPort", &number);
                }
            }
        }
    }
}

/// A container requests what it is limited to, unless it says how much it requests.
fn request_limits(container: &mut Map<String, Value>) {
    let Some(resources) = container.get_mut("resources").and_then(Value::as_object_mut) else {
        return;
    };
    let Some(Value::Object(limits)) = resources.get("limits").cloned() else {
        return;
    };
    if let Some(requests) = child(resources, "requests") {
        for (name, limit) in limits {
            requests.entry(name).or_insert(limit);
        }
    }
}

/// `serviceAccount` is the old name of `serviceAccountName`.
pub(super) fn service_account(spec: &mut Map<String, Value>) {
    for (from, to) in
        [("serviceAccount", "serviceAccountName"), ("serviceAccountName", "serviceAccount")]
    {
        if !is_empty(spec, from)
            && (to == "serviceAccount" || is_empty(spec, to))
            && let Some(account) = spec.get(from).cloned()
        {
            spec.insert(to.into(), account);
        }
    }
}

/// `podIP` is the first of `podIPs`.
pub(super) fn addresses(status: &mut Map<String, Value>) {
    let address = text(status, "podIP").to_owned();
    let first = status.get("podIPs").and_then(|list| list.get(0)?.get("ip")).cloned();
    match first {
        Some(first) if address.is_empty() => drop(status.insert("podIP".into(), first)),
        Some(first) if first == address.as_str() => {}
        Some(_) | None if address.is_empty() => {}
        Some(_) | None => drop(status.insert("podIPs".into(), json!([{ "ip": address }]))),
    }
}

/// The newest image is always pulled.
pub(super) fn pull_policy(object: &mut Map<String, Value>, image: &str, policy: &str) {
    let name = text(object, image);
    // A name that is none has no tag.
    let is_latest = tag(name) == "latest" && name.trim() == name;
    let default = if is_latest { "Always" } else { "IfNotPresent" };
    fill_zero(object, policy, &default.into());
}

/// The tag of an image, which is `latest` if it has neither a tag nor a digest.
fn tag(image: &str) -> &str {
    let (name, has_digest) = match image.split_once('@') {
        Some((name, _)) => (name, true),
        None => (image, false),
    };
    let last = name.rsplit('/').next().unwrap_or_default();
    match last.split_once(':') {
        Some((_, tag)) => tag,
        None if has_digest || name.is_empty() => "",
        None => "latest",
    }
}

/// A volume without a source is an empty directory.
pub(super) fn volume(volume: &mut Map<String, Value>) {
    if volume.keys().all(|field| field == "name") {
        volume.insert("emptyDir".into(), json!({}));
    }
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn tags() {
        for (image, expected) in [
            ("nginx", "latest"),
            ("nginx:latest", "latest"),
            ("nginx:1.27", "1.27"),
            ("registry:5000/nginx", "latest"),
            ("registry:5000/nginx:1", "1"),
            ("nginx@sha256:abc", ""),
            ("nginx:latest@sha256:abc", "latest"),
            ("", ""),
        ] {
            assert_eq!(tag(image), expected, "{image}");
        }
    }
}
