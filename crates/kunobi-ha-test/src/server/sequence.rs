//! The log of requests as a text, for those who look for the cause of a failure.

mod line;

use std::{borrow::Borrow, fmt, thread};

pub(super) use self::line::{Line, table};
use super::TestServer;
use crate::{log::Request, matcher::Matcher};

/// The requests that arrived, one in a line: when, from whom, what, and what became of it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use kube::{Api, Client};
/// use kunobi_ha_test::{Fault, TestServer};
///
/// let server = TestServer::new();
/// let maps: Api<ConfigMap> = Api::default_namespaced(Client::new(server.service("me"), "default"));
/// server.script("me", [Fault::Pass, Fault::LoseReply]);
/// assert!(maps.get("a").await.is_err());
/// assert!(maps.get("b").await.is_err());
/// assert_eq!(
///     server.sequence().to_string(),
///     "     0.000 s  me  get configmaps default/a  404
///      0.000 s  me  get configmaps default/b  404  fault: lose_reply
/// "
/// );
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Sequence {
    requests: Vec<Request>,
    /// So many came before them.
    left_out: u64,
}

/// Prints the [`Sequence`] of a server to stderr when it is dropped by a panic.
#[derive(Debug)]
#[must_use = "it prints when it is dropped: bind it to a name, such as `_log`"]
pub struct SequenceOnPanic(TestServer);

impl TestServer {
    /// Returns the log of requests in a form for people.
    #[must_use]
    pub fn sequence(&self) -> Sequence {
        let state = self.state();
        let requests = state.log.requests.iter().cloned().collect();
        Sequence { requests, left_out: state.log.forgotten_requests() }
    }

    /// Prints the log of requests if the test panics while the guard is there.
    ///
    /// ```
    /// let server = kunobi_ha_test::TestServer::new();
    /// let _log = server.print_on_panic();
    /// assert!(server.requests().is_empty());
    /// ```
    pub fn print_on_panic(&self) -> SequenceOnPanic {
        SequenceOnPanic(self.clone())
    }
}

impl Sequence {
    /// Returns only the last requests.
    #[must_use]
    pub fn last(mut self, count: usize) -> Self {
        let skipped = self.requests.len().saturating_sub(count);
        self.requests.drain(..skipped);
        self.left_out += skipped as u64;
        self
    }

    /// Returns only the requests that are meant.
    #[must_use]
    pub fn matching(mut self, matcher: impl Borrow<Matcher>) -> Self {
        self.requests.retain(|request| matcher.borrow().matches(request));
        self
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.requests.is_empty() {
            return f.write_str("(no requests)\n");
        }
        if self.left_out > 0 {
            writeln!(f, "({} earlier requests are left out)", self.left_out)?;
        }
        let lines: Vec<Line> = self.requests.iter().map(Line::of_request).collect();
        f.write_str(&table(&lines))
    }
}

impl Drop for SequenceOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            eprint!("the requests of the test server:\n{}", self.0.sequence());
        }
    }
}
