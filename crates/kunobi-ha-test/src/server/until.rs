//! Waits until something holds, woken by what happens on the server.

use std::{
    any,
    borrow::Borrow,
    fmt,
    future::{Future, IntoFuture},
    panic::Location,
    pin::Pin,
    time::Duration,
};

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{self, Instant};

use super::{TestServer, inspect};
use crate::{
    address::Astray,
    log::{OpenWatch, Request, Write},
    matcher::Matcher,
};

/// A wait for something on the server, which begins with `.await`.
#[must_use = "nothing waits before `.await`"]
pub struct Until<'a, T> {
    server: TestServer,
    expected: String,
    check: Check<'a, T>,
    bound: Duration,
    location: &'static Location<'static>,
}

/// What is waited for, or how it is instead.
type Check<'a, T> = Box<dyn FnMut(&TestServer) -> Result<T, String> + Send + 'a>;

impl TestServer {
    /// Waits until a condition holds. It is asked at once, after each write and each change of the log of requests, and
    /// at the end of the time: 60 s of tokio's clock, unless [`within`](Until::within) says otherwise. Nothing else wakes it,
    /// so a condition on something besides the server may be noticed late; and it must only look at the server,
    /// not change it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let server = kunobi_ha_test::TestServer::new();
    /// server.until("four namespaces exist", |server| server.list("namespaces").len() == 4).await;
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When the time is over; the message has `expected`, and the last requests.
    #[track_caller]
    pub fn until<'a>(
        &self,
        expected: &str,
        mut condition: impl FnMut(&Self) -> bool + Send + 'a,
    ) -> Until<'a, ()> {
        let expected = format!("that {expected}");
        let check = move |server: &Self| condition(server).then_some(()).ok_or_else(String::new);
        Until::new(self, expected, check)
    }

    /// Waits until there is an object at an address (see [`get`](Self::get)) that satisfies a condition, and returns it. Its type is
    /// that of the condition's argument: one of k8s-openapi, your own, or `serde_json::Value`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// use k8s_openapi::api::core::v1::Namespace;
    /// use std::time::Duration;
    ///
    /// let server = kunobi_ha_test::TestServer::new();
    /// let is_active = |namespace: &Namespace| {
    ///     namespace.status.as_ref().is_some_and(|status| status.phase.as_deref() == Some("Active"))
    /// };
    /// let namespace = server
    ///     .until_object("namespaces default", "is active", is_active)
    ///     .within(Duration::from_secs(5))
    ///     .await;
    /// assert!(namespace.metadata.uid.is_some());
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// The address is not valid, or the object there is not of that type; or the time is over: the message has the object as
    /// it is then, and the last requests.
    #[track_caller]
    pub fn until_object<'a, T: DeserializeOwned + 'a>(
        &self,
        address: &'a str,
        expected: &str,
        mut condition: impl FnMut(&T) -> bool + Send + 'a,
    ) -> Until<'a, T> {
        if let Err(astray @ Astray::Wrong(_)) = self.look_up(address) {
            panic!("{astray}");
        }
        let expected = format!("that {address} {expected}");
        Until::new(self, expected, move |server| {
            let Some(value) = server.get(address) else {
                return Err(format!("there is no {address}"));
            };
            let object: T = inspect::read(address, &value);
            if condition(&object) { Ok(object) } else { Err(shown(address, value)) }
        })
    }

    /// Waits until there is no object at an address (see [`get`](Self::get)).
    ///
    /// # Panics
    ///
    /// The address is not valid, or its type is not defined; or the time is over: the message has the object as it is then, and the last
    /// requests.
    #[track_caller]
    pub fn until_gone<'a>(&self, address: &'a str) -> Until<'a, ()> {
        if let Err(astray) = self.look_up(address) {
            panic!("{astray}");
        }
        Until::new(self, format!("that {address} is gone"), move |server| {
            match server.get(address) {
                None => Ok(()),
                Some(value) => Err(shown(address, value)),
            }
        })
    }

    /// Waits until so many requests that are meant have arrived since the start of the server, and returns
    /// them. A matcher with a [`status`](Matcher::status) waits for the answers, too.
    ///
    /// # Panics
    ///
    /// No type can have the name of the resource; or the time is over: the message has the last requests.
    #[track_caller]
    pub fn until_requested<'a>(
        &self,
        matcher: impl Borrow<Matcher>,
        count: usize,
    ) -> Until<'a, Vec<Request>> {
        let matcher = matcher.borrow().clone();
        self.check_matcher(&matcher);
        let words = (matcher.to_string(), matcher.to_string());
        self.until_many(count, words, move |server| server.requests_matching(&matcher))
    }

    /// Waits until so many watches that are meant are open, and returns them: until an operator watches Deployments, for
    /// example. The matcher is that of the requests that began them ([`Matcher::watch`]).
    ///
    /// # Panics
    ///
    /// No type can have the name of the resource; or the time is over: the message has the last requests.
    #[track_caller]
    pub fn until_watched<'a>(
        &self,
        matcher: impl Borrow<Matcher>,
        count: usize,
    ) -> Until<'a, Vec<OpenWatch>> {
        let matcher = matcher.borrow().clone();
        self.check_matcher(&matcher);
        let words = (format!("{matcher}, open"), format!("{matcher}, open"));
        self.until_many(count, words, move |server| server.watches_matching(&matcher))
    }

    /// Waits until so many writes that are meant were accepted since the start of the server, and returns
    /// them.
    ///
    /// # Panics
    ///
    /// No type can have the name of the resource, or the matcher asks for what writes don't have; or the time is
    /// over: the message has the last requests.
    #[track_caller]
    pub fn until_written<'a>(
        &self,
        matcher: impl Borrow<Matcher>,
        count: usize,
    ) -> Until<'a, Vec<Write>> {
        let matcher = matcher.borrow().clone();
        self.check_matcher_of_writes(&matcher);
        let words = (format!("{matcher}, accepted"), matcher.to_string());
        self.until_many(count, words, move |server| server.writes_matching(&matcher))
    }

    /// Waits until so many are found. The words are those for what is expected, and for what is there instead.
    #[track_caller]
    fn until_many<'a, T>(
        &self,
        count: usize,
        (expected, found): (String, String),
        find: impl Fn(&Self) -> Vec<T> + Send + 'a,
    ) -> Until<'a, Vec<T>> {
        Until::new(self, format!("{count} × {expected}"), move |server| {
            let all = find(server);
            if all.len() >= count { Ok(all) } else { Err(format!("{} × {found}", all.len())) }
        })
    }
}

impl<'a, T> Until<'a, T> {
    #[track_caller]
    fn new(
        server: &TestServer,
        expected: String,
        check: impl FnMut(&TestServer) -> Result<T, String> + Send + 'a,
    ) -> Self {
        let (server, location) = (server.clone(), Location::caller());
        Self { server, expected, check: Box::new(check), bound: BOUND, location }
    }

    /// Waits so long at most, on tokio's clock.
    pub fn within(self, bound: Duration) -> Self {
        Self { bound, ..self }
    }

    async fn run(mut self) -> T {
        let end = Instant::now().checked_add(self.bound);
        let server = self.server.clone();
        loop {
            // What happens after this line wakes the wait below.
            let (changed, asked) =
                (server.shared.changed.notified(), server.shared.asked.notified());
            let last = match (self.check)(&server) {
                Ok(value) => return value,
                Err(last) => last,
            };
            if end.is_some_and(|end| end <= Instant::now()) {
                self.fail(&last);
            }
            tokio::select! {
                biased;
                () = changed => {}
                () = asked => {}
                () = wait_until(end) => {}
            }
        }
    }

    fn fail(&self, last: &str) -> ! {
        let Self { server, expected, bound, location, .. } = self;
        let last = if last.is_empty() { String::new() } else { format!("instead: {last}\n") };
        let requests = server.sequence().last(SHOWN_REQUESTS);
        panic!(
            "{location}: expected within {} s: {expected}\n{last}the last requests:\n{requests}",
            bound.as_secs_f64()
        )
    }
}

impl<'a, T: 'a> IntoFuture for Until<'a, T> {
    type Output = T;
    type IntoFuture = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<T> fmt::Debug for Until<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(any::type_name::<Self>())
            .field("expected", &self.expected)
            .field("bound", &self.bound)
            .finish_non_exhaustive()
    }
}

async fn wait_until(end: Option<Instant>) {
    match end {
        Some(end) => time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}

/// An object without who owns its fields, which hides the rest.
fn shown(address: &str, mut value: Value) -> String {
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    format!("{address} is {value:#}")
}

const BOUND: Duration = Duration::from_secs(60);
const SHOWN_REQUESTS: usize = 20;
