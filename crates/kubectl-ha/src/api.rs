//! The cluster, and what is asked of it.

mod absent;
mod answer;
mod connect;
mod denied;
mod errors;
mod follow;
mod list;
mod server;
mod target;
mod watch;

use std::time::Duration;

use http::{HeaderValue, Method, Request, header};
use http_body_util::BodyExt;
use kube::{Client, client::Body};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

pub(crate) use self::follow::{Change, Follow, Looked};
pub(crate) use self::{
    answer::Answer,
    connect::contexts,
    denied::Denied,
    list::Listing,
    server::Server,
    target::{Kind, Target},
};
use crate::{failure::Failure, lease::Lease};

/// A connection to the API server of a context. Clones share it.
#[derive(Clone)]
pub(crate) struct Cluster {
    client: Client,
    /// That of `--namespace`, else that of the context.
    namespace: String,
    server: Server,
    /// As whom it asks, if not as the user of the context.
    headers: Vec<(&'static str, HeaderValue)>,
    timeout: Option<Duration>,
    /// What time it is if an answer does not tell.
    clock: fn() -> jiff::Timestamp,
}

/// What a write sends.
#[derive(Debug)]
pub(crate) enum Write {
    /// A POST: a new object, an eviction, a review.
    Create(Value),
    /// A PATCH: a JSON merge patch.
    Merge(Value),
}

impl Cluster {
    /// Returns the namespace that is meant if none is named.
    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    pub(crate) const fn server(&self) -> &Server {
        &self.server
    }

    /// Returns a command to run next, with the options that make it ask for the same.
    pub(crate) fn command(&self, words: &str) -> String {
        self.server.command(&format!("{words} -n {}", self.namespace))
    }

    /// Returns a command for all namespaces.
    pub(crate) fn command_for_all(&self, words: &str) -> String {
        self.server.command(words)
    }

    /// Reads one object. That it does not exist is [`Failure::NotFound`].
    pub(crate) async fn get(&self, target: &Target) -> Result<Answer<Value>, Failure> {
        self.ask(target, Method::GET, &target.path(), None).await?.parsed(target)
    }

    /// Reads one Lease. If it does not exist, the error tells which ones do.
    pub(crate) async fn lease(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Answer<Lease>, Failure> {
        Ok(self.stored_lease(namespace, name).await?.map(|value| Lease::read(&value)))
    }

    /// Reads one Lease as it is stored. If it does not exist, the error tells which ones do.
    pub(crate) async fn stored_lease(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Answer<Value>, Failure> {
        match self.get(&Target::get(Kind::LEASES, namespace, name)).await {
            Ok(answer) => Ok(answer),
            Err(failure) if failure.is_not_found() => {
                Err(self.no_such_lease(namespace, name).await)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Writes. The target's verb is what the error names if the right to it is missing.
    pub(crate) async fn write(
        &self,
        target: &Target,
        write: Write,
    ) -> Result<Answer<Value>, Failure> {
        let (method, body, kind) = match write {
            Write::Create(body) => (Method::POST, body, "application/json"),
            Write::Merge(body) => (Method::PATCH, body, "application/merge-patch+json"),
        };
        self.ask(target, method, &target.path(), Some((body, kind))).await?.parsed(target)
    }

    /// Asks. What changes nothing is asked again if the server has no time for it: reads, and reviews of rights.
    async fn ask(
        &self,
        target: &Target,
        method: Method,
        path: &str,
        body: Option<(Value, &str)>,
    ) -> Result<Answer<bytes::Bytes>, Failure> {
        let mut pause = FIRST_PAUSE;
        let changes_nothing = method == Method::GET || target.kind.group == REVIEWS;
        while changes_nothing && pause <= LONGEST_PAUSE {
            match self.ask_once(target, method.clone(), path, body.clone()).await {
                Err(Failure::Refused { code: 429 | 503 | 504, .. }) => sleep(pause).await,
                answer => return answer,
            }
            pause *= 2;
        }
        self.ask_once(target, method, path, body).await
    }

    /// Asks, and takes a failure of any kind apart.
    async fn ask_once(
        &self,
        target: &Target,
        method: Method,
        path: &str,
        body: Option<(Value, &str)>,
    ) -> Result<Answer<bytes::Bytes>, Failure> {
        let answered = async {
            let response = self.open(method, path, body).await?;
            let (parts, body) = response.into_parts();
            let at = Instant::now();
            let body = body.collect().await.map_err(|error| self.lost(&error))?.to_bytes();
            if !parts.status.is_success() {
                return Err(errors::refused(&self.server, target, parts.status, &body));
            }
            Ok(Answer::new(body, answer::date(&parts.headers).unwrap_or_else(self.clock), at))
        };
        match self.timeout {
            None => answered.await,
            Some(limit) => timeout(limit, answered).await.unwrap_or_else(|_| Err(self.late(limit))),
        }
    }

    fn late(&self, limit: Duration) -> Failure {
        Failure::Late { server: self.server.clone(), limit }
    }

    fn lost(&self, error: &dyn std::error::Error) -> Failure {
        errors::unreachable(&self.server, error)
    }

    async fn open(
        &self,
        method: Method,
        path: &str,
        body: Option<(Value, &str)>,
    ) -> Result<http::Response<Body>, Failure> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let body = body.map(|(value, kind)| (value.to_string(), kind));
        if let Some((_, kind)) = &body {
            request = request.header(header::CONTENT_TYPE, *kind);
        }
        let bytes = body.map(|(text, _)| text.into_bytes()).unwrap_or_default();
        let request = request
            .body(Body::from(bytes))
            .map_err(|error| Failure::Usage(format!("this can't be asked for: {error}")))?;
        self.client.send(request).await.map_err(|error| errors::of_client(&self.server, &error))
    }
}

/// The API group of which no object is ever stored.
const REVIEWS: &str = "authorization.k8s.io";
/// The pauses before the second and before the last attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
