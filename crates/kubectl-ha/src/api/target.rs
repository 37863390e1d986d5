//! What a request is about: its path, and the right that it needs.

use std::fmt;

/// A resource of the API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Kind {
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) plural: &'static str,
}

/// An object or a collection, and the verb with which it is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Target {
    pub(crate) verb: &'static str,
    pub(crate) kind: Kind,
    /// `None`: all namespaces, or a resource that has none.
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) subresource: Option<&'static str>,
}

impl Kind {
    pub(crate) const LEASES: Self = Self::new("coordination.k8s.io", "leases");
    pub(crate) const PODS: Self = Self::new("", "pods");
    pub(crate) const EVENTS: Self = Self::new("", "events");

    /// Describes a resource of the version `v1`.
    pub(crate) const fn new(group: &'static str, plural: &'static str) -> Self {
        Self { group, version: "v1", plural }
    }
}

impl Target {
    pub(crate) fn get(kind: Kind, namespace: &str, name: &str) -> Self {
        Self { name: Some(name.into()), ..Self::list(kind, Some(namespace)) }.with_verb("get")
    }

    pub(crate) fn list(kind: Kind, namespace: Option<&str>) -> Self {
        Self {
            verb: "list",
            kind,
            namespace: namespace.map(Into::into),
            name: None,
            subresource: None,
        }
    }

    #[must_use]
    pub(crate) fn with_verb(self, verb: &'static str) -> Self {
        Self { verb, ..self }
    }

    /// Returns the path of the request, without a query.
    pub(crate) fn path(&self) -> String {
        let Kind { group, version, plural } = self.kind;
        let mut parts =
            if group.is_empty() { vec!["/api", version] } else { vec!["/apis", group, version] };
        let (namespace, name) =
            (self.namespace.as_deref().map(escaped), self.name.as_deref().map(escaped));
        if let Some(namespace) = &namespace {
            parts.extend(["namespaces", namespace]);
        }
        parts.push(plural);
        parts.extend(name.as_deref());
        parts.extend(self.subresource);
        parts.join("/")
    }

    /// Returns the path with a query.
    pub(crate) fn query(&self, pairs: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
        format!("{}?{}", self.path(), query.finish())
    }

    /// Returns the resource as a Role names it.
    pub(crate) fn resource(&self) -> String {
        self.subresource.map_or_else(
            || self.kind.plural.to_owned(),
            |sub| format!("{}/{sub}", self.kind.plural),
        )
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{} {}`", self.verb, self.path())
    }
}

/// Makes one part of a path of any text.
fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_holds_what_was_named_and_nothing_else() {
        let eviction =
            Target { subresource: Some("eviction"), ..Target::get(Kind::PODS, "shop", "a") };
        assert_eq!(eviction.path(), "/api/v1/namespaces/shop/pods/a/eviction");
        assert_eq!(eviction.resource(), "pods/eviction");
        let leases = Target::list(Kind::LEASES, None);
        assert_eq!(leases.path(), "/apis/coordination.k8s.io/v1/leases");
        assert_eq!(
            leases.query(&[("limit", "500"), ("continue", "")]),
            "/apis/coordination.k8s.io/v1/leases?limit=500"
        );
        assert_eq!(
            Target::get(Kind::PODS, "a b", "../x?y").path(),
            "/api/v1/namespaces/a%20b/pods/..%2Fx%3Fy"
        );
    }
}
