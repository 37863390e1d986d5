//! Rules of Roles: what they allow, and which rules contain which.

mod covers;

use serde_json::Value;

pub(crate) use self::covers::{list as quoted_list, missing};
use super::{Attributes, Object, Place};

/// One rule of a role as it is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule<'a>(pub(crate) &'a Value);

impl<'a> Rule<'a> {
    pub(crate) fn all(role: &'a Value) -> impl Iterator<Item = Self> {
        role.get("rules").and_then(Value::as_array).into_iter().flatten().map(Self)
    }

    pub(crate) fn texts(self, field: &str) -> impl Iterator<Item = &'a str> + Clone {
        self.0.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// Whether a list of the rule holds a text, or stands for all of them.
    fn has(self, field: &str, text: &str) -> bool {
        self.texts(field).any(|is| is == "*" || is == text)
    }

    fn is_empty(self, field: &str) -> bool {
        self.texts(field).next().is_none()
    }

    pub(crate) fn allows(self, asked: &Attributes) -> bool {
        self.has("verbs", &asked.verb)
            && match &asked.object {
                Object::Path(path) => self.texts("nonResourceURLs").any(|url| is_under(path, url)),
                Object::Resource(place) => self.names(place),
            }
    }

    fn names(self, place: &Place) -> bool {
        let combined = place.combined();
        let is_resource = |resource: &str| {
            // `*/scale` is the subresource of every type.
            let of_any = resource.strip_prefix("*/").filter(|_| !place.subresource.is_empty());
            resource == "*" || resource == combined || of_any == Some(&place.subresource)
        };
        self.has("apiGroups", &place.group)
            && self.texts("resources").any(is_resource)
            && (self.is_empty("resourceNames")
                || self.texts("resourceNames").any(|name| name == place.name))
    }

    /// As answers to reviews list it, without what is empty.
    pub(crate) fn listed(self, fields: &[&str]) -> Value {
        let lists = fields.iter().filter(|field| !self.is_empty(field));
        let lists = lists.map(|field| ((*field).to_owned(), self.texts(field).collect::<Value>()));
        lists.collect()
    }

    pub(crate) fn is_of_resources(self) -> bool {
        !self.is_empty("resources")
    }

    pub(crate) fn is_of_paths(self) -> bool {
        !self.is_empty("nonResourceURLs")
    }
}

/// `/healthz/*` stands for all paths that begin so.
fn is_under(path: &str, url: &str) -> bool {
    url == path || (url.ends_with('*') && path.starts_with(url.trim_end_matches('*')))
}

#[cfg(test)]
mod tests;
