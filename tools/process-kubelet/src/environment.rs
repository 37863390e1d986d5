//! The environment of a container, and what `$(NAME)` stands for.

use std::{collections::BTreeMap, net::Ipv4Addr};

use k8s_openapi::api::core::v1::{Container, EnvVar, Pod};

/// The place of a pod: its node and its addresses.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) node: String,
    pub(crate) node_address: Ipv4Addr,
    pub(crate) address: Ipv4Addr,
}

/// Returns the environment on top of `base`; a variable may refer to those before it. A value that
/// can't be found is an error.
pub(crate) fn environment(
    base: BTreeMap<String, String>,
    pod: &Pod,
    container: &Container,
    place: &Place,
) -> Result<BTreeMap<String, String>, String> {
    if container.env_from.as_ref().is_some_and(|sources| !sources.is_empty()) {
        return Err("envFrom is not supported".into());
    }
    let mut known = base;
    for variable in container.env.iter().flatten() {
        if let Some(value) = value_of(variable, &known, pod, place)? {
            known.insert(variable.name.clone(), value);
        }
    }
    Ok(known)
}

fn value_of(
    variable: &EnvVar,
    known: &BTreeMap<String, String>,
    pod: &Pod,
    place: &Place,
) -> Result<Option<String>, String> {
    let Some(source) = &variable.value_from else {
        return Ok(Some(expand(variable.value.as_deref().unwrap_or_default(), known)));
    };
    if let Some(reference) = &source.field_ref {
        let path = &reference.field_path;
        return field(path, pod, place)
            .map(Some)
            .ok_or_else(|| format!("{}: the field {path} is not supported", variable.name));
    }
    let map = source.config_map_key_ref.as_ref().and_then(|reference| reference.optional);
    let secret = source.secret_key_ref.as_ref().and_then(|reference| reference.optional);
    match map.or(secret) {
        Some(true) => Ok(None),
        Some(false) | None => {
            Err(format!("{}: of valueFrom only fieldRef is supported", variable.name))
        }
    }
}

/// The downward API. A label or annotation that is missing is empty.
fn field(path: &str, pod: &Pod, place: &Place) -> Option<String> {
    let metadata = &pod.metadata;
    let of_map = |map: &Option<BTreeMap<String, String>>, key: &str| {
        map.as_ref().and_then(|map| map.get(key)).cloned().unwrap_or_default()
    };
    let account = || pod.spec.as_ref().and_then(|spec| spec.service_account_name.clone());
    Some(match path {
        "metadata.name" => metadata.name.clone().unwrap_or_default(),
        "metadata.namespace" => metadata.namespace.clone().unwrap_or_default(),
        "metadata.uid" => metadata.uid.clone().unwrap_or_default(),
        "spec.nodeName" => place.node.clone(),
        "spec.serviceAccountName" => account().unwrap_or_else(|| "default".into()),
        "status.podIP" | "status.podIPs" => place.address.to_string(),
        "status.hostIP" | "status.hostIPs" => place.node_address.to_string(),
        _ => match (key_of(path, "metadata.labels"), key_of(path, "metadata.annotations")) {
            (Some(key), _) => of_map(&metadata.labels, key),
            (_, Some(key)) => of_map(&metadata.annotations, key),
            (None, None) => return None,
        },
    })
}

/// `metadata.labels['key']`
fn key_of<'a>(path: &'a str, map: &str) -> Option<&'a str> {
    path.strip_prefix(map)?.strip_prefix("['")?.strip_suffix("']")
}

/// Puts values in the place of `$(NAME)`. A name that is not known stays as it is, and `$$` is a
/// dollar sign that begins nothing.
pub(crate) fn expand(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            expanded.push('$');
            rest = after;
        } else if let Some((name, after)) =
            rest.strip_prefix('(').and_then(|rest| rest.split_once(')'))
        {
            match known.get(name) {
                Some(value) => expanded.push_str(value),
                None => expanded.extend(["$(", name, ")"]),
            }
            rest = after;
        } else {
            expanded.push('$');
        }
    }
    expanded.push_str(rest);
    expanded
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn place() -> Place {
        Place {
            node: "n".into(),
            node_address: Ipv4Addr::LOCALHOST,
            address: Ipv4Addr::new(127, 1, 0, 7),
        }
    }

    fn of(env: &Value) -> Result<BTreeMap<String, String>, String> {
        let container = json!({ "name": "a", "env": env });
        let pod = json!({
            "metadata": { "name": "p", "namespace": "ns", "uid": "u", "labels": { "a/b": "c" } },
        });
        let pod: Pod = serde_json::from_value(pod).unwrap();
        let container: Container = serde_json::from_value(container).unwrap();
        let base = BTreeMap::from([("PATH".into(), "/bin".into())]);
        environment(base, &pod, &container, &place())
    }

    fn from_field(name: &str, path: &str) -> Value {
        json!({ "name": name, "valueFrom": { "fieldRef": { "fieldPath": path } } })
    }

    #[test]
    fn the_downward_api_and_references_to_earlier_variables() {
        let all = of(&json!([
            from_field("POD_IP", "status.podIP"),
            from_field("NODE", "spec.nodeName"),
            from_field("WHO", "metadata.name"),
            from_field("LABEL", "metadata.labels['a/b']"),
            from_field("NOTE", "metadata.annotations['missing']"),
            { "name": "ID", "value": "$(WHO)@$(POD_IP) $(LATER)" },
            { "name": "LATER" },
        ]))
        .unwrap();
        let got: Vec<_> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            got,
            [
                "ID=p@127.1.0.7 $(LATER)",
                "LABEL=c",
                "LATER=",
                "NODE=n",
                "NOTE=",
                "PATH=/bin",
                "POD_IP=127.1.0.7",
                "WHO=p",
            ]
        );
    }

    #[test]
    fn what_is_not_supported_is_told_unless_it_is_optional() {
        let error = of(&json!([from_field("CPU", "status.phase")])).unwrap_err();
        assert_eq!(error, "CPU: the field status.phase is not supported");
        let key = |optional: bool| {
            json!([{ "name": "K", "valueFrom": {
                "secretKeyRef": { "name": "s", "key": "k", "optional": optional } } }])
        };
        assert!(of(&key(false)).is_err());
        assert!(!of(&key(true)).unwrap().contains_key("K"));
    }

    #[test]
    fn dollars() {
        let known = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
        let cases = [
            ("$(A)$(A)", "11"),
            ("$$(A)", "$(A)"),
            ("$$$(A)", "$1"),
            ("$(B) $(A", "$(B) $(A"),
            ("cost: $5$", "cost: $5$"),
        ];
        for (text, expanded) in cases {
            assert_eq!(expand(text, &known), expanded, "{text}");
        }
    }
}
