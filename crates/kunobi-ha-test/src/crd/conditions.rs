//! What a server does with a new or changed definition: it accepts its names and establishes it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::raw;
use crate::types::Resource;

/// Sets `status` of a definition. Names that other definitions of its group have are
/// not accepted, and then it is not established.
pub(crate) fn conditions<'a>(
    value: &mut Value,
    others: impl Iterator<Item = &'a Resource>,
    now: &str,
) {
    let group = raw::text(raw::object(value, "spec").unwrap_or(&Value::Null), "group").to_owned();
    let taken = Taken::of(others.filter(|other| other.group == group));
    let wanted = value.pointer("/spec/names").cloned().unwrap_or_default();
    let Some(status) = raw::object_mut(value, "status") else { return };
    let mut accepted = status.get("acceptedNames").cloned().unwrap_or_else(|| json!({}));
    let conflict = taken.accept(&wanted, &mut accepted);
    status.insert("acceptedNames".into(), accepted);
    let (reason, message) = match &conflict {
        Some((reason, message)) => (*reason, message.as_str()),
        None => ("NoConflicts", "no conflicts found"),
    };
    let mut set = |kind, is_true, reason, message| {
        set_condition(status, kind, is_true, (reason, message), now);
    };
    set("NamesAccepted", conflict.is_none(), reason, message);
    if conflict.is_none() {
        let message = "the initial names have been accepted";
        set("Established", true, "InitialNamesAccepted", message);
    } else if condition(status, "Established").is_none() {
        // A definition that was established stays so.
        let why = ("NotAccepted", "not all names are accepted");
        set_condition(status, "Established", false, why, now);
    }
}

/// The names that other definitions have.
struct Taken<'a> {
    resources: BTreeSet<&'a str>,
    kinds: BTreeSet<&'a str>,
}

impl<'a> Taken<'a> {
    fn of(others: impl Iterator<Item = &'a Resource>) -> Self {
        let (mut resources, mut kinds) = (BTreeSet::new(), BTreeSet::new());
        for other in others {
            resources.extend([other.plural.as_str(), other.singular.as_str()]);
            resources.extend(other.short_names.iter().map(String::as_str));
            kinds.extend([other.kind.as_str(), other.list_kind.as_str()]);
        }
        Self { resources, kinds }
    }

    /// Moves the names that are free to `accepted`. Returns the last conflict.
    fn accept(&self, wanted: &Value, accepted: &mut Value) -> Option<(&'static str, String)> {
        let mut conflict = None;
        let fields = accepted.as_object_mut()?;
        let mut take = |field: &str, reason, names: &[&str], taken: &BTreeSet<&str>| {
            let had = fields.get(field).cloned().unwrap_or_default();
            let is_had = |name: &str| match &had {
                Value::String(had) => had == name,
                Value::Array(had) => had.iter().any(|had| had == name),
                _ => false,
            };
            let used: Vec<String> = names
                .iter()
                .filter(|name| !is_had(name) && taken.contains(**name))
                .map(|name| format!("\"{name}\" is already in use"))
                .collect();
            match used.as_slice() {
                [] => put(fields, field, wanted.get(field)),
                [only] => conflict = Some((reason, only.clone())),
                more => conflict = Some((reason, format!("[{}]", more.join(", ")))),
            }
        };
        let name = |field| raw::text(wanted, field);
        take("plural", "PluralConflict", &[name("plural")], &self.resources);
        take("singular", "SingularConflict", &[name("singular")], &self.resources);
        let short: Vec<&str> = raw::texts(wanted, "shortNames").collect();
        take("shortNames", "ShortNamesConflict", &short, &self.resources);
        take("kind", "KindConflict", &[name("kind")], &self.kinds);
        take("listKind", "ListKindConflict", &[name("listKind")], &self.kinds);
        put(fields, "categories", wanted.get("categories"));
        conflict
    }
}

fn put(fields: &mut Map<String, Value>, field: &str, value: Option<&Value>) {
    match value {
        Some(value) => fields.insert(field.to_owned(), value.clone()),
        None => fields.remove(field),
    };
}

fn condition<'a>(status: &'a Map<String, Value>, kind: &str) -> Option<&'a Value> {
    status.get("conditions")?.as_array()?.iter().find(|it| raw::text(it, "type") == kind)
}

fn set_condition(
    status: &mut Map<String, Value>,
    kind: &str,
    is_true: bool,
    (reason, message): (&str, &str),
    now: &str,
) {
    let is_true = if is_true { "True" } else { "False" };
    let since = condition(status, kind)
        .filter(|old| raw::text(old, "status") == is_true)
        .map_or(now, |old| raw::text(old, "lastTransitionTime"))
        .to_owned();
    let mut new = json!({
        "lastTransitionTime": since,
        "message": message,
        "reason": reason,
        "status": is_true,
        "type": kind,
    });
    let conditions = status.entry("conditions").or_insert(Value::Null);
    if !conditions.is_array() {
        *conditions = Value::Array(Vec::new());
    }
    let Some(conditions) = conditions.as_array_mut() else { return };
    match conditions.iter_mut().find(|old| raw::text(old, "type") == kind) {
        Some(old) => std::mem::swap(old, &mut new),
        None => conditions.push(new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crd::{admit, default_spec, served};

    fn definition(plural: &str, short_names: &[&str]) -> Value {
        let mut definition = json!({
            "metadata": { "name": format!("{plural}.example.com") },
            "spec": {
                "group": "example.com",
                "scope": "Cluster",
                "names": { "plural": plural, "kind": "Foo", "shortNames": short_names, "categories": ["all"] },
                "versions": [{ "name": "v1", "served": true, "storage": true,
                               "schema": { "openAPIV3Schema": { "type": "object" } } }],
            },
        });
        default_spec(definition["spec"].as_object_mut().unwrap());
        definition
    }

    #[test]
    fn a_definition_is_established_if_its_names_are_free() {
        let mut first = definition("as", &["x"]);
        admit(&mut first, None).unwrap();
        assert_eq!(served(&first).len(), 0);
        conditions(&mut first, std::iter::empty(), "2026-01-01T00:00:00Z");
        let accepted = json!({ "plural": "as", "singular": "foo", "kind": "Foo", "listKind": "FooList",
                               "shortNames": ["x"], "categories": ["all"] });
        assert_eq!(first["status"]["acceptedNames"], accepted);
        let first = served(&first);
        assert_eq!(first.len(), 1);

        let mut second = definition("bs", &["x", "y"]);
        admit(&mut second, None).unwrap();
        let others = || first.iter().map(AsRef::as_ref);
        conditions(&mut second, others(), "2026-01-01T00:00:01Z");
        let expected = json!({
            "conditions": [
                { "type": "NamesAccepted", "status": "False", "reason": "ListKindConflict",
                  "lastTransitionTime": "2026-01-01T00:00:01Z", "message": "\"FooList\" is already in use" },
                { "type": "Established", "status": "False", "reason": "NotAccepted",
                  "lastTransitionTime": "2026-01-01T00:00:01Z", "message": "not all names are accepted" },
            ],
            "acceptedNames": { "plural": "bs", "kind": "", "categories": ["all"] },
            "storedVersions": ["v1"],
        });
        assert_eq!(second["status"], expected);
        assert_eq!(served(&second).len(), 0);

        conditions(&mut second, std::iter::empty(), "2026-01-01T00:00:02Z");
        assert_eq!(second["status"]["conditions"][1]["status"], "True");
        assert_eq!(second["status"]["conditions"][1]["lastTransitionTime"], "2026-01-01T00:00:02Z");
        conditions(&mut second, std::iter::empty(), "2026-01-01T00:00:03Z");
        assert_eq!(second["status"]["conditions"][1]["lastTransitionTime"], "2026-01-01T00:00:02Z");
        let itself = served(&second);
        assert_eq!(itself.len(), 1);
        let before = second.clone();
        conditions(&mut second, itself.iter().map(AsRef::as_ref), "2026-01-01T00:00:04Z");
        assert_eq!(second, before);
    }
}
