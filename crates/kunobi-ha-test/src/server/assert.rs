//! Assertions on requests and writes, with failures that tell what came instead.

use std::borrow::Borrow;

use super::{
    TestServer,
    sequence::{Line, table},
};
use crate::{
    address,
    log::{Request, Write},
    matcher::{Matcher, Miss, Subject},
};

impl TestServer {
    /// Asserts that requests which are meant have arrived, and returns them.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use k8s_openapi::api::core::v1::ConfigMap;
    /// use kube::{Api, Client, api::PostParams};
    /// use kunobi_ha_test::{Matcher, TestServer};
    ///
    /// let server = TestServer::new();
    /// let maps: Api<ConfigMap> = Api::default_namespaced(Client::new(server.service("me"), "default"));
    /// let mut map = ConfigMap::default();
    /// map.metadata.name = Some("colours".into());
    /// maps.create(&PostParams::default(), &map).await?;
    /// maps.get("colours").await?;
    ///
    /// server.assert_requested(Matcher::get("configmaps").name("colours").status(200));
    /// server.assert_requested_times(1, Matcher::writes("configmaps"));
    /// server.assert_never_requested(Matcher::delete("*"));
    /// server.assert_in_order([Matcher::create("configmaps"), Matcher::get("configmaps")]);
    /// let written = server.assert_written(Matcher::create("configmaps").client("me"));
    /// assert_eq!(written[0].object["metadata"]["name"], "colours");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// There are none; the message has the requests that come closest. Or no type can have the name of the
    /// resource.
    #[track_caller]
    pub fn assert_requested(&self, matcher: impl Borrow<Matcher>) -> Vec<Request> {
        let matcher = matcher.borrow();
        self.check_matcher(matcher);
        let requests = self.requests_matching(matcher);
        assert!(!requests.is_empty(), "expected: {matcher}\n{}", self.closest_requests(matcher));
        requests
    }

    /// Asserts that so many requests which are meant have arrived.
    ///
    /// # Panics
    ///
    /// There are more or fewer, or so many that the log has forgotten some; or no type can have the name of the
    /// resource.
    #[track_caller]
    pub fn assert_requested_times(&self, count: usize, matcher: impl Borrow<Matcher>) {
        let matcher = matcher.borrow();
        self.check_matcher(matcher);
        check_memory(self.state().log.forgotten_requests(), "requests");
        let requests = self.requests_matching(matcher);
        let seen = requests.len();
        if seen != count {
            let found = table(&requests.iter().map(Line::of_request).collect::<Vec<_>>());
            let closest = if seen < count { self.closest_requests(matcher) } else { String::new() };
            panic!("expected {count} × {matcher}, but there were {seen}:\n{found}{closest}");
        }
    }

    /// Asserts that no request which is meant has arrived.
    ///
    /// # Panics
    ///
    /// There is one; or the log has forgotten some; or no type can have the name of the resource.
    #[track_caller]
    pub fn assert_never_requested(&self, matcher: impl Borrow<Matcher>) {
        let matcher = matcher.borrow();
        self.check_matcher(matcher);
        check_memory(self.state().log.forgotten_requests(), "requests");
        let requests: Vec<Line> =
            self.requests_matching(matcher).iter().map(Line::of_request).collect();
        assert!(
            requests.is_empty(),
            "expected never: {matcher}, but there were\n{}",
            table(&requests)
        );
    }

    /// Asserts that the first requests which are meant came in this order: the first that the first matcher means came before the
    /// first that the second one means, and so on.
    ///
    /// # Panics
    ///
    /// They came in another order, or one of them is missing; or no type can have the name of a resource.
    #[track_caller]
    pub fn assert_in_order<M: Borrow<Matcher>>(&self, matchers: impl IntoIterator<Item = M>) {
        let mut before: Option<(M, Request)> = None;
        for matcher in matchers {
            let first = self.assert_requested(matcher.borrow()).swap_remove(0);
            if let Some((earlier, request)) = before {
                assert!(
                    request.sequence < first.sequence,
                    "expected: {}, before {}, but they came the other way round:\n{}",
                    earlier.borrow(),
                    matcher.borrow(),
                    table(&[Line::of_request(&first), Line::of_request(&request)])
                );
            }
            before = Some((matcher, first));
        }
    }

    /// Asserts that writes which are meant were accepted, and returns them. What the server writes by itself, and the test
    /// through [`edit`](Self::edit) and [`inject`](Self::inject), has an empty client.
    ///
    /// # Panics
    ///
    /// There are none; the message has the writes that come closest. Or no type can have the name of the
    /// resource; or the matcher asks for a status or a parameter, which writes don't have.
    #[track_caller]
    pub fn assert_written(&self, matcher: impl Borrow<Matcher>) -> Vec<Write> {
        let matcher = matcher.borrow();
        self.check_matcher_of_writes(matcher);
        let writes = self.writes_matching(matcher);
        assert!(
            !writes.is_empty(),
            "expected a write: {matcher}\n{}",
            self.closest_writes(matcher)
        );
        writes
    }

    /// Asserts that no write which is meant was accepted.
    ///
    /// # Panics
    ///
    /// There is one; or the log has forgotten some; or as [`assert_written`](Self::assert_written).
    #[track_caller]
    pub fn assert_never_written(&self, matcher: impl Borrow<Matcher>) {
        let matcher = matcher.borrow();
        self.check_matcher_of_writes(matcher);
        check_memory(self.state().log.forgotten_writes(), "writes");
        let writes: Vec<Line> = self.writes_matching(matcher).iter().map(Line::of_write).collect();
        assert!(
            writes.is_empty(),
            "expected no write: {matcher}, but there were\n{}",
            table(&writes)
        );
    }

    /// A mistyped resource would match nothing.
    #[track_caller]
    pub(super) fn check_matcher(&self, matcher: &Matcher) {
        let Some(name) = matcher.type_name() else { return };
        let checked = address::check_type(name, &self.state().store.types);
        if let Err(astray) = checked {
            panic!("{matcher}: {astray}");
        }
    }

    #[track_caller]
    pub(super) fn check_matcher_of_writes(&self, matcher: &Matcher) {
        assert!(
            !matcher.needs_request(),
            "{matcher}: a write has neither a query nor a status; look at the requests instead"
        );
        self.check_matcher(matcher);
    }

    fn closest_requests(&self, matcher: &Matcher) -> String {
        let requests = self.requests();
        let candidates = requests.iter().map(|request| {
            (matcher.misses(&Subject::of_request(request)), Line::of_request(request))
        });
        closest(candidates, "requests")
    }

    fn closest_writes(&self, matcher: &Matcher) -> String {
        let writes = self.history();
        let candidates = writes
            .iter()
            .map(|write| (matcher.misses(&Subject::of_write(write)), Line::of_write(write)));
        closest(candidates, "writes")
    }
}

/// Those that miss least, with what they miss.
fn closest(candidates: impl Iterator<Item = (Vec<Miss>, Line)>, what: &str) -> String {
    let mut candidates: Vec<(Vec<Miss>, Line)> =
        candidates.filter(|(misses, _)| !misses.is_empty()).collect();
    let all = candidates.len();
    if all == 0 {
        return format!("there are no other {what}\n");
    }
    // The sort is stable: of those that are equally close, the first ones come first.
    candidates.sort_by_key(|(misses, _)| (misses.contains(&Miss::Resource), misses.len()));
    candidates.truncate(SHOWN);
    let remarked = |(misses, line): (Vec<Miss>, Line)| {
        let misses: Vec<String> = misses.iter().map(ToString::to_string).collect();
        line.remarked(&misses.join(", "))
    };
    let lines: Vec<Line> = candidates.into_iter().map(remarked).collect();
    format!("the closest of {all} other {what}:\n{}", table(&lines))
}

/// What the log does not know any more can't be asserted.
#[track_caller]
fn check_memory(forgotten: u64, what: &str) {
    assert!(
        forgotten == 0,
        "the log has forgotten {forgotten} {what}: a greater `log_capacity` keeps them"
    );
}

const SHOWN: usize = 5;
