//! What the answers of a group have said: later requests name it, and masks name it again.

use std::collections::BTreeMap;

use serde_json::Value;

/// Uids, versions and tokens of one group.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    namespace: String,
    /// What is generated begins so.
    prefixes: Vec<String>,
    /// By name: the uids of the objects that had it, in the order in which they came.
    uids: BTreeMap<String, Vec<String>>,
    /// By name: the versions.
    versions: BTreeMap<String, Vec<String>>,
    /// The version and the token of the last list.
    list: String,
    token: String,
}

impl Memory {
    pub(crate) fn new(namespace: &str) -> Self {
        Self { namespace: namespace.into(), ..Self::default() }
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Replaces `$NS`, `$uid(name)`, `$version(name)`, `$list` and `$token` in a request.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut text = text.replace("$NS", &self.namespace);
        text = text.replace("$list", &self.list).replace("$token", &self.token);
        for (what, values) in [("uid", &self.uids), ("version", &self.versions)] {
            for (name, values) in values {
                let last = values.last().map_or("", String::as_str);
                text = text.replace(&format!("${what}({name})"), last);
            }
        }
        text
    }

    /// Learns from a request how generated names begin.
    pub(crate) fn ask(&mut self, body: &str) {
        let parts = body.split("\"generateName\":\"").skip(1);
        self.prefixes.extend(parts.filter_map(|part| part.split('"').next()).map(Into::into));
    }

    /// Learns from an answer.
    pub(crate) fn learn(&mut self, value: &Value) {
        match value {
            Value::Object(object) => {
                if let Some(metadata) = object.get("metadata") {
                    self.learn_metadata(metadata);
                }
                object.values().for_each(|value| self.learn(value));
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            _ => {}
        }
    }

    fn learn_metadata(&mut self, metadata: &Value) {
        let text = |field: &str| metadata.get(field).and_then(Value::as_str).unwrap_or_default();
        let (uid, version) = (text("uid"), text("resourceVersion"));
        if uid.is_empty() {
            if !version.is_empty() {
                version.clone_into(&mut self.list);
            }
            text("continue").clone_into(&mut self.token);
            return;
        }
        let name = self.stable(text("name")).unwrap_or_else(|| text("name").into());
        remember(self.uids.entry(name.clone()).or_default(), uid);
        remember(self.versions.entry(name).or_default(), version);
    }

    /// The mask of a word that is a uid or a generated name.
    pub(crate) fn word(&self, word: &str) -> Option<String> {
        self.find("uid", &self.uids, word).or_else(|| self.stable(word))
    }

    /// The mask of a version.
    pub(crate) fn version(&self, version: &str) -> Option<String> {
        self.find("version", &self.versions, version)
    }

    fn find(
        &self,
        what: &str,
        values: &BTreeMap<String, Vec<String>>,
        value: &str,
    ) -> Option<String> {
        values.iter().find_map(|(name, values)| {
            let at = values.iter().position(|known| known == value)?;
            Some(format!("<{what} {} of {}>", at + 1, name.replace(&self.namespace, "NS")))
        })
    }

    fn stable(&self, name: &str) -> Option<String> {
        let is_of = |prefix: &&String| name.len() == prefix.len() + 5 && name.starts_with(*prefix);
        self.prefixes.iter().find(is_of).map(|prefix| format!("{prefix}<5 letters>"))
    }
}

fn remember(values: &mut Vec<String>, value: &str) {
    if !value.is_empty() && !values.iter().any(|known| known == value) {
        values.push(value.into());
    }
}
