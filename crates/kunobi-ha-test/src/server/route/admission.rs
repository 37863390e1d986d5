//! A write that webhooks have to see: the store decides, they are asked, and it decides again.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::{Response, request::Parts};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::{ResponseBody, Route, answer};
use crate::{
    access::{Admitted, User},
    request::{self, body::Content},
    server::{State, webhooks::Reviewed},
    status::Rejection,
    store::Reviews,
    webhook::{Attributes, Due, Operation, deletion_options, write_options},
};

/// What webhooks are told of a request, and what they say.
pub(super) struct Admission<'a> {
    pub(super) reviews: Reviews,
    user: &'a User,
    query: &'a str,
    /// The body of a DELETE.
    body: Option<Value>,
    warnings: Mutex<Vec<String>>,
    /// When the client has its answer at the latest.
    end: Instant,
}

impl<'a> Admission<'a> {
    pub(super) fn new(admitted: &'a Admitted, parts: &'a Parts, body: Option<Value>) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        Self {
            reviews: Reviews::default(),
            user: &admitted.who.user,
            query,
            body,
            warnings: Mutex::default(),
            end: Instant::now() + request::allotted(query, LIMIT),
        }
    }

    /// The options of what is done, which may be another thing than what the client has asked for: an apply creates.
    fn options(&self, attributes: &Attributes) -> Value {
        let kind = match attributes.operation {
            Operation::Create => "CreateOptions",
            Operation::Update => "UpdateOptions",
            Operation::Delete => {
                return deletion_options(attributes, self.query, self.body.as_ref());
            }
        };
        write_options(kind, self.query)
    }
}

impl Route<'_> {
    /// Runs a verb of the store until no webhook is left that has to see what it does.
    pub(super) async fn admitted<T>(
        &self,
        mut content: Content,
        verb: impl Fn(&mut State, Content) -> T,
    ) -> T {
        loop {
            let done = {
                let mut state = self.server.state();
                // A verb that is run once only needs no copy.
                let sent =
                    if state.store.has_webhooks() { content.clone() } else { content.take() };
                verb(&mut state, sent)
            };
            match self.admission.reviews.take_due() {
                None => return done,
                Some(due) => self.review(due).await,
            }
        }
    }

    pub(super) async fn review(&self, due: Due) {
        let options = self.admission.options(&due.attributes);
        let reviewing = self.server.review(due, self.admission.user, &options);
        let reviewed = timeout_at(self.admission.end, reviewing).await;
        let Reviewed { outcome, warnings } = reviewed.unwrap_or_else(|_| Reviewed {
            outcome: Err(Rejection::out_of_time()),
            warnings: Vec::new(),
        });
        let mut all = self.admission.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(warnings);
        self.admission.reviews.learn(outcome);
    }

    /// The answer with what webhooks have warned of. A failure has warnings, too.
    pub(super) fn warned(
        &self,
        answered: Result<Response<ResponseBody>, Rejection>,
    ) -> Response<ResponseBody> {
        let mut response = answered.unwrap_or_else(|rejection| answer::rejected(&rejection));
        let warnings = self.admission.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        answer::warn(&mut response, &warnings);
        response
    }
}

/// `--request-timeout` of kube-apiserver.
const LIMIT: Duration = Duration::from_secs(60);
