//! What a matcher looks at: a request before or after its answer, or a write.

use std::fmt;

use crate::{
    go,
    log::{Entry, OpenWatch, Request, Write},
    request::{Verb, path::Target, query::Query},
    status::qualified,
};

/// A request or a write, taken apart without asking which types there are.
#[derive(Clone, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) client: &'a str,
    /// None if the method is none of the API's.
    pub(crate) verb: Option<Verb>,
    /// None if it is not about a type: `/version`, for example.
    pub(crate) target: Option<Target>,
    /// Of the object; empty for a collection.
    pub(crate) name: String,
    pub(crate) path: &'a str,
    pub(crate) status: Option<u16>,
    query: Query,
}

impl<'a> Subject<'a> {
    pub(crate) fn of_request(request: &'a Request) -> Self {
        let mut subject =
            Self::new(&request.client, &request.method, &request.path, &request.query);
        subject.name.clone_from(&request.name);
        subject.status = request.status;
        subject
    }

    /// The request that began it, which was answered with 200.
    pub(crate) fn of_watch(watch: &'a OpenWatch) -> Self {
        let mut subject = Self::new(&watch.client, "GET", &watch.path, &watch.query);
        subject.status = Some(200);
        subject
    }

    pub(crate) fn of_write(write: &'a Write) -> Self {
        Self::written(&write.client, &write.method, &write.path, &write.subresource)
    }

    pub(crate) fn of_entry(entry: &'a Entry) -> Self {
        Self::written(&entry.client, &entry.method, &entry.path, &entry.subresource)
    }

    fn written(client: &'a str, method: &str, path: &'a str, subresource: &str) -> Self {
        let mut subject = Self::new(client, method, path, "");
        if let Some(target) = &mut subject.target {
            subresource.clone_into(&mut target.subresource);
        }
        subject
    }

    fn new(client: &'a str, method: &str, path: &'a str, query: &str) -> Self {
        let target = Target::parse(path);
        let query = Query::parse(query);
        let name = target.as_ref().map(|target| target.name.clone()).unwrap_or_default();
        let watches = target.as_ref().is_some_and(|target| target.is_watch)
            || (name.is_empty() && query.first("watch").is_some_and(go::boolean));
        let verb = Verb::asked(method, !name.is_empty(), watches);
        Self { client, verb, target, name, path, status: None, query }
    }

    pub(crate) fn is_watch(&self) -> bool {
        self.verb == Some(Verb::Watch)
    }

    /// The query, without what every watch has.
    pub(crate) fn parameters(&self) -> String {
        let of_watches = ["allowWatchBookmarks", "timeoutSeconds", "watch"];
        let mut shown = Vec::new();
        for (name, value) in self.query.pairs() {
            if !self.is_watch() || !of_watches.contains(&name.as_str()) {
                shown.push(format!("{name}={value}"));
            }
        }
        shown.join("&")
    }

    pub(super) fn has_parameter(&self, name: &str, value: &str) -> bool {
        self.query.all(name).any(|has| has == value)
    }
}

/// `create deployments.apps/status default/web`, or what else was asked for.
impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = self.verb.map_or("?", Verb::name);
        let Some(target) = &self.target else {
            return write!(f, "{verb} {}", self.path);
        };
        write!(f, "{verb} {}", qualified(&target.group, &target.resource))?;
        if !target.subresource.is_empty() {
            write!(f, "/{}", target.subresource)?;
        }
        match (target.namespace.as_str(), self.name.as_str()) {
            ("", "") => Ok(()),
            ("", name) => write!(f, " {name}"),
            (namespace, "") => write!(f, " {namespace}/"),
            (namespace, name) => write!(f, " {namespace}/{name}"),
        }
    }
}
