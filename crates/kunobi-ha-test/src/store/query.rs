//! Selectors, and the merge of a patch.

use serde_json::{Map, Value};

use crate::path::Key;

/// `fieldSelector` and `labelSelector`, as far as equality goes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    name: Option<String>,
    namespace: Option<String>,
    /// A label, the value that is asked for, and whether it has to be equal.
    labels: Vec<(String, String, bool)>,
}

impl Selector {
    /// Parses both parameters. An unknown selector is an error: to ignore it would select too much.
    pub(crate) fn parse(fields: Option<&str>, labels: Option<&str>) -> Result<Self, String> {
        let mut selector = Self::default();
        for term in terms(fields) {
            match term.split_once('=') {
                Some(("metadata.name", name)) => selector.name = Some(unequal(name)),
                Some(("metadata.namespace", space)) => selector.namespace = Some(unequal(space)),
                Some(_) | None => return Err(format!("field selector not supported: {term}")),
            }
        }
        for term in terms(labels) {
            let (key, value, equal) = match (term.split_once("!="), term.split_once('=')) {
                (Some((key, value)), _) => (key, value.to_owned(), false),
                (None, Some((key, value))) => (key, unequal(value), true),
                (None, None) => return Err(format!("label selector not supported: {term}")),
            };
            selector.labels.push((key.to_owned(), value, equal));
        }
        Ok(selector)
    }

    /// The single name that is asked for, if there is one.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(crate) fn matches(&self, key: &Key, value: &Value) -> bool {
        let labels = value.pointer("/metadata/labels");
        let label = |name: &str| labels.and_then(|labels| labels.get(name)).and_then(Value::as_str);
        self.name.as_ref().is_none_or(|name| *name == key.name)
            && self.namespace.as_ref().is_none_or(|namespace| *namespace == key.namespace)
            && self.labels.iter().all(|(name, value, equal)| (label(name) == Some(value)) == *equal)
    }
}

fn terms(selector: Option<&str>) -> impl Iterator<Item = &str> {
    selector.unwrap_or_default().split(',').filter(|term| !term.is_empty())
}

/// `a==b` means the same as `a=b`.
fn unequal(value: &str) -> String {
    value.strip_prefix('=').unwrap_or(value).to_owned()
}

/// RFC 7396.
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else {
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}
