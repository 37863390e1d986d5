//! Which requests or writes are meant: by faults, by assertions, and by those who wait.

mod place;
mod subject;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use self::place::Place;
pub(crate) use self::subject::Subject;
use crate::{
    log::{Entry, OpenWatch, Request, Write},
    request::Verb,
};

/// Says which requests or writes are meant. What it does not state may be anything.
///
/// A resource is written as in a Role: the plural name, or `PLURAL.GROUP`; `PLURAL/SUBRESOURCE` is a subresource and only
/// that, `PLURAL/*` is the object with all its subresources. `*` is every type, and `*.GROUP` every type of a group.
///
/// ```
/// use kunobi_ha_test::Matcher;
///
/// let creates = Matcher::create("configmaps").namespace("default").name("colours");
/// assert_eq!(creates.to_string(), "create configmaps default/colours");
/// let applies = Matcher::patch("deployments.apps/status").client("me").query("force", "true");
/// assert_eq!(applies.to_string(), "patch deployments.apps/status by me with force=true");
/// ```
///
/// As JSON, every field may be left out:
///
/// ```
/// # use kunobi_ha_test::Matcher;
/// let matcher: Matcher =
///     serde_json::from_str(r#"{ "verbs": ["get"], "resource": "pods", "name": "a" }"#)?;
/// assert_eq!(matcher, Matcher::get("pods").name("a"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[must_use = "a matcher does nothing by itself"]
pub struct Matcher {
    /// Empty: every verb.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    verbs: Vec<Verb>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

impl Matcher {
    /// Matches everything.
    pub fn any() -> Self {
        Self::default()
    }

    /// Matches GET of an object.
    pub fn get(resource: &str) -> Self {
        Self::of([Verb::Get], resource)
    }

    /// Matches GET of a collection.
    pub fn list(resource: &str) -> Self {
        Self::of([Verb::List], resource)
    }

    /// Matches the request that begins a watch.
    pub fn watch(resource: &str) -> Self {
        Self::of([Verb::Watch], resource)
    }

    /// Matches POST.
    pub fn create(resource: &str) -> Self {
        Self::of([Verb::Create], resource)
    }

    /// Matches PUT.
    pub fn update(resource: &str) -> Self {
        Self::of([Verb::Update], resource)
    }

    /// Matches PATCH, which applies are, too; also if it creates the object.
    pub fn patch(resource: &str) -> Self {
        Self::of([Verb::Patch], resource)
    }

    /// Matches DELETE of an object.
    pub fn delete(resource: &str) -> Self {
        Self::of([Verb::Delete], resource)
    }

    /// Matches DELETE of a collection.
    pub fn delete_collection(resource: &str) -> Self {
        Self::of([Verb::DeleteCollection], resource)
    }

    /// Matches every verb.
    pub fn all(resource: &str) -> Self {
        Self::of([], resource)
    }

    /// Matches get, list and watch.
    pub fn reads(resource: &str) -> Self {
        Self::of(Verb::READS, resource)
    }

    /// Matches create, update, patch, delete and the deletion of a collection.
    pub fn writes(resource: &str) -> Self {
        Self::of(Verb::WRITES, resource)
    }

    fn of(verbs: impl Into<Vec<Verb>>, resource: &str) -> Self {
        let resource = Some(Place::from(resource.to_owned()));
        Self { verbs: verbs.into(), resource, ..Self::default() }
    }

    /// Only in this namespace. A request over all namespaces is in none: the empty name stands for that.
    pub fn namespace(self, namespace: &str) -> Self {
        Self { namespace: Some(namespace.into()), ..self }
    }

    /// Only the object of this name. That of a POST is in its body; a name that the server generates is empty.
    pub fn name(self, name: &str) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Only of this client; of the changes that the server or the test makes, the name is empty.
    pub fn client(self, client: &str) -> Self {
        Self { client: Some(client.into()), ..self }
    }

    /// Only with this value of a parameter in the query. Of a parameter that is there twice, one is enough.
    pub fn query(mut self, parameter: &str, value: &str) -> Self {
        self.query.insert(parameter.into(), value.into());
        self
    }

    /// Only if it was answered with this status, even if a fault kept the answer from the client.
    pub fn status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    /// Returns whether a request is meant.
    #[must_use]
    pub fn matches(&self, request: &Request) -> bool {
        self.misses(&Subject::of_request(request)).is_empty()
    }

    /// Returns whether a write is meant, which has neither a query nor a status.
    #[must_use]
    pub fn matches_write(&self, write: &Write) -> bool {
        self.misses(&Subject::of_write(write)).is_empty()
    }

    pub(crate) fn matches_watch(&self, watch: &OpenWatch) -> bool {
        self.misses(&Subject::of_watch(watch)).is_empty()
    }

    pub(crate) fn matches_entry(&self, entry: &Entry) -> bool {
        self.misses(&Subject::of_entry(entry)).is_empty()
    }

    /// What is only known of a request when it was answered.
    pub(crate) fn needs_answer(&self) -> bool {
        self.status.is_some()
    }

    /// What no write has.
    pub(crate) fn needs_request(&self) -> bool {
        self.status.is_some() || !self.query.is_empty()
    }

    /// `PLURAL` or `PLURAL.GROUP`; none if every type will do.
    pub(crate) fn type_name(&self) -> Option<&str> {
        self.resource.as_ref().and_then(Place::type_name)
    }

    /// In what a request or a write differs from what is meant; the more important first.
    pub(crate) fn misses(&self, subject: &Subject) -> Vec<Miss> {
        let target = subject.target.as_ref();
        let is = |wanted: Option<&String>, has: Option<&String>| {
            wanted.is_none_or(|wanted| Some(wanted) == has)
        };
        let query = || self.query.iter().all(|(name, value)| subject.has_parameter(name, value));
        let checks = [
            (Miss::Resource, self.resource.as_ref().is_none_or(|place| place.covers(target))),
            (
                Miss::Verb,
                self.verbs.is_empty()
                    || subject.verb.is_some_and(|verb| self.verbs.contains(&verb)),
            ),
            (Miss::Name, is(self.name.as_ref(), Some(&subject.name))),
            (Miss::Namespace, is(self.namespace.as_ref(), target.map(|target| &target.namespace))),
            (Miss::Client, self.client.as_ref().is_none_or(|client| client == subject.client)),
            (Miss::Query, query()),
            (Miss::Status, self.status.is_none() || self.status == subject.status),
        ];
        checks.into_iter().filter(|(_, holds)| !holds).map(|(miss, _)| miss).collect()
    }
}

/// In what a request is not the one that is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Miss {
    Resource,
    Verb,
    Name,
    Namespace,
    Client,
    Query,
    Status,
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resource => "another resource",
            Self::Verb => "another verb",
            Self::Name => "another name",
            Self::Namespace => "another namespace",
            Self::Client => "another client",
            Self::Query => "another query",
            Self::Status => "another status",
        })
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = match self.verbs.as_slice() {
            [] => Some("any request"),
            verbs if verbs == Verb::READS => Some("any read"),
            verbs if verbs == Verb::WRITES => Some("any write"),
            _ => None,
        };
        if let Some(whole) = whole {
            f.write_str(whole)?;
        } else {
            let verbs: Vec<&str> = self.verbs.iter().map(|verb| verb.name()).collect();
            f.write_str(&verbs.join("|"))?;
        }
        if let Some(resource) = &self.resource {
            let of = if whole.is_some() { " of" } else { "" };
            write!(f, "{of} {resource}")?;
        }
        match (&self.namespace, &self.name) {
            (None, None) => Ok(()),
            (Some(namespace), None) => write!(f, " {namespace}/*"),
            (None, Some(name)) => write!(f, " {name}"),
            (Some(namespace), Some(name)) => write!(f, " {namespace}/{name}"),
        }?;
        if let Some(client) = &self.client {
            write!(f, " by {client}")?;
        }
        for (index, (parameter, value)) in self.query.iter().enumerate() {
            let word = if index == 0 { " with " } else { "&" };
            write!(f, "{word}{parameter}={value}")?;
        }
        match self.status {
            Some(status) => write!(f, " answered with {status}"),
            None => Ok(()),
        }
    }
}
