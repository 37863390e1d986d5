//! The verbs that write, and what is recorded and told of a write.

use std::sync::Arc;

use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::{ResponseBody, Route};
use crate::{
    request::{WriteOptions, body, path::Target},
    server::{State, answer, form::Form, page},
    status::Rejection,
    store::{Call, Evicted, Object, Outcome, Page, Written},
    table::Extent,
};

impl Route<'_> {
    pub(super) fn call(&self, is_dry_run: bool) -> Call<'_> {
        let now = self.server.now();
        Call {
            resource: self.resource,
            target: self.target,
            now,
            by: Some(self.admitted),
            is_dry_run,
            reviews: Some(&self.admission.reviews),
        }
    }

    /// Carries out a verb that writes one object, records it, and tells the watches.
    pub(super) async fn written(
        &self,
        method: &str,
        is_dry_run: bool,
        content: body::Content,
        verb: impl Fn(&mut State, &Call, body::Content) -> Result<Written, Rejection>,
    ) -> Result<Written, Rejection> {
        let verb = |state: &mut State, content| {
            let written = verb(state, &self.call(is_dry_run), content)?;
            // The URL of a creation has no name.
            let name = written.object.value.pointer("/metadata/name").and_then(Value::as_str);
            let target = self.target.named(name.unwrap_or_default());
            self.note(state, method, &target, &written);
            self.server.settle(state);
            Ok(written)
        };
        let written = self.admitted(content, verb).await?;
        if written.is_stored {
            self.server.notify();
        }
        Ok(written)
    }

    pub(super) async fn write(
        &self,
        method: &str,
        is_dry_run: bool,
        content: body::Content,
        write: impl Fn(&mut State, &Call, body::Content) -> Result<Written, Rejection>,
    ) -> Result<Response<ResponseBody>, Rejection> {
        let written = self.written(method, is_dry_run, content, write).await?;
        let code = match written.outcome {
            Outcome::Created => StatusCode::CREATED,
            Outcome::Changed | Outcome::Unchanged | Outcome::Gone => StatusCode::OK,
        };
        let mut response = self.object(code, &written.object)?;
        answer::warn(&mut response, &written.warnings);
        Ok(response)
    }

    pub(super) async fn bind(
        &self,
        content: body::Content,
        options: &WriteOptions,
    ) -> Result<Response<ResponseBody>, Rejection> {
        self.written("POST", options.is_dry_run, content, |state, call, content| {
            state.store.bind(call, content, options)
        })
        .await?;
        Ok(done())
    }

    /// The budget is written by the server, the pod on behalf of the client.
    pub(super) async fn evict(
        &self,
        content: body::Content,
        options: &WriteOptions,
    ) -> Result<Response<ResponseBody>, Rejection> {
        let evict = |state: &mut State, content| {
            let evicted = state.store.evict(&self.call(options.is_dry_run), content, options);
            for (target, written) in &evicted.written {
                if target.resource == self.target.resource {
                    self.note(state, "POST", self.target, written);
                } else {
                    self.server.record_written(state, "", "PUT", target, written);
                }
            }
            self.server.settle(state);
            evicted
        };
        let Evicted { written, outcome } = self.admitted(content, evict).await;
        if written.iter().any(|(_, written)| written.is_stored) {
            self.server.notify();
        }
        let mut response = done();
        answer::warn(&mut response, &outcome?);
        Ok(response)
    }

    /// An object in the version of the request, as it is wanted.
    pub(super) fn object(
        &self,
        code: StatusCode,
        object: &Arc<Object>,
    ) -> Result<Response<ResponseBody>, Rejection> {
        Ok(answer::bytes(code, self.form()?.text(object, Extent::Object)))
    }

    pub(super) fn page(&self, page: &Page) -> Result<Response<ResponseBody>, Rejection> {
        Ok(page::response(page, self.target, self.resource, &self.form()?))
    }

    pub(super) fn form(&self) -> Result<Form<'_>, Rejection> {
        Form::of(self.wanted, self.resource, &self.target.subresource, self.server.now())
    }

    pub(super) fn note(&self, state: &mut State, method: &str, target: &Target, written: &Written) {
        self.server.record_written(state, &self.caller.client, method, target, written);
    }
}

/// What a subresource answers that has no object.
fn done() -> Response<ResponseBody> {
    let done = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
                       "code": 201 });
    answer::json(StatusCode::CREATED, &done)
}
