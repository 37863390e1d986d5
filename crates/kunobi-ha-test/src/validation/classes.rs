//! Classes of priority and of storage.

use super::{field::Field, names::label_key};

pub(super) fn priority(object: &Field, old: Option<&Field>) {
    let value = object.get("value");
    if let Some(old) = old {
        if value.integer() != old.get("value").integer() {
            value.forbidden("may not be changed in an update.");
        }
        object.get("preemptionPolicy").immutable(&old.get("preemptionPolicy"));
        return;
    }
    let name = object.get("metadata").get("name");
    if name.text().starts_with("system-") {
        if let Some(why) = unknown(object, name.text()) {
            name.forbidden(&format!(
                "priority class names with 'system-' prefix are reserved for system use only. \
                 error: {why}"
            ));
        }
    } else if value.integer() > HIGHEST {
        let detail = format!("maximum allowed value of a user defined priority is {HIGHEST}");
        value.forbidden(&detail);
    }
    if object.get("preemptionPolicy").is_set() {
        object.get("preemptionPolicy").required_one_of(&["PreemptLowerPriority", "Never"]);
    }
}

/// Why it is none of the two classes that every cluster has.
fn unknown(object: &Field, name: &str) -> Option<String> {
    let expected = match name {
        "system-node-critical" => 2 * HIGHEST + 1000,
        "system-cluster-critical" => 2 * HIGHEST,
        _ => return Some(format!("{name} is not a known system priority class")),
    };
    if object.get("value").integer() != expected {
        return Some(format!("value of {name} PriorityClass must be {expected}"));
    }
    object
        .get("globalDefault")
        .is_true()
        .then(|| format!("globalDefault of {name} PriorityClass must be false"))
}

pub(super) fn storage(object: &Field, old: Option<&Field>) {
    if let Some(old) = old {
        for field in ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"] {
            object.get(field).fixed(&old.get(field));
        }
        return;
    }
    let (provisioner, parameters) = (object.get("provisioner"), object.get("parameters"));
    if !provisioner.text().is_empty() {
        let name = provisioner.text().to_lowercase();
        provisioner.each_of(&name, label_key(&name));
    }
    if parameters.len() > 512 {
        parameters.too_long(512);
    } else {
        check_parameters(&parameters);
    }
    object.get("reclaimPolicy").one_of_if_set(&["Delete", "Retain"]);
    let mode = object.get("volumeBindingMode");
    if mode.is_set() {
        mode.one_of(&["Immediate", "WaitForFirstConsumer"]);
    } else {
        mode.required("");
    }
    for term in object.get("allowedTopologies").items() {
        topology(&term.get("matchLabelExpressions"));
    }
    provisioner.required_text();
}

fn check_parameters(parameters: &Field) {
    let mut size = 0_usize;
    for (key, value) in parameters.entries() {
        if key.is_empty() {
            parameters.invalid_as(&"".into(), "field can not be empty.");
        }
        size = size.saturating_add(key.len()).saturating_add(value.text().len());
    }
    if size > LARGEST {
        parameters.too_long(LARGEST);
    }
}

fn topology(expressions: &Field) {
    let mut keys = std::collections::BTreeSet::new();
    for expression in expressions.items() {
        let (key, values) = (expression.get("key"), expression.get("values"));
        if values.len() == 0 {
            values.required("");
        }
        let mut seen = std::collections::BTreeSet::new();
        values.items().for_each(|value| value.unique(&mut seen));
        key.qualified_name();
        if !keys.insert(key.text()) {
            key.duplicate();
        }
    }
}

const HIGHEST: i64 = 1_000_000_000;
const LARGEST: usize = 256 << 10;
